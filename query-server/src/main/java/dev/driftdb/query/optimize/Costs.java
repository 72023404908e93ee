package dev.driftdb.query.optimize;

/**
 * What work costs, in rows of a plain scan. Measured once, by hand; only their proportions count.
 */
final class Costs {
    /** A row found by its complete key. */
    static final double KEY_LOOKUP = 4;

    /** Opening a cursor for a range of keys or of an index. */
    static final double CURSOR = 10;

    /** What one row found through an index costs more than one of a scan. */
    static final double INDEX_ROW = 6;

    /** Hashing a row and keeping it. */
    static final double HASH_BUILD = 0.6;

    /** Looking a row's key up in a hash table. */
    static final double HASH_PROBE = 0.3;

    /** Making a joined row. */
    static final double JOINED_ROW = 0.2;

    /** Testing one pair of rows. */
    static final double PAIR = 0.08;

    /** Comparing two rows of a sort. */
    static final double COMPARE = 0.15;

    /** Adding a row to its group. */
    static final double GROUP_ROW = 0.5;

    /** Making a group. */
    static final double GROUP = 0.5;

    /** Evaluating a condition on a row. */
    static final double CONDITION = 0.1;

    /** Computing a row that is not stored. */
    static final double COMPUTED_ROW = 0.3;

    private Costs() {}

    static double sort(double rows) {
        return rows * COMPARE * Math.log(Math.max(2, rows)) / Math.log(2);
    }

    /** Both sides of a hash join, once they are there. */
    static double hash(double build, double probe, double result) {
        return build * HASH_BUILD + probe * HASH_PROBE + result * JOINED_ROW;
    }
}
