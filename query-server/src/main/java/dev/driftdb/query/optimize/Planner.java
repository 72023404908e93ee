package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.ExecutablePlan;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.IndexTerms;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.statistics.Statistics;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.IndexDef;
import java.util.function.Function;

/** Optimizes a bound statement and chooses its operators. Safe for any thread. */
public final class Planner {
    public Planner() {}

    /** Without indexes over expressions or of some rows. */
    public ExecutablePlan plan(BoundStatement statement, Catalog catalog, Statistics statistics) {
        return plan(
                statement,
                catalog,
                statistics,
                index -> {
                    throw new IllegalStateException("nobody binds index " + index.name());
                });
    }

    /**
     * @param terms what computed indexes compute
     */
    public ExecutablePlan plan(
            BoundStatement statement,
            Catalog catalog,
            Statistics statistics,
            Function<IndexDef, IndexTerms> terms) {
        Estimates estimates = new Estimates(statistics, catalog);
        Rewriter rewriter = new Rewriter(estimates);
        BoundStatement better = rewriter.rewrite(statement);
        PhysicalPlanner physical = new PhysicalPlanner(catalog, estimates, rewriter, terms);
        Planned planned = physical.planStatement(better);
        boolean modifies = !(better instanceof BoundStatement.Select);
        boolean readOnly =
                better instanceof BoundStatement.Select select && isReadOnly(select.plan());
        return new PlannedStatement(
                planned.operator(),
                statement.output(),
                physical.slotCount(),
                readOnly,
                physical.isBrief(better),
                modifies,
                better instanceof BoundStatement.Select select ? estimates.cost(select.plan()) : 0,
                physical.constantsMatter(),
                planned.explain().lines());
    }

    private static boolean isReadOnly(LogicalPlan plan) {
        boolean[] writes = {plan instanceof LogicalPlan.LockRows};
        if (plan instanceof LogicalPlan.With with) {
            writes[0] =
                    with.definitions().stream()
                            .anyMatch(d -> !(d.statement() instanceof BoundStatement.Select));
        }
        PlanTraits.eachInput(plan, input -> writes[0] |= !isReadOnly(input));
        PlanTraits.eachExpression(
                plan,
                expr ->
                        PlanTraits.eachSubquery(
                                expr, subquery -> writes[0] |= !isReadOnly(subquery)));
        return !writes[0];
    }
}
