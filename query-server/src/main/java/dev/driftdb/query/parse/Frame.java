package dev.driftdb.query.parse;

import org.jspecify.annotations.Nullable;

/** What is known of one open parenthesis, bracket or CASE while a query is rewritten. */
final class Frame {
    enum Kind {
        /** The statement itself. */
        STATEMENT,
        PARENTHESIS,
        /** Arguments of one of SQL's functions with keywords between the arguments. */
        KEYWORD_CALL,
        CAST,
        SUBSCRIPT,
        ARRAY,
        CASE,
        /** OVER (…) and WITHIN GROUP (…), written as a SELECT. */
        WINDOW,
        /** WINDOW name AS (…). */
        NAMED_WINDOW,
        /** An item of VALUES that is no constant. */
        ROW
    }

    enum Clause {
        NONE,
        WITH,
        SELECT,
        FROM,
        ON,
        WHERE,
        GROUP,
        ORDER,
        LIMIT,
        OFFSET,
        LOCKING,
        WINDOW,
        VALUES,
        INSERT,
        CONFLICT,
        UPDATE,
        DELETE,
        SET,
        RETURNING
    }

    final Kind kind;
    final Token open;
    Clause clause;

    /** INSERT, UPDATE and DELETE may start here. */
    boolean statementMayStart;

    /** The function of a KEYWORD_CALL, the cast, the window. */
    final @Nullable Slot slot;

    /** The FROM item that a time clause would belong to. */
    @Nullable Slot lastTable;

    /** The common table whose statement comes next, or has just come. */
    @Nullable Slot commonTable;

    /** Separators of a KEYWORD_CALL met so far. */
    int separators;

    Frame(Kind kind, Token open, Clause clause, @Nullable Slot slot) {
        this.kind = kind;
        this.open = open;
        this.clause = clause;
        this.slot = slot;
    }
}
