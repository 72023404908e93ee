package dev.driftdb.materializer.snapshot;

import dev.driftdb.materializer.snapshot.store.SnapshotManifest;
import dev.driftdb.materializer.state.RocksTableState;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a snapshot when its policy says that one is due, and deletes those that have rows which
 * were forgotten since, on a thread of its own.
 */
public final class AutomaticSnapshots implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AutomaticSnapshots.class);
    private static final long NAP_MS = 1_000;

    /** After a failure. */
    private static final long PAUSE_MS = 60_000;

    private static final long END_WAIT_MS = 30_000;

    private final Snapshots snapshots;
    private final RocksTableState state;
    private final Clock clock;
    private final Instant begun;
    private final CountDownLatch end = new CountDownLatch(1);
    private final Thread thread;

    public AutomaticSnapshots(Snapshots snapshots, RocksTableState state, Clock clock) {
        this.snapshots = snapshots;
        this.state = state;
        this.clock = clock;
        this.begun = clock.instant();
        this.thread = Thread.ofPlatform().name("driftdb-snapshots").daemon().unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        try {
            long nap = NAP_MS;
            while (!end.await(nap, TimeUnit.MILLISECONDS)) {
                nap = NAP_MS;
                try {
                    if (isDue()) {
                        snapshots.take(state, this::checkEnd);
                    }
                    if (snapshots.hasForgotten(state)) {
                        snapshots.forget(state, this::checkEnd);
                    }
                } catch (IOException | RuntimeException e) {
                    checkEnd();
                    LOG.warn("a snapshot failed; the next try is in {} ms", PAUSE_MS, e);
                    nap = PAUSE_MS;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (CancellationException e) {
            LOG.debug("a snapshot ends early", e);
        }
    }

    private boolean isDue() {
        List<SnapshotManifest> known = snapshots.of(state.topicId());
        boolean none = known.isEmpty();
        long last = none ? -1 : known.getLast().offset();
        Instant since = none ? begun : known.getLast().taken();
        return snapshots.policy().isDue(state.appliedOffset() - last, since, clock.instant());
    }

    private void checkEnd() {
        if (end.getCount() == 0) {
            throw new CancellationException("the replica stops");
        }
    }

    @Override
    public void close() {
        end.countDown();
        try {
            thread.join(END_WAIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
