package dev.driftdb.materializer.state;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An offset for some of the storages, as meta has them under one kind of key. Immutable. */
final class StorageOffsets {
    /** Of a storage that has none: every point is at or after it. */
    static final long NONE = -1;

    private final Map<Integer, Long> byStorage;

    private StorageOffsets(Map<Integer, Long> byStorage) {
        this.byStorage = byStorage;
    }

    /**
     * @param kind the first byte of the keys
     */
    static StorageOffsets read(RocksFiles files, byte kind) {
        Map<Integer, Long> found = new HashMap<>();
        try (BoundedIterator keys =
                new BoundedIterator(
                        files,
                        null,
                        files.meta,
                        Layout.storageKey(kind, 0),
                        Layout.storageKey(kind, -1),
                        false)) {
            for (boolean more = keys.first(); more; more = keys.next()) {
                found.put(Layout.intAt(keys.key(), 1), Layout.longAt(keys.value(), 0));
            }
        }
        return new StorageOffsets(Map.copyOf(found));
    }

    StorageOffsets with(int storageId, long offset) {
        Map<Integer, Long> all = new HashMap<>(byStorage);
        all.put(storageId, offset);
        return new StorageOffsets(Map.copyOf(all));
    }

    long of(int storageId) {
        return byStorage.getOrDefault(storageId, NONE);
    }

    /** The storages with a later offset. */
    List<Integer> after(long offset) {
        return byStorage.entrySet().stream()
                .filter(entry -> entry.getValue() > offset)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Of all storages. */
    long greatest() {
        return byStorage.values().stream().mapToLong(Long::longValue).max().orElse(NONE);
    }
}
