package dev.driftdb.materializer.state;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts what is applied, by storage. One thread counts, any thread reads. */
final class ActivityCounters {
    private static final class Counters {
        final int storageId;

        /** Rows put: inserted, or the newer version of an updated one. */
        final AtomicLong put = new AtomicLong();

        final AtomicLong removed = new AtomicLong();

        /** Versions that were current until they were replaced or removed. */
        final AtomicLong ended = new AtomicLong();

        Counters(int storageId) {
            this.storageId = storageId;
        }
    }

    private final ConcurrentHashMap<Integer, Counters> storages = new ConcurrentHashMap<>();

    /** Most rows of a batch belong to one storage. */
    private @Nullable Counters last;

    private Counters of(int storageId) {
        Counters known = last;
        if (known == null || known.storageId != storageId) {
            known = storages.computeIfAbsent(storageId, Counters::new);
            last = known;
        }
        return known;
    }

    void put(int storageId) {
        increment(of(storageId).put);
    }

    void removed(int storageId) {
        increment(of(storageId).removed);
    }

    void ended(int storageId) {
        increment(of(storageId).ended);
    }

    private static void increment(AtomicLong counter) {
        counter.setRelease(counter.getPlain() + 1);
    }

    StorageActivity activity(int storageId) {
        Counters counters = storages.get(storageId);
        if (counters == null) {
            return StorageActivity.NONE;
        }
        long removed = counters.removed.get();
        long updated = Math.max(0, counters.ended.get() - removed);
        return new StorageActivity(Math.max(0, counters.put.get() - updated), updated, removed);
    }
}
