package dev.driftdb.query.lock;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds circles of parties that wait for each other. Looked for whenever one begins to wait, so the
 * party that closes a circle is the one that is refused. Guarded by the monitor of {@link Locks}.
 */
final class Deadlocks {
    /** The oid of the one database. */
    private static final int DATABASE_ID = 5;

    /**
     * @param holds whether it has the lock already; else it only waits in front
     */
    record Blocker(LockOwner owner, boolean holds) {}

    private record Edge(LockParty.Wait waiter, Blocker blocker) {}

    private final Locks locks;

    Deadlocks(Locks locks) {
        this.locks = locks;
    }

    /** 40P01 if the party's wait closes a circle. */
    void refuse(LockParty party) {
        List<Edge> circle = new ArrayList<>();
        if (leads(party, party, new HashSet<>(), circle)) {
            StringBuilder detail = new StringBuilder();
            for (Edge edge : circle) {
                detail.append(detail.isEmpty() ? "" : "\n")
                        .append("Process ")
                        .append(edge.waiter().owner().party().processId())
                        .append(" waits for ")
                        .append(describe(edge))
                        .append("; blocked by process ")
                        .append(edge.blocker.owner().party().processId())
                        .append('.');
            }
            throw new SqlException(SqlState.DEADLOCK_DETECTED, "deadlock detected")
                    .withDetail(detail.toString())
                    .withHint("See server log for query details.");
        }
    }

    private boolean leads(LockParty from, LockParty goal, Set<LockParty> seen, List<Edge> path) {
        LockParty.Wait wait = from.wait;
        if (wait == null || !seen.add(from)) {
            return false;
        }
        for (Blocker blocker : locks.blockersOf(wait)) {
            path.add(new Edge(wait, blocker));
            LockParty next = blocker.owner().party();
            if (next == goal || leads(next, goal, seen, path)) {
                return true;
            }
            path.removeLast();
        }
        return false;
    }

    private static String describe(Edge edge) {
        String mode = edge.waiter().mode().shownName();
        return switch (edge.waiter().target()) {
            case LockTarget.Row row when !edge.blocker.holds() ->
                    mode
                            + " on tuple "
                            + "("
                            + row.page()
                            + ","
                            + row.tuple()
                            + ")"
                            + " of relation "
                            + row.tableId()
                            + " of database "
                            + DATABASE_ID;
            case LockTarget.Row _, LockTarget.Key _ ->
                    "ShareLock on transaction " + edge.blocker.owner().transactionId();
            case LockTarget.Table table ->
                    mode + " on relation " + table.tableId() + " of database " + DATABASE_ID;
            case LockTarget.Definitions _ -> mode + " on the catalog of database " + DATABASE_ID;
            case LockTarget.Advisory advisory ->
                    mode
                            + " on advisory lock ["
                            + DATABASE_ID
                            + ","
                            + Integer.toUnsignedString(advisory.high())
                            + ","
                            + Integer.toUnsignedString(advisory.low())
                            + ","
                            + (advisory.pair() ? 2 : 1)
                            + "]";
        };
    }
}
