package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query.Locking;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.LogicalPlan.RowLock;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** FOR UPDATE and its kin. */
record LockBinder(Namespace namespace) {

    LogicalPlan lock(LogicalPlan input, List<Locking> clauses) {
        List<RowLock> locks = new ArrayList<>();
        for (Locking clause : clauses) {
            List<RowLock> found = new ArrayList<>();
            if (clause.tables().isEmpty()) {
                collect(input, clause, null, false, found);
            } else {
                for (String name : clause.tables()) {
                    requireTable(name, clause);
                    collect(input, clause, name, false, found);
                }
            }
            locks.addAll(found);
        }
        return new LogicalPlan.LockRows(input, locks);
    }

    private static String said(Locking clause) {
        return "FOR " + clause.strength().name().replace('_', ' ');
    }

    private void requireTable(String name, Locking clause) {
        for (Relation relation : namespace.relations()) {
            if (relation.name().equals(name)) {
                if (relation.table() == null) {
                    throw SqlException.notSupported(
                            said(clause) + " of \"" + name + "\", which is not a table,");
                }
                return;
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_TABLE,
                "relation \""
                        + name
                        + "\" in "
                        + said(clause)
                        + " clause not found in FROM clause");
    }

    private static RowLock lock(LogicalPlan.Scan scan, Locking clause) {
        return new RowLock(
                scan.table().id(),
                scan.alias(),
                RowLockStrength.valueOf(clause.strength().name()),
                clause.noWait()
                        ? RowWait.NO_WAIT
                        : clause.skipLocked() ? RowWait.SKIP_LOCKED : RowWait.WAIT);
    }

    /**
     * The scans of a query that FOR UPDATE applies to, those in subqueries of FROM included.
     *
     * @param alias null for all
     * @param nullable whether an outer join may put NULLs in place of its rows
     */
    private static void collect(
            LogicalPlan plan,
            Locking clause,
            @Nullable String alias,
            boolean nullable,
            List<RowLock> found) {
        switch (plan) {
            case LogicalPlan.Scan scan -> {
                if (alias != null && !alias.equals(scan.alias())) {
                    return;
                }
                if (!(scan.time() instanceof ScanTime.Now)) {
                    throw new SqlException(
                            SqlState.READ_ONLY_SQL_TRANSACTION,
                            "cannot lock rows of \"" + scan.table().name() + "\" in the past");
                }
                if (nullable) {
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            said(clause)
                                    + " cannot be applied to the nullable side of an outer join");
                }
                found.add(lock(scan, clause));
            }
            case LogicalPlan.Join join -> {
                JoinType type = join.type();
                boolean left = type == JoinType.RIGHT || type == JoinType.FULL;
                boolean right = type == JoinType.LEFT || type == JoinType.FULL;
                collect(join.left(), clause, alias, nullable || left, found);
                if (type != JoinType.SEMI && type != JoinType.ANTI) {
                    collect(join.right(), clause, alias, nullable || right, found);
                }
            }
            case LogicalPlan.Sample sample ->
                    collect(sample.input(), clause, alias, nullable, found);
            case LogicalPlan.Filter filter ->
                    collect(filter.input(), clause, alias, nullable, found);
            case LogicalPlan.Sort sort -> collect(sort.input(), clause, alias, nullable, found);
            case LogicalPlan.Project project ->
                    collect(project.input(), clause, alias, nullable, found);
            case LogicalPlan.Limit limit -> collect(limit.input(), clause, alias, nullable, found);
            case LogicalPlan.LockRows inner ->
                    collect(inner.input(), clause, alias, nullable, found);
            case LogicalPlan.SystemScan _,
                    LogicalPlan.FunctionScan _,
                    LogicalPlan.Values _,
                    LogicalPlan.CteScan _ -> {}
            case LogicalPlan.Aggregate _ -> refuse(clause, alias, "GROUP BY clause");
            case LogicalPlan.Distinct _ -> refuse(clause, alias, "DISTINCT clause");
            case LogicalPlan.SetOperation _ -> refuse(clause, alias, "UNION/INTERSECT/EXCEPT");
            default -> {
                if (alias == null) {
                    throw SqlException.notSupported(said(clause) + " over this kind of subquery");
                }
            }
        }
    }

    private static void refuse(Locking clause, @Nullable String alias, String what) {
        if (alias == null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED, said(clause) + " is not allowed with " + what);
        }
    }
}
