package dev.driftdb.query.lock;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Who holds one target, and who waits for it. Guarded by the monitor of {@link Locks}. */
final class Lock {
    private static final class Hold {
        final LockOwner owner;
        int modes;

        Hold(LockOwner owner, int modes) {
            this.owner = owner;
            this.modes = modes;
        }
    }

    /** The only holder in most cases; null while nobody holds it. */
    private @Nullable LockOwner first;

    private int firstModes;

    private @Nullable List<Hold> others;

    /** In the order of asking. */
    @Nullable ArrayDeque<LockParty.Wait> waiters;

    boolean isFree() {
        return first == null;
    }

    int modesOf(LockOwner owner) {
        if (first == owner) {
            return firstModes;
        }
        if (others != null) {
            for (Hold hold : others) {
                if (hold.owner == owner) {
                    return hold.modes;
                }
            }
        }
        return 0;
    }

    /** All that the party holds, as whichever owner. */
    int modesOf(LockParty party) {
        int[] modes = {0};
        eachHolder((owner, held) -> {
            if (owner.party() == party) {
                modes[0] |= held;
            }
        });
        return modes[0];
    }

    /**
     * What stands against an owner who may follow those that have departed: what everybody else
     * holds, but for the rows that they have changed without their keys.
     */
    int modesOfOthersToFollow(LockParty party) {
        int[] modes = {0};
        eachHolder((owner, held) -> {
            if (owner.party() != party
                    && !(owner.departure() != null
                            && (held & LockMode.ACCESS_EXCLUSIVE.bit()) == 0)) {
                modes[0] |= held;
            }
        });
        return modes[0];
    }

    /** What everybody else holds. */
    int modesOfOthers(LockParty party) {
        if (first == null || (others == null && first.party() == party)) {
            return 0;
        }
        int[] modes = {0};
        eachHolder((owner, held) -> {
            if (owner.party() != party) {
                modes[0] |= held;
            }
        });
        return modes[0];
    }

    void eachHolder(BiConsumer<LockOwner, Integer> consumer) {
        if (first != null) {
            consumer.accept(first, firstModes);
        }
        if (others != null) {
            others.forEach(hold -> consumer.accept(hold.owner, hold.modes));
        }
    }

    /** Who takes a lock comes behind all others who hold it. */
    void add(LockOwner owner, LockMode mode) {
        if (first == null || (first == owner && others == null)) {
            first = owner;
            firstModes |= mode.bit();
            return;
        }
        int held = modesOf(owner);
        if (held != 0) {
            forget(owner);
        }
        if (first == null) {
            first = owner;
            firstModes = held | mode.bit();
            return;
        }
        List<Hold> list = others == null ? new ArrayList<>(2) : others;
        others = list;
        list.add(new Hold(owner, held | mode.bit()));
    }

    private void forget(LockOwner owner) {
        for (LockMode mode : LockMode.values()) {
            remove(owner, mode);
        }
    }

    void remove(LockOwner owner, LockMode mode) {
        if (first == owner) {
            firstModes &= ~mode.bit();
            if (firstModes == 0) {
                first = null;
            }
        } else if (others != null) {
            for (Hold hold : others) {
                if (hold.owner == owner) {
                    hold.modes &= ~mode.bit();
                }
            }
            others.removeIf(hold -> hold.modes == 0);
        }
        if (first == null && others != null && !others.isEmpty()) {
            Hold next = others.removeFirst();
            first = next.owner;
            firstModes = next.modes;
        }
        if (others != null && others.isEmpty()) {
            others = null;
        }
    }

    /** The modes of those who asked before; of all who wait if the party does not. */
    int modesAhead(LockParty party) {
        int modes = 0;
        if (waiters != null) {
            for (LockParty.Wait waiter : waiters) {
                if (waiter.owner().party() == party) {
                    break;
                }
                modes |= waiter.mode().bit();
            }
        }
        return modes;
    }
}
