package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.resolve.Applier;
import dev.driftdb.materializer.resolve.Resolver;
import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReplicaState;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the log's records in order: decode, resolve, apply into the running batch; at the end of a
 * batch write it and tell the waiters. Live and replay are the same. One thread at a time: that
 * which reads the log, or one that offers what it has appended.
 */
final class LogProcessor {
    private static final Logger LOG = LoggerFactory.getLogger(LogProcessor.class);

    /** A batch is written when it holds this much, even in the middle of a poll. */
    static final long BATCH_BYTES_MAX = 16L << 20;

    private record Decided(UUID transactionId, Outcome outcome) {}

    private final ReplicaState state;
    private final Waiters waiters;
    private final LogSync sync;
    private final Applier applier;
    private final List<Decided> decided = new ArrayList<>();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private long offset;
    private @Nullable UUID lastId;
    private final FoldProgress progress = new FoldProgress();

    LogProcessor(ReplicaState state, Waiters waiters, LogSync sync) {
        this.sync = sync;
        this.state = state;
        this.waiters = waiters;
        this.applier = new Applier(state);
        this.offset = state.appliedOffset();
    }

    /** What has been folded since opening. */
    FoldProgress progress() {
        return progress;
    }

    /** Completes with the cause when the replica has stopped because it could not go on. */
    CompletableFuture<Throwable> failure() {
        return failure;
    }

    /**
     * One record. Records at or before the applied offset are skipped: they come again after a
     * restart.
     *
     * @throws ReplicaFailedException if it cannot be understood or contradicts the state; nothing
     *     of the batch is written then
     */
    synchronized void process(long recordOffset, long timestampMs, byte @Nullable [] value) {
        if (recordOffset <= offset) {
            return;
        }
        if (failure.isDone()) {
            throw new ReplicaFailedException("the replica has stopped", failure.getNow(null));
        }
        try {
            if (value == null) {
                throw new IllegalStateException("a record without a value");
            }
            progress.record();
            LogRecord record = LogCodec.decode(value);
            boolean large =
                    switch (record) {
                        case LogRecord.Chunk chunk -> {
                            state.putChunk(chunk.id(), chunk.number(), recordOffset, value);
                            yield false;
                        }
                        case LogRecord.TransactionEntry entry ->
                                apply(entry, recordOffset, timestampMs);
                    };
            offset = recordOffset;
            lastId = record.id();
            if (large || state.pendingBytes() >= BATCH_BYTES_MAX) {
                write();
            }
        } catch (RuntimeException e) {
            throw stop("the entry at offset " + recordOffset + " cannot be applied", e);
        }
    }

    /** Answers whether the entry has been, or could have been, written in parts. */
    private boolean apply(LogRecord.TransactionEntry entry, long at, long recordTimestampMs) {
        // The log's clock may step back when its leader changes; time in the database does not.
        long timestampMs = Math.max(recordTimestampMs, state.lastTimestampMs());
        boolean large = Applier.writesParts(entry);
        if (large) {
            // It may be written in parts, and what others have written must not wait for it.
            sync();
            write();
        }
        // Of an unfinished entry it is known that its preconditions held.
        Outcome outcome =
                state.unfinished() == null
                        ? Resolver.resolve(entry, at, timestampMs, state)
                        : new Outcome.Committed(at, timestampMs);
        LogRecord.Metadata metadata = entry.metadata();
        boolean committed = outcome instanceof Outcome.Committed;
        int changeCount = 0;
        if (committed) {
            changeCount = applier.apply(entry, at);
            progress.changes(changeCount);
            LogRecord.SourcePosition source = metadata.source();
            if (source != null) {
                state.setSourceOffset(source.topic(), source.partition(), source.offset());
            }
        }
        state.removeChunks(entry.id(), entry.chunkCount());
        state.putEntryInfo(
                new EntryInfo(
                        at,
                        timestampMs,
                        entry.id(),
                        metadata.origin(),
                        metadata.user(),
                        metadata.application(),
                        metadata.tag(),
                        committed,
                        changeCount));
        decided.add(new Decided(entry.id(), outcome));
        return large;
    }

    /** Writes the batch and tells the waiters. Without a batch it does nothing. */
    synchronized void endBatch() {
        try {
            write();
        } catch (RuntimeException e) {
            throw stop("the state cannot be written at offset " + offset, e);
        }
    }

    private void write() {
        UUID id = lastId;
        if (id == null || failure.isDone()) {
            return;
        }
        sync();
        state.write(offset, id);
        progress.written();
        lastId = null;
        for (Decided one : decided) {
            waiters.complete(one.transactionId(), one.outcome());
        }
        decided.clear();
        waiters.applied(offset);
    }

    private void sync() {
        try {
            sync.sync();
        } catch (IOException e) {
            throw new UncheckedIOException("the log cannot be synced to disk", e);
        }
    }

    /** Records that may come before they are read from the log: see {@link Replica#offer}. */
    synchronized void offer(List<AppendedRecord> records) {
        if (failure.isDone()) {
            return;
        }
        try {
            for (AppendedRecord record : records) {
                if (record.offset() == offset + 1) {
                    process(record.offset(), record.timestampMs(), record.value());
                }
            }
            endBatch();
        } catch (ReplicaFailedException e) {
            LOG.debug("all who wait were told", e);
        }
    }

    /** Nothing more is applied, and all who wait are told. */
    ReplicaFailedException stop(String what, Throwable cause) {
        ReplicaFailedException failed =
                new ReplicaFailedException(
                        "the replica has stopped: " + what + ": " + cause.getMessage(), cause);
        if (failure.complete(failed)) {
            LOG.error("the replica stops: {}", what, cause);
            waiters.fail(failed);
        }
        return failed;
    }
}
