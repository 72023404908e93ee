package dev.driftdb.bench;

/**
 * What a figure should reach.
 *
 * @param bound the limit
 * @param smallerIsBetter true if the figure must be at most the limit, false if at least
 */
record Target(double bound, boolean smallerIsBetter) {
    static Target atMost(double bound) {
        return new Target(bound, true);
    }

    static Target atLeast(double bound) {
        return new Target(bound, false);
    }

    boolean isMetBy(double figure) {
        return smallerIsBetter ? figure <= bound : figure >= bound;
    }
}
