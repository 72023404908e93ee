package dev.driftdb.query.execute.operator;

import org.jspecify.annotations.Nullable;

/** Rows by key: a hash table with one object per row, in which equal keys are met one by one. */
final class JoinTable {
    private static final int BUCKETS_MIN = 256;

    /** A row in the table. */
    static final class Entry {
        final @Nullable Object key;
        final @Nullable Object[] row;
        final int hash;
        boolean matched;
        private @Nullable Entry inBucket;
        private @Nullable Entry added;

        Entry(@Nullable Object key, int hash, @Nullable Object[] row) {
            this.key = key;
            this.hash = hash;
            this.row = row;
        }
    }

    private @Nullable Entry[] buckets = new @Nullable Entry[BUCKETS_MIN];
    private int size;
    private @Nullable Entry first;
    private @Nullable Entry last;

    int bucketCount() {
        return buckets.length;
    }

    static int hash(Object key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return hash ^ hash >>> 15;
    }

    /**
     * @param key null for a row that is equal to none
     */
    void add(@Nullable Object key, @Nullable Object[] row) {
        Entry entry = new Entry(key, key == null ? 0 : hash(key), row);
        if (last == null) {
            first = entry;
        } else {
            last.added = entry;
        }
        last = entry;
        if (key == null) {
            return;
        }
        if (++size > buckets.length) {
            grow();
        }
        int bucket = entry.hash & buckets.length - 1;
        entry.inBucket = buckets[bucket];
        buckets[bucket] = entry;
    }

    private void grow() {
        @Nullable Entry[] more = new @Nullable Entry[buckets.length * 4];
        for (Entry entry = first; entry != null; entry = entry.added) {
            if (entry.key != null && entry != last) {
                int bucket = entry.hash & more.length - 1;
                entry.inBucket = more[bucket];
                more[bucket] = entry;
            }
        }
        buckets = more;
    }

    boolean isEmpty() {
        return first == null;
    }

    @Nullable Entry find(Object key, int hash) {
        return equal(buckets[hash & buckets.length - 1], key, hash);
    }

    /** The next row with the same key. */
    @Nullable Entry next(Entry entry, Object key, int hash) {
        return equal(entry.inBucket, key, hash);
    }

    private static @Nullable Entry equal(@Nullable Entry from, Object key, int hash) {
        for (Entry entry = from; entry != null; entry = entry.inBucket) {
            if (entry.hash == hash && key.equals(entry.key)) {
                return entry;
            }
        }
        return null;
    }

    /** All rows in the order in which they came. */
    @Nullable Entry first() {
        return first;
    }

    @Nullable Entry after(Entry entry) {
        return entry.added;
    }

    void clear() {
        buckets = new @Nullable Entry[BUCKETS_MIN];
        size = 0;
        first = null;
        last = null;
    }
}
