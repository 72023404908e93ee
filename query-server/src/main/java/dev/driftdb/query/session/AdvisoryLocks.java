package dev.driftdb.query.session;

import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.LockOwner;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.Locks;
import dev.driftdb.query.lock.SessionLocks;
import dev.driftdb.query.lock.ShownLock;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A session's advisory locks: those of its transactions go with them, the others must be given back
 * as often as they were taken. For the session's thread only.
 */
final class AdvisoryLocks implements SessionLocks {
    /** Different locks that a session may hold beyond its transactions. */
    private static final int HELD_MAX = 100_000;

    private record Held(LockTarget.Advisory target, LockMode mode) {}

    private final Session session;
    private final LockWait lockWait;
    private final LockOwner beyondTransactions;
    private final Map<Held, Integer> counts = new HashMap<>();

    AdvisoryLocks(Session session, LockWait lockWait) {
        this.session = session;
        this.lockWait = lockWait;
        this.beyondTransactions = locks().owner(session.lockParty());
    }

    private Locks locks() {
        return session.databaseOf().locks();
    }

    @Override
    public boolean take(
            LockTarget.Advisory target, LockMode mode, boolean ofTransaction, boolean mayWait) {
        if (ofTransaction) {
            return take(session.block().transaction().lockOwner, target, mode, mayWait);
        }
        Held held = new Held(target, mode);
        if (!counts.containsKey(held)) {
            if (counts.size() >= HELD_MAX) {
                throw new SqlException(
                        SqlState.OUT_OF_MEMORY,
                        "a session may hold at most " + HELD_MAX + " advisory locks");
            }
            if (!take(beyondTransactions, target, mode, mayWait)) {
                return false;
            }
        }
        counts.merge(held, 1, Integer::sum);
        return true;
    }

    private boolean take(
            LockOwner owner, LockTarget.Advisory target, LockMode mode, boolean mayWait) {
        if (mayWait) {
            lockWait.acquire(locks(), owner, target, mode);
            return true;
        }
        return locks().tryLock(owner, target, mode);
    }

    @Override
    public boolean release(LockTarget.Advisory target, LockMode mode) {
        Held held = new Held(target, mode);
        Integer count = counts.get(held);
        if (count == null) {
            session.warn(SqlState.WARNING, "you don't own a lock of type " + mode.shownName());
            return false;
        }
        if (count > 1) {
            counts.put(held, count - 1);
        } else {
            counts.remove(held);
            locks().release(beyondTransactions, target, mode);
        }
        return true;
    }

    @Override
    public void releaseAll() {
        counts.clear();
        locks().releaseAll(beyondTransactions);
    }

    @Override
    public List<ShownLock> shown() {
        return locks().shown();
    }

    @Override
    public List<Integer> blockersOf(int processId) {
        return locks().blockersOf(processId);
    }
}
