package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.operator.Limit;
import dev.driftdb.query.execute.operator.LimitBounds;
import dev.driftdb.query.execute.operator.Project;
import dev.driftdb.query.execute.operator.RowOrder;
import dev.driftdb.query.execute.operator.Sort;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.optimize.AccessPaths.Order;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans ORDER BY and LIMIT: by an order that is there anyway, or a sort. */
final class OrderPlanner {
    private final PhysicalPlanner planner;

    OrderPlanner(PhysicalPlanner planner) {
        this.planner = planner;
    }

    RowOrder rowOrder(List<SortKey> keys) {
        return new RowOrder(
                keys.stream()
                        .map(key ->
                                new RowOrder.Key(
                                        planner.compile(key.expression()),
                                        key.expression().type(),
                                        key.descending(),
                                        key.nullsFirst()))
                        .toList());
    }

    Planned sort(LogicalPlan.Sort sort, BitSet required, @Nullable LimitBounds bounds) {
        BitSet needed = (BitSet) required.clone();
        List<Order> order = new ArrayList<>();
        boolean plain = true;
        for (SortKey key : sort.keys()) {
            needed.or(ExprTraits.columns(key.expression()));
            if (key.expression() instanceof Expr.Input input) {
                order.add(new Order(input.index(), key.descending(), key.nullsFirst()));
            } else {
                plain = false;
            }
        }
        Planned input =
                planner.plan(sort.input(), needed, plain ? order : List.of(), bounds != null);
        if (input.ordered() && plain) {
            return input;
        }
        return new Planned(
                new Sort(input.operator(), rowOrder(sort.keys()), bounds),
                input.width(),
                input.hidden(),
                false,
                planner.subplans(
                        Explain.of("Sort", input.explain())
                                .keys("Sort Key", sort.keys(), sort.input()),
                        sort.keys().stream().map(SortKey::expression).toList(),
                        sort.input()));
    }

    Planned limit(LogicalPlan.Limit limit, BitSet required) {
        Expr count = limit.limit();
        Expr skipped = limit.offset();
        LimitBounds bounds =
                new LimitBounds(
                        count == null ? null : planner.compile(count),
                        skipped == null ? null : planner.compile(skipped));
        if (planner.substituting()) {
            return planner.plan(limit.input(), required);
        }
        BitSet needed = (BitSet) required.clone();
        limit.tieKeys().forEach(key -> needed.or(ExprTraits.columns(key.expression())));
        boolean top = limit.tieKeys().isEmpty() && count != null;
        Planned input = limitInput(limit.input(), needed, top ? bounds : null);
        RowOrder ties = limit.tieKeys().isEmpty() ? null : rowOrder(limit.tieKeys());
        return new Planned(
                new Limit(input.operator(), bounds, ties),
                input.width(),
                input.hidden(),
                false,
                Explain.of("Limit", input.explain()));
    }

    /** A sort right below a limit (maybe under a projection) keeps only the first rows. */
    private Planned limitInput(LogicalPlan input, BitSet required, @Nullable LimitBounds bounds) {
        if (bounds != null && input instanceof LogicalPlan.Sort sort) {
            return planner.noted(sort(sort, required, bounds), sort, required);
        }
        if (bounds != null
                && input instanceof LogicalPlan.Project project
                && project.input() instanceof LogicalPlan.Sort sort) {
            BitSet needed = new BitSet();
            project.expressions().forEach(expr -> needed.or(ExprTraits.columns(expr)));
            Planned sorted = planner.noted(sort(sort, needed, bounds), sort, needed);
            Planned projected =
                    new Planned(
                            new Project(
                                    sorted.operator(),
                                    planner.compileAll(project.expressions()),
                                    sorted.width(),
                                    sorted.hidden().size()),
                            project.expressions().size(),
                            sorted.hidden(),
                            false,
                            planner.subplans(
                                    sorted.explain(), project.expressions(), project.input()));
            return planner.noted(projected, project, required);
        }
        return planner.plan(input, required);
    }
}
