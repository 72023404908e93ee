package dev.driftdb.query.retention;

import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.schemas.catalog.TableDef;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops history that is older than its table's retention, one table after another on a thread of
 * its own. A table is looked through again when a tenth of its retention has passed.
 */
public final class AutomaticVacuum implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AutomaticVacuum.class);
    private static final long NAP_MS = 60_000;
    private static final long END_WAIT_MS = 5_000;
    private static final int SHARE = 10;

    private final Replica replica;
    private final HistoryRetention retention;
    private final Clock clock;
    private final Thread thread;
    private final CountDownLatch end = new CountDownLatch(1);

    public AutomaticVacuum(Replica replica, HistoryRetention retention, Clock clock) {
        this.replica = replica;
        this.retention = retention;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("driftdb-vacuum").daemon().unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!end.await(NAP_MS, TimeUnit.MILLISECONDS)) {
                vacuumDue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (CancellationException e) {
            LOG.debug("the vacuum ends early", e);
        }
    }

    private void vacuumDue() {
        for (TableDef table : replica.catalog().objects(TableDef.class)) {
            try {
                long horizon = dueHorizon(table, clock.instant());
                if (horizon >= 0) {
                    long dropped = replica.vacuum(table.storageId(), horizon, this::checkEnd);
                    LOG.info("vacuum of {}: {} versions dropped", table.name(), dropped);
                }
            } catch (CancellationException e) {
                throw e;
            } catch (RuntimeException e) {
                // A table may be dropped, or the replica closed, under our hands.
                LOG.warn("the vacuum of {} failed", table.name(), e);
            }
        }
    }

    /** -1 while too little has become old since the last time. */
    private long dueHorizon(TableDef table, Instant now) {
        Long oldestMs = retention.oldestMs(table, now);
        if (oldestMs == null) {
            return -1;
        }
        try (ReadView view = replica.latest()) {
            long known = view.horizon(table.storageId());
            long horizon = view.offsetAt(oldestMs);
            long dueMs = oldestMs - (now.toEpochMilli() - oldestMs) / SHARE;
            return known < 0 || known <= view.offsetAt(dueMs) ? horizon : -1;
        }
    }

    private void checkEnd() {
        if (end.getCount() == 0) {
            throw new CancellationException("the server stops");
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
