package dev.driftdb.query.bind;

import dev.driftdb.query.ast.ColumnTarget;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.CteDefinition;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Binds INSERT: rows of one value per visible column. */
final class InsertBinder {
    private final BindState state;
    private final Environment environment;

    InsertBinder(BindState state, Environment environment) {
        this.state = state;
        this.environment = environment;
    }

    BoundStatement bind(DataStatement.Insert insert) {
        List<CteDefinition> with = new ArrayList<>();
        Environment here =
                new CommonTableBinder(state)
                        .bind(insert.with(), insert.recursive(), environment, null, with);
        Target target = Target.find(state, here, insert.table(), insert.alias(), "INSERT");
        List<Given> named = named(target, insert);
        Query query = insert.source();
        state.hide(target.names().relations().getFirst(), false);
        LogicalPlan source;
        if (query == null) {
            List<Expr> row = target.columns().stream().map(target::defaultOf).toList();
            source = new LogicalPlan.Values(List.of(row), target.output());
        } else if (query.body() instanceof Query.Values values && isPlain(query)) {
            source = values(target, named, insert, values, here);
        } else {
            source = query(target, named, insert, query, here);
        }
        state.unhide(1);
        BoundStatement.Conflict conflict =
                insert.onConflict() == null
                        ? null
                        : new ConflictBinder(state, here, target).bind(insert.onConflict());
        Target.Returning returning = target.returning(insert.returning(), target.names(), here);
        return new BoundStatement.Insert(
                with,
                target.table(),
                source,
                target.checks(),
                target.generated(),
                conflict,
                returning.values(),
                returning.columns());
    }

    /** VALUES with nothing around it: DEFAULT may stand in it, and each value has its column. */
    private static boolean isPlain(Query query) {
        return query.with().isEmpty()
                && query.orderBy().isEmpty()
                && query.limit() == null
                && query.offset() == null
                && query.asOf() == null
                && query.locking().isEmpty();
    }

    /** What one value of each row is for. */
    private record Given(ColumnDef column, ColumnTarget target) {
        boolean isPart() {
            return !target.parts().isEmpty();
        }
    }

