package dev.driftdb.query.parse;

import dev.driftdb.query.ast.ColumnTarget;
import dev.driftdb.query.ast.ColumnTarget.Part;
import dev.driftdb.query.ast.SqlExpr;
import java.util.ArrayList;
import java.util.List;

/** Reads what SET and INSERT give values to: columns and parts of them. */
final class ColumnTargets {
    private ColumnTargets() {}

    /** (a, b[1], c.f). */
    static List<ColumnTarget> list(TokenCursor in) {
        in.expectMark("(");
        List<ColumnTarget> targets = new ArrayList<>();
        do {
            targets.add(one(in));
        } while (in.acceptMark(","));
        in.expectMark(")");
        return targets;
    }

    static ColumnTarget one(TokenCursor in) {
        Token first = in.peek();
        String column = in.name();
        List<Part> parts = new ArrayList<>();
        while (true) {
            if (in.acceptMark(".")) {
                parts.add(new Part.Field(in.acceptOperator("*") ? "*" : in.label()));
            } else if (in.isMark("[")) {
                parts.add(new Part.Subscript(bracket(in)));
            } else {
                return new ColumnTarget(column, parts, first.position());
            }
        }
    }

    private static SqlExpr.Bracket bracket(TokenCursor in) {
        int open = in.index();
        int close = in.closing(open);
        int colon = colon(in, open, close);
        SqlExpr low = colon < 0 || colon == open + 1 ? null : expression(in, open + 1, colon);
        int from = colon < 0 ? open + 1 : colon + 1;
        SqlExpr high = colon >= 0 && from == close ? null : expression(in, from, close);
        in.moveTo(close + 1);
        return new SqlExpr.Bracket(low, high, colon >= 0);
    }

    private static SqlExpr expression(TokenCursor in, int from, int to) {
        return new QueryParser().expression(in, from, to);
    }

    /** The colon of a slice, -1 if there is none. */
    private static int colon(TokenCursor in, int open, int close) {
        int depth = 0;
        for (int i = open + 1; i < close; i++) {
            Token token = in.tokens().get(i);
            if (token.isMark("(") || token.isMark("[")) {
                depth++;
            } else if (token.isMark(")") || token.isMark("]")) {
                depth--;
            } else if (depth == 0 && token.isMark(":")) {
                return i;
            }
        }
        return -1;
    }
}
