package dev.driftdb.materializer.state;

import dev.driftdb.schemas.type.Bytes;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a batch has changed and not yet written: the newest state of each key it touched. Keys are
 * whole keys of the column families.
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

    final TreeMap<Bytes, PendingRow> rows = new TreeMap<>();
    final TreeMap<Bytes, PendingEntry> entries = new TreeMap<>();

    /** The rows of a storage's range that the batch touched. */
    NavigableMap<Bytes, PendingRow> rows(int storageId, KeyRange range) {
        return rows.subMap(
                Bytes.wrap(Layout.lower(storageId, range)),
                true,
                Bytes.wrap(Layout.upper(storageId, range)),
                false);
    }

    NavigableMap<Bytes, PendingEntry> entries(int indexId) {
        return entries.subMap(
                Bytes.wrap(Layout.first(indexId)),
                true,
                Bytes.wrap(Layout.afterLast(indexId)),
                false);
    }

    boolean hasEntry(int indexId, KeyRange range) {
        if (entries.isEmpty()) {
            return false;
        }
        Bytes from = Bytes.wrap(Layout.lower(indexId, range));
        Bytes end = Bytes.wrap(Layout.afterLast(indexId));
        for (Map.Entry<Bytes, PendingEntry> pending :
                entries.subMap(from, true, end, false).entrySet()) {
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

    void clear() {
        rows.clear();
        entries.clear();
    }
}
