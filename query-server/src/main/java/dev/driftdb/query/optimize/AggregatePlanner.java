package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.execute.operator.Aggregate;
import dev.driftdb.query.execute.operator.AggregateSpec;
import dev.driftdb.query.execute.operator.GroupAggregate;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.function.AggregateFunction;
import dev.driftdb.query.optimize.AccessPaths.Order;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Plans GROUP BY and aggregates. */
final class AggregatePlanner {
    private final PhysicalPlanner planner;

    AggregatePlanner(PhysicalPlanner planner) {
        this.planner = planner;
    }

    Planned plan(LogicalPlan.Aggregate aggregate) {
        BitSet needed = new BitSet();
        aggregate.groupBy().forEach(expr -> needed.or(ExprTraits.columns(expr)));
        List<AggregateSpec> specs = new ArrayList<>();
        int firstCall = aggregate.groupBy().size();
        for (int i = 0; i < aggregate.aggregates().size(); i++) {
            AggregateCall call = aggregate.aggregates().get(i);
            call.arguments().forEach(expr -> needed.or(ExprTraits.columns(expr)));
            call.orderBy().forEach(key -> needed.or(ExprTraits.columns(key.expression())));
            Expr filter = call.filter();
            if (filter != null) {
                needed.or(ExprTraits.columns(filter));
            }
            specs.add(spec(call, aggregate.columns().get(firstCall + i).type()));
        }
        List<Order> order = keyOrder(aggregate);
        Planned input = planner.plan(aggregate.input(), needed, order, false);
        boolean sorted = !order.isEmpty() && input.ordered();
        List<SqlType> types = aggregate.groupBy().stream().map(Expr::type).toList();
        boolean severalSets = aggregate.groupingSets().size() > 1;
        Eval[] keyEvals = planner.compileAll(aggregate.groupBy());
        Operator operator =
                sorted
                        ? new GroupAggregate(input.operator(), keyEvals, new ValueKey(types), specs)
                        : new Aggregate(
                                input.operator(),
                                keyEvals,
                                new ValueKey(types),
                                indexes(aggregate.groupingSets()),
                                specs,
                                severalSets ? indexes(aggregate.groupings()) : new int[0][]);
        boolean plain = aggregate.groupBy().isEmpty();
        Explain explain =
                Explain.of("Aggregate", input.explain())
                        .kind("Strategy", plain ? "Plain" : sorted ? "Sorted" : "Hashed")
                        .kind("Partial Mode", "Simple");
        if (!plain) {
            explain.label(sorted ? "GroupAggregate" : "HashAggregate");
            for (List<Integer> set : aggregate.groupingSets()) {
                explain.expressions(
                        severalSets ? "Hash Key" : "Group Key",
                        set.stream().map(aggregate.groupBy()::get).toList(),
                        aggregate.input());
            }
        }
        planner.subplans(explain, expressions(aggregate), aggregate.input());
        return Planned.of(operator, aggregate.columns().size(), explain);
    }

    /** What is computed for each row of the input. */
    private static List<Expr> expressions(LogicalPlan.Aggregate aggregate) {
        List<Expr> list = new ArrayList<>(aggregate.groupBy());
        for (AggregateCall call : aggregate.aggregates()) {
            list.addAll(call.arguments());
            call.orderBy().forEach(key -> list.add(key.expression()));
            Expr filter = call.filter();
            if (filter != null) {
                list.add(filter);
            }
        }
        return list;
    }

    /**
     * The order in which a whole table is read anyway, if it brings the rows of each group
     * together; else empty.
     */
    private List<Order> keyOrder(LogicalPlan.Aggregate aggregate) {
        LogicalPlan input = aggregate.input();
        List<Expr> conditions = List.of();
        if (input instanceof LogicalPlan.Filter filter) {
            conditions = ExprTraits.conjuncts(filter.condition());
            input = filter.input();
        }
        int groups = aggregate.groupBy().size();
        if (!(input instanceof LogicalPlan.Scan scan)
                || !(scan.time() instanceof LogicalPlan.ScanTime.Now)
                || groups == 0
                || aggregate.groupingSets().size() != 1
                || aggregate.groupingSets().get(0).size() != groups
                || scan.table().keyColumns().size() < groups
                || planner.estimates().costs().scan(scan, conditions)
                        < planner.estimates().rows(scan)) {
            return List.of();
        }
        List<ColumnDef> visible = scan.table().visibleColumns();
        List<Order> order = new ArrayList<>();
        for (int number : scan.table().keyColumns().subList(0, groups)) {
            for (Expr key : aggregate.groupBy()) {
                if (key instanceof Expr.Input column
                        && column.index() < visible.size()
                        && visible.get(column.index()).number() == number) {
                    order.add(new Order(column.index(), false, false));
                    break;
                }
            }
        }
        return order.size() == groups ? order : List.of();
    }

    private AggregateSpec spec(AggregateCall call, SqlType result) {
        List<SqlType> types = call.arguments().stream().map(Expr::type).toList();
        List<SqlType> all = new ArrayList<>();
        call.direct().forEach(expr -> all.add(expr.type()));
        all.addAll(types);
        Expr filter = call.filter();
        return new AggregateSpec(
                call.function().implementation().specialize(all, result),
                planner.compileAll(call.direct()),
                planner.compileAll(call.arguments()),
                call.function().skipNulls(),
                call.function().gathers(),
                call.function().kind() == AggregateFunction.Kind.HYPOTHETICAL_SET,
                filter == null ? null : planner.compile(filter),
                call.distinct() ? new ValueKey(types) : null,
                call.orderBy().isEmpty() ? null : planner.orders().rowOrder(call.orderBy()));
    }

    private static int[][] indexes(List<List<Integer>> lists) {
        return lists.stream()
                .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
    }
}
