package dev.driftdb.query.parse;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Utf8;
import java.io.ByteArrayOutputStream;

/** Decodes quoted strings of one text: plain, E'', U&'' and the digits of B'' and X''. */
final class StringLiterals {
    enum Style {
        PLAIN,
        ESCAPE,
        UNICODE,
        BITS
    }

    /**
     * A decoded literal.
     *
     * @param end UTF-16 offset after the closing quote (and after UESCAPE)
     */
    record Decoded(String value, int end) {}

    private final String sql;
    private final Lexer.Positions positions;

    StringLiterals(String sql, Lexer.Positions positions) {
        this.sql = sql;
        this.positions = positions;
    }

    /**
     * @param start where the token starts (at its prefix)
     * @param quote where its opening quote is
     */
    Decoded decode(int start, int quote, Style style) {
        StringBuilder out = new StringBuilder();
        int i = quote + 1;
        while (true) {
            int end = segment(start, i, style, out);
            int next = continuation(end);
            if (next < 0) {
                return style == Style.UNICODE
                        ? unicode(out.toString(), start, end)
                        : new Decoded(out.toString(), end);
            }
            i = next;
        }
    }

    /** Reads up to the closing quote; answers the offset after it. */
    private int segment(int start, int from, Style style, StringBuilder out) {
        int i = from;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c == '\'') {
                if (charAt(i + 1) != '\'') {
                    return i + 1;
                }
                out.append('\'');
                i += 2;
            } else if (c == '\\' && style == Style.ESCAPE) {
                i = escape(start, i, out);
            } else if (c == 0) {
                throw new SqlException(
                        SqlState.CHARACTER_NOT_IN_REPERTOIRE,
                        "invalid byte sequence for encoding \"UTF8\": 0x00",
                        positions.of(i));
            } else {
                int run = i + 1;
                while (run < sql.length() && plain(sql.charAt(run))) {
                    run++;
                }
                out.append(sql, i, run);
                i = run;
            }
        }
        throw SyntaxErrors.at(
                style == Style.BITS
                        ? "unterminated bit string literal"
                        : "unterminated quoted string",
                sql.substring(start),
                positions.of(start));
    }

    private static boolean plain(char c) {
        return c != '\'' && c != '\\' && c != 0;
    }

    /** A string goes on after white space that holds a newline; -1 if it does not. */
    private int continuation(int end) {
        int i = end;
        boolean newline = false;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c == '\n' || c == '\r') {
                newline = true;
                i++;
            } else if (c == ' ' || c == '\t' || c == '\f' || c == 0x0b) {
                i++;
            } else if (newline && c == '-' && charAt(i + 1) == '-') {
                while (i < sql.length() && sql.charAt(i) != '\n' && sql.charAt(i) != '\r') {
                    i++;
                }
            } else {
                break;
            }
        }
        return newline && charAt(i) == '\'' ? i + 1 : -1;
    }

    private int escape(int start, int backslash, StringBuilder out) {
        if (backslash + 1 >= sql.length()) {
            throw SyntaxErrors.at(
                    "unterminated quoted string", sql.substring(start), positions.of(start));
        }
        char c = sql.charAt(backslash + 1);
        switch (c) {
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case 'v' -> out.append((char) 0x0b);
            case 'u' -> {
                return codePoint(backslash, 4, out);
            }
            case 'U' -> {
                return codePoint(backslash, 8, out);
            }
            case 'x', '0', '1', '2', '3', '4', '5', '6', '7' -> {
                return bytes(backslash, out);
            }
            default -> out.append(c);
        }
        return backslash + 2;
    }

    private int codePoint(int backslash, int digits, StringBuilder out) {
        int end = backslash + 2 + digits;
        int value = end <= sql.length() ? hex(backslash + 2, end) : -1;
        if (value < 0) {
            throw new SqlException(
                            SqlState.INVALID_ESCAPE_SEQUENCE,
                            "invalid Unicode escape",
                            positions.of(backslash))
                    .withHint("Unicode escapes must be \\uXXXX or \\UXXXXXXXX.");
        }
        if (value == 0 || value > Character.MAX_CODE_POINT) {
            throw SyntaxErrors.at(
                    "invalid Unicode escape value",
                    sql.substring(backslash, end),
                    positions.of(backslash));
        }
        out.appendCodePoint(value);
        return end;
    }

    /** A run of octal and hexadecimal byte escapes, which together must be UTF-8. */
    private int bytes(int backslash, StringBuilder out) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int i = backslash;
        while (charAt(i) == '\\') {
            char c = charAt(i + 1);
            int radix = c == 'x' ? 16 : 8;
            int first = c == 'x' ? i + 2 : i + 1;
            int end = first;
            int max = c == 'x' ? 2 : 3;
            while (end - first < max && Character.digit(charAt(end), radix) >= 0) {
                end++;
            }
            if (end == first) {
                if (i == backslash) {
                    out.append(c);
                    return i + 2;
                }
                break;
            }
            bytes.write(Integer.parseInt(sql, first, end, radix));
            i = end;
        }
        out.append(Utf8.decode(bytes.toByteArray()));
        return i;
    }

    /** Decodes the escapes of U&'' or U&"" after reading an UESCAPE clause, if there is one. */
    Decoded unicode(String raw, int start, int end) {
        char escape = '\\';
        int after = end;
        int word = blank(end);
        if (sql.regionMatches(true, word, "UESCAPE", 0, 7)) {
            int quote = blank(word + 7);
            if (charAt(quote) == '\'' && charAt(quote + 2) == '\'') {
                escape = charAt(quote + 1);
                after = quote + 3;
            }
            if (after == end
                    || Character.digit(escape, 16) >= 0
                    || "+'\" \t\n\r\f".indexOf(escape) >= 0) {
                int close = sql.indexOf('\'', quote + 1);
                throw SyntaxErrors.at(
                        "invalid Unicode escape character",
                        charAt(quote) == '\'' && close > 0
                                ? sql.substring(quote, close + 1)
                                : sql.substring(word, word + 7),
                        positions.of(charAt(quote) == '\'' ? quote : word));
            }
        }
        StringBuilder out = new StringBuilder();
        int i = 0;
        // Where the text between the quotes starts: U&' or U&".
        int base = start + 3;
        boolean high = false;
        while (i < raw.length()) {
            char c = raw.charAt(i);
            boolean doubled = c == escape && i + 1 < raw.length() && raw.charAt(i + 1) == escape;
            if (c != escape || doubled) {
                refuseHalf(high, base + i);
                out.append(c);
                i += doubled ? 2 : 1;
                continue;
            }
            boolean six = i + 1 < raw.length() && raw.charAt(i + 1) == '+';
            int first = six ? i + 2 : i + 1;
            int last = first + (six ? 6 : 4);
            int value = last <= raw.length() ? hex(raw, first, last) : -1;
            if (value < 0) {
                throw new SqlException(
                                SqlState.SYNTAX_ERROR,
                                "invalid Unicode escape",
                                positions.of(base + i))
                        .withHint("Unicode escapes must be \\XXXX or \\+XXXXXX.");
            }
            if (value == 0 || value > Character.MAX_CODE_POINT) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "invalid Unicode escape value",
                        positions.of(base + i));
            }
            boolean low =
                    value >= Character.MIN_LOW_SURROGATE && value <= Character.MAX_LOW_SURROGATE;
            refuseHalf(high != low, base + i);
            high = value >= Character.MIN_HIGH_SURROGATE && value <= Character.MAX_HIGH_SURROGATE;
            out.appendCodePoint(value);
            i = last;
        }
        refuseHalf(high, base + i);
        return new Decoded(out.toString(), after);
    }

    private void refuseHalf(boolean half, int offset) {
        if (half) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "invalid Unicode surrogate pair", positions.of(offset));
        }
    }

    private int blank(int from) {
        int i = from;
        while (i < sql.length() && " \t\n\r\f".indexOf(sql.charAt(i)) >= 0) {
            i++;
        }
        return i;
    }

    private int hex(int from, int to) {
        return hex(sql, from, to);
    }

    private static int hex(String text, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
        }
        return value > Character.MAX_CODE_POINT ? Integer.MAX_VALUE : (int) value;
    }

    private char charAt(int index) {
        return index < sql.length() ? sql.charAt(index) : 0;
    }
}
