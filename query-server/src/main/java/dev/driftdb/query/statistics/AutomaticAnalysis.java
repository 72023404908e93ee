package dev.driftdb.query.statistics;

import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Analyzes tables of which enough has changed, one after another on a thread of its own. It rests
 * as long as it works, and longer while sessions run statements.
 */
public final class AutomaticAnalysis implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AutomaticAnalysis.class);

    /** autovacuum_analyze_threshold and autovacuum_analyze_scale_factor. */
    private static final long CHANGED_MIN = 50;

    private static final double CHANGED_SHARE = 0.1;
    private static final long NAP_MS = 5_000;
    private static final long WORK_NANOS = 5_000_000;
    private static final long REST_MS = 5;
    private static final long BUSY_REST_MS = 15;
    private static final int TARGET = 100;
    private static final long END_WAIT_MS = 5_000;

    /** It is to end. */
    private static final class Ended extends RuntimeException {
        Ended() {
            super(null, null, false, false);
        }
    }

    private final Replica replica;
    private final StatisticsStore statistics;
    private final BooleanSupplier busy;
    private final LongSupplier nowMicros;
    private final Thread thread;
    private final CountDownLatch end = new CountDownLatch(1);
    private long workStart = System.nanoTime();

    /**
     * @param busy whether sessions run statements now
     */
    public AutomaticAnalysis(
            Replica replica,
            StatisticsStore statistics,
            BooleanSupplier busy,
            LongSupplier nowMicros) {
        this.replica = replica;
        this.statistics = statistics;
        this.busy = busy;
        this.nowMicros = nowMicros;
        this.thread = new Thread(this::run, "driftdb-analyze");
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        while (true) {
            try {
                rest(NAP_MS);
                for (TableDef table : replica.catalog().objects(TableDef.class)) {
                    if (isDue(table)) {
                        workStart = System.nanoTime();
                        statistics.analyze(
                                table, null, TARGET, nowMicros.getAsLong(), true, this::breathe);
                    }
                }
            } catch (Ended e) {
                return;
            } catch (RuntimeException e) {
                // A table may be dropped, or the replica closed, under our hands.
                LOG.debug("an automatic analysis failed", e);
            }
        }
    }

    private boolean isDue(TableDef table) {
        long changed = statistics.changedSinceAnalyze(table);
        TableStatistics known = statistics.of(table);
        double rows = known == null ? 0 : known.rows();
        return changed > CHANGED_MIN + CHANGED_SHARE * rows;
    }

    private void breathe() {
        if (System.nanoTime() - workStart >= WORK_NANOS) {
            rest(busy.getAsBoolean() ? BUSY_REST_MS : REST_MS);
            workStart = System.nanoTime();
        } else if (end.getCount() == 0) {
            throw new Ended();
        }
    }

    /** Waits, but not longer than until the end. */
    private void rest(long millis) {
        try {
            if (end.await(millis, TimeUnit.MILLISECONDS)) {
                throw new Ended();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Ended();
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
