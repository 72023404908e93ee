package dev.driftdb.materializer.state;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;

/**
 * The greatest key that each id of a column family has ever had, as far as it was asked for: a key
 * above it is not there, which spares rows with ascending keys their reads. For the applying
 * thread.
 */
final class GreatestKeys {
    private static final int CAPACITY_BYTES = 32;

    /** Of one id. */
    private static final class Greatest {
        final int id;
        byte[] key = new byte[CAPACITY_BYTES];
        int length;

        /** Nothing is there. */
        boolean none = true;

        Greatest(int id) {
            this.id = id;
        }

        int compareTo(byte[] other) {
            return none ? -1 : Arrays.compareUnsigned(key, 0, length, other, 0, other.length);
        }

        void set(byte[] greater) {
            if (greater.length > key.length) {
                key = new byte[2 * greater.length];
            }
            System.arraycopy(greater, 0, key, 0, greater.length);
            length = greater.length;
            none = false;
        }
    }

    private final RocksFiles files;
    private final ColumnFamilyHandle family;
    private final Map<Integer, Greatest> byId = new HashMap<>();

    /** Most keys of a batch belong to one id. */
    private @Nullable Greatest last;

    GreatestKeys(RocksFiles files, ColumnFamilyHandle family) {
        this.files = files;
        this.family = family;
    }

    /** Whether this key, or any that begins with it, is above all that are there. */
    boolean isBelow(int id, byte[] key) {
        return of(id).compareTo(key) < 0;
    }

    /** A key is about to be there; all puts must be told. */
    void put(int id, byte[] key) {
        Greatest greatest = of(id);
        if (greatest.compareTo(key) < 0) {
            greatest.set(key);
        }
    }

    private Greatest of(int id) {
        Greatest known = last;
        if (known != null && known.id == id) {
            return known;
        }
        known = byId.get(id);
        if (known == null) {
            known = read(id);
            byId.put(id, known);
        }
        last = known;
        return known;
    }

    private Greatest read(int id) {
        Greatest greatest = new Greatest(id);
        try (BoundedIterator keys =
                new BoundedIterator(
                        files, null, family, Layout.first(id), Layout.afterLast(id), false)) {
            if (keys.last()) {
                greatest.set(keys.keyWithoutId());
            }
        }
        return greatest;
    }
}
