package dev.driftdb.query.lock;

/** What becomes of a row that somebody else has locked; the later one wins if several are given. */
public enum RowWait {
    WAIT,
    SKIP_LOCKED,
    NO_WAIT
}
