package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.WindowFrame;
import dev.driftdb.query.ast.WindowFrame.Bound;
import dev.driftdb.query.ast.WindowFrame.BoundKind;
import dev.driftdb.query.ast.WindowFrame.Exclusion;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;

/** Reads the frame clause of a window. */
final class WindowFrames {
    private final TokenCursor in;
    private final QueryParser parser;

    WindowFrames(TokenCursor in, QueryParser parser) {
        this.in = in;
        this.parser = parser;
    }

    /** ROWS|RANGE|GROUPS bound | BETWEEN bound AND bound [EXCLUDE …] up to the parenthesis. */
    WindowFrame read() {
        WindowFrame.Mode mode =
                switch (in.next().text()) {
                    case "rows" -> WindowFrame.Mode.ROWS;
                    case "range" -> WindowFrame.Mode.RANGE;
                    default -> WindowFrame.Mode.GROUPS;
                };
        Bound start;
        Bound end;
        boolean between = in.accept("between");
        int startPosition = in.peek().position();
        start = bound();
        if (start.kind() == BoundKind.UNBOUNDED_FOLLOWING) {
            throw wrong("frame start cannot be UNBOUNDED FOLLOWING", startPosition);
        }
        if (between) {
            in.expect("and");
            int endPosition = in.peek().position();
            end = bound();
            check(start.kind(), end.kind(), endPosition);
        } else {
            if (start.kind() == BoundKind.FOLLOWING) {
                throw wrong(
                        "frame starting from following row cannot end with current row",
                        startPosition);
            }
            end = new Bound(BoundKind.CURRENT_ROW, null);
        }
        Exclusion exclusion = in.accept("exclude") ? exclusion() : Exclusion.NO_OTHERS;
        if (!in.isMark(")")) {
            throw in.fail();
        }
        return new WindowFrame(mode, start, end, exclusion);
    }

    private static void check(BoundKind start, BoundKind end, int position) {
        if (end == BoundKind.UNBOUNDED_PRECEDING) {
            throw wrong("frame end cannot be UNBOUNDED PRECEDING", position);
        }
        if (start == BoundKind.CURRENT_ROW && end == BoundKind.PRECEDING) {
            throw wrong("frame starting from current row cannot have preceding rows", position);
        }
        if (start == BoundKind.FOLLOWING
                && (end == BoundKind.PRECEDING || end == BoundKind.CURRENT_ROW)) {
            throw wrong("frame starting from following row cannot have preceding rows", position);
        }
    }

    private static SqlException wrong(String message, int position) {
        return new SqlException(SqlState.WINDOWING_ERROR, message, position);
    }

    private Exclusion exclusion() {
        if (in.accept("current")) {
            in.expect("row");
            return Exclusion.CURRENT_ROW;
        }
        if (in.accept("no")) {
            in.expect("others");
            return Exclusion.NO_OTHERS;
        }
        if (in.accept("group")) {
            return Exclusion.GROUP;
        }
        in.expect("ties");
        return Exclusion.TIES;
    }

    private Bound bound() {
        if (in.accept("current", "row")) {
            return new Bound(BoundKind.CURRENT_ROW, null);
        }
        if (in.accept("unbounded")) {
            return new Bound(
                    isPreceding() ? BoundKind.UNBOUNDED_PRECEDING : BoundKind.UNBOUNDED_FOLLOWING,
                    null);
        }
        int start = in.index();
        int end = start;
        while (!in.peek().isWord("preceding") && !in.peek().isWord("following")) {
            if (in.atEnd() || in.isMark(")")) {
                throw in.fail();
            }
            end = in.isMark("(") ? in.closing(in.index()) + 1 : in.index() + 1;
            in.moveTo(end);
        }
        SqlExpr offset = parser.expression(in, start, end);
        return new Bound(isPreceding() ? BoundKind.PRECEDING : BoundKind.FOLLOWING, offset);
    }

    private boolean isPreceding() {
        if (in.accept("preceding")) {
            return true;
        }
        in.expect("following");
        return false;
    }
}
