package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.progress.ProgressWatch;
import dev.driftdb.materializer.state.FileTree;
import dev.driftdb.materializer.state.PastStates;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * States older than the replica's own history, made when they are asked for: the snapshot that has
 * the point in its history, else the nearest one before it and the log from there, else the log
 * from its beginning. Kept for others until there are too many or they take too much room; the one
 * used longest ago goes first. Safe for any thread.
 */
public final class ReplayedStates implements PastStates, AutoCloseable {
    /** How long a session sleeps before it looks whether it was cancelled. */
    private static final long LOOK_EVERY_MS = 50;

    private static final int BUILDS_MAX = 2;

    /**
     * @param states kept at the same time
     * @param bytes of all of them in files
     */
    public record Limits(int states, long bytes) {
        public static final Limits DEFAULT = new Limits(8, 16L << 30);
    }

    private final Path directory;
    private final ReplaySource source;
    private final Limits limits;
    private final ProgressWatch watch;
    private final ExecutorService builds =
            Executors.newFixedThreadPool(
                    BUILDS_MAX, Thread.ofPlatform().name("driftdb-replay-", 0).daemon().factory());
    private final Object lock = new Object();
    private final List<ReplayedState> states = new ArrayList<>();
    private int made;
    private boolean closed;

    /**
     * @param directory for their files, emptied now
     * @param watch is told of builds
     */
    public ReplayedStates(Path directory, ReplaySource source, Limits limits, ProgressWatch watch) {
        this.directory = directory;
        this.source = source;
        this.limits = limits;
        this.watch = watch;
        try {
            FileTree.delete(directory);
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot empty " + directory, e);
        }
    }

    /**
     * @throws SqlException 22023 if nothing reaches the offset, 53100 and 53400 if there is no room
     *     for it, 58030 if it cannot be built
     */
    @Override
    public ReadView at(long offset, long earliest, Runnable checkCanceled) {
        while (true) {
            ReadView known = known(offset, checkCanceled);
            if (known != null) {
                return known;
            }
            checkCanceled.run();
            // Asks the broker: not under the lock.
            long beginning = beginning();
            ReplayedState building;
            CompletableFuture<Void> built;
            synchronized (lock) {
                known = known(offset, checkCanceled);
                if (known != null) {
                    return known;
                }
                building = building(offset, earliest, beginning);
                built = building.join();
            }
            try {
                await(built, checkCanceled);
            } finally {
                synchronized (lock) {
                    building.leave();
                }
            }
        }
    }

    private long beginning() {
        try {
            return source.logBeginning();
        } catch (KafkaException e) {
            throw refused(e);
        }
    }

    private @Nullable ReadView known(long offset, Runnable checkCanceled) {
        synchronized (lock) {
            if (closed) {
                throw new SqlException(SqlState.ADMIN_SHUTDOWN, "the replica is closed");
            }
            for (ReplayedState state : states) {
                if (state.shows(offset)) {
                    return state.view(offset, checkCanceled);
                }
            }
            return null;
        }
    }

    /** What will show an offset; begun if it is not under way. Under the lock. */
    private ReplayedState building(long offset, long earliest, long beginning) {
        for (ReplayedState state : states) {
            if (state.willShow(offset)) {
                return state;
            }
        }
        ReplayedState state = start(offset, earliest, beginning);
        CompletableFuture<Void> built = state.begin(Math.max(offset, state.offset()));
        builds.execute(() -> build(state, built));
        return state;
    }

