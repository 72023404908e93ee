package dev.driftdb.materializer.state;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which storages and indexes a batch changes. For the applying thread. */
final class ChangedIds {
    /** No storage or index has this id. */
    private static final int NO_ID = 0;

    private final Set<Integer> storages = new HashSet<>();
    private final Set<Integer> indexes = new HashSet<>();

    /** The last change of each storage since opening: spares most range checks their reads. */
    private final Map<Integer, Long> lastChanges = new HashMap<>();

    /** Most changes of a batch are of the storage and the index that the one before was of. */
    private int lastStorage = NO_ID;

    private long lastOffset;
    private int lastIndex = NO_ID;

    void storage(int id, long offset) {
        if (id != lastStorage || offset != lastOffset) {
            lastStorage = id;
            lastOffset = offset;
            lastChanges.put(id, offset);
            storages.add(id);
        }
    }

    void index(int id) {
        if (id != lastIndex) {
            lastIndex = id;
            indexes.add(id);
        }
    }

    /** The offset of a storage's last change, or this one if there was none. */
    long last(int storageId, long otherwise) {
        return lastChanges.getOrDefault(storageId, otherwise);
    }

    void tell(ScanCache scans, long offset) {
        for (int id : storages) {
            scans.changed(id, offset);
        }
        for (int id : indexes) {
            scans.indexChanged(id, offset);
        }
    }

    void written() {
        storages.clear();
        indexes.clear();
        lastStorage = NO_ID;
        lastIndex = NO_ID;
    }
}
