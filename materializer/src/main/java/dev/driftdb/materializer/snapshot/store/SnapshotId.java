package dev.driftdb.materializer.snapshot.store;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A snapshot's name in a store, {@code 00000000000000000042-1764000000000}; the oldest comes first.
 *
 * @param offset of the last entry applied, not negative
 * @param takenMillis when the snapshot was taken, milliseconds since 1970, not negative
 */
record SnapshotId(long offset, long takenMillis) implements Comparable<SnapshotId> {
    private static final Pattern TEXT = Pattern.compile("([0-9]{20})-(0|[1-9][0-9]{0,17})");
    private static final Comparator<SnapshotId> ORDER =
            Comparator.comparingLong(SnapshotId::offset).thenComparingLong(SnapshotId::takenMillis);

    /** Empty for a text that is no snapshot's name. */
    static Optional<SnapshotId> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new SnapshotId(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2))));
        } catch (NumberFormatException e) {
            return Optional.empty(); // 20 digits hold more than a long
        }
    }

    /**
     * The text itself, so that nothing else gets into a path or a key.
     *
     * @throws IllegalArgumentException if it is no snapshot's name
     */
    static String checked(String text) {
        if (parse(text).isEmpty()) {
            throw new IllegalArgumentException("not the name of a snapshot: \"" + text + "\"");
        }
        return text;
    }

    @Override
    public int compareTo(SnapshotId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        StringBuilder digits = new StringBuilder(Long.toString(offset));
        digits.insert(0, "0".repeat(20 - digits.length()));
        return digits.append('-').append(takenMillis).toString();
    }
}
