package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;

/**
 * Counts what one transaction holds on the heap, and takes it from what all may hold. For the
 * session's thread only.
 */
final class TransactionBytes {
    /** A transaction takes so much at a time; the first of it is not counted with the others'. */
    private static final long STEP_BYTES = 256 << 10;

    private static final long ARRAY_BYTES = 16;
    private static final long KEY_BYTES = 24 + ARRAY_BYTES;

    /** An {@link OwnRow} and its places in {@link OwnRows}, which grow by half. */
    private static final long ROW_BYTES = 24 + 16;

    /** A {@link OwnRow.Version} and its place in the {@link UndoLog}. */
    private static final long VERSION_BYTES = 24 + 8;

    private static final long BASE_BYTES = 24 + ARRAY_BYTES;

    /** With its target, its place in the table of locks and in the owner's list. */
    private static final long LOCK_BYTES = 112;

    /** With its node and what takes it back. */
    private static final long INDEX_ENTRY_BYTES = 96 + KEY_BYTES;

    private static final long PRECONDITION_BYTES = 128 + KEY_BYTES;

    private final TransactionMemory all;
    private long bytes;
    private long taken;

    TransactionBytes(TransactionMemory all) {
        this.all = all;
    }

    long bytes() {
        return bytes;
    }

    /** Of the newest version of a row, and of the row itself with its first one. */
    static long ofVersion(OwnRow row, byte[] newest, boolean first) {
        return newest.length + ARRAY_BYTES + ofDeletion(row, first);
    }

    static long ofDeletion(OwnRow row, boolean first) {
        if (!first) {
            return VERSION_BYTES;
        }
        return VERSION_BYTES
                + ROW_BYTES
                + KEY_BYTES
                + row.key.length()
                + (row.base == null ? 0 : BASE_BYTES + row.base.row().length);
    }

    static long ofLocks(long count) {
        return LOCK_BYTES * count;
    }

    static long ofIndexEntry(Bytes indexKey) {
        return INDEX_ENTRY_BYTES + indexKey.length();
    }

    static long ofPrecondition() {
        return PRECONDITION_BYTES;
    }

    /**
     * @throws SqlException 53200 when this transaction, or all together, would hold too much
     */
    void add(long more) {
        bytes += more;
        if (bytes > taken + STEP_BYTES) {
            take(more);
        }
    }

    private void take(long more) {
        long wanted = Math.max(STEP_BYTES, more);
        long own = all.transactionBytesMax();
        if (taken + wanted > own) {
            bytes -= more;
            throw refused("This transaction may hold at most " + own + " bytes.");
        }
        if (!all.take(wanted)) {
            bytes -= more;
            throw refused("All transactions may hold at most " + all.bytesMax() + " bytes.");
        }
        taken += wanted;
    }

    private static SqlException refused(String detail) {
        return new SqlException(SqlState.OUT_OF_MEMORY, "out of memory for what transactions write")
                .withDetail(detail)
                .withHint(
                        "Commit in smaller parts, or give the server a larger heap"
                                + " (DRIFTDB_HEAP).");
    }

    void subtract(long less) {
        bytes -= less;
        long spare = taken - bytes;
        if (spare > 4 * STEP_BYTES) {
            all.give(spare);
            taken -= spare;
        }
    }

    /** The transaction is over. */
    void release() {
        all.give(taken);
        taken = 0;
        bytes = 0;
    }
}
