package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;

/** Turns a pattern of SIMILAR TO into a regular expression that matches the whole text. */
final class SimilarText {
    /** No character escapes. */
    private static final int NONE = -1;

    private SimilarText() {}

    /**
     * @param escape the escape character as text, empty for none
     */
    static String toRegex(String pattern, String escape) {
        if (escape.codePointCount(0, escape.length()) > 1) {
            throw new SqlException(SqlState.INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                    .withHint("Escape string must be empty or one character.");
        }
        int mark = escape.isEmpty() ? NONE : escape.codePointAt(0);
        StringBuilder out = new StringBuilder("^(?:");
        boolean brackets = false;
        boolean escaped = false;
        int separators = 0;
        for (int c : pattern.codePoints().toArray()) {
            if (escaped) {
                escaped = false;
                if (c == '"' && !brackets) {
                    separators++;
                    // substring(x SIMILAR y ESCAPE z): the part between the two is the answer,
                    // the parts around it take as little as they can.
                    switch (separators) {
                        case 1 -> out.append("){1,1}?(");
                        case 2 -> out.append("){1,1}(?:");
                        default ->
                                throw new SqlException(
                                        SqlState.INVALID_USE_OF_ESCAPE_CHARACTER,
                                        "SQL regular expression may not contain more than two"
                                                + " escape-double-quote separators");
                    }
                } else {
                    // A backslash before it even if it is a letter: such an escape is an error.
                    out.append('\\').appendCodePoint(c);
                }
            } else if (c == mark) {
                escaped = true;
            } else if (brackets) {
                brackets = c != ']';
                out.append(c == '\\' ? "\\" : "").appendCodePoint(c);
            } else {
                switch (c) {
                    case '[' -> {
                        brackets = true;
                        out.append('[');
                    }
                    case '%' -> out.append(".*");
                    case '_' -> out.append('.');
                    case '(' -> out.append("(?:");
                    case '\\', '.', '^', '$' -> out.append('\\').appendCodePoint(c);
                    default -> out.appendCodePoint(c);
                }
            }
        }
        return out.append(")$").toString();
    }
}
