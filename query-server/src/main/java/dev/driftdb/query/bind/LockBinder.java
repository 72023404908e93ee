package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query.Locking;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** FOR UPDATE and its kin. */
record LockBinder(Namespace namespace) {

    LogicalPlan lock(LogicalPlan input, List<Locking> clauses) {
        LogicalPlan plan = input;
        for (Locking clause : clauses) {
            boolean exclusive =
                    switch (clause.strength()) {
                        case UPDATE, NO_KEY_UPDATE -> true;
                        case SHARE, KEY_SHARE -> false;
                    };
            Set<Integer> ids = new LinkedHashSet<>();
            if (clause.tables().isEmpty()) {
                collect(input, ids);
            } else {
                for (String name : clause.tables()) {
                    ids.add(table(name, clause));
                }
                collect(input, new LinkedHashSet<>());
            }
            plan =
                    new LogicalPlan.LockRows(
                            plan,
                            new ArrayList<>(ids),
                            exclusive,
                            clause.noWait(),
                            clause.skipLocked());
        }
        return plan;
    }

    private int table(String name, Locking clause) {
        String strength = clause.strength().name().replace('_', ' ');
        for (Relation relation : namespace.relations()) {
            if (relation.name().equals(name)) {
                if (relation.table() == null) {
                    throw SqlException.notSupported(
                            "FOR " + strength + " of \"" + name + "\", which is not a table,");
                }
                return relation.table().id();
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_TABLE,
                "relation \""
                        + name
                        + "\" in FOR "
                        + strength
                        + " clause not found in FROM clause");
    }

    private static void collect(LogicalPlan plan, Set<Integer> ids) {
        switch (plan) {
            case LogicalPlan.Scan scan -> {
                if (!(scan.time() instanceof ScanTime.Now)) {
                    throw new SqlException(
                            SqlState.READ_ONLY_SQL_TRANSACTION,
                            "cannot lock rows of \"" + scan.table().name() + "\" in the past");
                }
                ids.add(scan.table().id());
            }
            case LogicalPlan.Join join -> {
                collect(join.left(), ids);
                collect(join.right(), ids);
            }
            case LogicalPlan.Sample sample -> collect(sample.input(), ids);
            case LogicalPlan.Filter filter -> collect(filter.input(), ids);
            case LogicalPlan.Sort sort -> collect(sort.input(), ids);
            case LogicalPlan.SystemScan _,
                    LogicalPlan.FunctionScan _,
                    LogicalPlan.Values _,
                    LogicalPlan.CteScan _ -> {}
            default ->
                    throw SqlException.notSupported(
                            "FOR UPDATE or FOR SHARE over a subquery, view or merged column");
        }
    }
}
