package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.BPCHAR;
import static dev.driftdb.schemas.type.Types.BYTEA;
import static dev.driftdb.schemas.type.Types.NAME;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import java.nio.charset.StandardCharsets;

/** PostgreSQL manual, 9.7.1 LIKE: the operators and functions behind LIKE and ILIKE. */
final class LikeFunctions {
    private LikeFunctions() {}

    static void define(Definitions d) {
        text(d, "text", TEXT);
        text(d, "bpchar", BPCHAR);
        text(d, "name", NAME);
        operator(d, "bytealike", "~~", BYTEA, BYTEA, false, true);
        operator(d, "byteanlike", "!~~", BYTEA, BYTEA, false, false);
        for (SqlType type : new SqlType[] {TEXT, NAME, BYTEA}) {
            SqlType pattern = type.equals(BYTEA) ? BYTEA : TEXT;
            d.define("like", BOOL, type, pattern).specialize((_, _) -> like(false, true));
            d.define("notlike", BOOL, type, pattern).specialize((_, _) -> like(false, false));
        }
        d.fn("like_escape", TEXT, TEXT, TEXT, (String p, String e) -> escaped(p, e));
        d.fn(
                "like_escape",
                BYTEA,
                BYTEA,
                BYTEA,
                (Bytes p, Bytes e) ->
                        Bytes.wrap(
                                escaped(characters(p), characters(e))
                                        .getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static void text(Definitions d, String prefix, SqlType type) {
        operator(d, prefix + "like", "~~", type, TEXT, false, true);
        operator(d, prefix + "nlike", "!~~", type, TEXT, false, false);
        operator(d, prefix + "iclike", "~~*", type, TEXT, true, true);
        operator(d, prefix + "icnlike", "!~~*", type, TEXT, true, false);
    }

    private static void operator(
            Definitions d,
            String name,
            String symbol,
            SqlType left,
            SqlType right,
            boolean ignoreCase,
            boolean wanted) {
        d.define(name, BOOL, left, right).specialize((_, _) -> like(ignoreCase, wanted));
        d.operator(symbol, left, right, d.scalars.getLast());
    }

    private static Body like(boolean ignoreCase, boolean wanted) {
        Cached<LikePattern> cached =
                new Cached<>((pattern, escape) -> LikePattern.compile(pattern, escape, ignoreCase));
        return (Body.Binary)
                (value, pattern) ->
                        cached.of(characters(pattern), "\\").matches(characters(value)) == wanted;
    }

    /** Text as it is; of bytes, each byte as one character. */
    private static String characters(Object value) {
        return value instanceof Bytes bytes
                ? new String(bytes.array(), StandardCharsets.ISO_8859_1)
                : (String) value;
    }

    /** The pattern with backslashes for the escape character; an empty one: nothing escapes. */
    private static String escaped(String pattern, String escape) {
        if (escape.isEmpty()) {
            return pattern.replace("\\", "\\\\");
        }
        if (escape.codePointCount(0, escape.length()) > 1) {
            throw new SqlException(SqlState.INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                    .withHint("Escape string must be empty or one character.");
        }
        if (escape.equals("\\")) {
            return pattern;
        }
        StringBuilder out = new StringBuilder(pattern.length() + 8);
        boolean after = false;
        int mark = escape.codePointAt(0);
        for (int c : pattern.codePoints().toArray()) {
            if (c == mark && !after) {
                out.append('\\');
                after = true;
            } else {
                if (c == '\\' && !after) {
                    out.append('\\');
                }
                out.appendCodePoint(c);
                after = false;
            }
        }
        return out.toString();
    }
}
