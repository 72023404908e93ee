package dev.driftdb.query.parse;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.schemas.error.SqlException;
import java.util.List;

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
            return new Statement.CloseCursor(in.accept("all") ? null : in.name());
        }
        boolean move = in.isWord("move");
        in.next();
        return fetch(in, move);
    }

    private Statement declare(TokenCursor in) {
        String name = in.name();
        boolean binary = false;
        boolean scroll = false;
        while (!in.isWord("cursor")) {
            if (in.accept("binary")) {
                binary = true;
            } else if (in.accept("no", "scroll")) {
                scroll = false;
            } else if (in.accept("scroll")) {
                scroll = true;
            } else if (!in.accept("insensitive") && !in.accept("asensitive")) {
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
        if (!(query instanceof Statement.Select)) {
            in.moveTo(start);
            throw in.fail();
        }
        return new Statement.DeclareCursor(
                name, binary, scroll, hold, query, in.text(start, in.index()));
    }

    private static Statement fetch(TokenCursor in, boolean move) {
        String direction = "forward";
        long count = 1;
        for (String word : List.of("next", "prior", "first", "last")) {
            if (isDirection(in, word)) {
                in.next();
                return new Statement.Fetch(cursor(in), word, 1, move);
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
        return new Statement.Fetch(cursor(in), direction, count, move);
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
