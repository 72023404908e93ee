package dev.driftdb.bench;

import java.util.Locale;

/** Figures as text, the same in every language of the machine. */
final class Figures {
    private Figures() {}

    /** A latency with the unit that suits its size. */
    static String time(double nanos) {
        if (nanos < 1_000) {
            return String.format(Locale.ROOT, "%.1f ns", nanos);
        }
        if (nanos < 100_000) {
            return String.format(Locale.ROOT, "%.1f us", nanos / 1_000);
        }
        if (nanos < 1_000_000) {
            return String.format(Locale.ROOT, "%.0f us", nanos / 1_000);
        }
        if (nanos < 1_000_000_000) {
            return String.format(Locale.ROOT, "%.2f ms", nanos / 1_000_000);
        }
        return seconds(nanos / 1_000_000_000);
    }

    static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.2f s", seconds);
    }

    /** {@code 12,345 rows/s}. */
    static String rate(double perSecond, String unit) {
        return String.format(Locale.ROOT, "%,.0f %s/s", perSecond, unit);
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String ratio(double ratio) {
        return String.format(Locale.ROOT, "%.2f", ratio);
    }

    /** A limit without needless digits: {@code 8}, {@code 2.5}, {@code 500,000}. */
    static String limit(double limit) {
        return limit == Math.rint(limit)
                ? String.format(Locale.ROOT, "%,.0f", limit)
                : String.format(Locale.ROOT, "%.2f", limit);
    }
}
