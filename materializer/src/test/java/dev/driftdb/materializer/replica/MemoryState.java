package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.IndexEntry;
import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReplicaState;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.materializer.state.UnfinishedEntry;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A replica's state in maps, as plain as can be, for simulations. What was written survives a
 * {@link #crash}. History is kept as a hash only.
 */
public final class MemoryState implements ReplicaState {
    /** A key of a storage or an index. */
    private record Key(int id, Bytes key) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            return id == other.id ? key.compareTo(other.key) : Integer.compare(id, other.id);
        }
    }

    private record ChunkKey(UUID transactionId, int number) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record StoredChunk(long offset, byte[] value) {}

    /** What besides the maps a crash brings back. */
    private record Written(
            Catalog catalog,
            long lastTimestampMs,
            long historyHash,
            long entriesHash,
            @Nullable UnfinishedEntry unfinished) {}

    /** What a key of a map had before. */
    private record Undo<K, V>(Map<K, V> map, K key, @Nullable V old) {
        void run() {
            if (old == null) {
                map.remove(key);
            } else {
                map.put(key, old);
            }
        }
    }

    /** Above what writers of the simulation take from a first chunk to its entry. */
    private static final long CHUNK_AGE_OFFSETS = 5_000;

    /** Further back than what writers of the simulation go on from. */
    private static final int TRANSACTIONS_KEPT = 100_000;

    private final int partOperations;
    private final boolean crashes;
    private final TreeMap<Key, StoredRow> rows = new TreeMap<>();
    private final TreeMap<Key, IndexEntry> entries = new TreeMap<>();

    /** When a key was last put or removed. */
    private final TreeMap<Key, Long> changes = new TreeMap<>();

    /** The part of the hash of all versions that each key has. */
    private final Map<Key, Long> histories = new HashMap<>();

    /** The last entry that forgot rows of a storage. */
    private final Map<Integer, Long> forgotten = new HashMap<>();

    private final Map<ChunkKey, StoredChunk> chunks = new HashMap<>();
    private final Map<String, Long> sources = new HashMap<>();

    /** The same again after a crash, when the log is read again. */
    private final Map<Long, UUID> transactions = new HashMap<>();

    /** The same. */
    private final TreeMap<Long, Long> times = new TreeMap<>();

    /** Newest last; since the last write. */
    private final List<Undo<?, ?>> undos = new ArrayList<>();

    private Catalog catalog = Catalog.EMPTY;
    private long lastTimestampMs = Long.MIN_VALUE;

    /** Of all versions and deletion marks, in any order. */
    private long historyHash;

    /** Of what is remembered of entries. */
    private long entriesHash;

    private Written written = new Written(catalog, lastTimestampMs, 0, 0, null);
    private @Nullable UnfinishedEntry unfinished;
    private int operations;
    private long appliedOffset = -1;
    private long lastSweep;

    /**
     * @param partOperations a large entry is written in parts of so many changes of rows and
     *     entries
     * @param crashes whether it can crash
     */
    public MemoryState(int partOperations, boolean crashes) {
        this.partOperations = partOperations;
        this.crashes = crashes;
    }

    void crash() {
        if (!crashes) {
            throw new IllegalStateException("what was written is not remembered");
        }
        undos.reversed().forEach(Undo::run);
        undos.clear();
        catalog = written.catalog();
        lastTimestampMs = written.lastTimestampMs();
        historyHash = written.historyHash();
        entriesHash = written.entriesHash();
        unfinished = written.unfinished();
        operations = 0;
    }

    private <K, V> void set(Map<K, V> map, K key, @Nullable V value) {
        V old = value == null ? map.remove(key) : map.put(key, value);
        if (crashes) {
            undos.add(new Undo<>(map, key, old));
        }
    }

    /** The rows of a storage in the order of their keys. */
    public List<StoredRow> stored(int storageId) {
        return List.copyOf(range(rows, storageId, KeyRange.ALL).values());
    }

    /** The keys of the rows that an index has, in its order. */
    public List<Bytes> indexed(int indexId) {
        return range(entries, indexId, KeyRange.ALL).values().stream()
                .map(IndexEntry::rowKey)
                .toList();
    }

    /** Equal for states of the same offset, and for no others. */
    public String content() {
        StringBuilder text = new StringBuilder();
        rows.forEach((key, row) ->
                text.append(key).append(row.offset()).append(Arrays.toString(row.row())));
        text.append(entries)
                .append(changes)
                .append(new TreeMap<>(sources))
                .append(historyHash)
                .append(' ')
                .append(entriesHash);
        return text.toString();
    }

    private static <T> Map<Key, T> range(TreeMap<Key, T> map, int id, KeyRange range) {
        Key from = new Key(id, range.from());
        Key to = range.to().length() == 0 ? new Key(id + 1, Bytes.EMPTY) : new Key(id, range.to());
        return map.subMap(from, to);
    }

    private static Key entryKey(IndexEntry entry) {
        if (entry.unique()) {
            return new Key(entry.indexId(), entry.columns());
        }
        byte[] columns = entry.columns().array();
        byte[] rowKey = entry.rowKey().array();
        byte[] key = Arrays.copyOf(columns, columns.length + rowKey.length);
        System.arraycopy(rowKey, 0, key, columns.length, rowKey.length);
        return new Key(entry.indexId(), Bytes.wrap(key));
    }

    // ---- reading ----

    @Override
    public Catalog catalog() {
        return catalog;
    }

    @Override
    public @Nullable StoredRow row(int storageId, Bytes key) {
        return rows.get(new Key(storageId, key));
    }

    @Override
    public @Nullable IndexEntry uniqueEntry(int indexId, Bytes columns) {
        return entries.get(new Key(indexId, columns));
    }

    @Override
    public boolean hasRows(int storageId, KeyRange range) {
        return !range(rows, storageId, range).isEmpty();
    }

    @Override
    public boolean hasEntries(int indexId, KeyRange range) {
        for (IndexEntry entry : range(entries, indexId, KeyRange.ALL).values()) {
            if (range.contains(entry.columns())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean changedAfter(int storageId, KeyRange range, long offset) {
        if (forgotten.getOrDefault(storageId, -1L) > offset) {
            return true;
        }
        for (long change : range(changes, storageId, range).values()) {
            if (change > offset) {
                return true;
            }
        }
        return false;
    }

    @Override
    public long sourceOffset(String topic, int partition) {
        return sources.getOrDefault(topic + partition, NO_SOURCE_OFFSET);
    }

    @Override
    public boolean isTooOld(long offset, long timestampMs) {
        Map.Entry<Long, Long> entry = times.floorEntry(offset);
        if (entry == null) {
            entry = times.firstEntry();
        }
        return entry != null && entry.getValue() <= timestampMs - CONFLICT_WINDOW_MS;
    }

    @Override
    public @Nullable UUID transactionAt(long offset) {
        return transactions.get(offset);
    }

    @Override
    public boolean hasChunks(UUID transactionId, int count, long entryOffset) {
        for (int number = 0; number < count; number++) {
            if (!chunks.containsKey(new ChunkKey(transactionId, number))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public LogRecord.Chunk chunk(UUID transactionId, int number) {
        StoredChunk chunk = chunks.get(new ChunkKey(transactionId, number));
        if (chunk == null || !(LogCodec.decode(chunk.value()) instanceof LogRecord.Chunk decoded)) {
            throw new IllegalStateException("no chunk " + number + " of " + transactionId);
        }
        return decoded;
    }

    @Override
    public RowCursor rows(int storageId) {
        Iterator<Map.Entry<Key, StoredRow>> all =
                new TreeMap<>(range(rows, storageId, KeyRange.ALL)).entrySet().iterator();
        return new RowCursor() {
            private Map.@Nullable Entry<Key, StoredRow> row;

            @Override
            public boolean next() {
                row = all.hasNext() ? all.next() : null;
                return row != null;
            }

            private Map.Entry<Key, StoredRow> require() {
                if (row == null) {
                    throw new IllegalStateException("the cursor stands on no row");
                }
                return row;
            }

            @Override
            public byte[] key() {
                return require().getKey().key().array();
            }

            @Override
            public byte[] row() {
                return require().getValue().row();
            }

            @Override
            public long offset() {
                return require().getValue().offset();
            }

            @Override
            public void close() {
                row = null;
            }
        };
    }

    @Override
    public EntryCursor entries(int indexId) {
        Iterator<IndexEntry> all =
                new ArrayList<>(range(entries, indexId, KeyRange.ALL).values()).iterator();
        return new EntryCursor() {
            private @Nullable IndexEntry entry;

            @Override
            public boolean next() {
                entry = all.hasNext() ? all.next() : null;
                return entry != null;
            }

            @Override
            public IndexEntry entry() {
                if (entry == null) {
                    throw new IllegalStateException("the cursor stands on no entry");
                }
                return entry;
            }

            @Override
            public void close() {
                entry = null;
            }
        };
    }

    // ---- writing ----

    @Override
    public void putRow(int storageId, Bytes key, long offset, byte[] row) {
        Key whole = new Key(storageId, key);
        set(rows, whole, new StoredRow(offset, row));
        set(changes, whole, offset);
        operations++;
    }

    @Override
    public void removeRow(int storageId, Bytes key, long offset) {
        Key whole = new Key(storageId, key);
        set(rows, whole, null);
        set(changes, whole, offset);
        operations++;
    }

    @Override
    public void keepVersion(int storageId, Bytes key, StoredRow old) {
        addHistory(
                new Key(storageId, key),
                historyHash(storageId, key, old.offset(), Arrays.hashCode(old.row())));
    }

    @Override
    public void keepDeletion(int storageId, Bytes key, long offset) {
        addHistory(new Key(storageId, key), historyHash(storageId, key, offset, 0));
    }

    @Override
    public void forgetDeletion(int storageId, Bytes key, long offset) {
        if (changes.getOrDefault(new Key(storageId, key), -1L) == offset) {
            addHistory(new Key(storageId, key), -historyHash(storageId, key, offset, 0));
        }
    }

    private void addHistory(Key key, long hash) {
        historyHash += hash;
        set(histories, key, histories.getOrDefault(key, 0L) + hash);
    }

    @Override
    public void forgetHistory(int storageId, Bytes key, long offset) {
        Key whole = new Key(storageId, key);
        addHistory(whole, -histories.getOrDefault(whole, 0L));
        set(changes, whole, null);
        set(forgotten, storageId, offset);
        operations++;
    }

    private static long historyHash(int storageId, Bytes key, long offset, int row) {
        return ((31L * storageId + key.hashCode()) * 1_000_003 + offset) * 0x9E3779B97F4A7C15L
                + row;
    }

    @Override
    public void putEntry(IndexEntry entry) {
        set(entries, entryKey(entry), entry);
        operations++;
    }

    @Override
    public void removeEntry(IndexEntry entry) {
        Key key = entryKey(entry);
        if (entry.equals(entries.get(key))) {
            set(entries, key, null);
        }
        operations++;
    }

    @Override
    public void dropIndex(int indexId) {
        range(entries, indexId, KeyRange.ALL).clear();
    }

    @Override
    public void setCatalog(Catalog changed) {
        catalog = changed;
    }

    @Override
    public void setSourceOffset(String topic, int partition, long offset) {
        set(sources, topic + partition, offset);
    }

    @Override
    public void putChunk(UUID transactionId, int number, long offset, byte[] chunk) {
        set(chunks, new ChunkKey(transactionId, number), new StoredChunk(offset, chunk));
    }

    @Override
    public void removeChunks(UUID transactionId, int count) {
        for (int number = 0; number < count; number++) {
            set(chunks, new ChunkKey(transactionId, number), null);
        }
    }

    @Override
    public void putEntryInfo(EntryInfo info) {
        lastTimestampMs = info.timestampMs();
        entriesHash = 31 * entriesHash + info.hashCode();
        transactions.put(info.offset(), info.transactionId());
        transactions.remove(info.offset() - TRANSACTIONS_KEPT);
        times.put(info.offset(), info.timestampMs());
        times.remove(info.offset() - TRANSACTIONS_KEPT);
    }

    @Override
    public boolean isPartFull() {
        return operations >= partOperations;
    }

    @Override
    public void writePart(UnfinishedEntry part) {
        keep(part);
    }

    @Override
    public @Nullable UnfinishedEntry unfinished() {
        return unfinished;
    }

    @Override
    public long appliedOffset() {
        return appliedOffset;
    }

    @Override
    public long lastTimestampMs() {
        return lastTimestampMs;
    }

    @Override
    public long pendingBytes() {
        return 0;
    }

    @Override
    public void write(long offset, UUID transactionId) {
        appliedOffset = offset;
        unfinished = null;
        keep(null);
        if (offset - lastSweep > CHUNK_AGE_OFFSETS) {
            lastSweep = offset;
            // Those whose entry never comes.
            chunks.values().removeIf(chunk -> offset - chunk.offset() > CHUNK_AGE_OFFSETS);
        }
    }

    private void keep(@Nullable UnfinishedEntry part) {
        operations = 0;
        undos.clear();
        written = new Written(catalog, lastTimestampMs, historyHash, entriesHash, part);
    }
}
