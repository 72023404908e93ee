package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.schemas.log.Precondition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The key ranges that a SERIALIZABLE transaction has read: nothing in them may change before its
 * commit. Past a number of ranges per storage the whole storage stands for them: then more
 * transactions fail with 40001 than need to, and none that must not commit does.
 */
final class ReadRanges {
    static final int RANGES_PER_STORAGE_MAX = 1_000;

    private final Map<Integer, Set<Precondition>> byStorage = new LinkedHashMap<>();

    /**
     * @param since the offset that was read at, the same for the whole transaction
     */
    void add(int storageId, KeyRange range, long since) {
        Set<Precondition> ranges =
                byStorage.computeIfAbsent(storageId, id -> new LinkedHashSet<>());
        Precondition whole = unchanged(storageId, KeyRange.ALL, since);
        if (ranges.contains(whole)) {
            return;
        }
        if (ranges.size() >= RANGES_PER_STORAGE_MAX) {
            ranges.clear();
            ranges.add(whole);
        } else {
            ranges.add(unchanged(storageId, range, since));
        }
    }

    private static Precondition unchanged(int storageId, KeyRange range, long since) {
        return new Precondition.RangeUnchanged(storageId, range.from(), range.to(), since);
    }

    List<Precondition> preconditions() {
        List<Precondition> all = new ArrayList<>();
        byStorage.values().forEach(all::addAll);
        return all;
    }
}
