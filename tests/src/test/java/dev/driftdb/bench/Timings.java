package dev.driftdb.bench;

import java.util.Arrays;
import java.util.List;

/** What a load measured: how long each operation took, and how many were done per second. */
final class Timings {
    private final long[] sortedNanos;
    private final double seconds;

    /**
     * @param nanos of each operation, in any order
     * @param seconds in which they were done, by all threads together
     */
    Timings(long[] nanos, double seconds) {
        sortedNanos = nanos.clone();
        Arrays.sort(sortedNanos);
        this.seconds = seconds;
    }

    /** Rounds of the same load as one. */
    static Timings of(List<Timings> rounds) {
        return new Timings(
                rounds.stream().flatMapToLong(round -> Arrays.stream(round.sortedNanos)).toArray(),
                rounds.stream().mapToDouble(round -> round.seconds).sum());
    }

    /** The latency, in nanoseconds, that this share (0 to 1) of the operations did not exceed. */
    double quantile(double share) {
        requireSome();
        int index = (int) Math.ceil(share * sortedNanos.length) - 1;
        return sortedNanos[Math.max(0, index)];
    }

    double median() {
        return quantile(0.5);
    }

    double perSecond() {
        requireSome();
        return sortedNanos.length / seconds;
    }

    private void requireSome() {
        if (sortedNanos.length == 0) {
            throw new IllegalStateException("no operation ended in the measured time");
        }
    }

    /** {@code p50 1.20 ms, p99 3.40 ms}. */
    String latencies() {
        return "p50 " + Figures.time(median()) + ", p99 " + Figures.time(quantile(0.99));
    }
}
