package dev.driftdb.materializer.state;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The state after the entry at one offset, unmoved by what is applied meanwhile. Safe for one
 * thread at a time; close it to let the replica forget.
 */
public interface ReadView extends AutoCloseable {
    /** The offset whose state this is; -1 before the first entry. */
    long offset();

    /** The catalog at that offset. */
    Catalog catalog();

    /** The row under a key, or null if there is none at that offset. */
    @Nullable StoredRow get(int storageId, Bytes key);

    /** Rows in key order (or its reverse) inside a range, each with its key and offset. */
    RowCursor scan(int storageId, KeyRange range, boolean reverse);

    /**
     * The keys of rows in the order of an index (or its reverse). Only while {@link #hasIndexes()}.
     */
    IndexCursor scanIndex(int indexId, KeyRange range, boolean reverse);

    /** Whether index entries are true for this view: false for views of the past. */
    boolean hasIndexes();

    /**
     * Every version of the rows in a range of keys that was live at some offset in [from, to]: in
     * the order of keys, oldest first, deletions included as ends.
     *
     * @throws dev.driftdb.schemas.error.SqlException 22023 if {@code fromOffset} is before the
     *     {@link #horizon}
     */
    VersionCursor versions(int storageId, KeyRange range, long fromOffset, long toOffset);

    /**
     * From which offset on {@link #versions} knows those of a storage: -1 for all. Other reads
     * reach behind it.
     */
    long horizon(int storageId);

    /** What the log said of the entry at an offset, or null if there is none. */
    @Nullable EntryInfo entry(long offset);

    /** The last offset whose entry was appended at or before a time; -1 if there is none. */
    long offsetAt(long timestampMs);

    @Override
    void close();
}
