package dev.driftdb.query.lock;

/** A transaction whose entry is on its way into the log, for those who follow it. */
public interface Departure {
    /** Whether the log has decided about it: then all see what it did, or it did nothing. */
    boolean isOver();
}
