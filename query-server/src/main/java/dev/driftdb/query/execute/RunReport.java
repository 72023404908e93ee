package dev.driftdb.query.execute;

import org.jspecify.annotations.Nullable;

/** How the operators of one node worked, for EXPLAIN ANALYZE: of several runs the largest. */
public final class RunReport {
    /**
     * A sort.
     *
     * @param bytes of memory, or on disk
     */
    public record Sorted(String method, boolean onDisk, long bytes) {}

    /**
     * A hash table that rows are looked up in.
     *
     * @param buckets of the table
     * @param batches the parts that its rows were split into
     * @param bytes of memory
     */
    public record Hashed(long buckets, int batches, long bytes) {}

    /** A hash table of groups; {@code diskBytes} of rows that waited in files. */
    public record Grouped(int batches, long bytes, long diskBytes) {}

    /** Rows of an INSERT … ON CONFLICT. */
    public record Conflicts(long inserted, long conflicting) {}

    /** Rows that MERGE changed, and those that no clause changed. */
    public record Merged(long inserted, long updated, long deleted, long skipped) {}

    private @Nullable Sorted sorted;
    private @Nullable Hashed hashed;
    private @Nullable Grouped grouped;
    private @Nullable Conflicts conflicts;
    private @Nullable Merged merged;

    public synchronized void sorted(String method, boolean onDisk, long bytes) {
        Sorted before = sorted;
        if (before == null || before.bytes() < bytes || (onDisk && !before.onDisk())) {
            sorted = new Sorted(method, onDisk, bytes);
        }
    }

    public synchronized void hashed(long buckets, int batches, long bytes) {
        Hashed before = hashed == null ? new Hashed(0, 0, 0) : hashed;
        hashed =
                new Hashed(
                        Math.max(before.buckets(), buckets),
                        Math.max(before.batches(), batches),
                        Math.max(before.bytes(), bytes));
    }

    public synchronized void grouped(int batches, long bytes, long diskBytes) {
        Grouped before = grouped == null ? new Grouped(0, 0, 0) : grouped;
        grouped =
                new Grouped(
                        Math.max(before.batches(), batches),
                        Math.max(before.bytes(), bytes),
                        Math.max(before.diskBytes(), diskBytes));
    }

    public synchronized void conflicts(long inserted, long conflicting) {
        conflicts = new Conflicts(inserted, conflicting);
    }

    public synchronized void merged(long inserted, long updated, long deleted, long skipped) {
        merged = new Merged(inserted, updated, deleted, skipped);
    }

    public synchronized @Nullable Sorted sorted() {
        return sorted;
    }

    public synchronized @Nullable Hashed hashed() {
        return hashed;
    }

    public synchronized @Nullable Grouped grouped() {
        return grouped;
    }

    public synchronized @Nullable Conflicts conflicts() {
        return conflicts;
    }

    public synchronized @Nullable Merged merged() {
        return merged;
    }
}
