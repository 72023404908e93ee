package dev.driftdb.materializer.changelog;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.WakeupException;

/**
 * Leaves the processors to the sessions while a large entry is published: where they are busy, the
 * publisher works for a third of the time. One transaction of Kafka rests so long at the most that
 * its timeouts stay far away. For the publisher's thread.
 */
final class Pacing {
    private static final long WORK_NANOS = Duration.ofMillis(20).toNanos();
    private static final long REST_MS = 40;
    private static final Duration REST_MAX = Duration.ofSeconds(60);

    /** Of all processors; the publisher and the broker's share of its work stay below. */
    private static final double BUSY = 0.85;

    /** Rows between two looks at the clock. */
    private static final int ROWS = 64;

    private final CountDownLatch stopped;
    private final OperatingSystemMXBean system;
    private int rows;
    private long workingSince;
    private long restedMs;

    /**
     * @param stopped ends a rest, and a transaction of Kafka before its end
     */
    Pacing(CountDownLatch stopped) {
        this.stopped = stopped;
        this.system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    }

    void beginTransaction() {
        restedMs = 0;
        rows = 0;
        workingSince = System.nanoTime();
    }

    /**
     * After each row.
     *
     * @throws WakeupException when the publisher is to stop
     */
    void step() {
        if (rows % ROWS == 0 && stopped.getCount() == 0) {
            throw new WakeupException();
        }
        if (++rows % ROWS != 0 || restedMs >= REST_MAX.toMillis()) {
            return;
        }
        if (System.nanoTime() - workingSince >= WORK_NANOS) {
            if (system.getCpuLoad() > BUSY) {
                rest();
            }
            workingSince = System.nanoTime();
        }
    }

    private void rest() {
        try {
            if (!stopped.await(REST_MS, TimeUnit.MILLISECONDS)) {
                restedMs += REST_MS;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
