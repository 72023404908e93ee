package dev.driftdb.materializer.replica;

import java.util.concurrent.TimeUnit;

/** How much of the log was folded and in what time; written and read by turns, not at once. */
final class FoldProgress {
    private long records;
    private long changes;
    private long startNanos;
    private long endNanos;

    void record() {
        if (records++ == 0) {
            startNanos = System.nanoTime();
        }
    }

    void changes(int count) {
        changes += count;
    }

    /** Everything so far is written. */
    void written() {
        endNanos = System.nanoTime();
    }

    @Override
    public String toString() {
        return "folded "
                + records
                + " records with "
                + changes
                + " row changes in "
                + TimeUnit.NANOSECONDS.toMillis(endNanos - startNanos)
                + " ms";
    }
}
