package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Locks of one server on keys, exclusive or shared, held until the end of a transaction, handed
 * over in the order of asking. They make writers queue instead of fail; whether a commit is right
 * is decided by its preconditions alone.
 *
 * <p>Safe for any thread. One monitor guards everything: an uncontended lock is a map access, and
 * only that keeps the wait-for graph exact, which deadlock detection walks.
 */
final class RowLocks {
    /** How long a waiter sleeps before it looks whether it was cancelled. */
    private static final long CANCEL_CHECK_MS = 50;

    /** Locks one transaction may hold; each costs about 150 bytes. */
    static final int LOCKS_PER_TRANSACTION_MAX = 5_000_000;

    /** What is locked: a key of a storage or of an index. */
    record Target(int storageOrIndexId, Bytes key) {}

    /** A transaction as far as locks are concerned. */
    static final class Owner {
        private final int processId;
        private final List<Target> held = new ArrayList<>();
        private @Nullable Target waitsFor;

        Owner(int processId) {
            this.processId = processId;
        }
    }

    private record Waiter(Owner owner, boolean shared, CompletableFuture<Void> granted) {}

    private static final class Lock {
        /** Who holds it alone; null while it is shared. */
        private @Nullable Owner owner;

        /** Who shares it; empty while somebody holds it alone. */
        private final List<Owner> sharers = new ArrayList<>(1);

        private @Nullable ArrayDeque<Waiter> waiters;

        boolean isHeldBy(Owner other, boolean shared) {
            return owner == other || (shared && sharers.contains(other));
        }

        /** Takes it if nobody else's hold stands against that. */
        boolean take(Owner other, boolean shared) {
            if (owner != null) {
                return false;
            }
            if (shared) {
                sharers.add(other);
                return true;
            }
            if (sharers.isEmpty() || (sharers.size() == 1 && sharers.contains(other))) {
                sharers.clear();
                owner = other;
                return true;
            }
            return false;
        }

        void release(Owner other) {
            if (owner == other) {
                owner = null;
            }
            sharers.remove(other);
        }

        boolean isFree() {
            return owner == null && sharers.isEmpty();
        }
    }

    private final Map<Target, Lock> locks = new HashMap<>();

    /** Whether the lock was free (or already the owner's) and is now the owner's. */
    boolean tryLock(Owner owner, Target target) {
        return tryLock(owner, target, false);
    }

    /**
     * @param shared whether others may hold it too, shared as well
     */
    synchronized boolean tryLock(Owner owner, Target target, boolean shared) {
        Lock lock = locks.get(target);
        if (lock == null) {
            if (owner.held.size() >= LOCKS_PER_TRANSACTION_MAX) {
                throw new SqlException(
                        SqlState.PROGRAM_LIMIT_EXCEEDED,
                        "a transaction may lock at most " + LOCKS_PER_TRANSACTION_MAX + " rows");
            }
            lock = new Lock();
            lock.take(owner, shared);
            locks.put(target, lock);
            owner.held.add(target);
            return true;
        }
        if (lock.isHeldBy(owner, shared)) {
            return true;
        }
        boolean sharedBefore = lock.sharers.contains(owner);
        boolean mayPass = sharedBefore || lock.waiters == null || lock.waiters.isEmpty();
        if (!mayPass || !lock.take(owner, shared)) {
            return false;
        }
        if (!sharedBefore) {
            owner.held.add(target);
        }
        return true;
    }

    void lock(Owner owner, Target target, long timeoutMs, Runnable checkCanceled) {
        lock(owner, target, false, timeoutMs, checkCanceled);
    }

    /**
     * Waits for the lock.
     *
     * @param timeoutMs 0 for no limit; past it 55P03
     * @param checkCanceled called now and then while waiting; may throw
     * @throws SqlException 40P01 when waiting would never end
     */
    void lock(Owner owner, Target target, boolean shared, long timeoutMs, Runnable checkCanceled) {
        if (tryLock(owner, target, shared)) {
            return;
        }
        CompletableFuture<Void> granted = enqueue(owner, target, shared);
        long deadline = timeoutMs > 0 ? System.nanoTime() + timeoutMs * 1_000_000 : 0;
        boolean done = false;
        try {
            while (!done) {
                done = await(granted);
                if (!done) {
                    checkCanceled.run();
                    if (timeoutMs > 0 && System.nanoTime() - deadline > 0) {
                        throw new SqlException(
                                SqlState.LOCK_NOT_AVAILABLE,
                                "canceling statement due to lock timeout");
                    }
                }
            }
        } finally {
            if (!done) {
                withdraw(owner);
            }
        }
    }

    /**
     * Takes the lock, or a place among those who wait for it; asked again, that place is kept.
     *
     * @return null if the lock is the owner's now, else what completes when it is
     * @throws SqlException 40P01 when waiting would never end
     */
    @Nullable CompletableFuture<Void> request(Owner owner, Target target, boolean shared) {
        return tryLock(owner, target, shared) ? null : enqueue(owner, target, shared);
    }

