package dev.driftdb.materializer.progress;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How far something is.
 *
 * @param what is being done
 * @param unit of the figures, in the plural
 * @param from where it began
 * @param to where it ends
 * @param reached where it is
 * @param nanos since it began
 */
public record Progress(String what, String unit, long from, long to, long reached, long nanos) {
    private static final double PERCENT = 100.0;

    public double percent() {
        return to <= from ? PERCENT : PERCENT * (reached - from) / (to - from);
    }

    /** Units in a second. */
    public double speed() {
        return nanos == 0 ? 0 : (reached - from) * (double) TimeUnit.SECONDS.toNanos(1) / nanos;
    }

    /** -1 while nothing is known. */
    public double secondsLeft() {
        double speed = speed();
        return speed == 0 ? -1 : (to - reached) / speed;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %.1f %%, %.0f %s/s, %s",
                what,
                percent(),
                speed(),
                unit,
                secondsLeft() < 0
                        ? "time left unknown"
                        : String.format(Locale.ROOT, "%.0f s left", secondsLeft()));
    }
}
