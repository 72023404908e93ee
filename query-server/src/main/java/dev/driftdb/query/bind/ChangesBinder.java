package dev.driftdb.query.bind;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.bind.FromBinder.From;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.function.RegNames;
import dev.driftdb.query.function.TableDiff;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.PseudoColumn;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Binds driftdb.history and driftdb.diff in FROM, whose columns are those of the table that they
 * are about.
 */
final class ChangesBinder {
    private static final String SCHEMA = "driftdb";
    private static final String HISTORY = "history";
    private static final String DIFF = "diff";
    private static final Set<SqlType> INTEGERS = Set.of(Types.INT2, Types.INT4, Types.INT8);

    /**
     * The table that an argument names.
     *
     * @param name null for an oid
     */
    private record Subject(@Nullable QualifiedName name, int oid, int position) {
        @Override
        public String toString() {
            return name == null ? String.valueOf(oid) : name.toString();
        }
    }

    private final BindState state;
    private final Environment environment;

    ChangesBinder(BindState state, Environment environment) {
        this.state = state;
        this.environment = environment;
    }

    /** Whether it is a call of one of the two. */
    static boolean isCall(SqlExpr expression) {
        return expression instanceof SqlExpr.FunctionCall call && isName(call.name());
    }

    private static boolean isName(QualifiedName name) {
        List<String> parts = name.parts();
        return parts.size() > 1
                && parts.get(parts.size() - 2).equals(SCHEMA)
                && (name.last().equals(HISTORY) || name.last().equals(DIFF));
    }

    /** A call at any other place. */
    static void refuse(SqlExpr.FunctionCall call) {
        if (isName(call.name())) {
            throw SqlException.notSupported(
                    shown(call) + " other than as an item of FROM by itself", call.position());
        }
    }

    private static String shown(SqlExpr.FunctionCall call) {
        return SCHEMA + "." + call.name().last();
    }

    From bind(TableExpr.Function item, @Nullable Scope parent) {
        if (!(item.call() instanceof SqlExpr.FunctionCall call)) {
            throw new IllegalStateException("no call");
        }
        checkForm(item, call);
        return call.name().last().equals(HISTORY)
                ? history(item, call, parent)
                : diff(item, call, parent);
    }

