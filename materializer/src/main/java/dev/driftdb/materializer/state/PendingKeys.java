package dev.driftdb.materializer.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * Where in a batch the newest record of each key lies, by hash: no object for any key. Each key is
 * an id and two parts, always parted alike.
 */
final class PendingKeys {
    static final int NONE = -1;

    private static final VarHandle WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Odd, with its bits well spread: 2^64 divided by the golden ratio. */
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private static final int CAPACITY_MIN = 64;

    /** A table with less than one key in so many slots is made smaller when it is emptied. */
    private static final int SHRINK_FACTOR = 16;

    private final BatchBytes batch;

    /** 0 for an empty slot: no record begins there. */
    private int[] places = new int[CAPACITY_MIN];

    private int[] hashes = new int[CAPACITY_MIN];
    private long[] offsets = new long[CAPACITY_MIN];
    private int used;

    PendingKeys(BatchBytes batch) {
        this.batch = batch;
    }

    boolean isEmpty() {
        return used == 0;
    }

    void clear() {
        if (used == 0) {
            return;
        }
        if (places.length > CAPACITY_MIN && used < places.length / SHRINK_FACTOR) {
            allocate(places.length / 2);
        } else {
            Arrays.fill(places, 0);
        }
        used = 0;
    }

    private void allocate(int capacity) {
        places = new int[capacity];
        hashes = new int[capacity];
        offsets = new long[capacity];
    }

    /** The place of the newest record of a key, or {@link #NONE}. */
    int find(int id, byte[] first, byte[] second) {
        if (used == 0) {
            return NONE;
        }
        int place = places[slot(hash(id, first, second), id, first, second)];
        return place == 0 ? NONE : place;
    }

    /** The offset that came with the newest record of a key that is there. */
    long offset(int id, byte[] first, byte[] second) {
        return offsets[slot(hash(id, first, second), id, first, second)];
    }

    void put(int place, int id, byte[] first, byte[] second, long offset) {
        int hash = hash(id, first, second);
        int slot = slot(hash, id, first, second);
        if (places[slot] == 0) {
            used++;
            if (used > places.length / 2) {
                rebuild(2 * places.length, any -> true);
                used++;
                slot = slot(hash, id, first, second);
            }
            hashes[slot] = hash;
        }
        places[slot] = place;
        offsets[slot] = offset;
    }

    /** Keeps those whose places pass. */
    void retain(IntPredicate kept) {
        rebuild(places.length, kept);
    }

    private void rebuild(int capacity, IntPredicate kept) {
        int[] oldPlaces = places;
        int[] oldHashes = hashes;
        long[] oldOffsets = offsets;
        allocate(capacity);
        used = 0;
        for (int i = 0; i < oldPlaces.length; i++) {
            if (oldPlaces[i] != 0 && kept.test(oldPlaces[i])) {
                int slot = oldHashes[i] & (capacity - 1);
                while (places[slot] != 0) {
                    slot = (slot + 1) & (capacity - 1);
                }
                places[slot] = oldPlaces[i];
                hashes[slot] = oldHashes[i];
                offsets[slot] = oldOffsets[i];
                used++;
            }
        }
    }

    /** What takes the newest record of a key. */
    interface Taker {
        void take(int place, long offset);
    }

    void forEach(Taker taker) {
        for (int i = 0; i < places.length; i++) {
            if (places[i] != 0) {
                taker.take(places[i], offsets[i]);
            }
        }
    }

    /** Those of an unordered walk, without their offsets. */
    void forEachPlace(IntConsumer taker) {
        forEach((place, offset) -> taker.accept(place));
    }

    private int slot(int hash, int id, byte[] first, byte[] second) {
        int mask = places.length - 1;
        int slot = hash & mask;
        while (places[slot] != 0
                && (hashes[slot] != hash || !batch.hasKey(places[slot], id, first, second))) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** The upper half of a product: every bit of the key has a say in each of its bits. */
    static int hash(int id, byte[] first, byte[] second) {
        long mixed = mix(mix(id * MULTIPLIER, first), second);
        return (int) ((mixed * MULTIPLIER) >>> 32);
    }

    private static long mix(long seed, byte[] value) {
        long mixed = seed;
        int i = 0;
        for (; i + Long.BYTES <= value.length; i += Long.BYTES) {
            mixed = (mixed ^ (long) WORDS.get(value, i)) * MULTIPLIER;
            mixed ^= mixed >>> 32;
        }
        for (; i < value.length; i++) {
            mixed = (mixed ^ value[i]) * MULTIPLIER;
            mixed ^= mixed >>> 32;
        }
        return mixed;
    }
}
