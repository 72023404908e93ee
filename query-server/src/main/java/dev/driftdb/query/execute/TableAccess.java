package dev.driftdb.query.execute;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Tables as one statement of a transaction sees them: its read view with the transaction's own
 * changes on top, as they were when the statement began; and the way to change them. For the
 * session's own thread only.
 */
public interface TableAccess {
    /** The offset of a {@link StoredRow} or cursor row that this transaction wrote itself. */
    long OWN = Long.MAX_VALUE;

    /** The offset of a row whose entry is on its way into the log. */
    long IN_FLIGHT = Long.MAX_VALUE - 1;

    @Nullable StoredRow get(TableDef table, Bytes key);

    RowCursor scan(TableDef table, KeyRange range, boolean reverse);

    /** Whether {@link #scanIndex} works: false in the past; then scan and filter. */
    boolean hasIndexes();

    /** Rows in the order of an index that is not the primary one. */
    RowCursor scanIndex(TableDef table, IndexDef index, KeyRange range, boolean reverse);

    /** The state at another offset, for FOR SYSTEM_TIME; closed with the statement. */
    ReadView viewAt(long offset);

    /**
     * Stores a new row.
     *
     * @param values one per column number, dropped ones null
     * @return its key
     * @throws dev.driftdb.schemas.error.SqlException 23505 naming constraint and key; 25006 in a
     *     read-only transaction or in the past
     */
    Bytes insert(TableDef table, @Nullable Object[] values);

    /**
     * The key of a row that this one would collide with, or null.
     *
     * @param index the arbiter; null for every unique index
     */
    @Nullable Bytes findConflict(
            TableDef table, @Nullable Object[] values, @Nullable IndexDef index);

    /** Replaces a row that {@link #lock} answered (or this transaction wrote). */
    void update(
            TableDef table, Bytes key, @Nullable Object[] oldValues, @Nullable Object[] newValues);

    void delete(TableDef table, Bytes key, @Nullable Object[] oldValues);

    /**
     * Locks a row for writing and answers its newest version, which under READ COMMITTED may be
     * newer than the statement's view; null when it is gone (or locked, and to be skipped then).
     * The caller re-evaluates its condition when the offset is not the one it saw.
     *
     * @param wait {@link RowWait#NO_WAIT}: 55P03 instead of waiting
     */
    @Nullable StoredRow lock(TableDef table, Bytes key, RowLockStrength strength, RowWait wait);

    /**
     * {@link #lock} for a row that is not going to be written: what the transaction writes besides
     * takes effect only if the row is still as it was locked.
     */
    default @Nullable StoredRow lockToRead(
            TableDef table, Bytes key, RowLockStrength strength, RowWait wait) {
        return lock(table, key, strength, wait);
    }
}
