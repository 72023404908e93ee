package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.DomainRules;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.OutputColumn;
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

    public Binder(BindContext context) {
        this.context = context;
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

    private BoundStatement bind(Statement statement, boolean pseudoColumns) {
        BindState state = new BindState(context, pseudoColumns);
        BoundStatement bound = new StatementBinder(state).bind(statement, environment());
        state.typeRemainingParameters();
        cacheable = state.cacheable() && context.sessionAsOf() == null;
        return bound;
    }

    private Environment environment() {
        Long asOf = context.sessionAsOf();
        return new Environment(
                asOf == null ? context.catalog() : context.catalogAt(asOf),
                asOf,
                context.searchPath(),
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
        Expr value =
                new ExpressionBinder(
                                state,
                                environment(),
                                Scope.of(null, namespace),
                                Clause.plain(clause))
                        .bind(expression);
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
}
