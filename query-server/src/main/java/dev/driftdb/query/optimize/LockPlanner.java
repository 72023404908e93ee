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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Plans SELECT … FOR UPDATE and its kin: the rows are locked, and looked at once more in their
 * newest version.
 */
final class LockPlanner {
    private final PhysicalPlanner planner;

    LockPlanner(PhysicalPlanner planner) {
        this.planner = planner;
    }

    Planned plan(LogicalPlan.LockRows given, BitSet required, List<Order> order, boolean limited) {
        LogicalPlan.LockRows lock = given;
        while (lock.input() instanceof LogicalPlan.LockRows inner) {
            Set<Integer> ids = new LinkedHashSet<>(lock.tableIds());
            ids.addAll(inner.tableIds());
            lock =
                    new LogicalPlan.LockRows(
                            inner.input(),
                            new ArrayList<>(ids),
                            lock.exclusive() || inner.exclusive(),
                            lock.noWait() || inner.noWait(),
                            lock.skipLocked() || inner.skipLocked());
        }
        if (planner.substituting()) {
            return planner.plan(lock.input(), required);
        }
        List<LogicalPlan.Scan> locked = new ArrayList<>();
        collectScans(lock.input(), lock.tableIds(), locked);
        locked.forEach(planner::wantRowId);
        Planned input = planner.plan(lock.input(), required, order, limited);
        IdentityHashMap<LogicalPlan.Scan, Integer> rows = new IdentityHashMap<>();
        int firstSlot = planner.newSlots(locked.size());
        for (int i = 0; i < locked.size(); i++) {
            rows.put(locked.get(i), firstSlot + i);
        }
        Planned recheck = planner.planSubstituted(lock.input(), required, rows);
        if (input.hidden().size() != locked.size()) {
            throw SqlException.notSupported("FOR UPDATE over this kind of query");
        }
        return new Planned(
                new LockRows(
                        input.operator(),
                        input.width(),
                        input.hidden(),
                        lock.noWait(),
                        lock.skipLocked(),
                        recheck.operator(),
                        firstSlot),
                input.width(),
                input.hidden(),
                input.ordered(),
                Explain.of("LockRows", input.explain()));
    }

    private static void collectScans(
            LogicalPlan plan, List<Integer> tableIds, List<LogicalPlan.Scan> locked) {
        if (plan instanceof LogicalPlan.Scan scan) {
            if (tableIds.contains(scan.table().id())
                    && scan.time() instanceof LogicalPlan.ScanTime.Now) {
                locked.add(scan);
            }
        }
        if (plan instanceof LogicalPlan.Join join
                && (join.type() == LogicalPlan.JoinType.SEMI
                        || join.type() == LogicalPlan.JoinType.ANTI)) {
            collectScans(join.left(), tableIds, locked);
        } else {
            PlanTraits.eachInput(plan, input -> collectScans(input, tableIds, locked));
        }
    }
}
