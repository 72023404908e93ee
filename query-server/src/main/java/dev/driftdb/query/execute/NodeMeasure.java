package dev.driftdb.query.execute;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the runs of one node of a plan took, for EXPLAIN ANALYZE. All runs together; times include
 * what is below the node. Runs may be on several threads, reading is for afterwards.
 */
public final class NodeMeasure {
    private final boolean timed;
    private final RunReport report;
    private long loops;
    private long rows;
    private long startupNanos;
    private long totalNanos;
    private Resources resources = Resources.NONE;

    /**
     * @param timed whether the clock is read for every row
     */
    public NodeMeasure(boolean timed) {
        this(timed, new RunReport());
    }

    private NodeMeasure(boolean timed, RunReport report) {
        this.timed = timed;
        this.report = report;
    }

    /** Of an operator around the one that this measures, where both are one node. */
    public NodeMeasure around() {
        return new NodeMeasure(timed, report);
    }

    public boolean timed() {
        return timed;
    }

    /** Adds what one run (or a part of it) took. */
    public synchronized void add(
            long moreLoops, long moreRows, long moreStartup, long moreTotal, Resources more) {
        loops += moreLoops;
        rows += moreRows;
        startupNanos += moreStartup;
        totalNanos += moreTotal;
        resources = resources.plus(more);
    }

    public synchronized long loops() {
        return loops;
    }

    public synchronized long rows() {
        return rows;
    }

    /** Until the first row. */
    public synchronized long startupNanos() {
        return startupNanos;
    }

    public synchronized long totalNanos() {
        return totalNanos;
    }

    public synchronized Resources resources() {
        return resources;
    }

    /** How its operators worked. */
    public RunReport report() {
        return report;
    }

    /** A condition that counts the rows it refuses; null stays null. */
    public static @Nullable Eval counting(@Nullable Eval condition, LongAdder refused) {
        if (condition == null) {
            return null;
        }
        return (row, frame) -> {
            Object value = condition.eval(row, frame);
            if (!Boolean.TRUE.equals(value)) {
                refused.increment();
            }
            return value;
        };
    }
}
