package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.operator.StoredTable;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.BoundStatement.CheckCondition;
import dev.driftdb.query.plan.BoundStatement.SetColumn;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.query.plan.PlanTraits;
import java.util.List;

/**
 * Which statements take less time than it takes to hand them to another thread: see {@link
 * dev.driftdb.query.execute.ExecutablePlan#brief}. Volatile functions may wait, pg_sleep() is one;
 * subqueries are not looked into.
 */
final class Brevity {
    /** So many written rows are few. */
    private static final int ROWS_MAX = 16;

    /**
     * Of queries, in rows of a plain scan: up to a millisecond. A range of unknown bounds in a
     * table of 100,000 rows comes to 3,000.
     */
    private static final double COST_MAX = 5_000;

    private final PhysicalPlanner planner;

    Brevity(PhysicalPlanner planner) {
        this.planner = planner;
    }

    /** Whether it reads little, changes a few rows found by their keys, or adds a few. */
    boolean isBrief(BoundStatement statement) {
        return switch (statement) {
            case BoundStatement.Select select ->
                    isPoint(select.plan())
                            || (isPlain(select.plan())
                                    && planner.estimates().cost(select.plan()) <= COST_MAX);
            case BoundStatement.Merge _ -> false;
            case BoundStatement.Insert insert ->
                    insert.with().isEmpty()
                            && isPoint(insert.source())
                            && areBrief(insert.checks(), insert.returning())
                            && areBrief(insert.generated())
                            && (insert.conflict() == null || isBrief(insert.conflict()));
            case BoundStatement.Update update ->
                    update.with().isEmpty()
                            && isPoint(update.source())
                            && areBrief(update.checks(), update.returning())
                            && areBrief(update.generated())
                            && areBrief(update.assignments());
            case BoundStatement.Delete delete ->
                    delete.with().isEmpty()
                            && isPoint(delete.source())
                            && areBrief(List.of(), delete.returning());
        };
    }

    private static boolean isBrief(BoundStatement.Conflict conflict) {
        Expr where = conflict.where();
        List<SetColumn> updates = conflict.updates();
        return (where == null || isBrief(where)) && (updates == null || areBrief(updates));
    }

    private static boolean areBrief(List<SetColumn> columns) {
        return columns.stream().map(SetColumn::value).allMatch(Brevity::isBrief);
    }

    private static boolean areBrief(List<CheckCondition> checks, List<Expr> returning) {
        return checks.stream().map(CheckCondition::condition).allMatch(Brevity::isBrief)
                && returning.stream().allMatch(Brevity::isBrief);
    }

    private static boolean isBrief(Expr expr) {
        return !ExprTraits.hasSubquery(expr) && !ExprTraits.isVolatile(expr);
    }

    /** Whether a plan is a row found by its whole key, or a few written ones, maybe locked. */
    private boolean isPoint(LogicalPlan plan) {
        return switch (plan) {
            case LogicalPlan.LockRows lock -> isPoint(lock.input());
            case LogicalPlan.Project project ->
                    project.expressions().stream().allMatch(Brevity::isBrief)
                            && isPoint(project.input());
            case LogicalPlan.Values values ->
                    values.rows().size() <= ROWS_MAX
                            && values.rows().stream()
                                    .flatMap(List::stream)
                                    .allMatch(Brevity::isBrief);
            case LogicalPlan.Filter filter -> {
                List<Expr> conditions = ExprTraits.conjuncts(filter.condition());
                yield filter.input() instanceof LogicalPlan.Scan scan
                        && !(scan.time() instanceof ScanTime.Versions)
                        && conditions.stream().allMatch(Brevity::isBrief)
                        && Estimates.pinsKey(scan, conditions)
                        && new AccessPaths(
                                                planner.estimates(),
                                                scan,
                                                List.of(),
                                                planner::terms,
                                                conditions,
                                                0,
                                                ScanPlanner::isBound,
                                                planner::compile)
                                        .choose(List.of(), false, false)
                                        .access()
                                instanceof StoredTable.Access.Keys;
            }
            default -> false;
        };
    }

    /** Whether what it costs can be told from the statistics of the tables it reads. */
    private static boolean isPlain(LogicalPlan plan) {
        boolean[] plain = {
            switch (plan) {
                case LogicalPlan.Scan scan -> scan.time() instanceof ScanTime.Now;
                case LogicalPlan.Filter _,
                        LogicalPlan.Project _,
                        LogicalPlan.Join _,
                        LogicalPlan.Aggregate _,
                        LogicalPlan.Sort _,
                        LogicalPlan.Limit _,
                        LogicalPlan.Distinct _,
                        LogicalPlan.Values _ ->
                        true;
                default -> false;
            }
        };
        PlanTraits.eachExpression(plan, expr -> plain[0] &= isBrief(expr));
        PlanTraits.eachInput(plan, input -> plain[0] = plain[0] && isPlain(input));
        return plain[0];
    }
}