    private void checkForm(TableExpr.Function item, SqlExpr.FunctionCall call) {
        List<String> parts = call.name().parts();
        if (parts.size() > 2 && !parts.getFirst().equals(state.context.database())) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "cross-database references are not implemented: " + call.name(),
                    call.position());
        }
        CallBinder.refuseAggregateParts(call, call.name().last());
        String what =
                state.references != null
                        ? " in a view"
                        : item.withOrdinality()
                                ? " WITH ORDINALITY"
                                : call.variadic()
                                        ? " with VARIADIC"
                                        : call.arguments().stream()
                                                        .anyMatch(
                                                                SqlExpr.NamedArgument.class
                                                                        ::isInstance)
                                                ? " in named notation"
                                                : null;
        if (what != null) {
            throw SqlException.notSupported(shown(call) + what, call.position());
        }
        if (!item.columnTypes().isEmpty()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "a column definition list is redundant for a function with OUT parameters",
                    item.definitionPosition());
        }
        if (call.star() || call.over() != null || call.arguments().isEmpty()) {
            throw noFunction(call, "It takes a table and " + wanted(call) + ".");
        }
    }

    private static String wanted(SqlExpr.FunctionCall call) {
        return call.name().last().equals(HISTORY)
                ? "one value for each column of its primary key"
                : "one or two points in time";
    }

    private static SqlException noFunction(SqlExpr.FunctionCall call, String detail) {
        return new SqlException(
                        SqlState.UNDEFINED_FUNCTION,
                        "function " + shown(call) + " does not exist with these arguments",
                        call.position())
                .withDetail(detail);
    }

    private static String name(TableExpr.Function item, SqlExpr.FunctionCall call) {
        String alias = item.alias();
        return alias == null ? call.name().last() : alias;
    }

    private ExpressionBinder binder(@Nullable Scope parent) {
        return new ExpressionBinder(
                state, environment, Scope.empty(parent), Clause.plain("functions in FROM"));
    }

    // ---- the table ----

    private Subject subject(SqlExpr.FunctionCall call) {
        SqlExpr argument = call.arguments().getFirst();
        Expr bound = binder(null).bind(argument);
        int position = argument.position();
        if (bound instanceof Expr.Constant(Object value, SqlType type, int _)) {
            if (value == null) {
                throw new SqlException(
                        SqlState.NULL_VALUE_NOT_ALLOWED,
                        "the table of " + shown(call) + " must not be null",
                        position);
            }
            if (value instanceof String text
                    && (type.equals(Types.UNKNOWN)
                            || type.equals(Types.TEXT)
                            || type.equals(Types.VARCHAR))) {
                return new Subject(new QualifiedName(RegNames.split(text), position), 0, position);
            }
        }
        if (bound instanceof Expr.Cast cast
                && cast.type().equals(Types.REGCLASS)
                && cast.operand() instanceof Expr.Constant operand
                && operand.value() != null) {
            Object oid = state.folding.apply(cast.cast(), operand.value(), -1);
            return new Subject(null, ((Long) oid).intValue(), position);
        }
        throw SqlException.notSupported(
                argument instanceof SqlExpr.Parameter
                        ? "a parameter as the table of " + shown(call)
                        : "a table of " + shown(call) + " that is not a constant text or regclass",
                position);
    }

    /**
     * The table as it is there.
     *
     * @throws SqlException 42P01; 42809 for another relation
     */
    private TableDef table(Subject subject, Environment where) {
        Object found;
        QualifiedName name = subject.name();
        if (name == null) {
            found = where.catalog().find(subject.oid());
            if (found == null) {
                throw new SqlException(
                        SqlState.UNDEFINED_TABLE,
                        "relation with OID " + subject.oid() + " does not exist",
                        subject.position());
            }
        } else {
            found = new Relations(state.context).find(name, where, subject.position()).stored();
        }
        if (found instanceof TableDef table
                && where.catalog().materializedView(table.id()) == null) {
            return table;
        }
        throw new SqlException(
                SqlState.WRONG_OBJECT_TYPE,
                "\"" + subject + "\" is not a table",
                subject.position());
    }

    // ---- history ----

    private From history(
            TableExpr.Function item, SqlExpr.FunctionCall call, @Nullable Scope parent) {
        Subject subject = subject(call);
        TableDef table = table(subject, environment);
        if (!table.hasPrimaryKey()) {
            throw new SqlException(
                            SqlState.INVALID_TABLE_DEFINITION,
                            "table \"" + table.name() + "\" has no primary key",
                            subject.position())
                    .withHint("FOR SYSTEM_TIME ALL reads all versions of all its rows.");
        }
        Long asOf = environment.asOf();
        if (asOf == null && environment.catalog().versionOf(table.id()) == Catalog.UNCOMMITTED) {
            throw SqlException.notSupported(
                    "driftdb.history of a table that this transaction has defined or altered",
                    subject.position());
        }
        List<OutputColumn> stored = new ArrayList<>();
        for (ColumnDef column : table.visibleColumns()) {
            stored.add(NamedRelationBinder.column(column, 0));
        }
        int width = stored.size();
        List<OutputColumn> columns = new ArrayList<>();
        for (PseudoColumn column : PseudoColumn.values()) {
            columns.add(OutputColumn.of(column.columnName(), NamedRelationBinder.type(column)));
        }
        List<OutputColumn> scanned = Plans.concat(stored, columns);
        LogicalPlan.Scan scan =
                new LogicalPlan.Scan(
                        table,
                        new ScanTime.Versions(
                                ScanTime.Versions.ALL,
                                asOf == null ? Long.MAX_VALUE : asOf,
                                asOf,
                                true),
                        true,
                        scanned,
                        name(item, call));
        Expr condition = OperatorBinder.and(keyConditions(call, table, stored, parent));
        LogicalPlan sorted =
                new LogicalPlan.Sort(
                        new LogicalPlan.Filter(scan, condition),
                        List.of(new SortKey(Plans.input(width, scanned.get(width)), true, true)));
        List<Expr> values = new ArrayList<>();
        for (int i = width; i < scanned.size(); i++) {
            values.add(Plans.input(i, scanned.get(i)));
        }
        for (int i = 0; i < width; i++) {
            values.add(Plans.input(i, scanned.get(i)));
        }
        columns.addAll(stored);
        return new From(
                new LogicalPlan.Project(sorted, values, columns), names(item, call, columns));
    }

    private Namespace names(
            TableExpr.Function item, SqlExpr.FunctionCall call, List<OutputColumn> columns) {
        return FromBinder.relation(
                state, columns, name(item, call), item.columnAliases(), item.position());
    }

    private List<Expr> keyConditions(
            SqlExpr.FunctionCall call,
            TableDef table,
            List<OutputColumn> stored,
            @Nullable Scope parent) {
        List<SqlExpr> given = call.arguments().subList(1, call.arguments().size());
        List<ColumnDef> keys = table.keyColumns().stream().map(table::column).toList();
        if (given.size() != keys.size()) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "the primary key of table \""
                            + table.name()
                            + "\" has "
                            + keys.size()
                            + (keys.size() == 1 ? " column (" : " columns (")
                            + keys.stream().map(ColumnDef::name).collect(Collectors.joining(", "))
                            + "), but "
                            + given.size()
                            + (given.size() == 1 ? " value was given" : " values were given"),
                    call.position());
        }
        ExpressionBinder binder = binder(parent);
        List<ColumnDef> visible = table.visibleColumns();
        List<Expr> conditions = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            SqlExpr written = given.get(i);
            int index = visible.indexOf(keys.get(i));
            Expr column = Plans.input(index, stored.get(index));
            Expr value = keyValue(binder.bind(written), keys.get(i), written.position());
            conditions.add(
                    new OperatorBinder(state).binary("=", column, value, written.position()));
        }
        return conditions;
    }

    /** As the key's type, so that the rows are found by it. */
    private Expr keyValue(Expr given, ColumnDef column, int position) {
        if (ExprTraits.isVolatile(given)) {
            throw SqlException.notSupported("a volatile key value in driftdb.history", position);
        }
        SqlType type = column.type().base();
        SqlType from = given.type().base();
        if (INTEGERS.contains(type) && INTEGERS.contains(from)) {
            return given;
        }
        if (!state.coercion.canCoerce(given.type(), type, CastDef.Context.IMPLICIT)) {
            throw new SqlException(
                            SqlState.DATATYPE_MISMATCH,
                            "column \""
                                    + column.name()
                                    + "\" is of type "
                                    + column.type().sqlName()
                                    + " but the key value is of type "
                                    + given.type().sqlName(),
                            position)
                    .withHint("You will need to rewrite or cast the expression.");
        }
        return state.coercion.implicit(given, type);
    }

    // ---- diff ----

    private From diff(TableExpr.Function item, SqlExpr.FunctionCall call, @Nullable Scope parent) {
        List<SqlExpr> arguments = call.arguments();
        if (arguments.size() < 2 || arguments.size() > 3) {
            throw noFunction(call, "It takes a table and " + wanted(call) + ".");
        }
        Subject subject = subject(call);
        state.notCacheable();
        long from = point(arguments.get(1), parent);
        long to = arguments.size() > 2 ? point(arguments.get(2), parent) : newest();
        long first = Math.min(from, to);
        long last = Math.max(from, to);
        TableDef table = table(subject, environment.at(state.context.catalogAt(last), last));
        TableDef before = before(subject, table, first, last);
        requireSameKey(subject, before, table, first, last);
        TableDiff diff = new TableDiff(table, before.storageId(), from, to);
        List<OutputColumn> columns = new ArrayList<>();
        for (TableDiff.Column column : diff.columns()) {
            columns.add(new OutputColumn(column.name(), column.type(), column.typmod(), 0, 0));
        }
        return new From(
                new LogicalPlan.FunctionScan(
                        diff.function(), List.of(), false, columns, name(item, call)),
                names(item, call, columns));
    }

    /** What the statement itself reads. */
    private long newest() {
        Long asOf = environment.asOf();
        return asOf == null ? state.context.offset() : asOf;
    }

    private long point(SqlExpr argument, @Nullable Scope parent) {
        Expr bound = binder(parent).bind(argument);
        if (ExprTraits.readsEnclosingRow(bound)) {
            throw SqlException.notSupported(
                    "a point in time of driftdb.diff that depends on rows", argument.position());
        }
        long offset = state.resolve(new TimePoint.Value(argument));
        if (offset > newest()) {
            throw new SqlException(
                            SqlState.INVALID_PARAMETER_VALUE,
                            "offset " + offset + " is behind the point that is read",
                            argument.position())
                    .withDetail("What is around it is read as of offset " + newest() + ".");
        }
        return offset;
    }

    /** The same table at the earlier point. */
    private TableDef before(Subject subject, TableDef table, long first, long last) {
        Catalog then = state.context.catalogAt(first);
        if (then.find(table.id()) instanceof TableDef before) {
            return before;
        }
        TableDef other = null;
        if (subject.name() != null) {
            try {
                other = table(subject, environment.at(then, first));
            } catch (SqlException e) {
                if (e.state() != SqlState.UNDEFINED_TABLE
                        && e.state() != SqlState.WRONG_OBJECT_TYPE) {
                    throw e;
                }
            }
        }
        if (other == null) {
            throw new SqlException(
                            SqlState.UNDEFINED_TABLE,
                            "relation \"" + subject + "\" does not exist",
                            subject.position())
                    .withDetail("The table did not exist at offset " + first + ".");
        }
        throw incomparable(
                subject,
                "\"" + subject + "\" at offset " + first + " is another table than at " + last,
                "The one of then was dropped or renamed.");
    }

    private static SqlException incomparable(Subject subject, String message, String detail) {
        return new SqlException(SqlState.FEATURE_NOT_SUPPORTED, message, subject.position())
                .withDetail(detail);
    }

    /**
     * Rows are compared by key, and their values in the types that they have at the later point.
     */
    private static void requireSameKey(
            Subject subject, TableDef before, TableDef after, long first, long last) {
        String between = " between offsets " + first + " and " + last;
        boolean anew = before.storageId() != after.storageId();
        if (!before.keyColumns().equals(after.keyColumns()) || (anew && !after.hasPrimaryKey())) {
            throw incomparable(
                    subject,
                    after.hasPrimaryKey() || before.hasPrimaryKey()
                            ? "the primary key of \"" + subject + "\" was changed" + between
                            : "the rows of \"" + subject + "\" were stored anew" + between,
                    "So the rows before and after cannot be told to be the same.");
        }
        if (!anew) {
            return; // What is stored is read with the later definition.
        }
        for (ColumnDef column : after.visibleColumns()) {
            boolean retyped =
                    column.number() <= before.columns().size()
                            && !before.column(column.number()).type().equals(column.type());
            if (retyped) {
                throw incomparable(
                        subject,
                        "the type of column \""
                                + column.name()
                                + "\" of \""
                                + subject
                                + "\" was changed"
                                + between,
                        "So its values before and after cannot be compared.");
            }
        }
    }
}
