package dev.driftdb.schemas.type;

/**
 * An interval: three parts that PostgreSQL keeps apart, because a month has no fixed number of days
 * and a day no fixed number of hours. Ordered, hashed and equal by the estimate 1 month = 30 days,
 * 1 day = 24 hours, as in PostgreSQL: 1 month equals 30 days.
 *
 * @param micros microseconds
 */
public record Interval(int months, int days, long micros) implements Comparable<Interval> {
    private static final long MICROS_PER_DAY = 86_400_000_000L;

    /**
     * Whole days of the estimate; with {@link #estimatedMicros()} the value that orders intervals.
     */
    public long estimatedDays() {
        return months * 30L + days + Math.floorDiv(micros, MICROS_PER_DAY);
    }

    /** The rest of the estimate below a day, 0 to 86,399,999,999. */
    public long estimatedMicros() {
        return Math.floorMod(micros, MICROS_PER_DAY);
    }

    @Override
    public int compareTo(Interval other) {
        int byDays = Long.compare(estimatedDays(), other.estimatedDays());
        return byDays != 0 ? byDays : Long.compare(estimatedMicros(), other.estimatedMicros());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Interval interval && compareTo(interval) == 0;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(estimatedDays() * 31 + estimatedMicros());
    }
}
