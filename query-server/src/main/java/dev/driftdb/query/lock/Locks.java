package dev.driftdb.query.lock;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All locks of one server, handed over in the order of asking. Safe for any thread.
 *
 * <p>One monitor guards everything: an uncontended lock is a map access, and only that keeps the
 * wait-for graph exact, which deadlock detection walks. The locks that every statement takes on its
 * tables stay out of it ({@link #tryHold}) as long as nobody has a stronger one.
 */
public final class Locks {
    /** How long a waiter sleeps before it looks whether it was cancelled. */
    private static final long CANCEL_CHECK_MS = 50;

    private static final int RELEASED_MANY = 50_000;

    /** Locks one transaction may hold; each costs about 150 bytes. */
    static final int LOCKS_PER_OWNER_MAX = 5_000_000;

    private final LongSupplier clock;
    private final Set<LockParty> parties = ConcurrentHashMap.newKeySet();
    private Map<LockTarget, Lock> rows = new HashMap<>();
    private final Map<LockTarget, Lock> others = new HashMap<>();

    /** How many tables are in {@link #others}: while there are none, weak locks need no look. */
    private final AtomicInteger strongTables = new AtomicInteger();

    private final AtomicInteger transactions = new AtomicInteger();
    private final Deadlocks deadlocks = new Deadlocks(this);

    /**
     * @param clock microseconds since 2000-01-01
     */
    public Locks(LongSupplier clock) {
        this.clock = clock;
    }

    // ---- who takes part ----

    public LockParty join(int processId) {
        LockParty party = new LockParty(processId);
        parties.add(party);
        return party;
    }

    public void leave(LockParty party) {
        parties.remove(party);
    }

    public LockOwner owner(LockParty party) {
        return new LockOwner(party);
    }

    /** Gives a transaction its number, unless it has one. */
    public void identify(LockOwner owner) {
        if (owner.transactionId() == 0) {
            owner.identify(transactions.updateAndGet(n -> n == Integer.MAX_VALUE ? 3 : n + 1));
        }
    }

    // ---- taking ----

    /** Whether the owner has the lock now; it never waits. */
    public synchronized boolean tryLock(LockOwner owner, LockTarget target, LockMode mode) {
        if (target.isOfRow()) {
            identify(owner);
        }
        Map<LockTarget, Lock> map = mapOf(target);
        Lock lock = map.get(target);
        if (lock == null) {
            lock = new Lock();
            map.put(target, lock);
            if (target instanceof LockTarget.Table) {
                strongTables.incrementAndGet();
            }
            if (blockedByWeak(target, mode, owner.party())) {
                removeIfFree(target, lock);
                return false;
            }
            take(lock, owner, target, mode);
            return true;
        }
        if (isHeld(lock, owner, target, mode)) {
            return true;
        }
        if (isBlocked(lock, owner, target, mode, mustQueue(lock, target, owner.party()))) {
            return false;
        }
        take(lock, owner, target, mode);
        return true;
    }

    /** Advisory locks are given back one by one, so that one does not stand for another. */
    private static boolean isHeld(Lock lock, LockOwner owner, LockTarget target, LockMode mode) {
        int modes = lock.modesOf(owner);
        return target instanceof LockTarget.Advisory
                ? (modes & mode.bit()) != 0
                : modes != 0 && mode.isCoveredBy(modes);
    }

    /** Whether nobody else's lock on a row or unique key stands against this one. */
    public synchronized boolean mayTake(LockOwner owner, LockTarget target, LockMode mode) {
        Lock lock = rows.get(target);
        return lock == null || !mode.conflictsWith(lock.modesOfOthers(owner.party()));
    }

    private void take(Lock lock, LockOwner owner, LockTarget target, LockMode mode) {
        if (owner.count() >= LOCKS_PER_OWNER_MAX) {
            removeIfFree(target, lock);
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a transaction may lock at most " + LOCKS_PER_OWNER_MAX + " rows");
        }
        if (mayFollow(owner, target, mode) && lock.modesOfOthers(owner.party()) != 0) {
            owner.follow();
        }
        lock.add(owner, mode);
        owner.add(target, mode);
    }

    /**
     * Whether those who wait come first. Never for a row, nor where the party holds the lock in
     * another mode already: they wait for it.
     */
    private static int mustQueue(Lock lock, LockTarget target, LockParty party) {
        return target.isOfRow() || lock.modesOf(party) != 0 ? 0 : lock.modesAhead(party);
    }

    private boolean isBlocked(
            Lock lock, LockOwner owner, LockTarget target, LockMode mode, int ahead) {
        LockParty party = owner.party();
        int others =
                mayFollow(owner, target, mode)
                        ? lock.modesOfOthersToFollow(party)
                        : lock.modesOfOthers(party);
        return mode.conflictsWith(others | ahead) || blockedByWeak(target, mode, party);
    }

    /** A row that others delete or give another key is never taken over before they are through. */
    private static boolean mayFollow(LockOwner owner, LockTarget target, LockMode mode) {
        return owner.mayFollow()
                && mode == RowLockStrength.NO_KEY_UPDATE.mode()
                && target instanceof LockTarget.Row;
    }

    private boolean blockedByWeak(LockTarget target, LockMode mode, LockParty party) {
        if (!(target instanceof LockTarget.Table table)) {
            return false;
        }
        for (LockParty other : parties) {
            if (other != party && mode.conflictsWith(other.weak.modesOf(table.tableId()))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Waits for the lock.
     *
     * @param timeoutMs 0 for no limit; past it 55P03
     * @param checkCanceled called now and then while waiting; may throw
     * @throws SqlException 40P01 when waiting would never end
     */
    public void lock(
            LockOwner owner,
            LockTarget target,
            LockMode mode,
            long timeoutMs,
            Runnable checkCanceled) {
        CompletableFuture<Void> granted = request(owner, target, mode);
        if (granted == null) {
            return;
        }
        long deadline = timeoutMs > 0 ? System.nanoTime() + timeoutMs * 1_000_000 : 0;
        boolean done = false;
        try {
            while (!done) {
                done = await(granted, timeoutMs);
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
                withdraw(owner.party());
            }
        }
    }

    private static boolean await(CompletableFuture<Void> granted, long timeoutMs) {
        try {
            granted.get(
                    timeoutMs > 0 ? Math.min(timeoutMs, CANCEL_CHECK_MS) : CANCEL_CHECK_MS,
                    TimeUnit.MILLISECONDS);
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

    /**
     * Takes the lock, or a place among those who wait for it; asked again, that place is kept.
     *
     * @return null if the lock is the owner's now, else what completes when it is
     * @throws SqlException 40P01 when waiting would never end
     */
    public synchronized @Nullable CompletableFuture<Void> request(
            LockOwner owner, LockTarget target, LockMode mode) {
        LockParty party = owner.party();
        LockParty.Wait known = party.wait;
        if (known != null && known.target().equals(target) && known.mode() == mode) {
            return known.granted();
        }
        if (tryLock(owner, target, mode)) {
            return null;
        }
        withdraw(party);
        Map<LockTarget, Lock> map = mapOf(target);
        Lock lock = map.get(target);
        if (lock == null) {
            lock = new Lock();
            map.put(target, lock);
            strongTables.incrementAndGet(); // only weak locks on a table block without being there
        }
        LockParty.Wait wait =
                new LockParty.Wait(
                        owner, target, mode, new CompletableFuture<>(), clock.getAsLong());
        ArrayDeque<LockParty.Wait> waiters =
                lock.waiters == null ? new ArrayDeque<>(2) : lock.waiters;
        lock.waiters = waiters;
        if (!target.isOfRow() && lock.modesOf(party) != 0) {
            waiters.addFirst(wait); // the others wait for what it holds
        } else {
            waiters.addLast(wait);
        }
        party.wait = wait;
        try {
            deadlocks.refuse(party);
        } catch (SqlException e) {
            withdraw(party);
            throw e;
        }
        grant(target, lock); // a weak lock may have gone since it was in the way
        return wait.granted();
    }

    /** The party does not wait any more. */
    public synchronized void withdraw(LockParty party) {
        LockParty.Wait wait = party.wait;
        if (wait == null) {
            return;
        }
        party.wait = null;
        Lock lock = mapOf(wait.target()).get(wait.target());
        if (lock != null && lock.waiters != null) {
            lock.waiters.remove(wait);
            grant(wait.target(), lock);
        }
    }

    // ---- going on before the one before is through ----

    /**
     * The owner changes nothing any more, its entry is on its way into the log: the rows that it
     * has changed without their keys are for those who may follow.
     */
    public synchronized void depart(LockOwner owner, Departure departure) {
        owner.depart(departure);
        for (int i = 0; i < owner.count(); i++) {
            LockTarget target = owner.target(i);
            Lock lock = mapOf(target).get(target);
            if (lock != null && lock.waiters != null) {
                grant(target, lock);
            }
        }
    }

    /** The last whose lock on a row the owner has taken over and who is not over; null for none. */
    public synchronized @Nullable Departure departedBefore(LockOwner owner, LockTarget.Row target) {
        List<Departure> departed = new ArrayList<>();
        held(target)
                .eachHolder((other, modes) -> {
                    Departure departure = other.departure();
                    if (departure != null
                            && other.party() != owner.party()
                            && (modes & RowLockStrength.NO_KEY_UPDATE.mode().bit()) != 0) {
                        departed.add(departure);
                    }
                });
        // The first end first: to ask the other way round could find an earlier one not yet over
        // and a later one over, which is no order that ever was.
        for (Departure last : departed.reversed()) {
            if (!last.isOver()) {
                return last;
            }
        }
        return null;
    }

    // ---- letting go ----

    /** How many locks the owner holds: a place to go back to with {@link #releaseTo}. */
    public synchronized int held(LockOwner owner) {
        return owner.count();
    }

    /**
     * Lets go of what came after the first so many locks.
     *
     * @return what it was, in the order of taking
     */
    public synchronized List<LockTarget> releaseTo(LockOwner owner, int keptCount) {
        withdraw(owner.party());
        // One that was waited for before that may have gone in between.
        int kept = Math.min(keptCount, owner.count());
        for (int i = owner.count() - 1; i >= kept; i--) {
            LockTarget target = owner.target(i);
            Lock lock = held(target);
            lock.remove(owner, owner.mode(i));
            grant(target, lock);
        }
        List<LockTarget> released = owner.takeFrom(kept);
        if (released.size() >= RELEASED_MANY && rows.size() < released.size() / 4) {
            // A map never becomes smaller, and looking into a large one costs a cache miss each.
            rows = new HashMap<>(rows);
        }
        return released;
    }

    /** The end of a transaction. */
    public void releaseAll(LockOwner owner) {
        releaseTo(owner, 0);
        LockParty party = owner.party();
        if (owner.equals(party.transaction)) {
            party.transaction = null;
        }
    }

    /** Lets go of one lock before its time. */
    public synchronized void release(LockOwner owner, LockTarget target, LockMode mode) {
        Lock lock = held(target);
        lock.remove(owner, mode);
        owner.remove(target, mode);
        grant(target, lock);
    }

    private Lock held(LockTarget target) {
        Lock lock = mapOf(target).get(target);
        if (lock == null) {
            throw new IllegalStateException("nobody holds " + target);
        }
        return lock;
    }

    /** Hands a lock to those who wait and now can have it, the first first. */
    private void grant(LockTarget target, Lock lock) {
        if (lock.waiters != null) {
            int ahead = 0;
            for (Iterator<LockParty.Wait> i = lock.waiters.iterator(); i.hasNext(); ) {
                LockParty.Wait next = i.next();
                LockParty party = next.owner().party();
                if (isBlocked(lock, next.owner(), target, next.mode(), ahead)) {
                    ahead |= next.mode().bit();
                } else {
                    i.remove();
                    take(lock, next.owner(), target, next.mode());
                    party.wait = null;
                    next.granted().complete(null);
                }
            }
            if (lock.waiters.isEmpty()) {
                lock.waiters = null;
            }
        }
        removeIfFree(target, lock);
    }

    private void removeIfFree(LockTarget target, Lock lock) {
        if (lock.isFree() && lock.waiters == null && mapOf(target).remove(target, lock)) {
            if (target instanceof LockTarget.Table) {
                strongTables.decrementAndGet();
            }
        }
    }

    private Map<LockTarget, Lock> mapOf(LockTarget target) {
        return target.isOfRow() ? rows : others;
    }

    // ---- what statements hold of their tables ----

    /**
     * Takes weak locks on tables until {@link #endHold}, without the monitor as long as nobody has
     * or wants a stronger one. By the session's thread only.
     *
     * @return null, or the first table whose lock has to be waited for; then none was taken
     */
    public LockTarget.@Nullable Table tryHold(LockParty party, TableLocks wanted) {
        TableLocks before = party.weak;
        TableLocks both = before.plus(wanted);
        if (both == before) {
            return null;
        }
        // Seen by whoever counts its own lock first and looks here then, and the other way round.
        party.weak = both;
        return strongTables.get() == 0 ? null : lookAgain(party, before, wanted);
    }

    private synchronized LockTarget.@Nullable Table lookAgain(
            LockParty party, TableLocks before, TableLocks wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            LockTarget.Table target = new LockTarget.Table(wanted.table(i));
            Lock lock = others.get(target);
            int missing = wanted.modes(i) & ~before.modesOf(wanted.table(i));
            if (lock != null && missing != 0 && !mayHold(lock, missing, party)) {
                party.weak = before;
                grant(target, lock); // who came in between may have seen what is gone again
                return target;
            }
        }
        return null;
    }

    private static boolean mayHold(Lock lock, int missing, LockParty party) {
        int own = lock.modesOf(party);
        int against = lock.modesOfOthers(party) | (own == 0 ? lock.modesAhead(party) : 0);
        for (LockMode mode : LockMode.values()) {
            if ((missing & mode.bit()) != 0
                    && !mode.isCoveredBy(own)
                    && mode.conflictsWith(against)) {
                return false;
            }
        }
        return true;
    }

    /** The strongest mode in which a table is wanted. */
    public static LockMode modeOf(TableLocks wanted, LockTarget.Table target) {
        return LockMode.of(31 - Integer.numberOfLeadingZeros(wanted.modesOf(target.tableId())));
    }

    /** Goes back to the weak locks of an earlier time, or to none. By the session's thread only. */
    public void endHold(LockParty party, TableLocks kept) {
        TableLocks before = party.weak;
        if (before == kept) {
            return;
        }
        party.weak = kept;
        if (strongTables.get() > 0) {
            grantAll(before);
        }
    }

    private synchronized void grantAll(TableLocks released) {
        for (int i = 0; i < released.size(); i++) {
            LockTarget.Table target = new LockTarget.Table(released.table(i));
            Lock lock = others.get(target);
            if (lock != null) {
                grant(target, lock);
            }
        }
    }

    // ---- who waits for whom ----

    /** Who must let go before the wait ends; for a row, those who asked earlier come first. */
    List<Deadlocks.Blocker> blockersOf(LockParty.Wait wait) {
        List<Deadlocks.Blocker> blockers = new ArrayList<>();
        LockParty party = wait.owner().party();
        Lock lock = held(wait.target());
        lock.eachHolder((owner, modes) -> {
            if (owner.party() != party && wait.mode().conflictsWith(modes)) {
                blockers.add(new Deadlocks.Blocker(owner, true));
            }
        });
        if (wait.target() instanceof LockTarget.Table table) {
            for (LockParty other : parties) {
                if (other != party
                        && wait.mode().conflictsWith(other.weak.modesOf(table.tableId()))) {
                    blockers.add(new Deadlocks.Blocker(new LockOwner(other), true));
                }
            }
        }
        if (lock.waiters != null) {
            List<Deadlocks.Blocker> ahead = new ArrayList<>();
            for (LockParty.Wait earlier : lock.waiters) {
                if (earlier.equals(wait)) {
                    break;
                }
                LockParty other = earlier.owner().party();
                if (wait.mode().conflictsWith(earlier.mode().bit())
                        && blockers.stream().noneMatch(b -> b.owner().party() == other)) {
                    ahead.add(new Deadlocks.Blocker(earlier.owner(), false));
                }
            }
            blockers.addAll(wait.target() instanceof LockTarget.Row ? 0 : blockers.size(), ahead);
        }
        return blockers;
    }

    /** pg_blocking_pids(): the sessions that a session waits for, each once. */
    public synchronized List<Integer> blockersOf(int processId) {
        Set<Integer> blockers = new LinkedHashSet<>();
        for (LockParty party : parties) {
            LockParty.Wait wait = party.wait;
            if (party.processId() == processId && wait != null) {
                List<Deadlocks.Blocker> all = blockersOf(wait);
                boolean behind = ShownLock.isBehind(wait, all);
                for (Deadlocks.Blocker blocker : all) {
                    if (!behind || !blocker.holds()) {
                        blockers.add(blocker.owner().party().processId());
                    }
                }
            }
        }
        return List.copyOf(blockers);
    }

    /** What a party waits for, as pg_stat_activity names it; null if it does not wait. */
    public @Nullable String waitEvent(LockParty party) {
        if (party.wait == null) {
            return null;
        }
        synchronized (this) {
            LockParty.Wait wait = party.wait;
            return wait == null
                    ? null
                    : ShownLock.isBehind(wait, blockersOf(wait))
                            ? "tuple"
                            : wait.target().waitEvent();
        }
    }

    /** The rows of pg_locks. A granted lock on a row is none of them, as in PostgreSQL. */
    public synchronized List<ShownLock> shown() {
        List<ShownLock> shown = new ArrayList<>();
        for (LockParty party : parties) {
            ShownLock.ofParty(party, shown);
            LockParty.Wait wait = party.wait;
            if (wait != null) {
                shown.add(ShownLock.ofWait(wait, blockersOf(wait)));
            }
        }
        others.forEach((target, lock) ->
                lock.eachHolder((owner, modes) ->
                        ShownLock.ofHold(owner.party().processId(), target, modes, shown)));
        return shown;
    }
}
