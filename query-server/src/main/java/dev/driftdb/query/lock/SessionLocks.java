package dev.driftdb.query.lock;

import java.util.List;

/** Advisory locks of a session, and what it may see of all locks. */
public interface SessionLocks {
    /**
     * Takes an advisory lock.
     *
     * @param mode {@link LockMode#EXCLUSIVE} or {@link LockMode#SHARE}
     * @param ofTransaction whether it goes with the transaction
     * @return whether it was taken; always if it may wait
     */
    boolean take(LockTarget.Advisory target, LockMode mode, boolean ofTransaction, boolean mayWait);

    /** Gives back a lock that is not a transaction's; warns and answers false if there is none. */
    boolean release(LockTarget.Advisory target, LockMode mode);

    /** Gives back all that are not a transaction's. */
    void releaseAll();

    /** The rows of pg_locks. */
    List<ShownLock> shown();

    /** The processes that a process waits for. */
    List<Integer> blockersOf(int processId);
}
