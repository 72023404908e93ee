package dev.driftdb.materializer.state;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Storages that are read as a whole again and again without being changed, on the heap, and indexes
 * in which much is looked up: a scan of them costs a tenth of one through RocksDB. The first change
 * lets them go. Safe for any thread.
 *
 * <p>Its one danger is a reader that puts an old state in after the writer has changed it. So the
 * writer announces its offset ({@link #beginWrite}), then names the storages it changes, and only
 * then writes; a reader's rows are taken only if no change was named that its view does not have.
 */
final class ScanCache {
    /** Scans without a change between them before the rows are kept. */
    private static final int SCANS_MIN = 2;

    /** The most scans that are asked for after rows were kept for nothing. */
    private static final int SCANS_MAX = 64;

    /** Lookups in an index after which it is asked for its size. */
    private static final int LOOKUPS_MIN = 256;

    /** So many entries are read in about the time that one lookup takes through RocksDB. */
    private static final int ENTRIES_PER_LOOKUP = 16;

    /** Larger indexes would keep a core busy for more than about a second. */
    private static final long ENTRIES_MAX = 2_000_000;

    /** Storages at points of the past whose scans are counted. */
    private static final int PAST_MAX = 256;

    /** Keys of indexes are told from those of storages by this bit. */
    private static final long INDEX = 1L << Integer.SIZE;

    private final long bytesMax;
    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();
    private final Map<PastKey, Entry> pastEntries = new ConcurrentHashMap<>();

    /** The newest entry that took rows out of the past of a storage. */
    private final Map<Integer, Long> forgotten = new ConcurrentHashMap<>();

    private final AtomicBoolean filling = new AtomicBoolean();
    private final AtomicLong uses = new AtomicLong();
    private volatile long writtenOffset;
    private volatile boolean empty = true;
    private volatile boolean closed;

    ScanCache(long bytesMax, long offset) {
        this.bytesMax = bytesMax;
        this.writtenOffset = offset;
    }

    /** A storage as it was after the entry at an offset: nothing changes that. */
    private record PastKey(int storageId, long offset) {}

    /** What is known of a storage that was scanned; changed under its own lock. */
    private static final class Entry {
        volatile @Nullable CachedTable table;
        volatile long lastUse;

        /** No change came after this one. */
        long lastChange;

        int scans;

        /** Of an index; 0 if that is not known yet. */
        int lookupsWanted;

        int scansWanted = SCANS_MIN;
        boolean used;
    }

    /** A storage's rows if they are here and true for a view at an offset. */
    @Nullable CachedTable find(int storageId, long viewOffset) {
        return empty ? null : find((long) storageId, viewOffset);
    }

    /** As {@link #find}: index keys and the keys of their rows. */
    @Nullable CachedTable findIndex(int indexId, long viewOffset) {
        return empty ? null : find(INDEX | indexId, viewOffset);
    }

    /**
     * A storage's rows as they were after the entry at an offset, which the caller's state has, if
     * they are here.
     */
    @Nullable CachedTable findPast(int storageId, long offset) {
        if (empty) {
            return null;
        }
        CachedTable unchanged = find((long) storageId, offset);
        return unchanged != null
                ? unchanged
                : find(pastEntries.get(new PastKey(storageId, offset)), offset);
    }

    private @Nullable CachedTable find(long id, long viewOffset) {
        return find(entries.get(id), viewOffset);
    }

    private @Nullable CachedTable find(@Nullable Entry entry, long viewOffset) {
        CachedTable table = entry == null ? null : entry.table;
        if (entry == null || table == null || table.validFrom > viewOffset) {
            return null;
        }
        entry.used = true;
        entry.lastUse = uses.incrementAndGet();
        return table;
    }

    /**
     * A whole storage is about to be read: what takes its rows, or null if they are not wanted. One
     * at a time; it is given back by {@link Filling#close}.
     */
    @Nullable Filling fill(int storageId, long viewOffset) {
        if (bytesMax == 0) {
            return null;
        }
        Entry entry = entry((long) storageId);
        synchronized (entry) {
            return ++entry.scans < entry.scansWanted ? null : begin(entry, viewOffset);
        }
    }

    /**
     * As {@link #fill} for a whole storage as it was after the entry at an offset.
     *
     * @param stateOffset of the state that is read
     */
    @Nullable Filling fillPast(int storageId, long offset, long stateOffset) {
        if (bytesMax == 0 || stateOffset < forgotten.getOrDefault(storageId, -1L)) {
            return null;
        }
        Entry entry = pastEntries.computeIfAbsent(new PastKey(storageId, offset), key -> past());
        entry.lastUse = uses.incrementAndGet();
        if (pastEntries.size() > PAST_MAX) {
            forgetPast(entry.lastUse - PAST_MAX);
        }
        synchronized (entry) {
            return ++entry.scans < entry.scansWanted ? null : begin(entry, offset);
        }
    }

    /** A point that is read once as a whole is mostly read again, and nothing changes it. */
    private static Entry past() {
        Entry entry = new Entry();
        entry.scansWanted = 1;
        return entry;
    }

    private void forgetPast(long lastUse) {
        pastEntries.values().removeIf(entry -> entry.lastUse < lastUse);
    }

    /**
     * The entry at an offset, which is announced and not yet written, takes rows out of the past of
     * a storage: what readers of older states have put in, or still would, is not for others.
     */
    void forget(int storageId, long offset) {
        forgotten.put(storageId, offset);
        pastEntries.forEach((key, entry) -> {
            if (key.storageId() == storageId) {
                synchronized (entry) {
                    entry.lastChange = Long.MAX_VALUE;
                    entry.table = null;
                }
                pastEntries.remove(key, entry);
            }
        });
    }

    /**
     * Something is looked up in an index: what takes all of it, for any thread, or null if that is
     * not worth it yet.
     *
     * @param size how many entries it has, roughly
     */
    @Nullable Filling fillIndex(int indexId, long viewOffset, LongSupplier size) {
        if (bytesMax == 0) {
            return null;
        }
        Entry entry = entry(INDEX | indexId);
        synchronized (entry) {
            if (++entry.scans < Math.max(LOOKUPS_MIN, entry.lookupsWanted)) {
                return null;
            }
            if (entry.lookupsWanted > 0) {
                return begin(entry, viewOffset);
            }
        }
        long entriesThere = size.getAsLong();
        synchronized (entry) {
            entry.lookupsWanted =
                    entriesThere > ENTRIES_MAX
                            ? Integer.MAX_VALUE
                            : (int) Math.max(LOOKUPS_MIN, entriesThere / ENTRIES_PER_LOOKUP);
        }
        return null;
    }

    private Entry entry(long id) {
        Entry entry = entries.get(id);
        if (entry == null) {
            Entry made = new Entry();
            synchronized (made) {
                // Changes from now on are named to it; before, there may have been some that this
                // view does not have.
                entry = entries.putIfAbsent(id, made);
                if (entry == null) {
                    made.lastChange = writtenOffset;
                    entry = made;
                }
            }
        }
        return entry;
    }

    private @Nullable Filling begin(Entry entry, long viewOffset) {
        return entry.lastChange > viewOffset
                        || entry.table != null
                        || !filling.compareAndSet(false, true)
                ? null
                : new Filling(entry, viewOffset);
    }

    /** The rows of a storage as they come by. For one thread. */
    final class Filling implements AutoCloseable {
        private final Entry entry;
        private final long viewOffset;
        private CachedTable.@Nullable Builder builder = new CachedTable.Builder(bytesMax);

        private Filling(Entry entry, long viewOffset) {
            this.entry = entry;
            this.viewOffset = viewOffset;
        }

        /** False when it wants no more. */
        boolean add(byte[] key, StoredRow row) {
            if (closed) {
                builder = null;
            } else if (builder != null && !builder.add(key, row)) {
                builder = null;
                synchronized (entry) {
                    entry.scans = 0;
                    entry.scansWanted = SCANS_MAX;
                    entry.lookupsWanted = Integer.MAX_VALUE;
                }
            }
            return builder != null;
        }

        /** All rows have come by. */
        void complete() {
            CachedTable.Builder rows = builder;
            if (rows == null) {
                return;
            }
            synchronized (entry) {
                if (entry.lastChange > viewOffset) {
                    return;
                }
                entry.table = rows.build(entry.lastChange);
                entry.used = false;
                entry.lastUse = uses.incrementAndGet();
                empty = false;
            }
            makeRoom();
        }

        @Override
        public void close() {
            builder = null;
            filling.set(false);
        }
    }

    /** Lets those go that were not used for the longest time. */
    private synchronized void makeRoom() {
        while (true) {
            long bytes = 0;
            Entry oldest = null;
            for (Map<?, Entry> all : List.of(entries, pastEntries)) {
                for (Entry entry : all.values()) {
                    CachedTable table = entry.table;
                    if (table != null) {
                        bytes += table.bytes;
                        if (oldest == null || entry.lastUse < oldest.lastUse) {
                            oldest = entry;
                        }
                    }
                }
            }
            if (bytes <= bytesMax || oldest == null) {
                return;
            }
            synchronized (oldest) {
                oldest.table = null;
                oldest.scans = 0;
            }
        }
    }

    /** Nothing is filled any more: who is filling it stops soon. */
    void close() {
        closed = true;
    }

    void beginWrite(long offset) {
        writtenOffset = offset;
    }

    /** A storage changes with the entry at an offset, which is announced and not yet written. */
    void changed(int storageId, long offset) {
        changed((long) storageId, offset);
    }

    /** As {@link #changed} for an index. */
    void indexChanged(int indexId, long offset) {
        changed(INDEX | indexId, offset);
    }

    private void changed(long id, long offset) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return;
        }
        synchronized (entry) {
            entry.lastChange = Math.max(entry.lastChange, offset);
            entry.scans = 0;
            entry.lookupsWanted = 0;
            if (entry.table != null) {
                entry.scansWanted =
                        entry.used ? SCANS_MIN : Math.min(SCANS_MAX, 2 * entry.scansWanted);
                entry.table = null;
            }
        }
    }
}
