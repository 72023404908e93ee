package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * (SELECT agg(x) FROM t WHERE t.k = outer.k) becomes an outer join with t's aggregates grouped by
 * k, where that is cheaper than to run the subquery for each different outer.k.
 */
final class ScalarJoins {
    /** What cannot fail but by overflow, and so may be computed for groups that nobody asks for. */
    private static final Set<String> SAFE_OPERATORS = Set.of("+", "-", "*");

    private final Estimates estimates;

    ScalarJoins(Estimates estimates) {
        this.estimates = estimates;
    }

    /** A plan with further columns behind, and the expression that reads them. */
    record Extracted(LogicalPlan plan, Expr expr) {}

    /** Takes the subqueries that are worth it out of an expression over a plan's rows. */
    Extracted extract(LogicalPlan input, Expr expr) {
        LogicalPlan[] current = {input};
        Expr rest = extract(expr, current);
        return new Extracted(current[0], rest);
    }

    private Expr extract(Expr expr, LogicalPlan[] current) {
        if (expr instanceof Expr.ScalarQuery query) {
            Expr value = joined(query, current);
            return value == null ? expr : value;
        }
        // What is asked only sometimes stays where it is.
        return switch (expr) {
            case Expr.Comparison _, Expr.Call _, Expr.Cast _, Expr.Not _ ->
                    ExprTraits.hasSubquery(expr)
                            ? PlanTree.rebuild(
                                    expr, child -> extract(child, current), subquery -> subquery)
                            : expr;
            default -> expr;
        };
    }

    /** One equality of the subquery with the row around it. */
    private record Link(Expr inner, Expr outer) {}

