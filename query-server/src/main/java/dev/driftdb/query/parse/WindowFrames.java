package dev.driftdb.query.parse;

import java.util.Locale;

/** Reads the frame clause of a window and answers it in one spelling. */
final class WindowFrames {
    private WindowFrames() {}

    /**
     * ROWS|RANGE|GROUPS bound | BETWEEN bound AND bound [EXCLUDE …] up to the closing parenthesis;
     * keywords in upper case, offsets as written, one space between tokens.
     */
    static String read(TokenCursor in) {
        StringBuilder out = new StringBuilder(in.next().text().toUpperCase(Locale.ROOT));
        if (in.accept("between")) {
            out.append(" BETWEEN");
            bound(in, out);
            in.expect("and");
            out.append(" AND");
        }
        bound(in, out);
        if (in.accept("exclude")) {
            out.append(" EXCLUDE");
            if (in.accept("current", "row")) {
                out.append(" CURRENT ROW");
            } else if (in.accept("no", "others")) {
                out.append(" NO OTHERS");
            } else if (in.accept("group")) {
                out.append(" GROUP");
            } else {
                in.expect("ties");
                out.append(" TIES");
            }
        }
        if (!in.isMark(")")) {
            throw in.fail();
        }
        return out.toString();
    }

    private static void bound(TokenCursor in, StringBuilder out) {
        if (in.accept("current", "row")) {
            out.append(" CURRENT ROW");
            return;
        }
        if (in.accept("unbounded")) {
            out.append(" UNBOUNDED");
        } else {
            int start = in.index();
            while (!in.isWord("preceding") && !in.isWord("following")) {
                if (in.atEnd() || in.isMark(")")) {
                    throw in.fail();
                }
                in.moveTo(in.isMark("(") ? in.closing(in.index()) + 1 : in.index() + 1);
            }
            if (in.index() == start) {
                throw in.fail();
            }
            out.append(' ').append(in.text(start, in.index()));
        }
        if (in.accept("preceding")) {
            out.append(" PRECEDING");
        } else {
            in.expect("following");
            out.append(" FOLLOWING");
        }
    }
}
