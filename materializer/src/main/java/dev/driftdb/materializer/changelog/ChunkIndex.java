package dev.driftdb.materializer.changelog;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Where in the log the chunks lie whose entry has not come yet. Their changes stay in the log: a
 * transaction may be larger than memory. Owned by the publisher's thread.
 */
final class ChunkIndex {
    /** Chunks without an entry after this many offsets never get one, as for the replica. */
    static final long AGE_OFFSETS_MAX = 1_000_000;

    private final Map<UUID, TreeMap<Integer, Long>> offsets = new HashMap<>();

    void add(UUID transaction, int number, long offset) {
        offsets.computeIfAbsent(transaction, id -> new TreeMap<>()).put(number, offset);
    }

    /** The offsets of a transaction's chunks in the order of their numbers, and forgets them. */
    List<Long> take(UUID transaction) {
        TreeMap<Integer, Long> chunks = offsets.remove(transaction);
        return chunks == null ? List.of() : List.copyOf(chunks.values());
    }

    /** Where to read on after a restart to see every chunk again; {@code next} without any. */
    long resumeOffset(long next) {
        offsets.values().removeIf(chunks -> newest(chunks.values()) < next - AGE_OFFSETS_MAX);
        long first = next;
        for (TreeMap<Integer, Long> chunks : offsets.values()) {
            for (long offset : chunks.values()) {
                first = Math.min(first, offset);
            }
        }
        return first;
    }

    private static long newest(Collection<Long> chunks) {
        return chunks.stream().reduce(-1L, Math::max);
    }
}
