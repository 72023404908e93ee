package dev.driftdb.query.lock;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who holds locks for a time: a transaction, or a session beyond its transactions. Guarded by the
 * monitor of {@link Locks}.
 */
public final class LockOwner {
    private final LockParty party;

    /** In the order of taking; a target once for each mode. */
    private final List<LockTarget> targets = new ArrayList<>();

    private byte[] modes = new byte[4];

    private volatile int transactionId;

    /** Whether the transaction may go on from what one before it has not got through the log. */
    private volatile boolean mayFollow;

    /** Whether it has, for any row. */
    private volatile boolean follows;

    /** Null before the transaction's entry is on its way into the log. */
    private @Nullable Departure departure;

    LockOwner(LockParty party) {
        this.party = party;
    }

    public LockParty party() {
        return party;
    }

    /** A number of this server, 0 before the transaction has locked or written anything. */
    public int transactionId() {
        return transactionId;
    }

    void identify(int id) {
        transactionId = id;
        party.transaction = this;
    }

    /** Allows, or forbids, that the locks of departed transactions are taken over. */
    public void mayFollow(boolean may) {
        mayFollow = may;
    }

    boolean mayFollow() {
        return mayFollow;
    }

    /** Whether it has taken over any lock: {@link Locks#departedBefore} says from whom. */
    public boolean follows() {
        return follows;
    }

    void follow() {
        follows = true;
    }

    @Nullable Departure departure() {
        return departure;
    }

    void depart(Departure now) {
        departure = now;
    }

    int count() {
        return targets.size();
    }

    LockTarget target(int index) {
        return targets.get(index);
    }

    LockMode mode(int index) {
        return LockMode.of(modes[index]);
    }

    void add(LockTarget target, LockMode mode) {
        if (targets.size() == modes.length) {
            modes = Arrays.copyOf(modes, modes.length * 2);
        }
        modes[targets.size()] = (byte) mode.number();
        targets.add(target);
    }

    /** Forgets one lock; the newest are looked at first. */
    void remove(LockTarget target, LockMode mode) {
        for (int i = targets.size() - 1; i >= 0; i--) {
            if (modes[i] == mode.number() && targets.get(i).equals(target)) {
                System.arraycopy(modes, i + 1, modes, i, targets.size() - 1 - i);
                targets.remove(i);
                return;
            }
        }
        throw new IllegalStateException("not held: " + target);
    }

    /** All after the first so many, which are forgotten. */
    List<LockTarget> takeFrom(int kept) {
        List<LockTarget> tail = targets.subList(kept, targets.size());
        List<LockTarget> taken = List.copyOf(tail);
        tail.clear();
        return taken;
    }
}
