package dev.driftdb.schemas.log;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.LogRecord.Chunk;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Splits a transaction into records of bounded size: chunks, then the entry that gives them effect.
 *
 * <p>Preconditions stay on the entry if they fit there; otherwise they fill the first chunks. All
 * of them are checked at the place of the entry.
 */
public final class Chunker {
    /** Encoded size that a record does not exceed, unless one single row does: 768 KiB. */
    public static final int RECORD_BYTES_TARGET = 768 * 1024;

    /** Key and row of one change (or the keys of one precondition) together: 8 MiB. */
    public static final int ROW_BYTES_MAX = 8 * 1024 * 1024;

    /** No record is longer; the log topic's max.message.bytes must exceed it: 9 MiB. */
    public static final int LOG_RECORD_BYTES_MAX = ROW_BYTES_MAX + 1024 * 1024;

    private Chunker() {}

    /** The records of a transaction with {@link #RECORD_BYTES_TARGET}. */
    public static List<LogRecord> split(TransactionEntry entry) {
        return split(entry, RECORD_BYTES_TARGET);
    }

    /**
     * The records to append in this order; just the entry if it is small enough.
     *
     * @param limitBytes encoded size that no record exceeds, unless one single row does; at most
     *     {@link #RECORD_BYTES_TARGET}
     * @throws SqlException 54000 if one row exceeds {@link #ROW_BYTES_MAX}
     */
    public static List<LogRecord> split(TransactionEntry entry, int limitBytes) {
        if (entry.chunkCount() != 0) {
            throw new IllegalArgumentException("the entry is chunked already");
        }
        if (limitBytes > RECORD_BYTES_TARGET) {
            throw new IllegalArgumentException("a limit of " + limitBytes + " bytes");
        }
        long metadata = RecordSize.upperBound(entry.metadata());
        if (metadata > RECORD_BYTES_TARGET) {
            throw tooLarge("the metadata of the transaction", metadata, RECORD_BYTES_TARGET);
        }
        long preconditions = RecordSize.ofPreconditions(entry.preconditions());
        if (metadata + preconditions + RecordSize.ofChanges(entry.changes()) <= limitBytes) {
            return List.of(entry);
        }
        boolean keepPreconditions = metadata + preconditions <= limitBytes;
        Packer packer = new Packer(entry.id(), limitBytes, metadata);
        if (!keepPreconditions) {
            for (Precondition precondition : entry.preconditions()) {
                packer.add(precondition);
            }
        }
        for (Change change : entry.changes()) {
            packer.add(change);
        }
        packer.flush();
        List<LogRecord> records = packer.records;
        records.add(
                new TransactionEntry(
                        entry.id(),
                        entry.metadata(),
                        keepPreconditions ? entry.preconditions() : List.of(),
                        List.of(),
                        records.size()));
        return List.copyOf(records);
    }

    private static SqlException tooLarge(String what, long bytes, int maxBytes) {
        return new SqlException(
                SqlState.PROGRAM_LIMIT_EXCEEDED,
                what + " is too large: " + bytes + " bytes, at most " + maxBytes);
    }

    /** Fills one chunk after the other. */
    private static final class Packer {
        final List<LogRecord> records = new ArrayList<>();
        private final UUID id;
        private final int limitBytes;
        private final long emptyBytes;
        private List<Precondition> preconditions = new ArrayList<>();
        private List<Change> changes = new ArrayList<>();
        private long sizeBytes;

        Packer(UUID id, int limitBytes, long emptyBytes) {
            this.id = id;
            this.limitBytes = limitBytes;
            this.emptyBytes = emptyBytes;
            this.sizeBytes = emptyBytes;
        }

        void add(Precondition precondition) {
            makeRoom("a key", RecordSize.upperBound(precondition));
            preconditions.add(precondition);
        }

        void add(Change change) {
            makeRoom("a row with its key", RecordSize.upperBound(change));
            changes.add(change);
        }

        private void makeRoom(String what, long itemBytes) {
            if (itemBytes > ROW_BYTES_MAX) {
                throw tooLarge(what, itemBytes, ROW_BYTES_MAX);
            }
            if (sizeBytes + itemBytes > limitBytes) {
                flush();
            }
            sizeBytes += itemBytes;
        }

        void flush() {
            if (preconditions.isEmpty() && changes.isEmpty()) {
                return;
            }
            records.add(new Chunk(id, records.size(), preconditions, changes));
            preconditions = new ArrayList<>();
            changes = new ArrayList<>();
            sizeBytes = emptyBytes;
        }
    }
}
