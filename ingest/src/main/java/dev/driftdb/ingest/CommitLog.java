package dev.driftdb.ingest;

import dev.driftdb.schemas.log.LogRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The appending end of one database's log. Safe for any thread.
 *
 * <p>What an append means is decided by its place in the log, on each replica; a session waits for
 * its own replica's outcome and needs the future only to learn of failure.
 */
public interface CommitLog extends AutoCloseable {
    /**
     * Appends a transaction: its chunks in order, then its entry (the last record).
     *
     * @return completes with the entry's place once the log has acknowledged it; exceptionally with
     *     {@link dev.driftdb.schemas.error.SqlException} when the entry is certainly not in the
     *     log: 54000 when a record is too large, 57014 when the thread was interrupted, 53000 when
     *     the log cannot be reached or took no more; else with {@link OutcomeUnknownException}: the
     *     entry may or may not be in the log
     */
    CompletableFuture<Appended> append(List<LogRecord> records);

    /**
     * Begins to append a transaction that is too large for one record: its chunks, whose entry is
     * to be appended by {@link #append} when all of them are known to be there.
     */
    Chunks chunks();

    /** The chunks of one transaction on their way into the log. One thread. */
    interface Chunks {
        /**
         * Appends the next one. Waits while more than a few chunks, of all transactions together,
         * are not acknowledged.
         *
         * @param checkCanceled called now and then while waiting; may throw
         * @throws dev.driftdb.schemas.error.SqlException as {@link #append} completes; the entry is
         *     not to be appended then
         */
        void append(LogRecord.Chunk chunk, Runnable checkCanceled);

        /** Returns when all are acknowledged; throws as {@link #append} does. */
        void await(Runnable checkCanceled);
    }

    /**
     * The offset after the last record of the log right now: what a linearizable read waits for.
     *
     * @throws dev.driftdb.schemas.error.SqlException 53000 when the log cannot be reached
     */
    long endOffset();

    @Override
    void close();

    /**
     * An entry in the log.
     *
     * @param offset -1 if the log has it but does not remember where
     * @param timestampMs the log's append time, milliseconds since 1970
     * @param record the record's value as it is in the log; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Appended(long offset, long timestampMs, byte[] record) {}

    /** Nobody told us whether the log has the entry; only the log can. */
    final class OutcomeUnknownException extends RuntimeException {
        public OutcomeUnknownException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
