package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tokens of a jsonpath. */
final class JsonPathLexer {
    enum Kind {
        /** A word without quotes; {@code value} has its escapes resolved. */
        WORD,
        STRING,
        VARIABLE,
        /** A whole number in decimal digits. */
        INTEGER,
        NUMERIC,
        /** An operator or mark. */
        SYMBOL,
        END
    }

    /**
     * @param text what PostgreSQL's lexer saw last of it, for messages
     * @param value what it means
     */
    record Token(Kind kind, String text, String value) {
        boolean is(String symbol) {
            return kind == Kind.SYMBOL && value.equals(symbol);
        }

        /** Keywords but true, false and null are known in any case. */
        boolean isWord(String word) {
            return kind == Kind.WORD && value.toLowerCase(Locale.ROOT).equals(word);
        }
    }

    private static final List<String> SYMBOLS =
            List.of("**", "&&", "||", "==", "!=", "<>", "<=", ">=");
    private static final String SPECIAL = "?%$.[]{}()|&!=<>@#,*:-+/";

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    JsonPathLexer(String text) {
        this.text = text;
    }

    List<Token> tokens() {
        skipBlanks();
        while (at < text.length()) {
            tokens.add(token());
            skipBlanks();
        }
        tokens.add(new Token(Kind.END, "", ""));
        return tokens;
    }

    /**
     * @param near the text the message quotes; empty at the end
     */
    static SqlException error(String message, String near) {
        return new SqlException(
                SqlState.SYNTAX_ERROR,
                near.isEmpty()
                        ? message + " at end of jsonpath input"
                        : message + " at or near \"" + near + "\" of jsonpath input");
    }

    private void skipBlanks() {
        while (at < text.length()) {
            if (" \t\n\r\f".indexOf(text.charAt(at)) >= 0) {
                at++;
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                if (end < 0) {
                    throw error("unexpected end of comment", "");
                }
                at = end + 2;
            } else {
                return;
            }
        }
    }

