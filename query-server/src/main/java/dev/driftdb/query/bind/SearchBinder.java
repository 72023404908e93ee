package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SEARCH and CYCLE of a recursive query: columns that it gets behind its own. A depth first
 * sequence and a path are arrays of rows, one for each step; a breadth first sequence is a row that
 * begins with the number of steps.
 */
final class SearchBinder {
    private static final SqlType ROWS = Types.arrayOf(Types.RECORD);

    private final BindState state;
    private final OperatorBinder operators;
    private final String table;
    private final Query.@Nullable Search search;
    private final Query.@Nullable Cycle cycle;
    private final List<OutputColumn> columns = new ArrayList<>();

    /** What a row has that closes a cycle, and what others have: of one type. */
    private List<Expr> marks = List.of();

    /**
     * @throws SqlException 42804 if the two marks of CYCLE have no common type
     */
    SearchBinder(BindState state, Environment environment, Query.CommonTable table) {
        this.state = state;
        this.operators = new OperatorBinder(state);
        this.table = table.name();
        this.search = table.search();
        this.cycle = table.cycle();
        if (search != null) {
            columns.add(column(search.sequence(), search.breadth() ? Types.RECORD : ROWS));
        }
        if (cycle != null) {
            ExpressionBinder binder =
                    new ExpressionBinder(
                            state, environment, Scope.empty(null), Clause.plain("CYCLE"));
            List<Expr> given = List.of(binder.bind(cycle.value()), binder.bind(cycle.otherwise()));
            SqlType type = state.coercion.common(given, "CYCLE");
            marks = state.coercion.toCommon(given, type, "CYCLE");
            SortKeys.requireEquality(type, 0);
            columns.add(column(cycle.mark(), type));
            columns.add(column(cycle.path(), ROWS));
        }
    }

    private static OutputColumn column(String name, SqlType type) {
        return new OutputColumn(name, type, -1, 0, 0);
    }

    /** The columns that are added. */
    List<OutputColumn> columns() {
        return columns;
    }

