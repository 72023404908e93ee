package dev.driftdb.schemas.log;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.LogRecord.Chunk;
import dev.driftdb.schemas.log.LogRecord.Metadata;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Makes records of bounded size of what a transaction requires and changes, while it comes: chunks
 * as soon as they are full, at the end the entry that gives them effect. What fits one record is
 * the entry alone. One thread.
 *
 * <p>Preconditions and changes fill chunks of their own, and the last ones of either stay on the
 * entry if they fit there. All preconditions are checked at the place of the entry.
 */
public final class Chunker {
    /** Encoded size that a record does not exceed, unless one single row does: 768 KiB. */
    public static final int RECORD_BYTES_TARGET = 768 * 1024;

    /** Key and row of one change (or the keys of one precondition) together: 8 MiB. */
    public static final int ROW_BYTES_MAX = 8 * 1024 * 1024;

    /** No record is longer; the log topic's max.message.bytes must exceed it: 9 MiB. */
    public static final int LOG_RECORD_BYTES_MAX = ROW_BYTES_MAX + 1024 * 1024;

    private final UUID id;
    private final Metadata metadata;
    private final int limitBytes;
    private final Consumer<Chunk> chunks;

    /** Of a record with the metadata alone. */
    private final long emptyBytes;

    private List<Precondition> preconditions = new ArrayList<>();
    private long preconditionBytes;
    private List<Change> changes = new ArrayList<>();
    private long changeBytes;
    private boolean changing;
    private int chunkCount;

    /**
     * Records with {@link #RECORD_BYTES_TARGET}.
     *
     * @param chunks takes each chunk when it is full, in their order
     * @throws SqlException 54000 if the metadata are too large
     */
    public Chunker(UUID id, Metadata metadata, Consumer<Chunk> chunks) {
        this(id, metadata, RECORD_BYTES_TARGET, chunks);
    }

    private Chunker(UUID id, Metadata metadata, int limitBytes, Consumer<Chunk> chunks) {
        this.id = id;
        this.metadata = metadata;
        this.limitBytes = limitBytes;
        this.chunks = chunks;
        this.emptyBytes = RecordSize.upperBound(metadata);
        if (emptyBytes > RECORD_BYTES_TARGET) {
            throw tooLarge("the metadata of the transaction", emptyBytes, RECORD_BYTES_TARGET);
        }
    }

    /**
     * @throws SqlException 54000 if it exceeds {@link #ROW_BYTES_MAX}
     */
    public void add(Precondition precondition) {
        long bytes = checked("a key", RecordSize.upperBound(precondition));
        if (emptyBytes + preconditionBytes + bytes > limitBytes) {
            flushPreconditions();
        }
        preconditions.add(precondition);
        preconditionBytes += bytes;
    }

    /**
     * @throws SqlException 54000 if it exceeds {@link #ROW_BYTES_MAX}
     */
    public void add(Change change) {
        long bytes = checked("a row with its key", RecordSize.upperBound(change));
        if (emptyBytes + changeBytes + bytes > limitBytes) {
            flushChanges();
        }
        changes.add(change);
        changeBytes += bytes;
        changing = true;
    }

    /** Whether anything is changed so far. */
    public boolean hasChanges() {
        return changing;
    }

    /** How many chunks were handed out. */
    public int chunkCount() {
        return chunkCount;
    }

    /** The last record. */
    public TransactionEntry end() {
        if (emptyBytes + preconditionBytes + changeBytes > limitBytes) {
            flushChanges();
        }
        if (emptyBytes + preconditionBytes > limitBytes) {
            flushPreconditions();
        }
        return new TransactionEntry(id, metadata, preconditions, changes, chunkCount);
    }

    private void flushPreconditions() {
        if (!preconditions.isEmpty()) {
            flush(preconditions, List.of());
            preconditions = new ArrayList<>();
            preconditionBytes = 0;
        }
    }

    private void flushChanges() {
        if (!changes.isEmpty()) {
            flush(List.of(), changes);
            changes = new ArrayList<>();
            changeBytes = 0;
        }
    }

    private void flush(List<Precondition> required, List<Change> changed) {
        chunks.accept(new Chunk(id, chunkCount, required, changed));
        chunkCount++;
    }

    private static long checked(String what, long bytes) {
        if (bytes > ROW_BYTES_MAX) {
            throw tooLarge(what, bytes, ROW_BYTES_MAX);
        }
        return bytes;
    }

    private static SqlException tooLarge(String what, long bytes, int maxBytes) {
        return new SqlException(
                SqlState.PROGRAM_LIMIT_EXCEEDED,
                what + " is too large: " + bytes + " bytes, at most " + maxBytes);
    }

    // ---- of a whole transaction ----

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
        List<LogRecord> records = new ArrayList<>();
        Chunker chunker = new Chunker(entry.id(), entry.metadata(), limitBytes, records::add);
        entry.preconditions().forEach(chunker::add);
        entry.changes().forEach(chunker::add);
        records.add(chunker.end());
        return List.copyOf(records);
    }

    /** A transaction in one piece again: what {@link #split} was given. */
    public static TransactionEntry join(List<Chunk> chunks, TransactionEntry end) {
        if (chunks.isEmpty()) {
            return end;
        }
        List<Precondition> preconditions = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        for (Chunk chunk : chunks) {
            preconditions.addAll(chunk.preconditions());
            changes.addAll(chunk.changes());
        }
        preconditions.addAll(end.preconditions());
        changes.addAll(end.changes());
        return new TransactionEntry(end.id(), end.metadata(), preconditions, changes, 0);
    }
}