    private static List<Given> named(Target target, DataStatement.Insert insert) {
        List<Given> result = new ArrayList<>();
        if (insert.columns().isEmpty()) {
            for (ColumnDef column : target.insertable()) {
                result.add(new Given(column, new ColumnTarget(column.name(), List.of(), 0)));
            }
            return result;
        }
        Map<ColumnDef, Boolean> seen = new HashMap<>();
        for (ColumnTarget written : insert.columns()) {
            Given given = new Given(target.column(written.column(), written.position()), written);
            Boolean part = seen.put(given.column(), given.isPart());
            if (part != null && !(part && given.isPart())) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column \"" + written.column() + "\" specified more than once",
                        written.position());
            }
            result.add(given);
        }
        return result;
    }

    private static void requireWidth(
            List<Given> named, int values, DataStatement.Insert insert, int position) {
        if (values > named.size()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "INSERT has more expressions than target columns",
                    position);
        }
        if (values < named.size() && !insert.columns().isEmpty()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "INSERT has more target columns than expressions",
                    insert.columns().get(values).position());
        }
    }

    private LogicalPlan values(
            Target target,
            List<Given> named,
            DataStatement.Insert insert,
            Query.Values written,
            Environment here) {
        SetCollector sets = new SetCollector();
        boolean single = written.rows().size() == 1;
        ExpressionBinder binder =
                new ExpressionBinder(
                        state,
                        here,
                        Scope.empty(null),
                        new Clause("VALUES", null, single ? sets : null, null));
        List<List<Expr>> rows = new ArrayList<>();
        int width = written.rows().getFirst().size();
        for (List<SqlExpr> row : written.rows()) {
            int position = row.isEmpty() ? 0 : row.getFirst().position();
            if (row.size() != width) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "VALUES lists must all be the same length",
                        position);
            }
            requireWidth(
                    named,
                    width,
                    insert,
                    row.size() > named.size() ? row.get(named.size()).position() : position);
            Row values = new Row(target, insert, binder);
            for (int i = 0; i < row.size(); i++) {
                values.add(named.get(i), row.get(i));
            }
            rows.add(values.complete());
        }
        if (!sets.isEmpty()) {
            LogicalPlan multiplied = sets.plan(Plans.oneRow());
            return new LogicalPlan.Project(
                    multiplied,
                    rows.getFirst().stream().map(sets::placed).toList(),
                    target.output());
        }
        return new LogicalPlan.Values(rows, target.output());
    }

    /** The values of one row, as they come. */
    private final class Row {
        private final Target target;
        private final DataStatement.Insert insert;
        private final ExpressionBinder binder;
        private final Map<ColumnDef, Expr> values = new HashMap<>();
        private final Set<ColumnDef> inParts = new HashSet<>();

        Row(Target target, DataStatement.Insert insert, ExpressionBinder binder) {
            this.target = target;
            this.insert = insert;
            this.binder = binder;
        }

        void add(Given given, SqlExpr written) {
            ColumnDef column = given.column();
            target.requireBase(column);
            if (written instanceof SqlExpr.Default) {
                if (given.isPart()) {
                    throw ColumnParts.refuseDefault(given.target());
                }
            } else if (!takesDefault(column, insert)) {
                add(given, binder.bind(written), written.position());
            }
        }

        void add(Given given, Expr value, int position) {
            ColumnDef column = given.column();
            target.requireBase(column);
            if (takesDefault(column, insert)) {
                return;
            }
            if (given.isPart()) {
                // A part is stored into NULL, whatever the column's default is.
                Expr before =
                        values.getOrDefault(
                                column, new Expr.Constant(null, column.type().base(), -1));
                values.put(
                        column,
                        new ColumnParts(state, binder, given.target().position())
                                .store(
                                        before,
                                        column.type(),
                                        column.typmod(),
                                        given.target(),
                                        value,
                                        false));
                inParts.add(column);
                refuseGenerated(column, insert);
                return;
            }
            refuseGenerated(column, insert);
            values.put(
                    column,
                    state.coercion.assignToColumn(
                            value, column.type(), column.typmod(), column.name(), position));
        }

        /** One value per visible column: the given ones, defaults for the others. */
        List<Expr> complete() {
            List<Expr> row = new ArrayList<>();
            for (ColumnDef column : target.columns()) {
                Expr value = values.get(column);
                row.add(
                        value == null
                                ? target.defaultOf(column)
                                : inParts.contains(column) && column.type().isDomain()
                                        ? state.coercion.domains().checked(value, column.type())
                                        : value);
            }
            return row;
        }
    }

    /** The row of MERGE's INSERT; {@code values} null for DEFAULT VALUES. */
    List<Expr> row(
            Target target,
            DataStatement.Insert insert,
            @Nullable List<SqlExpr> values,
            ExpressionBinder binder) {
        List<Given> named = named(target, insert);
        if (values == null) {
            return target.columns().stream().map(target::defaultOf).toList();
        }
        int position = values.get(Math.min(named.size(), values.size() - 1)).position();
        requireWidth(named, values.size(), insert, position);
        Row row = new Row(target, insert, binder);
        for (int i = 0; i < values.size(); i++) {
            row.add(named.get(i), values.get(i));
        }
        return row.complete();
    }

    /** OVERRIDING USER VALUE: the values of identity columns are not looked at. */
    private static boolean takesDefault(ColumnDef column, DataStatement.Insert insert) {
        return column.isIdentity() && "user".equals(insert.overriding());
    }

    private static void refuseGenerated(ColumnDef column, DataStatement.Insert insert) {
        boolean refused =
                column.isGenerated()
                        || (column.identity() == ColumnDef.Identity.ALWAYS
                                && !"system".equals(insert.overriding()));
        if (!refused) {
            return;
        }
        SqlException error =
                new SqlException(
                        SqlState.GENERATED_ALWAYS,
                        "cannot insert a non-DEFAULT value into column \"" + column.name() + "\"");
        throw column.isGenerated()
                ? error.withDetail("Column \"" + column.name() + "\" is a generated column.")
                : error.withDetail(
                                "Column \""
                                        + column.name()
                                        + "\" is an identity column defined as GENERATED ALWAYS.")
                        .withHint("Use OVERRIDING SYSTEM VALUE to override.");
    }

    private LogicalPlan query(
            Target target,
            List<Given> named,
            DataStatement.Insert insert,
            Query query,
            Environment here) {
        List<SqlType> types =
                named.stream()
                        .map(given ->
                                ColumnParts.type(given.column().type(), given.target().parts()))
                        .toList();
        LogicalPlan plan =
                new QueryBinder(state, here.inner()).bind(query, null, Unknowns.as(types));
        List<OutputColumn> columns = plan.columns();
        requireWidth(named, columns.size(), insert, query.position());
        ExpressionBinder binder =
                new ExpressionBinder(state, here, Scope.empty(null), Clause.plain("INSERT"));
        Row row = new Row(target, insert, binder);
        for (int i = 0; i < columns.size(); i++) {
            row.add(named.get(i), Plans.input(i, columns.get(i)), query.position());
        }
        return new LogicalPlan.Project(plan, row.complete(), target.output());
    }
}