    private @Nullable Expr joined(Expr.ScalarQuery query, LogicalPlan[] current) {
        if (!(query.plan() instanceof LogicalPlan.Project project)
                || project.expressions().size() != 1
                || !(project.input() instanceof LogicalPlan.Aggregate aggregate)
                || !aggregate.groupBy().isEmpty()
                || aggregate.groupingSets().size() != 1
                || PlanTraits.isVolatile(query.plan())) {
            return null;
        }
        Expr value = project.expressions().get(0);
        Decorrelate.Split split = Decorrelate.split(aggregate.input());
        if (split == null
                || split.correlated().isEmpty()
                || ExprTraits.readsEnclosingRow(value)
                || ExprTraits.hasSubquery(value)
                || !aggregate.aggregates().stream().allMatch(ScalarJoins::isSafe)) {
            return null;
        }
        List<Link> links = new ArrayList<>();
        for (Expr condition : split.correlated()) {
            Link link = link(condition);
            if (link == null) {
                return null;
            }
            links.add(link);
        }
        LogicalPlan.Aggregate groups = groups(aggregate, Decorrelate.closer(split.plan()), links);
        if (!isWorthIt(current[0], split, links, groups)) {
            return null;
        }
        int width = current[0].columns().size();
        List<Expr> on = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
            Expr inner = links.get(i).inner();
            on.add(
                    new Expr.Comparison(
                            Expr.Comparison.Op.EQ,
                            links.get(i).outer(),
                            new Expr.Input(width + i, inner.type(), inner.typmod())));
        }
        List<OutputColumn> columns = new ArrayList<>(current[0].columns());
        columns.addAll(groups.columns());
        List<Expr> results = results(aggregate, width + links.size());
        current[0] =
                new LogicalPlan.Join(
                        JoinType.LEFT,
                        current[0],
                        groups,
                        ExprTraits.conjunction(on),
                        false,
                        columns);
        return PlanTree.replace(
                value, (index, original, depth) -> PlanTree.deepen(results.get(index), depth));
    }

    private static boolean isSafe(AggregateCall call) {
        Expr filter = call.filter();
        return call.arguments().stream().allMatch(ScalarJoins::isSafe)
                && call.orderBy().isEmpty()
                && filter == null
                && Set.of("sum", "avg", "min", "max", "count").contains(call.function().name());
    }

    private static boolean isSafe(Expr expr) {
        return switch (expr) {
            case Expr.Input _, Expr.Constant _ -> true;
            case Expr.Call call ->
                    call.operator() != null
                            && SAFE_OPERATORS.contains(call.operator())
                            && call.arguments().stream().allMatch(ScalarJoins::isSafe);
            default -> false;
        };
    }

    private static @Nullable Link link(Expr condition) {
        if (!(condition instanceof Expr.Comparison c)
                || c.op() != Expr.Comparison.Op.EQ
                || c.left().type().equals(Types.BPCHAR) != c.right().type().equals(Types.BPCHAR)
                || ExprTraits.hasSubquery(c)) {
            return null;
        }
        boolean leftInner = isInner(c.left());
        Expr inner = leftInner ? c.left() : c.right();
        Expr outer = leftInner ? c.right() : c.left();
        if (!isInner(inner) || !ExprTraits.columns(outer).isEmpty()) {
            return null;
        }
        return new Link(inner, Decorrelate.outOfSubquery(outer, 0));
    }

    private static boolean isInner(Expr expr) {
        return !ExprTraits.columns(expr).isEmpty() && !ExprTraits.readsEnclosingRow(expr);
    }

    private static LogicalPlan.Aggregate groups(
            LogicalPlan.Aggregate aggregate, LogicalPlan input, List<Link> links) {
        List<Expr> keys = new ArrayList<>();
        List<Integer> set = new ArrayList<>();
        List<OutputColumn> columns = new ArrayList<>();
        for (Link link : links) {
            set.add(keys.size());
            keys.add(link.inner());
            columns.add(OutputColumn.of("key" + keys.size(), link.inner().type()));
        }
        columns.addAll(aggregate.columns());
        return new LogicalPlan.Aggregate(
                input, keys, List.of(set), aggregate.aggregates(), List.of(), columns);
    }

    /** What the aggregates are over the joined row: no group means none of the rows. */
    private static List<Expr> results(LogicalPlan.Aggregate aggregate, int first) {
        List<Expr> list = new ArrayList<>();
        for (int i = 0; i < aggregate.aggregates().size(); i++) {
            OutputColumn column = aggregate.columns().get(i);
            Expr result = new Expr.Input(first + i, column.type(), column.typmod());
            boolean counts = aggregate.aggregates().get(i).function().name().equals("count");
            list.add(
                    counts
                            ? new Expr.Coalesce(
                                    List.of(result, new Expr.Constant(0L, column.type(), -1)),
                                    column.type())
                            : result);
        }
        return list;
    }

    private boolean isWorthIt(
            LogicalPlan outer,
            Decorrelate.Split split,
            List<Link> links,
            LogicalPlan.Aggregate groups) {
        List<Expr> conditions = new ArrayList<>();
        List<Expr> outerKeys = new ArrayList<>();
        for (Link link : links) {
            outerKeys.add(link.outer());
            conditions.add(
                    new Expr.Comparison(
                            Expr.Comparison.Op.EQ,
                            link.inner(),
                            new Expr.Parameter(0, link.inner().type())));
        }
        LogicalPlan once =
                new JoinOrder(estimates)
                        .apply(
                                PushFilters.apply(
                                        new LogicalPlan.Filter(
                                                split.plan(), ExprTraits.conjunction(conditions))));
        double runs = estimates.distinct(outerKeys, outer);
        double correlated = runs * (estimates.cost(once) + Costs.GROUP_ROW);
        double joined =
                estimates.cost(groups)
                        + Costs.hash(estimates.rows(groups), estimates.rows(outer), 0);
        return joined < correlated;
    }

    /** The first columns only, as they were before columns were added. */
    static LogicalPlan narrowed(LogicalPlan plan, List<OutputColumn> columns) {
        if (plan.columns().size() == columns.size()) {
            return plan;
        }
        List<Expr> expressions = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            expressions.add(new Expr.Input(i, columns.get(i).type(), columns.get(i).typmod()));
        }
        return new LogicalPlan.Project(plan, expressions, columns);
    }

    /** Whether an expression may hold a subquery that is worth a look. */
    static boolean hasScalarQuery(Expr expr) {
        BitSet found = new BitSet();
        find(expr, found);
        return !found.isEmpty();
    }

    private static void find(Expr expr, BitSet found) {
        if (expr instanceof Expr.ScalarQuery query
                && PlanTraits.nearestReference(query.plan()) == 1) {
            found.set(0);
        }
        PlanTree.rebuild(
                expr,
                child -> {
                    find(child, found);
                    return child;
                },
                subquery -> subquery);
    }
}
