package dev.driftdb.query.parse;

import dev.driftdb.query.ast.CursorStatement;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** DECLARE, FETCH, MOVE, CLOSE. */
final class CursorStatements {
    private final UtilityParser statements;

    CursorStatements(UtilityParser statements) {
        this.statements = statements;
    }

    Statement parse(TokenCursor in) {
        if (in.accept("declare")) {
            return declare(in);
        }
        if (in.accept("close")) {
            return new CursorStatement.CloseCursor(in.accept("all") ? null : in.name());
        }
        boolean move = in.isWord("move");
        in.next();
        return fetch(in, move);
    }

    private Statement declare(TokenCursor in) {
        String name = in.name();
        boolean binary = false;
        Boolean scroll = null;
        Boolean insensitive = null;
        while (!in.isWord("cursor")) {
            if (in.accept("binary")) {
                binary = true;
            } else if (in.accept("no")) {
                in.expect("scroll");
                scroll = one(scroll, false, "SCROLL", "NO SCROLL");
            } else if (in.accept("scroll")) {
                scroll = one(scroll, true, "SCROLL", "NO SCROLL");
            } else if (in.accept("insensitive")) {
                insensitive = one(insensitive, true, "ASENSITIVE", "INSENSITIVE");
            } else if (in.accept("asensitive")) {
                insensitive = one(insensitive, false, "ASENSITIVE", "INSENSITIVE");
            } else {
                throw in.fail();
            }
        }
        in.expect("cursor");
        boolean hold = false;
        if (in.accept("with")) {
            in.expect("hold");
            hold = true;
        } else if (in.accept("without")) {
            in.expect("hold");
        }
        in.expect("for");
        if (in.isWord("subscribe")) {
            throw SqlException.notSupported("SUBSCRIBE", in.peek().position());
        }
        int start = in.index();
        Statement query = statements.query(in);
        if (!(query instanceof DataStatement.Select select)) {
            in.moveTo(start);
            throw in.fail();
        }
        checkReadOnly(select.query(), hold, Boolean.TRUE.equals(scroll), insensitive);
        return new CursorStatement.DeclareCursor(
                name, binary, scroll, hold, query, in.text(start, in.index()));
    }

    private static Boolean one(@Nullable Boolean before, boolean now, String first, String second) {
        if (before != null && before != now) {
            throw new SqlException(
                    SqlState.INVALID_CURSOR_DEFINITION,
                    "cannot specify both " + first + " and " + second);
        }
        return now;
    }

    /** Some cursors may neither change nor lock rows. */
    private static void checkReadOnly(
            Query query, boolean hold, boolean scroll, @Nullable Boolean insensitive) {
        if (query.with().stream().anyMatch(w -> !(w.statement() instanceof DataStatement.Select))) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "DECLARE CURSOR must not contain data-modifying statements in WITH");
        }
        if (query.locking().isEmpty()) {
            return;
        }
        String lock =
                "FOR "
                        + query.locking().getFirst().strength().name().replace('_', ' ')
                        + " is not ";
        if (hold) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "DECLARE CURSOR WITH HOLD ... " + lock + "supported")
                    .withDetail("Holdable cursors must be READ ONLY.");
        }
        if (scroll) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "DECLARE SCROLL CURSOR ... " + lock + "supported")
                    .withDetail("Scrollable cursors must be READ ONLY.");
        }
        if (Boolean.TRUE.equals(insensitive)) {
            throw new SqlException(
                            SqlState.INVALID_CURSOR_DEFINITION,
                            "DECLARE INSENSITIVE CURSOR ... " + lock + "valid")
                    .withDetail("Insensitive cursors must be READ ONLY.");
        }
    }

    private static Statement fetch(TokenCursor in, boolean move) {
        String direction = "forward";
        long count = 1;
        for (String word : List.of("next", "prior", "first", "last")) {
            if (isDirection(in, word)) {
                in.next();
                return new CursorStatement.Fetch(cursor(in), word, 1, move);
            }
        }
        if (isDirection(in, "absolute") || isDirection(in, "relative")) {
            direction = in.next().text();
            count = in.signedLong();
        } else if (isDirection(in, "forward") || isDirection(in, "backward")) {
            direction = in.next().text();
            if (in.accept("all")) {
                count = Long.MAX_VALUE;
            } else if (isCount(in)) {
                count = in.signedLong();
            }
        } else if (in.accept("all")) {
            count = Long.MAX_VALUE;
        } else if (isCount(in)) {
            count = in.signedLong();
        } else {
            direction = "next";
        }
        return new CursorStatement.Fetch(cursor(in), direction, count, move);
    }

    /** A direction word that is not itself the cursor's name. */
    private static boolean isDirection(TokenCursor in, String word) {
        Token next = in.peek(1);
        return in.isWord(word) && next.kind() != Token.Kind.END && !next.isMark(";");
    }

    private static boolean isCount(TokenCursor in) {
        return in.peek().kind() == Token.Kind.NUMBER || in.peek().kind() == Token.Kind.OPERATOR;
    }

    private static String cursor(TokenCursor in) {
        if (!in.accept("from")) {
            in.accept("in");
        }
        return in.name();
    }
}
