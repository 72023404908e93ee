package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.RocksTableState;
import dev.driftdb.materializer.state.StateHash;
import dev.driftdb.materializer.state.StorageActivity;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What all replicas share: everything but where the log comes from. */
abstract sealed class StateReplica implements Replica permits KafkaReplica, LocalReplica {
    final RocksTableState state;
    final LogProcessor processor;
    private final Waiters waiters;

    /**
     * @param fill puts a snapshot's files where there is no state, or nothing
     */
    StateReplica(Path directory, ReplicaSettings settings, LogSync sync, Consumer<Path> fill) {
        state = open(directory, settings, fill);
        waiters = new Waiters(state.appliedOffset());
        processor = new LogProcessor(state, waiters, sync);
        var _ =
                state.damage()
                        .thenAccept(cause ->
                                processor.stop(
                                        "its state is damaged and will be made anew from the log"
                                                + " at the next start",
                                        cause));
    }

    /** Damage may come out when the catalog is read: then the state is begun anew. */
    private static RocksTableState open(
            Path directory, ReplicaSettings settings, Consumer<Path> fill) {
        try {
            return new RocksTableState(directory, settings, fill);
        } catch (SqlException e) {
            if (e.state() != SqlState.DATA_CORRUPTED) {
                throw e;
            }
            return new RocksTableState(directory, settings, fill);
        }
    }

    @Override
    public final long appliedOffset() {
        return state.appliedOffset();
    }

    @Override
    public final Catalog catalog() {
        return state.appliedCatalog();
    }

    @Override
    public final ReadView latest() {
        return state.latest();
    }

    @Override
    public final ReadView asOf(long offset, Runnable checkCanceled) {
        return state.asOf(offset, checkCanceled);
    }

    @Override
    public final long vacuum(int storageId, long horizon, Runnable checkCanceled) {
        return state.vacuum(storageId, horizon, checkCanceled);
    }

    @Override
    public final boolean isErased(long offset) {
        return state.isErased(offset);
    }

    @Override
    public final void offer(List<AppendedRecord> records) {
        processor.offer(records);
    }

    @Override
    public final CompletableFuture<Outcome> outcomeOf(UUID transactionId) {
        return waiters.outcomeOf(transactionId);
    }

    @Override
    public final StorageActivity activity(int storageId) {
        return state.activity(storageId);
    }

    @Override
    public final long estimatedRows(int storageId) {
        return state.estimatedRows(storageId);
    }

    @Override
    public final void forget(UUID transactionId) {
        waiters.forget(transactionId);
    }

    @Override
    public final CompletableFuture<Void> awaitOffset(long offset) {
        return waiters.awaitOffset(offset);
    }

    @Override
    public final String stateHash() {
        try (ReadView view = latest()) {
            return StateHash.of(view);
        }
    }

    /**
     * Completes with the cause if the replica has stopped because it could not go on: a log format
     * of the future, an entry that contradicts the state, a disk error. What was applied before can
     * still be read.
     */
    public final CompletableFuture<Throwable> failure() {
        return processor.failure();
    }

    /** Ends waiting and the state, after the log no longer comes. */
    final void closeState() {
        waiters.fail(new ReplicaFailedException("the replica is closed", null));
        state.close();
    }
}
