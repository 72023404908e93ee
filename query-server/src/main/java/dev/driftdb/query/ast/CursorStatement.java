package dev.driftdb.query.ast;

import org.jspecify.annotations.Nullable;

/** A statement about a cursor of the session. */
public sealed interface CursorStatement extends Statement {
    /**
     * DECLARE … CURSOR.
     *
     * @param scroll null if neither SCROLL nor NO SCROLL was said
     */
    record DeclareCursor(
            String name,
            boolean binary,
            @Nullable Boolean scroll,
            boolean hold,
            Statement query,
            String queryText)
            implements CursorStatement {}

    /**
     * FETCH or MOVE.
     *
     * @param direction next, prior, first, last, absolute, relative, forward, backward
     * @param count Long.MAX_VALUE for ALL
     */
    record Fetch(String cursor, String direction, long count, boolean move)
            implements CursorStatement {}

    /** {@code name} null for ALL. */
    record CloseCursor(@Nullable String name) implements CursorStatement {}
}
