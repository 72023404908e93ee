package dev.driftdb.schemas.type;

/**
 * A time of day with its zone.
 *
 * @param micros microseconds since local midnight
 * @param offsetSeconds seconds east of UTC
 */
public record TimeTz(long micros, int offsetSeconds) implements Comparable<TimeTz> {
    @Override
    public int compareTo(TimeTz other) {
        int byInstant = Long.compare(utcMicros(), other.utcMicros());
        return byInstant != 0 ? byInstant : Integer.compare(other.offsetSeconds, offsetSeconds);
    }

    private long utcMicros() {
        return micros - offsetSeconds * 1_000_000L;
    }
}
