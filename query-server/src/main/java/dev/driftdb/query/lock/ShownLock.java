package dev.driftdb.query.lock;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of pg_locks.
 *
 * @param target null for a transaction's own number
 * @param transactionId the transaction that is held or waited for, 0 for another kind of lock
 * @param asTuple a place in the queue for a row, behind others who wait for it
 * @param waitStartMicros since 2000-01-01, null if granted
 */
public record ShownLock(
        int processId,
        @Nullable LockTarget target,
        int transactionId,
        boolean asTuple,
        LockMode mode,
        boolean granted,
        @Nullable Long waitStartMicros) {
    /** The number of its transaction, and what its statements have locked. */
    static void ofParty(LockParty party, List<ShownLock> shown) {
        int pid = party.processId();
        int transaction = party.transactionId();
        if (transaction != 0) {
            shown.add(new ShownLock(pid, null, transaction, false, LockMode.EXCLUSIVE, true, null));
        }
        TableLocks weak = party.weak;
        for (int i = 0; i < weak.size(); i++) {
            ofHold(pid, new LockTarget.Table(weak.table(i)), weak.modes(i), shown);
        }
    }

    static void ofHold(int pid, LockTarget target, int modes, List<ShownLock> shown) {
        for (LockMode mode : LockMode.values()) {
            if ((modes & mode.bit()) != 0) {
                shown.add(new ShownLock(pid, target, 0, false, mode, true, null));
            }
        }
    }

    /** Whether it waits for its turn at a row, and only then for who has the row. */
    static boolean isBehind(LockParty.Wait wait, List<Deadlocks.Blocker> blockers) {
        return wait.target() instanceof LockTarget.Row
                && blockers.stream().anyMatch(blocker -> !blocker.holds());
    }

    static ShownLock ofWait(LockParty.Wait wait, List<Deadlocks.Blocker> blockers) {
        boolean behind = isBehind(wait, blockers);
        int transaction =
                !behind && wait.target().isOfRow() && !blockers.isEmpty()
                        ? blockers.getFirst().owner().transactionId()
                        : 0;
        return new ShownLock(
                wait.owner().party().processId(),
                wait.target(),
                transaction,
                behind,
                transaction != 0 ? LockMode.SHARE : wait.mode(),
                false,
                wait.sinceMicros());
    }
}
