package dev.driftdb.materializer.state;

import java.util.HashMap;
import java.util.Map;

/**
 * From which offset on the history of each storage is whole. Points before it are not answered from
 * this state. Immutable.
 */
final class Horizons {
    /** Of a storage of which nothing was ever dropped: every point is at or after it. */
    static final long NONE = -1;

    private final Map<Integer, Long> byStorage;

    private Horizons(Map<Integer, Long> byStorage) {
        this.byStorage = byStorage;
    }

    static Horizons read(RocksFiles files) {
        Map<Integer, Long> found = new HashMap<>();
        try (BoundedIterator keys =
                new BoundedIterator(
                        files,
                        null,
                        files.meta,
                        Layout.horizonKey(0),
                        Layout.horizonKey(-1),
                        false)) {
            for (boolean more = keys.first(); more; more = keys.next()) {
                found.put(Layout.intAt(keys.key(), 1), Layout.longAt(keys.value(), 0));
            }
        }
        return new Horizons(Map.copyOf(found));
    }

    Horizons with(int storageId, long offset) {
        Map<Integer, Long> all = new HashMap<>(byStorage);
        all.put(storageId, offset);
        return new Horizons(Map.copyOf(all));
    }

    long of(int storageId) {
        return byStorage.getOrDefault(storageId, NONE);
    }

    /** At this offset and behind it all storages are whole. */
    long greatest() {
        return byStorage.values().stream().mapToLong(Long::longValue).max().orElse(NONE);
    }
}
