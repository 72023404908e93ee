package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import org.jspecify.annotations.Nullable;

/** The expressions of LIMIT and OFFSET, of type int8; NULL is as good as none. */
public record LimitBounds(@Nullable Eval limit, @Nullable Eval offset) {
    /** Long.MAX_VALUE for no limit. */
    long limit(Frame frame) {
        long value = value(limit, frame, Long.MAX_VALUE);
        if (value < 0) {
            throw new SqlException(
                    SqlState.INVALID_ROW_COUNT_IN_LIMIT, "LIMIT must not be negative");
        }
        return value;
    }

    /** As {@link #limit}, where NULL is no number of rows: WITH TIES. */
    long limitWithTies(Frame frame) {
        if (limit != null && limit.eval(Eval.NO_ROW, frame) == null) {
            throw new SqlException(
                    SqlState.INVALID_ROW_COUNT_IN_LIMIT,
                    "row count cannot be null in FETCH FIRST ... WITH TIES clause");
        }
        return limit(frame);
    }

    long offset(Frame frame) {
        long value = value(offset, frame, 0);
        if (value < 0) {
            throw new SqlException(
                    SqlState.INVALID_ROW_COUNT_IN_OFFSET, "OFFSET must not be negative");
        }
        return value;
    }

    /** How many rows of the input can come out. */
    long rowsNeeded(Frame frame) {
        long rows = limit(frame) + offset(frame);
        return rows < 0 ? Long.MAX_VALUE : rows;
    }

    private static long value(@Nullable Eval eval, Frame frame, long otherwise) {
        Object value = eval == null ? null : eval.eval(Eval.NO_ROW, frame);
        return value instanceof Long number ? number : otherwise;
    }
}