    private Token token() {
        char c = text.charAt(at);
        if (c == '"') {
            return new Token(Kind.STRING, "\"", quoted());
        }
        if (c == '$' && at + 1 < text.length()) {
            char next = text.charAt(at + 1);
            if (next == '"') {
                at++;
                return new Token(Kind.VARIABLE, "\"", quoted());
            }
            if (isOther(next) || next == '\\') {
                at++;
                String value = word();
                return new Token(Kind.VARIABLE, afterWord(), value);
            }
        }
        boolean point = c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1));
        if (isDigit(c) || point) {
            return number();
        }
        for (String symbol : SYMBOLS) {
            if (text.startsWith(symbol, at)) {
                at += symbol.length();
                return new Token(Kind.SYMBOL, symbol, symbol.equals("<>") ? "!=" : symbol);
            }
        }
        if (SPECIAL.indexOf(c) >= 0) {
            at++;
            return new Token(Kind.SYMBOL, String.valueOf(c), String.valueOf(c));
        }
        return wordToken();
    }

    private Token wordToken() {
        String value = word();
        return new Token(Kind.WORD, afterWord(), value);
    }

    /** A word is known to end by the blank behind it, which then counts as its text. */
    private String afterWord() {
        boolean blank = at < text.length() && " \t\n\r\f".indexOf(text.charAt(at)) >= 0;
        return blank ? text.substring(at, at + 1) : "";
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isOther(char c) {
        return SPECIAL.indexOf(c) < 0 && " \t\n\r\f\\\"".indexOf(c) < 0;
    }

    private String word() {
        StringBuilder out = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\') {
                escape(out);
            } else if (isOther(c)) {
                out.append(c);
                at++;
            } else {
                break;
            }
        }
        return complete(out);
    }

    private static String complete(StringBuilder out) {
        for (int i = 0; i < out.length(); i++) {
            if (Character.isHighSurrogate(out.charAt(i))
                    && (i + 1 == out.length() || !Character.isLowSurrogate(out.charAt(i + 1)))) {
                throw surrogate("Unicode low surrogate must follow a high surrogate.");
            }
        }
        return out.toString();
    }

    private String quoted() {
        at++;
        StringBuilder out = new StringBuilder();
        while (true) {
            if (at >= text.length()) {
                throw error("unterminated quoted string", "");
            }
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return complete(out);
            }
            if (c == '\\') {
                escape(out);
            } else {
                out.append(c);
                at++;
            }
        }
    }

    /** A backslash and what follows it. */
    private void escape(StringBuilder out) {
        int start = at++;
        if (at >= text.length()) {
            throw error("unexpected end after backslash", "");
        }
        char c = text.charAt(at++);
        switch (c) {
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case 'v' -> out.append('\u000B');
            case 'x' -> code(2, start, out);
            case 'u' -> {
                if (at < text.length() && text.charAt(at) == '{') {
                    int end = text.indexOf('}', at);
                    int digits = end - at - 1;
                    if (end < 0 || digits < 1 || digits > 6) {
                        throw error("invalid Unicode escape sequence", text.substring(start));
                    }
                    at++;
                    code(digits, start, out);
                    at++;
                } else {
                    code(4, start, out);
                }
            }
            default -> out.append(c);
        }
    }

    private void code(int digits, int start, StringBuilder out) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw digits == 2
                        ? error("invalid hexadecimal character sequence", shown(start))
                        : error("invalid Unicode escape sequence", shown(start));
            }
            value = value * 16 + digit;
            at++;
        }
        if (value == 0) {
            throw new SqlException(
                            SqlState.UNTRANSLATABLE_CHARACTER,
                            "unsupported Unicode escape sequence")
                    .withDetail("\\u0000 cannot be converted to text.");
        }
        if (value > Character.MAX_CODE_POINT) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "could not convert Unicode to server encoding");
        }
        int length = out.length();
        boolean low = value >= Character.MIN_LOW_SURROGATE && value <= Character.MAX_LOW_SURROGATE;
        boolean afterHigh = length > 0 && Character.isHighSurrogate(out.charAt(length - 1));
        if (low != afterHigh) {
            throw surrogate(
                    low || !Character.isHighSurrogate((char) value)
                            ? "Unicode low surrogate must follow a high surrogate."
                            : "Unicode high surrogate must not follow a high surrogate.");
        }
        out.appendCodePoint(value);
    }

    private static SqlException surrogate(String detail) {
        return new SqlException(
                        SqlState.INVALID_TEXT_REPRESENTATION,
                        "invalid input syntax for type jsonpath")
                .withDetail(detail);
    }

    private String shown(int start) {
        return text.substring(start, Math.min(text.length(), at));
    }

    private int digits(int from, int radix) {
        int i = from;
        while (i < text.length()
                && (Character.digit(text.charAt(i), radix) >= 0
                        || (text.charAt(i) == '_'
                                && i > from
                                && i + 1 < text.length()
                                && Character.digit(text.charAt(i + 1), radix) >= 0))) {
            i++;
        }
        return i;
    }

    private Token number() {
        int start = at;
        int radix = radix();
        if (radix != 10) {
            int end = digits(at + 2, radix);
            if (end > at + 2) {
                if (isWord(start, end)) {
                    return wordToken();
                }
                at = end;
                String plain = text.substring(start + 2, end).replace("_", "");
                String value = new BigInteger(plain, radix).toString();
                return new Token(Kind.INTEGER, text.substring(start, end), value);
            }
        }
        // A zero is a number of its own: 01 is junk after 0.
        boolean zero = text.charAt(at) == '0';
        at = zero ? at + 1 : digits(at, 10);
        Kind kind = Kind.INTEGER;
        if (at < text.length() && text.charAt(at) == '.') {
            kind = Kind.NUMERIC;
            at = digits(at + 1, 10);
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            int sign = at + 1;
            if (sign < text.length() && "+-".indexOf(text.charAt(sign)) >= 0) {
                sign++;
            }
            int end = digits(sign, 10);
            if (end == sign) {
                at = sign;
                if (isWord(start, sign)) {
                    return wordToken();
                }
                throw error("trailing junk after numeric literal", text.substring(start, sign));
            }
            kind = Kind.NUMERIC;
            at = end;
        }
        if (isJunk(start)) {
            return wordToken();
        }
        String shown = text.substring(start, at);
        return new Token(kind, shown, shown.replace("_", ""));
    }

    private int radix() {
        if (text.charAt(at) != '0' || at + 1 >= text.length()) {
            return 10;
        }
        return switch (text.charAt(at + 1)) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 10;
        };
    }

    /** Whether what looked like a number is the start of a longer word; then goes back to it. */
    private boolean isWord(int start, int end) {
        int last = start;
        while (last < text.length() && isOther(text.charAt(last))) {
            last++;
        }
        if (last > end) {
            at = start;
            return true;
        }
        return false;
    }

    /**
     * Whether a number is part of a word.
     *
     * @throws SqlException 42601 if a single character more stands behind the number
     */
    private boolean isJunk(int start) {
        if (at == text.length() || (!isOther(text.charAt(at)) && text.charAt(at) != '\\')) {
            return false;
        }
        if (isWord(start, at + 1)) {
            return true;
        }
        throw error("trailing junk after numeric literal", text.substring(start, at + 1));
    }
}
