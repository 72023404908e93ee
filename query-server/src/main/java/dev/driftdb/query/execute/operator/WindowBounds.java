package dev.driftdb.query.execute.operator;

import dev.driftdb.query.ast.WindowFrame.BoundKind;
import dev.driftdb.query.ast.WindowFrame.Exclusion;
import dev.driftdb.query.ast.WindowFrame.Mode;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.function.RangeFrames.InRange;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * A frame clause.
 *
 * @param rangeKey for RANGE with offsets, null otherwise
 */
public record WindowBounds(
        Mode mode,
        BoundKind start,
        @Nullable Eval startOffset,
        BoundKind end,
        @Nullable Eval endOffset,
        Exclusion exclusion,
        @Nullable RangeKey rangeKey) {

    /** The sort key that the offsets of RANGE are distances in. */
    public record RangeKey(Eval value, InRange test, boolean descending, boolean nullsFirst) {}

    /** Whether it asks which rows are equal in the window's order. */
    boolean readsPeers() {
        boolean byRows =
                mode == Mode.ROWS
                        || ((start == BoundKind.UNBOUNDED_PRECEDING)
                                && end == BoundKind.UNBOUNDED_FOLLOWING);
        return !byRows || exclusion == Exclusion.GROUP || exclusion == Exclusion.TIES;
    }

    /** The value of an offset, which is the same for all rows; null for a bound without one. */
    @Nullable Object offset(@Nullable Eval eval, String which, Frame frame) {
        if (eval == null) {
            return null;
        }
        Object value = eval.eval(Eval.NO_ROW, frame);
        if (value == null) {
            throw new SqlException(
                    SqlState.NULL_VALUE_NOT_ALLOWED, "frame " + which + " offset must not be null");
        }
        if (mode != Mode.RANGE && (Long) value < 0) {
            throw new SqlException(
                    SqlState.INVALID_PRECEDING_OR_FOLLOWING_SIZE,
                    "frame " + which + " offset must not be negative");
        }
        return value;
    }
}
