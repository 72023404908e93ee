package dev.driftdb.query.ast;

import org.jspecify.annotations.Nullable;

/**
 * The frame clause of a window definition: which rows around the current one a window function
 * looks at.
 *
 * @param end CURRENT ROW where only a start was written
 */
public record WindowFrame(Mode mode, Bound start, Bound end, Exclusion exclusion) {
    /** What the distances of the bounds count. */
    public enum Mode {
        ROWS,
        RANGE,
        GROUPS
    }

    public enum BoundKind {
        UNBOUNDED_PRECEDING,
        PRECEDING,
        CURRENT_ROW,
        FOLLOWING,
        UNBOUNDED_FOLLOWING
    }

    /**
     * @param offset of PRECEDING and FOLLOWING, null for the other kinds
     */
    public record Bound(BoundKind kind, @Nullable SqlExpr offset) {}

    /** Rows near the current one that are left out of the frame. */
    public enum Exclusion {
        NO_OTHERS,
        CURRENT_ROW,
        GROUP,
        TIES
    }
}
