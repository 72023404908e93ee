package dev.driftdb.materializer.state;

import dev.driftdb.schemas.type.Bytes;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A batch, and what it has changed and not yet written: the newest state of each key it touched.
 * Found by hash; sorted only from when somebody asks for a range until the batch is written.
 */
final class PendingChanges {
    /** The last change of a key: at which offset, and the row, or null for a deletion. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record PendingRow(long offset, byte @Nullable [] row) {
        @Nullable StoredRow stored() {
            return row == null ? null : new StoredRow(offset, row);
        }
    }

    /** The last change of an index key: its entry, or null for a removal. */
    record PendingEntry(@Nullable IndexEntry entry) {}

    private static final byte[] NO_SUFFIX = new byte[0];

    final BatchBytes batch = new BatchBytes();
    private final RocksFiles files;
    private final int current;
    private final int history;
    private final int index;
    private final PendingKeys rows = new PendingKeys(batch);
    private final PendingKeys entries = new PendingKeys(batch);

    /** By whole key. */
    private @Nullable TreeMap<Bytes, PendingRow> sortedRows;

    private @Nullable TreeMap<Bytes, PendingEntry> sortedEntries;

    PendingChanges(RocksFiles files) {
        this.files = files;
        current = files.current.getID();
        history = files.history.getID();
        index = files.index.getID();
    }

    void putRow(int storageId, byte[] key, long offset, byte[] row) {
        int place = batch.put(current, Layout.ID_BYTES + key.length);
        batch.int32(storageId);
        batch.raw(key);
        batch.value(Layout.OFFSET_BYTES + row.length);
        batch.int64(offset);
        batch.raw(row);
        rows.put(place, storageId, key, NO_SUFFIX, offset);
        if (sortedRows != null) {
            sortedRows.put(Bytes.wrap(Layout.key(storageId, key)), new PendingRow(offset, row));
        }
    }

    void removeRow(int storageId, byte[] key, long offset) {
        int place = batch.delete(current, Layout.ID_BYTES + key.length);
        batch.int32(storageId);
        batch.raw(key);
        rows.put(place, storageId, key, NO_SUFFIX, offset);
        if (sortedRows != null) {
            sortedRows.put(Bytes.wrap(Layout.key(storageId, key)), new PendingRow(offset, null));
        }
    }

    void putVersion(int storageId, byte[] key, long offset, byte[] row) {
        putHistoryKey(storageId, key, offset);
        batch.value(1 + row.length);
        batch.int8(Layout.HISTORY_ROW);
        batch.raw(row);
    }

    void putDeletion(int storageId, byte[] key, long offset) {
        putHistoryKey(storageId, key, offset);
        batch.value(1);
        batch.int8(Layout.HISTORY_DELETED);
    }

    private void putHistoryKey(int storageId, byte[] key, long offset) {
        batch.put(history, Layout.ID_BYTES + key.length + Layout.OFFSET_BYTES);
        batch.int32(storageId);
        batch.raw(key);
        batch.int64(~offset);
    }

    void removeDeletion(int storageId, byte[] key, long offset) {
        batch.delete(history, Layout.historyKey(storageId, key, offset));
    }

    void putEntry(IndexEntry entry) {
        byte[] columns = entry.columns().array();
        byte[] rowKey = entry.rowKey().array();
        byte[] suffix = entry.unique() ? NO_SUFFIX : rowKey;
        int place = batch.put(index, Layout.ID_BYTES + columns.length + suffix.length);
        batch.int32(entry.indexId());
        batch.raw(columns);
        batch.raw(suffix);
        if (entry.unique()) {
            batch.value(1 + rowKey.length);
            batch.int8(Layout.ENTRY_UNIQUE);
            batch.raw(rowKey);
        } else {
            batch.value(1 + Integer.BYTES);
            batch.int8(Layout.ENTRY_WITH_ROW_KEY);
            batch.int32(columns.length);
        }
        entries.put(place, entry.indexId(), columns, suffix, 0);
        if (sortedEntries != null) {
            sortedEntries.put(Bytes.wrap(Layout.entryKey(entry)), new PendingEntry(entry));
        }
    }

    void removeEntry(IndexEntry entry) {
        byte[] columns = entry.columns().array();
        byte[] suffix = entry.unique() ? NO_SUFFIX : entry.rowKey().array();
        int place = batch.delete(index, Layout.ID_BYTES + columns.length + suffix.length);
        batch.int32(entry.indexId());
        batch.raw(columns);
        batch.raw(suffix);
        entries.put(place, entry.indexId(), columns, suffix, 0);
        if (sortedEntries != null) {
            sortedEntries.put(Bytes.wrap(Layout.entryKey(entry)), new PendingEntry(null));
        }
    }