    /** The owner does not wait any more. */
    synchronized void withdraw(Owner owner) {
        Target target = owner.waitsFor;
        if (target == null) {
            return;
        }
        owner.waitsFor = null;
        Lock lock = locks.get(target);
        if (lock != null && lock.waiters != null) {
            lock.waiters.removeIf(waiter -> waiter.owner() == owner);
            grant(target, lock);
        }
    }

    private static boolean await(CompletableFuture<Void> granted) {
        try {
            granted.get(CANCEL_CHECK_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SqlException(
                    SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized CompletableFuture<Void> enqueue(
            Owner owner, Target target, boolean shared) {
        CompletableFuture<Void> granted = new CompletableFuture<>();
        if (tryLock(owner, target, shared)) {
            granted.complete(null);
            return granted;
        }
        if (target.equals(owner.waitsFor)) {
            return placeOf(owner, held(target));
        }
        owner.waitsFor = target;
        refuseDeadlock(owner, target);
        Lock lock = held(target);
        ArrayDeque<Waiter> waiters = lock.waiters == null ? new ArrayDeque<>() : lock.waiters;
        lock.waiters = waiters;
        waiters.add(new Waiter(owner, shared, granted));
        return granted;
    }

    private static CompletableFuture<Void> placeOf(Owner owner, Lock lock) {
        if (lock.waiters != null) {
            for (Waiter waiter : lock.waiters) {
                if (waiter.owner() == owner) {
                    return waiter.granted();
                }
            }
        }
        throw new IllegalStateException("waits for a lock without a place in its queue");
    }

    /** Follows who waits for whom; coming back to the owner is a deadlock. */
    private void refuseDeadlock(Owner owner, Target target) {
        for (Owner holder : ahead(owner, target)) {
            if (waitsFor(holder, owner, new HashSet<>())) {
                owner.waitsFor = null;
                throw new SqlException(SqlState.DEADLOCK_DETECTED, "deadlock detected")
                        .withDetail(
                                "Process %d waits for a row lock; blocked by process %d.\nProcess %d waits for a row lock; blocked by process %d."
                                        .formatted(
                                                owner.processId,
                                                holder.processId,
                                                holder.processId,
                                                owner.processId))
                        .withHint("See server log for query details.");
            }
        }
    }

    private boolean waitsFor(Owner waiter, Owner goal, Set<Owner> seen) {
        Target target = waiter.waitsFor;
        if (target == null || !seen.add(waiter)) {
            return false;
        }
        for (Owner next : ahead(waiter, target)) {
            if (next == goal || waitsFor(next, goal, seen)) {
                return true;
            }
        }
        return false;
    }

    /** Who must let go of a lock before a waiter has it: the holders, and who asked earlier. */
    private List<Owner> ahead(Owner waiter, Target target) {
        Lock lock = held(target);
        List<Owner> owners = new ArrayList<>(lock.sharers);
        if (lock.owner != null) {
            owners.add(lock.owner);
        }
        if (lock.waiters != null) {
            for (Waiter earlier : lock.waiters) {
                if (earlier.owner() == waiter) {
                    break;
                }
                owners.add(earlier.owner());
            }
        }
        owners.remove(waiter);
        return owners;
    }

    private Lock held(Target target) {
        Lock lock = locks.get(target);
        if (lock == null) {
            throw new IllegalStateException("nobody holds " + target);
        }
        return lock;
    }

    /** How many locks the transaction holds: a place to go back to with {@link #releaseTo}. */
    synchronized int held(Owner owner) {
        return owner.held.size();
    }

    /** The end of a transaction: every lock goes to its first waiter. */
    void releaseAll(Owner owner) {
        releaseTo(owner, 0);
    }

    /** The locks that came after the first so many go to their first waiters. */
    synchronized void releaseTo(Owner owner, int keptCount) {
        withdraw(owner);
        List<Target> released = owner.held.subList(keptCount, owner.held.size());
        for (Target target : released) {
            Lock lock = held(target);
            lock.release(owner);
            grant(target, lock);
        }
        released.clear();
    }

    /** Hands a lock to the first waiters who can have it together with those who have it. */
    private void grant(Target target, Lock lock) {
        while (lock.waiters != null && !lock.waiters.isEmpty()) {
            Waiter next = lock.waiters.getFirst();
            boolean sharedBefore = lock.sharers.contains(next.owner());
            if (!lock.take(next.owner(), next.shared())) {
                return;
            }
            lock.waiters.removeFirst();
            if (!sharedBefore) {
                next.owner().held.add(target);
            }
            next.owner().waitsFor = null;
            next.granted().complete(null);
        }
        if (lock.isFree()) {
            locks.remove(target);
        }
    }
}
