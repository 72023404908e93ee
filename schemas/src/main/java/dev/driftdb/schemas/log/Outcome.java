package dev.driftdb.schemas.log;

import org.jspecify.annotations.Nullable;

/** What became of an entry at its place in the log; the same on every replica. */
public sealed interface Outcome {
    long offset();

    /** All changes took effect. */
    record Committed(long offset, long timestampMs) implements Outcome {}

    /** No change took effect: {@code failed} did not hold, or (null) the source was not new. */
    record Rejected(long offset, @Nullable Precondition failed) implements Outcome {}
}