    /** Where it is nearest to the offset. */
    private ReplayedState start(long offset, long earliest, long beginning) {
        List<ReplaySource.Base> bases = source.bases();
        ReplaySource.Base best = null;
        for (ReplaySource.Base base : bases) {
            boolean covers = base.horizon() <= offset;
            if (covers && (base.offset() <= offset || best == null || best.offset() < offset)) {
                best = base;
            }
            if (covers && base.offset() >= offset) {
                break;
            }
        }
        ReplayedState known =
                states.stream()
                        .filter(state ->
                                !state.isBuilding()
                                        && state.leadsTo(offset)
                                        && state.offset() <= offset)
                        .max(Comparator.comparingLong(ReplayedState::offset))
                        .orElse(null);
        long from = known == null ? -1 : known.offset();
        boolean baseIsNearer = best != null && (best.offset() >= offset || best.offset() > from);
        if (known != null && !baseIsNearer) {
            return known;
        }
        if (best == null && beginning > 0) {
            throw PastStates.beyondHorizon(
                    offset,
                    bases.stream()
                            .mapToLong(base -> Math.max(0, base.horizon()))
                            .reduce(earliest, Math::min));
        }
        makeRoom();
        ReplayedState state =
                new ReplayedState(
                        source, best, directory.resolve("state-" + made++), this::checkBytes);
        states.add(state);
        return state;
    }

    private void makeRoom() {
        while (states.size() >= limits.states()) {
            if (!dropLeastRecentlyUsed()) {
                throw new SqlException(
                        SqlState.CONFIGURATION_LIMIT_EXCEEDED,
                        "all of the " + limits.states() + " replayed states are in use");
            }
        }
    }

    private boolean dropLeastRecentlyUsed() {
        ReplayedState oldest =
                states.stream()
                        .filter(ReplayedState::isIdle)
                        .min(Comparator.comparingLong(ReplayedState::lastUsedNanos))
                        .orElse(null);
        if (oldest == null) {
            return false;
        }
        states.remove(oldest);
        oldest.delete();
        return true;
    }

    /** On a build's thread. */
    private void checkBytes() {
        synchronized (lock) {
            while (states.stream().mapToLong(ReplayedState::bytes).sum() > limits.bytes()) {
                if (!dropLeastRecentlyUsed()) {
                    throw new SqlException(
                            SqlState.DISK_FULL,
                            "replayed states would take more than "
                                    + limits.bytes()
                                    + " bytes of disk");
                }
            }
        }
    }

    private void build(ReplayedState state, CompletableFuture<Void> built) {
        Throwable failure = null;
        try (ProgressWatch.Watched _ = watch.watch(state::progress)) {
            state.build();
            checkBytes();
        } catch (LostBaseException | RuntimeException | Error e) {
            failure = e;
        }
        synchronized (lock) {
            state.built();
            // One that was stopped on its way goes on from there when it is asked for again.
            boolean stopped = failure instanceof CancellationException && state.isOpen();
            if (failure != null && !stopped) {
                states.remove(state);
                state.delete();
            }
        }
        if (failure == null
                || failure instanceof CancellationException
                || failure instanceof LostBaseException) {
            // Who waits looks again, and begins with something else.
            built.complete(null);
        } else {
            built.completeExceptionally(failure);
        }
    }

    private static void await(CompletableFuture<Void> built, Runnable checkCanceled) {
        while (true) {
            checkCanceled.run();
            try {
                built.get(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                // Look again.
            } catch (ExecutionException e) {
                throw refused(e.getCause() == null ? e : e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SqlException(SqlState.ADMIN_SHUTDOWN, "interrupted while replaying");
            }
        }
    }

    private static SqlException refused(Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof SqlException known) {
                return new SqlException(known.state(), String.valueOf(known.getMessage()));
            }
            if (String.valueOf(at.getMessage()).contains("No space left")) {
                return new SqlException(
                        SqlState.DISK_FULL, "no space left on the disk for replaying the log");
            }
        }
        return new SqlException(
                SqlState.IO_ERROR, "the log cannot be replayed: " + cause.getMessage());
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            states.forEach(ReplayedState::stop);
        }
        builds.shutdown();
        try {
            builds.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (lock) {
            states.forEach(ReplayedState::delete);
            states.clear();
        }
    }
}
