package dev.driftdb.query.parse;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;

/** Syntax errors worded as PostgreSQL words them. */
final class SyntaxErrors {
    /** Longest piece of the statement that an error message repeats, in characters. */
    static final int NEAR_TEXT_MAX = 1024;

    private SyntaxErrors() {}

    static SqlException near(String source, Token token) {
        return near("syntax error", source, token);
    }

    static SqlException near(String message, String source, Token token) {
        if (token.kind() == Token.Kind.END) {
            return new SqlException(
                    SqlState.SYNTAX_ERROR, message + " at end of input", token.position());
        }
        return at(message, source.substring(token.start(), token.end()), token.position());
    }

    static SqlException at(String message, String near, int position) {
        String shown = near.length() > NEAR_TEXT_MAX ? near.substring(0, NEAR_TEXT_MAX) : near;
        return new SqlException(
                SqlState.SYNTAX_ERROR, message + " at or near \"" + shown + "\"", position);
    }

    static SqlException tooDeep() {
        return new SqlException(
                SqlState.STATEMENT_TOO_COMPLEX,
                "stack depth limit exceeded: more than "
                        + SqlParser.NESTING_MAX
                        + " nested levels");
    }
}
