package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.snapshot.Snapshot;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A replica that is given its records directly, as if a log in this process held them: everything
 * of a real one but Kafka. Its state is all it has, so what is not closed properly is lost.
 *
 * <p>Appending takes effect before it returns, and outcomes are completed then. Safe for any
 * thread.
 */
public final class LocalReplica extends StateReplica {
    private final LongSupplier clockMs;
    private long nextOffset;

    /** With the system's clock for the times of entries. */
    public LocalReplica(Path directory, ReplicaSettings settings) {
        this(directory, settings, System::currentTimeMillis);
    }

    /**
     * @param clockMs the times of entries, milliseconds since 1970
     */
    public LocalReplica(Path directory, ReplicaSettings settings, LongSupplier clockMs) {
        super(directory, settings, LogSync.BY_BROKER, noState -> {});
        this.clockMs = clockMs;
        this.nextOffset = state.appliedOffset() + 1;
    }

    /**
     * Appends records at the next offsets and applies them as one batch.
     *
     * @return the offset of the last
     * @throws ReplicaFailedException if one cannot be applied; the replica has stopped then
     */
    public synchronized long append(List<LogRecord> records) {
        for (LogRecord record : records) {
            processor.process(nextOffset, clockMs.getAsLong(), LogCodec.encode(record));
            nextOffset++;
        }
        processor.endBatch();
        return nextOffset - 1;
    }

    @Override
    public @Nullable Snapshot takeSnapshot(Runnable checkCanceled) {
        throw SqlException.notSupported("a snapshot without a store");
    }

    @Override
    public List<Snapshot> snapshots() {
        return List.of();
    }

    @Override
    public synchronized void close() {
        closeState();
    }
}