    void dropIndex(int indexId) {
        entries.retain(place -> Layout.intAt(batch.key(place), 0) != indexId);
        sortedEntries = null;
        batch.deleteRange(index, Layout.first(indexId), Layout.afterLast(indexId));
    }

    /** The last change of a row, null if the batch did not touch it. */
    @Nullable PendingRow row(int storageId, byte[] key) {
        int place = rows.find(storageId, key, NO_SUFFIX);
        return place == PendingKeys.NONE
                ? null
                : row(batch.key(place), place, rows.offset(storageId, key, NO_SUFFIX));
    }

    private PendingRow row(byte[] wholeKey, int place, long offset) {
        return new PendingRow(
                offset,
                batch.isDelete(place)
                        ? null
                        : Layout.currentRow(batch.value(wholeKey, place)).row());
    }

    /** The last change of what is unique by these columns, null if the batch did not touch it. */
    @Nullable PendingEntry uniqueEntry(int indexId, byte[] columns) {
        int place = entries.find(indexId, columns, NO_SUFFIX);
        return place == PendingKeys.NONE ? null : entry(batch.key(place), place);
    }

    private PendingEntry entry(byte[] wholeKey, int place) {
        return new PendingEntry(
                batch.isDelete(place)
                        ? null
                        : Layout.entry(wholeKey, batch.value(wholeKey, place)));
    }

    /** Whether the batch has put or removed what has the key of this entry. */
    boolean hasTouched(IndexEntry entry) {
        return entries.find(
                        entry.indexId(),
                        entry.columns().array(),
                        entry.unique() ? NO_SUFFIX : entry.rowKey().array())
                != PendingKeys.NONE;
    }

    /** The rows of a storage's range that the batch touched, by whole key. */
    NavigableMap<Bytes, PendingRow> rows(int storageId, KeyRange range) {
        TreeMap<Bytes, PendingRow> sorted = sortedRows;
        if (sorted == null) {
            TreeMap<Bytes, PendingRow> all = new TreeMap<>();
            rows.forEach((place, offset) -> {
                byte[] key = batch.key(place);
                all.put(Bytes.wrap(key), row(key, place, offset));
            });
            sorted = all;
            sortedRows = all;
        }
        return sorted.subMap(
                Bytes.wrap(Layout.lower(storageId, range)),
                true,
                Bytes.wrap(Layout.upper(storageId, range)),
                false);
    }

    NavigableMap<Bytes, PendingEntry> entries(int indexId) {
        return sortedEntries()
                .subMap(
                        Bytes.wrap(Layout.first(indexId)),
                        true,
                        Bytes.wrap(Layout.afterLast(indexId)),
                        false);
    }

    private TreeMap<Bytes, PendingEntry> sortedEntries() {
        TreeMap<Bytes, PendingEntry> sorted = sortedEntries;
        if (sorted == null) {
            TreeMap<Bytes, PendingEntry> all = new TreeMap<>();
            entries.forEachPlace(place -> {
                byte[] key = batch.key(place);
                all.put(Bytes.wrap(key), entry(key, place));
            });
            sorted = all;
            sortedEntries = all;
        }
        return sorted;
    }

    boolean hasEntry(int indexId, KeyRange range) {
        if (entries.isEmpty()) {
            return false;
        }
        Bytes from = Bytes.wrap(Layout.lower(indexId, range));
        Bytes end = Bytes.wrap(Layout.afterLast(indexId));
        for (Map.Entry<Bytes, PendingEntry> pending :
                sortedEntries().subMap(from, true, end, false).entrySet()) {
            IndexEntry entry = pending.getValue().entry();
            if (entry != null && range.contains(entry.columns())) {
                return true;
            }
            if (entry != null
                    && range.to().length() > 0
                    && entry.columns().compareTo(range.to()) >= 0) {
                return false;
            }
        }
        return false;
    }

    /** Tells the cache of rows what has changed. */
    void tell(RowCache cache) {
        RowCache.Writing writing = cache.writing();
        if (writing.isNeeded()) {
            rows.forEach((place, offset) -> {
                byte[] key = batch.key(place);
                writing.written(Bytes.wrap(key), row(key, place, offset).stored());
            });
        }
    }

    /** Writes the batch and begins the next. */
    void write() {
        files.write(batch);
        batch.clear();
        rows.clear();
        entries.clear();
        sortedRows = null;
        sortedEntries = null;
    }
}
