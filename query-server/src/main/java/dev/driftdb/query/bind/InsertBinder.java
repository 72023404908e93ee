package dev.driftdb.query.bind;

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
import java.util.List;
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
        List<ColumnDef> named = named(target, insert);
        Query query = insert.source();
        LogicalPlan source;
        if (query == null) {
            List<Expr> row = target.columns().stream().map(target::defaultOf).toList();
            source = new LogicalPlan.Values(List.of(row), target.output());
        } else if (query.body() instanceof Query.Values values && isPlain(query)) {
            source = values(target, named, insert, values, here);
        } else {
            source = query(target, named, insert, query, here);
        }
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

    private static List<ColumnDef> named(Target target, DataStatement.Insert insert) {
        if (insert.columns().isEmpty()) {
            return target.insertable();
        }
        List<ColumnDef> result = new ArrayList<>();
        for (String name : insert.columns()) {
            ColumnDef column = target.column(name, insert.table().position());
            if (result.contains(column)) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column \"" + name + "\" specified more than once",
                        insert.table().position());
            }
            result.add(column);
        }
        return result;
    }

    private static void requireWidth(
            List<ColumnDef> named, int values, DataStatement.Insert insert, int position) {
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
                    insert.table().position());
        }
    }

    private LogicalPlan values(
            Target target,
            List<ColumnDef> named,
            DataStatement.Insert insert,
            Query.Values values,
            Environment here) {
        SetCollector sets = new SetCollector();
        boolean single = values.rows().size() == 1;
        ExpressionBinder binder =
                new ExpressionBinder(
                        state,
                        here,
                        Scope.empty(null),
                        new Clause("VALUES", null, single ? sets : null, null));
        List<List<Expr>> rows = new ArrayList<>();
        int width = values.rows().getFirst().size();
        for (List<SqlExpr> row : values.rows()) {
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
            rows.add(complete(target, named, given(target, named, insert, row, binder)));
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

    /** The value of each named column, null for its default. */
    private List<@Nullable Expr> given(
            Target target,
            List<ColumnDef> named,
            DataStatement.Insert insert,
            List<SqlExpr> row,
            ExpressionBinder binder) {
        List<@Nullable Expr> given = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            ColumnDef column = named.get(i);
            target.requireBase(column);
            SqlExpr written = row.get(i);
            if (written instanceof SqlExpr.Default || takesDefault(column, insert)) {
                given.add(null);
                continue;
            }
            refuseGenerated(column, insert);
            given.add(
                    state.coercion.assignToColumn(
                            binder.bind(written),
                            column.type(),
                            column.typmod(),
                            column.name(),
                            written.position()));
        }
        return given;
    }

    /** The row of MERGE's INSERT; {@code values} null for DEFAULT VALUES. */
    List<Expr> row(
            Target target,
            DataStatement.Insert insert,
            @Nullable List<SqlExpr> values,
            ExpressionBinder binder) {
        List<ColumnDef> named = named(target, insert);
        if (values == null) {
            return target.columns().stream().map(target::defaultOf).toList();
        }
        int position = values.get(Math.min(named.size(), values.size() - 1)).position();
        requireWidth(named, values.size(), insert, position);
        return complete(target, named, given(target, named, insert, values, binder));
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

    /** One value per visible column: the given ones, defaults for the others. */
    private static List<Expr> complete(
            Target target, List<ColumnDef> named, List<@Nullable Expr> given) {
        List<Expr> row = new ArrayList<>();
        for (ColumnDef column : target.columns()) {
            int at = named.indexOf(column);
            Expr value = at >= 0 && at < given.size() ? given.get(at) : null;
            row.add(value == null ? target.defaultOf(column) : value);
        }
        return row;
    }

    private LogicalPlan query(
            Target target,
            List<ColumnDef> named,
            DataStatement.Insert insert,
            Query query,
            Environment here) {
        List<SqlType> types = named.stream().map(ColumnDef::type).toList();
        LogicalPlan plan =
                new QueryBinder(state, here.inner()).bind(query, null, Unknowns.as(types));
        List<OutputColumn> columns = plan.columns();
        requireWidth(named, columns.size(), insert, query.position());
        List<@Nullable Expr> given = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            ColumnDef column = named.get(i);
            target.requireBase(column);
            if (takesDefault(column, insert)) {
                given.add(null);
                continue;
            }
            refuseGenerated(column, insert);
            given.add(
                    state.coercion.assignToColumn(
                            Plans.input(i, columns.get(i)),
                            column.type(),
                            column.typmod(),
                            column.name(),
                            query.position()));
        }
        return new LogicalPlan.Project(plan, complete(target, named, given), target.output());
    }
}
