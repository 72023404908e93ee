package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.progress.Progress;
import dev.driftdb.materializer.state.FileTree;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.RocksTableState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One read-only state of the past: a snapshot (or nothing) and the log behind it up to a target,
 * with the history of everything between. It can be taken further later. Built on one thread at a
 * time; what is not marked otherwise belongs to the lock of {@link ReplayedStates}.
 */
final class ReplayedState {
    private static final Logger LOG = LoggerFactory.getLogger(ReplayedState.class);
    private static final int RECORDS_BETWEEN_CHECKS = 1_000;

    private final ReplaySource source;
    private final ReplaySource.@Nullable Base base;
    private final Path directory;
    private final Runnable checkBytes;
    private @Nullable LogProcessor processor;
    private volatile @Nullable RocksTableState state;
    private volatile boolean stopped;

    /** Where the running or last build goes to. */
    private volatile long target;

    private volatile long startOffset;
    private volatile long startNanos;
    private volatile long reached = -1;
    private int waiters;
    private @Nullable CompletableFuture<Void> building;
    private long lastUsedNanos;

    /**
     * @param base null for the log from its first entry on
     * @param checkBytes called while it grows; throws when it may not
     */
    ReplayedState(
            ReplaySource source,
            ReplaySource.@Nullable Base base,
            Path directory,
            Runnable checkBytes) {
        this.source = source;
        this.base = base;
        this.directory = directory;
        this.checkBytes = checkBytes;
    }

    /** Whether it is there and shows the state after the entry at an offset. */
    boolean shows(long offset) {
        RocksTableState open = state;
        return open != null && open.greatestHorizon() <= offset && offset <= open.appliedOffset();
    }

    /** Whether going on from here can show an offset. */
    boolean leadsTo(long offset) {
        return horizon() <= offset;
    }

    /** Whether a build runs that will show an offset. */
    boolean willShow(long offset) {
        return building != null && leadsTo(offset) && offset <= target;
    }

    /** Whether it has a state, at whatever offset. */
    boolean isOpen() {
        return state != null;
    }

    boolean isBuilding() {
        return building != null;
    }

    /** Nobody reads it and nobody builds it. */
    boolean isIdle() {
        RocksTableState open = state;
        return building == null && (open == null || open.isIdle());
    }

    private long horizon() {
        RocksTableState open = state;
        return open != null ? open.greatestHorizon() : base == null ? -1 : base.horizon();
    }

    /** The last entry that it has, or begins with. */
    long offset() {
        RocksTableState open = state;
        return open != null ? open.appliedOffset() : base == null ? -1 : base.offset();
    }

    long lastUsedNanos() {
        return lastUsedNanos;
    }

    ReadView view(long offset, Runnable checkCanceled) {
        RocksTableState open = state;
        if (open == null) {
            throw new IllegalStateException("the replayed state is not built");
        }
        lastUsedNanos = System.nanoTime();
        return open.asOf(offset, checkCanceled);
    }

    /** A build begins, which {@link #build} is to be called for. */
    CompletableFuture<Void> begin(long to) {
        target = to;
        stopped = false;
        startOffset = offset();
        reached = startOffset;
        startNanos = System.nanoTime();
        CompletableFuture<Void> future = new CompletableFuture<>();
        building = future;
        lastUsedNanos = startNanos;
        return future;
    }

    /** One more waits for the build; {@link #leave} it afterwards. */
    CompletableFuture<Void> join() {
        CompletableFuture<Void> future = building;
        if (future == null) {
            throw new IllegalStateException("nothing is being built");
        }
        waiters++;
        // Perhaps too late: who waits looks again, and begins it anew.
        stopped = false;
        return future;
    }

    /** A build that nobody waits for any longer stops. */
    void leave() {
        waiters--;
        if (waiters == 0) {
            stopped = true;
        }
    }

    void stop() {
        stopped = true;
    }

    /** The build has ended. */
    void built() {
        building = null;
    }

    /**
     * Goes on to the target. On the build's thread, without the lock.
     *
     * @throws CancellationException if it was stopped
     * @throws LostBaseException if what it begins with is gone
     */
    void build() throws LostBaseException {
        RocksTableState open = state;
        if (open == null) {
            try {
                Files.createDirectories(directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (base != null) {
                source.fetch(base, directory, this::checkStop);
            }
            open = new RocksTableState(directory, ReplicaSettings.small());
            processor =
                    new LogProcessor(open, new Waiters(open.appliedOffset()), LogSync.BY_BROKER);
            state = open;
        }
        if (open.appliedOffset() < target) {
            read(open);
        }
        LOG.debug("{}", progress());
    }

    private void read(RocksTableState open) {
        LogProcessor folding = processor;
        if (folding == null) {
            throw new IllegalStateException("no processor");
        }
        int[] records = {0};
        try {
            source.read(
                    open.appliedOffset() + 1,
                    target,
                    (offset, timestampMs, value) -> {
                        folding.process(offset, timestampMs, value);
                        reached = offset;
                        if (++records[0] % RECORDS_BETWEEN_CHECKS == 0) {
                            checkBytes.run();
                        }
                    },
                    this::checkStop);
        } finally {
            if (!folding.failure().isDone()) {
                folding.endBatch();
            }
        }
    }

    private void checkStop() {
        if (stopped) {
            throw new CancellationException("nobody waits for the replay any longer");
        }
    }

    /** Of the running build. Safe for any thread. */
    Progress progress() {
        return new Progress(
                "replaying to offset " + target,
                "entries",
                startOffset,
                target,
                reached,
                System.nanoTime() - startNanos);
    }

    /** In files, roughly. Safe for any thread. */
    long bytes() {
        if (!Files.exists(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.mapToLong(ReplayedState::size).sum();
        } catch (IOException | UncheckedIOException e) {
            // A file went while they were listed.
            return 0;
        }
    }

    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Deletes everything. Nobody reads it. */
    void delete() {
        RocksTableState open = state;
        state = null;
        if (open != null) {
            open.close();
        }
        try {
            FileTree.delete(directory);
        } catch (IOException e) {
            LOG.warn("cannot delete {}", directory, e);
        }
    }
}
