package dev.driftdb.materializer.replica;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How far a replay is.
 *
 * @param from the offset it began after
 * @param to the offset it goes to
 * @param reached the last offset it has applied
 * @param nanos since it began
 */
public record ReplayProgress(long from, long to, long reached, long nanos) {
    private static final double PERCENT = 100.0;

    public double percent() {
        return to <= from ? PERCENT : PERCENT * (reached - from) / (to - from);
    }

    public double entriesPerSecond() {
        return nanos == 0 ? 0 : (reached - from) * (double) TimeUnit.SECONDS.toNanos(1) / nanos;
    }

    /** -1 while nothing is known. */
    public double secondsLeft() {
        double speed = entriesPerSecond();
        return speed == 0 ? -1 : (to - reached) / speed;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "replaying to offset %d: %.1f %%, %.0f entries/s, %.0f s left",
                to,
                percent(),
                entriesPerSecond(),
                secondsLeft());
    }
}
