package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.snapshot.Snapshot;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.StorageActivity;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A running replica as sessions see it. Safe for any thread. */
public interface Replica extends AutoCloseable {
    /** The last offset folded into the state; -1 while there is none. */
    long appliedOffset();

    /** The catalog at the applied offset. */
    Catalog catalog();

    /** The newest state. */
    ReadView latest();

    /**
     * The state after the entry at an offset.
     *
     * @param checkCanceled called while a read waits for a state older than the history kept here;
     *     throws to give up
     * @throws dev.driftdb.schemas.error.SqlException 22023 for an offset not applied yet
     */
    ReadView asOf(long offset, Runnable checkCanceled);

    /** The same for what cannot be canceled. */
    default ReadView asOf(long offset) {
        return asOf(offset, () -> {});
    }

    /**
     * Drops the history of a storage that only points before an offset show, on this replica alone.
     * Later reads of such points come from snapshots and the log.
     *
     * @param checkCanceled called again and again; throws to end early
     * @return how many versions were dropped
     */
    long vacuum(int storageId, long horizon, Runnable checkCanceled);

    /**
     * Whether what entries up to an offset have forgotten is in no file of this replica's state any
     * more. It becomes true by itself, when the readers of older states have gone.
     */
    boolean isErased(long offset);

    /**
     * Stores a snapshot of the newest state; commits go on meanwhile.
     *
     * @param checkCanceled called again and again; throws to end early
     * @return null while nothing was ever committed
     * @throws dev.driftdb.schemas.error.SqlException 58030 if it cannot be stored
     */
    @Nullable Snapshot takeSnapshot(Runnable checkCanceled);

    /** All that this replica has stored, by offset; lasts as long as the store takes. */
    List<Snapshot> snapshots();

    /**
     * Completes with the outcome of the transaction's entry once this replica has applied it. Must
     * be called before the entry is appended. Completions run on the applying thread: hand over
     * quickly.
     */
    CompletableFuture<Outcome> outcomeOf(UUID transactionId);

    /** Nobody waits for this outcome any longer. */
    void forget(UUID transactionId);

    /**
     * Applies records at once that this process has appended, if they are the next ones; else
     * nothing happens, and they come with those before them by reading the log. Never necessary.
     * Returns when their outcomes are told, on the calling thread.
     *
     * @param records in the order of their offsets, the last entry's chunks not among them
     */
    void offer(List<AppendedRecord> records);

    /** Completes when the applied offset has reached this one. */
    CompletableFuture<Void> awaitOffset(long offset);

    /** What was applied to a storage since this replica's state was opened. */
    StorageActivity activity(int storageId);

    /** How many rows a storage has, roughly and at once. */
    long estimatedRows(int storageId);

    /**
     * The record of the log at an offset, read again; null if it is not to be had: the log does not
     * reach back to it, or this replica has no log to read. Takes a while.
     *
     * @param checkCanceled called while waiting; throws to give up
     */
    default @Nullable LogRecord readRecord(long offset, Runnable checkCanceled) {
        return null;
    }

    /** A hash over catalog and current rows: equal on every replica at the same applied offset. */
    String stateHash();

    @Override
    void close();
}