    /** The recursive term, which also answers the columns of the row that it goes on from. */
    Query step(Query.SetOperation union, int width) {
        if (union.left().body() instanceof Query.SetOperation) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT");
        }
        Query right = union.right();
        if (!(right.body() instanceof Query.Select select)) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT");
        }
        String alias = null;
        for (TableExpr item : select.from()) {
            alias = alias == null ? self(item) : alias;
        }
        if (alias == null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "with a SEARCH or CYCLE clause, the recursive reference to WITH query \""
                            + table
                            + "\" must be at the top level of its right-hand SELECT");
        }
        List<Query.SelectItem> items = new ArrayList<>(select.items());
        for (OutputColumn added : columns) {
            items.add(new Query.SelectItem(reference(alias, added.name()), null));
        }
        // DISTINCT is of the query's own columns.
        List<SqlExpr> distinctOn = new ArrayList<>(select.distinctOn());
        for (int i = 1; i <= width && select.distinct() && select.distinctOn().isEmpty(); i++) {
            distinctOn.add(new SqlExpr.NumberLiteral(String.valueOf(i), 0));
        }
        Query.Select wider =
                new Query.Select(
                        select.distinct(),
                        distinctOn,
                        items,
                        select.from(),
                        withoutClosed(select.where(), alias),
                        select.groupBy(),
                        select.groupDistinct(),
                        select.having(),
                        select.windows());
        return new Query(
                right.with(),
                right.recursive(),
                wider,
                right.orderBy(),
                right.limit(),
                right.offset(),
                right.withTies(),
                right.locking(),
                right.asOf(),
                right.position());
    }

    private static SqlExpr reference(String alias, String column) {
        return new SqlExpr.ColumnRef(List.of(alias, column), 0);
    }

    /** A row that has closed a cycle is not gone on from. */
    private @Nullable SqlExpr withoutClosed(@Nullable SqlExpr where, String alias) {
        if (cycle == null) {
            return where;
        }
        SqlExpr open = new SqlExpr.Binary("<>", reference(alias, cycle.mark()), cycle.value(), 0);
        return where == null ? open : new SqlExpr.And(List.of(where, open), where.position());
    }

    /** What an item of FROM calls the recursive query, null if it does not read it. */
    private @Nullable String self(TableExpr item) {
        return switch (item) {
            case TableExpr.Named named ->
                    named.name().parts().equals(List.of(table))
                            ? named.alias() == null ? table : named.alias()
                            : null;
            case TableExpr.Join join -> {
                String left = self(join.left());
                yield left == null ? self(join.right()) : left;
            }
            case TableExpr.Derived _, TableExpr.Function _ -> null;
        };
    }

    /** 42601 and 42701 for columns that are not there or named twice. */
    void check(List<OutputColumn> own) {
        List<String> names = own.stream().map(OutputColumn::name).toList();
        if (search != null) {
            requireColumns("search", search.columns(), names, search.position());
            requireNew("search sequence", search.sequence(), names, search.position());
        }
        if (cycle != null) {
            int position = cycle.position();
            requireColumns("cycle", cycle.columns(), names, position);
            requireNew("cycle mark", cycle.mark(), names, position);
            requireNew("cycle path", cycle.path(), names, position);
            if (cycle.mark().equals(cycle.path())) {
                throw same("cycle mark column name and cycle path", position);
            }
            if (search != null && search.sequence().equals(cycle.mark())) {
                throw same("search sequence column name and cycle mark", search.position());
            }
            if (search != null && search.sequence().equals(cycle.path())) {
                throw same("search sequence column name and cycle path", search.position());
            }
        }
    }

    private static SqlException same(String names, int position) {
        return new SqlException(
                SqlState.SYNTAX_ERROR, names + " column name are the same", position);
    }

    private static void requireColumns(
            String clause, List<String> wanted, List<String> there, int position) {
        Set<String> seen = new HashSet<>();
        for (String column : wanted) {
            if (!there.contains(column)) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        clause + " column \"" + column + "\" not in WITH query column list",
                        position);
            }
            if (!seen.add(column)) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        clause + " column \"" + column + "\" specified more than once",
                        position);
            }
        }
    }

    private static void requireNew(String what, String column, List<String> there, int position) {
        if (there.contains(column)) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    what + " column name \"" + column + "\" already used in WITH query column list",
                    position);
        }
    }

    /** The non-recursive term with the added columns. */
    LogicalPlan first(LogicalPlan base, List<OutputColumn> own) {
        List<Expr> values = new ArrayList<>(Plans.inputs(own));
        if (search != null) {
            values.add(
                    search.breadth()
                            ? level(new Expr.Constant(0L, Types.INT8, -1), search, own)
                            : one(row(search.columns(), own)));
        }
        if (cycle != null) {
            values.add(marks.getLast());
            values.add(one(row(cycle.columns(), own)));
        }
        return project(base, values, own);
    }

    /**
     * The recursive term with the added columns.
     *
     * @param step its own columns, then the added ones of the row that it went on from
     */
    LogicalPlan next(LogicalPlan step, List<OutputColumn> own) {
        List<Expr> values = new ArrayList<>(Plans.inputs(own));
        int at = own.size();
        if (search != null) {
            Expr before = Plans.input(at++, columns.getFirst());
            Expr rows = row(search.columns(), own);
            values.add(
                    search.breadth()
                            ? level(
                                    operators.binary(
                                            "+",
                                            RowFunctions.field(before, 0, Types.INT8),
                                            new Expr.Constant(1L, Types.INT8, -1),
                                            0),
                                    search,
                                    own)
                            : operators.binary("||", before, one(rows), 0));
        }
        if (cycle != null) {
            Expr path = new Expr.Input(at + 1, ROWS, -1);
            Expr row = row(cycle.columns(), own);
            Expr closed = operators.quantifiedArray(row, "=", false, path, 0);
            SqlType type = marks.getFirst().type();
            values.add(
                    new Expr.Case(
                            List.of(new Expr.Branch(closed, marks.getFirst())),
                            marks.getLast(),
                            type));
            values.add(operators.binary("||", path, one(row), 0));
        }
        return project(step, values, own);
    }

    private LogicalPlan project(LogicalPlan input, List<Expr> values, List<OutputColumn> own) {
        return new LogicalPlan.Project(input, values, Plans.concat(own, columns));
    }

    private static Expr one(Expr row) {
        return new Expr.ArrayConstructor(List.of(row), ROWS);
    }

    private static Expr row(List<String> names, List<OutputColumn> own) {
        List<Expr> fields = new ArrayList<>();
        for (String name : names) {
            for (int i = 0; i < own.size(); i++) {
                if (own.get(i).name().equals(name)) {
                    fields.add(Plans.input(i, own.get(i)));
                    break;
                }
            }
        }
        return new Expr.Row(fields);
    }

    private static Expr level(Expr depth, Query.Search search, List<OutputColumn> own) {
        List<Expr> fields = new ArrayList<>();
        fields.add(depth);
        fields.addAll(((Expr.Row) row(search.columns(), own)).fields());
        return new Expr.Row(fields);
    }
}
