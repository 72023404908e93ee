package dev.driftdb.materializer.replica;

import dev.driftdb.schemas.log.Outcome;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * What resolves and applies, over a state in memory: everything of a replica but Kafka and RocksDB.
 * It may crash at any time. For one thread.
 */
public final class CoreReplica {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Unwritten(long offset, byte[] value) {}

    private static final long CLOCK_MS = 1_000;

    public final MemoryState state;
    private final Deque<Unwritten> unwritten = new ArrayDeque<>();
    private Waiters waiters = new Waiters(-1);
    private LogProcessor processor;

    public CoreReplica(MemoryState state) {
        this.state = state;
        processor = new LogProcessor(state, waiters, LogSync.BY_BROKER);
    }

    public void process(long offset, byte[] value) {
        unwritten.add(new Unwritten(offset, value));
        processor.process(offset, CLOCK_MS, value);
    }

    public void endBatch() {
        processor.endBatch();
        unwritten.clear();
    }

    /** Told when the batch with its entry ends, unless a crash comes first. */
    public CompletableFuture<Outcome> outcomeOf(UUID transactionId) {
        return waiters.outcomeOf(transactionId);
    }

    /** What is not written is lost; then the log brings it again, in one batch that goes on. */
    public void crash() {
        state.crash();
        waiters = new Waiters(state.appliedOffset());
        processor = new LogProcessor(state, waiters, LogSync.BY_BROKER);
        unwritten.forEach(record -> processor.process(record.offset(), CLOCK_MS, record.value()));
    }
}
