package dev.driftdb.query.lock;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A session as far as locks are concerned: its own locks never stand against it, whichever {@link
 * LockOwner} of it has them, and it waits for one lock at a time.
 */
public final class LockParty {
    /**
     * What it waits for.
     *
     * @param sinceMicros since 2000-01-01
     */
    record Wait(
            LockOwner owner,
            LockTarget target,
            LockMode mode,
            CompletableFuture<Void> granted,
            long sinceMicros) {}

    private final int processId;

    /** Set under the monitor of {@link Locks}. */
    volatile @Nullable Wait wait;

    /**
     * Locks that statements take on tables, which conflict with none of their kind: kept here,
     * where only who takes a stronger lock looks. Written by the session's thread, or under the
     * monitor.
     */
    volatile TableLocks weak = TableLocks.NONE;

    /** Whose transaction it is that the session runs; null while none has got a number. */
    volatile @Nullable LockOwner transaction;

    /** One that {@link Locks#join} does not make takes no locks on tables. */
    public LockParty(int processId) {
        this.processId = processId;
    }

    public int processId() {
        return processId;
    }

    /** What its statements have locked, to go back to with {@link Locks#endHold}. */
    public TableLocks tableLocks() {
        return weak;
    }

    /** The number of the running transaction, 0 if it has none. */
    public int transactionId() {
        LockOwner now = transaction;
        return now == null ? 0 : now.transactionId();
    }
}
