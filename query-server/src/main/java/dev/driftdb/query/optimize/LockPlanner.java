package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.operator.LockRows;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.optimize.AccessPaths.Order;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Plans SELECT … FOR UPDATE and its kin: the rows are locked, and looked at once more in their
 * newest version.
 */
final class LockPlanner {
    private final PhysicalPlanner planner;

    LockPlanner(PhysicalPlanner planner) {
        this.planner = planner;
    }

    Planned plan(LogicalPlan.LockRows lock, BitSet required, List<Order> order, boolean limited) {
        if (planner.substituting()) {
            return planner.plan(lock.input(), required);
        }
        List<LogicalPlan.Scan> locked = new ArrayList<>();
        collectScans(lock.input(), lock, locked);
        locked.forEach(planner::wantRowId);
        Planned input = planner.plan(lock.input(), required, order, limited);
        if (input.hidden().size() != locked.size()) {
            throw SqlException.notSupported("FOR UPDATE over this kind of query");
        }
        IdentityHashMap<LogicalPlan.Scan, Integer> rows = new IdentityHashMap<>();
        int firstSlot = planner.newSlots(locked.size());
        List<LockRows.Target> targets = new ArrayList<>();
        for (LogicalPlan.Scan scan : input.hidden()) {
            rows.put(scan, firstSlot + targets.size());
            LogicalPlan.RowLock how = Objects.requireNonNull(lockOf(lock, scan));
            targets.add(new LockRows.Target(scan.table(), how.strength(), how.onConflict()));
        }
        Planned recheck = planner.planSubstituted(lock.input(), required, rows);
        return new Planned(
                new LockRows(
                        input.operator(), input.width(), targets, recheck.operator(), firstSlot),
                input.width(),
                input.hidden(),
                input.ordered(),
                Explain.of("LockRows", input.explain()));
    }

    private static LogicalPlan.@Nullable RowLock lockOf(
            LogicalPlan.LockRows lock, LogicalPlan.Scan scan) {
        for (LogicalPlan.RowLock one : lock.locks()) {
            if (one.tableId() == scan.table().id() && one.alias().equals(scan.alias())) {
                return one;
            }
        }
        return null;
    }

    private static void collectScans(
            LogicalPlan plan, LogicalPlan.LockRows lock, List<LogicalPlan.Scan> locked) {
        if (plan instanceof LogicalPlan.Scan scan) {
            if (lockOf(lock, scan) != null && scan.time() instanceof LogicalPlan.ScanTime.Now) {
                locked.add(scan);
            }
        }
        if (plan instanceof LogicalPlan.Join join
                && (join.type() == LogicalPlan.JoinType.SEMI
                        || join.type() == LogicalPlan.JoinType.ANTI)) {
            collectScans(join.left(), lock, locked);
        } else {
            PlanTraits.eachInput(plan, input -> collectScans(input, lock, locked));
        }
    }
}
