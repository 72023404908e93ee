package dev.driftdb.bench;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param load how long each load is measured
 * @param pgbenchScale pgbench's {@code -s}: 100,000 accounts each
 * @param rows of the tables that are scanned and rebuilt
 * @param historyKeys rows of the tables with one and with many versions
 * @param versionsMax how many versions each row of the second has at the most
 * @param tiny a run that only shows that everything works
 */
record Settings(
        Duration load, int pgbenchScale, int rows, int historyKeys, int versionsMax, boolean tiny) {
    private static final int HISTORY_KEYS = 20_000;
    private static final int VERSIONS = 1_000;
    private static final double TPCH_SCALE = 0.1;
    private static final double TPCH_SCALE_TINY = 0.01;
    private static final int POINT_ROWS = 100_000;

    /** The longest time that a load runs before it is measured. */
    private static final Duration WARM_UP_MAX = Duration.ofSeconds(30);

    Settings {
        if (load.isZero() || load.isNegative() || pgbenchScale < 1 || rows < 1) {
            throw new IllegalArgumentException("seconds, scale and rows must be positive");
        }
    }

    static Settings full(int seconds, int pgbenchScale, int rows) {
        return new Settings(
                Duration.ofSeconds(seconds), pgbenchScale, rows, HISTORY_KEYS, VERSIONS, false);
    }

    static Settings smoke() {
        return new Settings(Duration.ofSeconds(1), 1, 10_000, 200, 10, true);
    }

    /** How long a load runs unmeasured first, so that both sides' code is compiled. */
    Duration warmUp() {
        return load.compareTo(WARM_UP_MAX) < 0 ? load : WARM_UP_MAX;
    }

    double tpchScale() {
        return tiny ? TPCH_SCALE_TINY : TPCH_SCALE;
    }

    /** Rows of the table for point reads. */
    int pointRows() {
        return Math.min(rows, POINT_ROWS);
    }
}
