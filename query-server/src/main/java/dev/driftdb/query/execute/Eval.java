package dev.driftdb.query.execute;

import org.jspecify.annotations.Nullable;

/** A compiled expression: stateless, shared by all executions of its plan on any thread. */
@FunctionalInterface
public interface Eval {
    /** A row of no columns, for expressions that read none. */
    @Nullable Object[] NO_ROW = {};

    /** The value for a row; {@code frame} leads to the rows around and to the statement. */
    @Nullable Object eval(@Nullable Object[] row, Frame frame);

    /** Whether the value is true: neither false nor NULL. */
    default boolean test(@Nullable Object[] row, Frame frame) {
        return Boolean.TRUE.equals(eval(row, frame));
    }
}
