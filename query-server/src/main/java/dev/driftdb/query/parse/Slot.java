package dev.driftdb.query.parse;

import dev.driftdb.query.ast.ColumnTarget;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableSample;
import dev.driftdb.query.ast.TimeClause;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.query.ast.WindowFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one placeholder in the text for JSqlParser stands for: a name, a constant or an operator of
 * the original text. JSqlParser sees only {@code s<number>}.
 *
 * <p>The reader takes every slot exactly once; a slot that nobody took is text that JSqlParser
 * dropped, and the statement is refused.
 */
final class Slot {
    enum Kind {
        NAME,
        CONSTANT,
        /** An element of an operator chain; {@code text} is the symbol or the keywords. */
        OPERATOR,
        /** The rows of VALUES, {@code rows} their constants. */
        ROWS,
        /** The columns of USING, {@code names}. */
        USING,
        /** A whole IN list of constants. */
        LIST,
        /** Stands where PostgreSQL has nothing and JSqlParser wants something. */
        EMPTY,
        /** First item of the SELECT that a window definition is written as. */
        WINDOW,
        /** The column of the assignment that makes an UPDATE out of a DELETE. */
        DELETE,
        /** CURRENT_DATE and its kin, {@code expression} the call. */
        CALL,
        /** All that stands in parentheses, {@code query}. */
        QUERY
    }

    final Kind kind;
    final String text;
    final Token token;

    /** What {@link Kind#QUERY} stands for. */
    @Nullable Query query;

    /** How many times the text for JSqlParser mentions it. */
    int written;

    int taken;
    @Nullable SqlExpr expression;
    @Nullable TypeName type;
    @Nullable TimeClause time;
    @Nullable TableSample sample;

    /** SEARCH and CYCLE of the common table that this names. */
    Query.@Nullable Search search;

    Query.@Nullable Cycle cycle;

    /** A function's arguments stand in the reverse order of the call's. */
    boolean swapped;

    /** Columns of USING, the parts of a collation. */
    List<String> names = List.of();

    /** What an assignment or an item of INSERT's list gives a value to. */
    List<ColumnTarget> targets = List.of();

    /** Whether the targets of an assignment stand in parentheses. */
    boolean multiple;

    /** Whether what a multiple assignment assigns says ROW, and where it begins. */
    boolean row;

    int valuePosition;

    /** Constants of VALUES, null for an expression that stands in the text. */
    List<List<@Nullable SqlExpr>> rows = List.of();

    /** The constants of an IN list. */
    List<SqlExpr> list = List.of();

    /** The frame of a window, null if none was written. */
    @Nullable WindowFrame frame;

    /** Where the parenthesis of a named window's definition opens. */
    int definitionPosition;

    /**
     * The window that a window definition builds upon; OVERRIDING of an INSERT target; the alias of
     * USING.
     */
    @Nullable String base;

    Slot(Kind kind, String text, Token token) {
        this.kind = kind;
        this.text = text;
        this.token = token;
    }

    int position() {
        return token.position();
    }
}
