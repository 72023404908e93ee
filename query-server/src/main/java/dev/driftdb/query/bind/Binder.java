package dev.driftdb.query.bind;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.DomainRules;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.RelationReference;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Binds one statement: finds what its names mean and gives every expression a type, as PostgreSQL's
 * parse analysis does. Not thread-safe; make one per statement.
 *
 * <p>Rows around a row: {@link Expr.Outer} of depth 1 is, inside of a subquery of an expression,
 * the row that the expression reads; on the right side of a lateral join, the left row; in a leaf
 * (VALUES, a function in FROM, LIMIT) and in a plan without own rows, what surrounds it. Each
 * further level outwards adds one.
 */
public final class Binder {
    private final BindContext context;
    private boolean cacheable = true;
    private final boolean mayBeOpen;
    private boolean openPoints;

    public Binder(BindContext context) {
        this(context, false);
    }

    private Binder(BindContext context, boolean mayBeOpen) {
        this.context = context;
        this.mayBeOpen = mayBeOpen;
    }

    /** One that also binds what reads at points which depend on parameters not known yet. */
    public static Binder describing(BindContext context) {
        return new Binder(context, true);
    }

    /**
     * Select, Insert, Update or Delete.
     *
     * @throws SqlException as PostgreSQL's, with the position in the statement's text
     */
    public BoundStatement bind(Statement statement) {
        Map<Integer, SqlType> given = new HashMap<>(context.parameterTypes());
        try {
            return bind(statement, false);
        } catch (BindState.PseudoColumnAsked e) {
            // Few statements ask when a row was written; only those pay for reading it.
            context.parameterTypes().clear();
            context.parameterTypes().putAll(given);
            return bind(statement, true);
        } catch (StackOverflowError e) {
            throw new SqlException(SqlState.STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
        }
    }

    /**
     * What a view's query answers, and what the names of relations in it stand for.
     *
     * @param references by the positions in the text that was parsed
     */
    public record ViewShape(List<OutputColumn> columns, List<RelationReference> references) {}

    public ViewShape define(DataStatement.Select query) {
        try {
            return define(query, false);
        } catch (BindState.PseudoColumnAsked e) {
            return define(query, true);
        }
    }

    private ViewShape define(DataStatement.Select query, boolean pseudoColumns) {
        BindState state = new BindState(context, pseudoColumns);
        ReferenceCollector references = new ReferenceCollector();
        state.references = references;
        List<OutputColumn> columns = new StatementBinder(state).bind(query, environment()).output();
        if (state.hasParameters()) {
            throw new SqlException(SqlState.UNDEFINED_PARAMETER, "there is no parameter $1");
        }
        return new ViewShape(columns, references.references());
    }

    /** The rows of a view's query, as a SELECT. */
    public BoundStatement bindView(ViewDef view) {
        try {
            return bindView(view, false);
        } catch (BindState.PseudoColumnAsked e) {
            return bindView(view, true);
        }
    }

    private BoundStatement bindView(ViewDef view, boolean pseudoColumns) {
        BindState state = new BindState(context, pseudoColumns);
        return new BoundStatement.Select(
                new NamedRelationBinder(state, environment()).rowsOf(view));
    }

    /**
     * What can be changed through a view.
     *
     * @param columns the numbers of the columns that can be given values
     * @param reason why there are none
     */
    public record Updatability(List<Integer> columns, String reason) {}

    public Updatability updatability(ViewDef view) {
        try {
            BindState state = new BindState(context, false);
            ViewTarget target = ViewTarget.find(state, environment(), view, "UPDATE");
            List<Integer> columns =
                    target.columns().stream()
                            .filter(c -> c.base() != null)
                            .map(c -> c.definition().number())
                            .toList();
            String detail = target.withoutColumns("UPDATE").detail();
            return new Updatability(columns, detail == null ? "" : detail);
        } catch (SqlException e) {
            String detail = e.detail();
            return new Updatability(List.of(), detail == null ? "" : detail);
        } catch (BindState.PseudoColumnAsked e) {
            return new Updatability(List.of(), "");
        }
    }

    /** A literal that is a label of an enumeration. */
    public record LabelUse(int position, int typeId, String label) {}

    /**
     * What names and labels in an expression stand for.
     *
     * @param types the ids of types that are not built in, by the positions of their names
     * @param relations the ids of relations, by the positions of the literals that name them
     */
    public record StoredUses(
            Map<Integer, Integer> types, Map<Integer, Long> relations, List<LabelUse> labels) {}

    public StoredUses storedUses(SqlExpr expression, List<OutputColumn> columns, String clause) {
        BindState state = new BindState(context, false);
        ReferenceCollector references = new ReferenceCollector();
        state.references = references;
        bindOver(state, expression, columns, clause);
        return new StoredUses(references.namedTypes(), references.literals(), references.labels());
    }

    private BoundStatement bind(Statement statement, boolean pseudoColumns) {
        BindState state = new BindState(context, pseudoColumns);
        BoundStatement bound = new StatementBinder(state).bind(statement, environment());
        state.typeRemainingParameters();
        cacheable = state.cacheable() && context.sessionAsOf() == null;
        openPoints = state.hasOpenPoints();
        if (openPoints && !mayBeOpen) {
            throw new SqlException(
                    SqlState.UNDEFINED_PARAMETER,
                    "a point in time depends on a parameter that has no value here");
        }
        return bound;
    }

    private Environment environment() {
        Long asOf = context.sessionAsOf();
        return new Environment(
                asOf == null ? context.catalog() : context.catalogAt(asOf),
                asOf,
                context.searchPath(),
                Map.of(),
                Map.of(),
                0,
                true);
    }

    /**
     * An expression over the given columns (a CHECK over a table's), or over none (a DEFAULT), cast
     * for assignment to a type.
     *
     * @param clause for messages, such as "DEFAULT expressions"
     */
    public Expr bindExpression(
            SqlExpr expression,
            List<OutputColumn> columns,
            SqlType target,
            int typmod,
            String clause) {
        BindState state = new BindState(context, false);
        Expr value = bindOver(state, expression, columns, clause);
        Expr result = state.coercion.assignment(value, target, typmod);
        state.typeRemainingParameters();
        if (result == null) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    (clause.endsWith("s") ? clause.substring(0, clause.length() - 1) : clause)
                            + " is of type "
                            + value.type().sqlName()
                            + " but must be of type "
                            + target.sqlName(),
                    expression.position());
        }
        return result;
    }

    /** The same of whatever type it is; an untyped constant is text. */
    public Expr bindExpression(SqlExpr expression, List<OutputColumn> columns, String clause) {
        BindState state = new BindState(context, false);
        return state.coercion.known(bindOver(state, expression, columns, clause));
    }

    /** A column in an expression's text: where its name (with what qualifies it) begins. */
    public record ColumnUse(int position, int columnNumber) {}

    /** The columns that an expression names, in no order. */
    public List<ColumnUse> columnUses(
            SqlExpr expression, List<OutputColumn> columns, String clause) {
        BindState state = new BindState(context, false);
        ReferenceCollector references = new ReferenceCollector();
        state.references = references;
        bindOver(state, expression, columns, clause);
        return references.uses().stream()
                .map(use -> new ColumnUse(use.position(), use.number()))
                .toList();
    }

    private Expr bindOver(
            BindState state, SqlExpr expression, List<OutputColumn> columns, String clause) {
        List<Column> names = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            OutputColumn column = columns.get(i);
            names.add(
                    new Column(
                            column.name(),
                            i,
                            column.type(),
                            column.typmod(),
                            column.tableId(),
                            column.columnNumber(),
                            null));
        }
        Namespace namespace =
                columns.isEmpty()
                        ? Namespace.EMPTY
                        : Namespace.of(
                                new Relation(
                                        relationName(columns), null, null, names, List.of(), null),
                                names.size());
        return new ExpressionBinder(
                        state, environment(), Scope.of(null, namespace), Clause.plain(clause))
                .bind(expression);
    }

    /** The name that a select list gives an expression; null if it has none of its own. */
    public static @Nullable String outputName(SqlExpr expression) {
        String name = OutputNames.of(expression);
        return name.equals(OutputNames.NONE) ? null : name;
    }

    /**
     * An expression over a value of a type as the one column, which answers the value or refuses it
     * as the domains inside of the type say; null if there are none that could.
     */
    public @Nullable Expr domainChecks(SqlType type) {
        BindState state = new BindState(context, false);
        DomainRules rules = state.coercion.domains().rules(type);
        return rules == null
                ? null
                : new Expr.DomainCheck(new Expr.Input(0, type.base(), -1), type, rules);
    }

    /** What a column without a DEFAULT has as one, null unless its type is a domain. */
    public @Nullable Expr inheritedDefault(SqlType type) {
        if (!type.isDomain()) {
            return null;
        }
        BindState state = new BindState(context, false);
        Expr inherited = state.coercion.domains().defaultOf(type);
        return state.coercion.assignment(
                inherited == null ? new Expr.Constant(null, type.base(), -1) : inherited, type, -1);
    }

    /** The table's own name where all columns come from one table, so that t.x is found too. */
    private String relationName(List<OutputColumn> columns) {
        var table = context.catalog().findTable(columns.getFirst().tableId());
        return table == null ? "" : table.name();
    }

    /** Whether the bound statement may be kept: it names no point in time relative to now. */
    public boolean cacheable() {
        return cacheable;
    }

    /**
     * Whether the last statement reads at points in time that depend on parameters whose values
     * were not known: it has the columns of now, and is to be bound again with the values.
     */
    public boolean hasOpenPoints() {
        return openPoints;
    }
}
