package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.ExecutablePlan;
import dev.driftdb.query.explain.ExplainedQuery;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.IndexTerms;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.statistics.Statistics;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.IndexDef;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Optimizes a bound statement and chooses its operators. Safe for any thread. */
public final class Planner {
    /** For catalogs without computed indexes. */
    public static final Function<IndexDef, IndexTerms> UNBOUND =
            index -> {
                throw new IllegalStateException("nobody binds index " + index.name());
            };

    public Planner() {}

    /** Without indexes over expressions or of some rows. */
    public ExecutablePlan plan(BoundStatement statement, Catalog catalog, Statistics statistics) {
        return plan(statement, catalog, statistics, UNBOUND);
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
        return plan(statement, catalog, estimates, terms, null, false).plan();
    }

    /**
     * A plan whose rows tell which stored rows they are, if the query is a simple one over one
     * table or locks its rows: see {@link ExecutablePlan#rowIds}.
     *
     * @param terms what computed indexes compute
     */
    public ExecutablePlan planCursor(
            BoundStatement statement,
            Catalog catalog,
            Statistics statistics,
            Function<IndexDef, IndexTerms> terms) {
        Estimates estimates = new Estimates(statistics, catalog);
        return plan(statement, catalog, estimates, terms, null, true).plan();
    }

    /**
     * The plan with what EXPLAIN shows of it.
     *
     * @param terms what computed indexes compute
     * @param hasIndexes whether indexes can be read: not in the past
     * @param measured whether its runs are measured, each as often as it is run
     * @param timed whether the clock is read for that
     */
    public ExplainedQuery explain(
            BoundStatement statement,
            Catalog catalog,
            Statistics statistics,
            Function<IndexDef, IndexTerms> terms,
            boolean hasIndexes,
            boolean measured,
            boolean timed) {
        Estimates estimates = new Estimates(statistics, catalog);
        PlanNotes.Measuring measuring =
                !measured
                        ? PlanNotes.Measuring.NONE
                        : timed ? PlanNotes.Measuring.TIMES : PlanNotes.Measuring.ROWS;
        PlanNotes notes = new PlanNotes(estimates, measuring, hasIndexes);
        return plan(statement, catalog, estimates, terms, notes, false);
    }

    private static ExplainedQuery plan(
            BoundStatement statement,
            Catalog catalog,
            Estimates estimates,
            Function<IndexDef, IndexTerms> terms,
            @Nullable PlanNotes notes,
            boolean cursor) {
        Rewriter rewriter = new Rewriter(estimates);
        BoundStatement better = rewriter.rewrite(statement);
        PhysicalPlanner physical = new PhysicalPlanner(catalog, estimates, rewriter, terms, notes);
        LogicalPlan.Scan simple =
                cursor && better instanceof BoundStatement.Select select
                        ? simpleScan(select.plan())
                        : null;
        if (simple != null) {
            physical.wantRowId(simple);
        }
        Planned planned = physical.planStatement(better);
        boolean modifies = !(better instanceof BoundStatement.Select);
        boolean readOnly =
                better instanceof BoundStatement.Select select && isReadOnly(select.plan());
        ExecutablePlan plan =
                new PlannedStatement(
                        planned.operator(),
                        statement.output(),
                        StatementLocks.of(statement, catalog),
                        physical.slotCount(),
                        readOnly,
                        new Brevity(physical).isBrief(better),
                        modifies,
                        better instanceof BoundStatement.Select select
                                ? estimates.cost(select.plan())
                                : 0,
                        physical.constantsMatter(),
                        planned.hidden().stream().map(LogicalPlan.Scan::table).toList());
        return new ExplainedQuery(plan, planned.explain(), catalog);
    }

    /** The scan of the only table whose rows a query shows one by one; null for other queries. */
    private static LogicalPlan.@Nullable Scan simpleScan(LogicalPlan plan) {
        return switch (plan) {
            case LogicalPlan.Scan scan when scan.time() instanceof LogicalPlan.ScanTime.Now -> scan;
            case LogicalPlan.Filter filter -> simpleScan(filter.input());
            case LogicalPlan.Project project -> simpleScan(project.input());
            case LogicalPlan.Limit limit -> simpleScan(limit.input());
            default -> null;
        };
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
