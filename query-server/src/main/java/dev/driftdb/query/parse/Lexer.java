package dev.driftdb.query.parse;

import dev.driftdb.query.parse.Token.Kind;
import dev.driftdb.schemas.error.SqlException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Text to tokens by the rules of PostgreSQL's scan.l (standard_conforming_strings on). Comments and
 * white space vanish, strings come decoded. One instance reads one text; not for several threads.
 */
final class Lexer {
    /** Bytes of UTF-8 that a name keeps; PostgreSQL's NAMEDATALEN - 1. */
    static final int NAME_BYTES_MAX = 63;

    private static final String OPERATOR_CHARS = "~!@#^&|`?+-*/%<>=";
    private static final boolean[] IS_OPERATOR = new boolean[128];
    private static final String[] ONE_CHAR = new String[128];

    static {
        for (int i = 0; i < OPERATOR_CHARS.length(); i++) {
            IS_OPERATOR[OPERATOR_CHARS.charAt(i)] = true;
        }
        for (char c = 0; c < 128; c++) {
            ONE_CHAR[c] = String.valueOf(c).intern();
        }
    }

    private final String sql;
    private final boolean hasSurrogates;
    private final StringLiterals literals;
    private int at;
    private int countedTo;
    private int countedPoints;

    Lexer(String sql) {
        this.sql = sql;
        this.hasSurrogates = hasSurrogates(sql);
        this.literals = new StringLiterals(sql, this::position);
    }

    /**
     * All tokens, the last of them {@link Kind#END}.
     *
     * @throws SqlException 42601 with position for what is no token
     */
    List<Token> tokens() {
        List<Token> tokens = new ArrayList<>(Math.min(sql.length() / 4 + 8, 1024));
        while (true) {
            Token token = next();
            tokens.add(token);
            if (token.kind() == Kind.END) {
                return tokens;
            }
        }
    }

    Token next() {
        skipBlank();
        int start = at;
        if (at >= sql.length()) {
            return new Token(Kind.END, "", sql.length(), sql.length(), position(sql.length()));
        }
        char c = sql.charAt(at);
        if (isNameStart(c)) {
            return wordOrPrefixed(start, c);
        }
        if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            return number(start);
        }
        switch (c) {
            case '\'':
                return literal(start, start, StringLiterals.Style.PLAIN);
            case '"':
                return quotedName(start, start + 1, false);
            case '$':
                return dollar(start);
            case '(', ')', '[', ']', ',', ';', '.':
                if (c == '.' && peek(1) == '.') {
                    throw SyntaxErrors.at("syntax error", "..", position(start));
                }
                at++;
                return token(Kind.MARK, ONE_CHAR[c], start);
            case ':':
                if (peek(1) == ':') {
                    at += 2;
                    return token(Kind.MARK, "::", start);
                }
                if (peek(1) == '=') {
                    at += 2;
                    return token(Kind.MARK, ":=", start);
                }
                at++;
                return token(Kind.MARK, ":", start);
            default:
                if (c < 128 && IS_OPERATOR[c]) {
                    return operator(start);
                }
                throw SyntaxErrors.at("syntax error", String.valueOf(c), position(start));
        }
    }

    private Token wordOrPrefixed(int start, char c) {
        char after = peek(1);
        if (after == '\'') {
            switch (c) {
                case 'e', 'E' -> {
                    return literal(start, start + 1, StringLiterals.Style.ESCAPE);
                }
                case 'n', 'N' -> {
                    return literal(start, start + 1, StringLiterals.Style.PLAIN);
                }
                case 'b', 'B', 'x', 'X' -> {
                    StringLiterals.Decoded bits =
                            literals.decode(start, start + 1, StringLiterals.Style.BITS);
                    at = bits.end();
                    return token(Kind.BIT_STRING, bits.value(), start);
                }
                default -> {}
            }
        }
        if ((c == 'u' || c == 'U') && after == '&') {
            if (peek(2) == '\'') {
                return literal(start, start + 2, StringLiterals.Style.UNICODE);
            }
            if (peek(2) == '"') {
                return quotedName(start, start + 3, true);
            }
        }
        boolean upper = false;
        boolean ascii = true;
        int i = at;
        while (i < sql.length()) {
            char x = sql.charAt(i);
            if ((x >= 'a' && x <= 'z') || x == '_') {
                i++;
            } else if (x >= 'A' && x <= 'Z') {
                upper = true;
                i++;
            } else if (x >= 0x80) {
                ascii = false;
                i++;
            } else if (isDigit(x) || x == '$') {
                i++;
            } else {
                break;
            }
        }
        at = i;
        String text = sql.substring(start, i);
        if (upper) {
            text = ascii ? text.toLowerCase(Locale.ROOT) : foldAscii(text);
        }
        return token(Kind.WORD, truncate(text), start);
    }

    private static String foldAscii(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
        }
        return out.toString();
    }

    private Token number(int start) {
        NumberLiterals.Scanned scanned = NumberLiterals.scan(sql, start);
        int end = scanned.end();
        if (isNameStart(charAt(end))) {
            throw SyntaxErrors.at(
                    "trailing junk after numeric literal",
                    sql.substring(start, nameEnd(end)),
                    position(start));
        }
        if (scanned.failure() != null) {
            throw SyntaxErrors.at(scanned.failure(), sql.substring(start, end), position(start));
        }
        at = end;
        return token(Kind.NUMBER, scanned.decimal(), start);
    }

    private int nameEnd(int from) {
        int i = from;
        while (i < sql.length() && isNamePart(sql.charAt(i))) {
            i++;
        }
        return i;
    }

    private int digits(int from) {
        int i = from;
        while (i < sql.length() && isDigit(sql.charAt(i))) {
            i++;
        }
        return i;
    }

    private Token literal(int start, int quote, StringLiterals.Style style) {
        StringLiterals.Decoded decoded = literals.decode(start, quote, style);
        at = decoded.end();
        return token(Kind.STRING, decoded.value(), start);
    }

    private Token quotedName(int start, int from, boolean unicode) {
        StringBuilder name = new StringBuilder();
        int i = from;
        while (true) {
            if (i >= sql.length()) {
                throw SyntaxErrors.at(
                        "unterminated quoted identifier", sql.substring(start), position(start));
            }
            char c = sql.charAt(i);
            if (c == '"') {
                if (charAt(i + 1) == '"') {
                    name.append('"');
                    i += 2;
                    continue;
                }
                break;
            }
            if (c == 0) {
                throw SyntaxErrors.at("syntax error", "", position(i));
            }
            name.append(c);
            i++;
        }
        at = i + 1;
        if (name.isEmpty()) {
            throw SyntaxErrors.at(
                    "zero-length delimited identifier", sql.substring(start, at), position(start));
        }
        String text = name.toString();
        if (unicode) {
            StringLiterals.Decoded decoded = literals.unicode(text, start, at);
            at = decoded.end();
            text = decoded.value();
        }
        return token(Kind.QUOTED, truncate(text), start);
    }

    /** {@code $1} or {@code $tag$ … $tag$}. */
    private Token dollar(int start) {
        if (isDigit(peek(1))) {
            int i = digits(at + 1);
            if (isNameStart(charAt(i))) {
                throw SyntaxErrors.at(
                        "trailing junk after parameter",
                        sql.substring(start, nameEnd(i)),
                        position(start));
            }
            at = i;
            return token(Kind.PARAMETER, sql.substring(start + 1, i), start);
        }
        int i = at + 1;
        if (isNameStart(charAt(i))) {
            while (i < sql.length() && isNamePart(sql.charAt(i)) && sql.charAt(i) != '$') {
                i++;
            }
        }
        if (charAt(i) != '$') {
            throw SyntaxErrors.at("syntax error", "$", position(start));
        }
        String tag = sql.substring(start, i + 1);
        int close = sql.indexOf(tag, i + 1);
        if (close < 0) {
            throw SyntaxErrors.at(
                    "unterminated dollar-quoted string", sql.substring(start), position(start));
        }
        at = close + tag.length();
        return token(Kind.STRING, sql.substring(i + 1, close), start);
    }

    private Token operator(int start) {
        int end = start;
        while (end < sql.length() && sql.charAt(end) < 128 && IS_OPERATOR[sql.charAt(end)]) {
            char c = sql.charAt(end);
            char n = charAt(end + 1);
            if (end > start && ((c == '-' && n == '-') || (c == '/' && n == '*'))) {
                break;
            }
            end++;
        }
        // A trailing + or - belongs to the operator only next to characters that SQL does not use.
        while (end - start > 1) {
            char last = sql.charAt(end - 1);
            if ((last != '+' && last != '-') || hasForeign(start, end - 1)) {
                break;
            }
            end--;
        }
        at = end;
        if (end - start == 1) {
            return token(Kind.OPERATOR, ONE_CHAR[sql.charAt(start)], start);
        }
        String text = sql.substring(start, end);
        if (text.equals("=>")) {
            return token(Kind.MARK, "=>", start);
        }
        return token(Kind.OPERATOR, text.equals("!=") ? "<>" : text, start);
    }

    private boolean hasForeign(int start, int end) {
        for (int i = start; i < end; i++) {
            if ("~!@#^&|`?%".indexOf(sql.charAt(i)) >= 0) {
                return true;
            }
        }
        return false;
    }

    private void skipBlank() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == 0x0b) {
                at++;
            } else if (c == '-' && peek(1) == '-') {
                while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
                    at++;
                }
            } else if (c == '/' && peek(1) == '*') {
                skipComment();
            } else {
                return;
            }
        }
    }

    private void skipComment() {
        int start = at;
        int depth = 0;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            char n = peek(1);
            if (c == '/' && n == '*') {
                depth++;
                at += 2;
            } else if (c == '*' && n == '/') {
                depth--;
                at += 2;
                if (depth == 0) {
                    return;
                }
            } else {
                at++;
            }
        }
        throw SyntaxErrors.at("unterminated /* comment", sql.substring(start), position(start));
    }

    private Token token(Kind kind, String text, int start) {
        return new Token(kind, text, start, at, position(start));
    }

    /** Code points before {@code offset}, plus one. */
    private int position(int offset) {
        if (!hasSurrogates) {
            return offset + 1;
        }
        if (offset < countedTo) {
            return sql.codePointCount(0, offset) + 1;
        }
        countedPoints += sql.codePointCount(countedTo, offset);
        countedTo = offset;
        return countedPoints + 1;
    }

    private char peek(int ahead) {
        return charAt(at + ahead);
    }

    private char charAt(int index) {
        return index < sql.length() ? sql.charAt(index) : 0;
    }

    private static boolean hasSurrogates(String sql) {
        for (int i = 0; i < sql.length(); i++) {
            if (Character.isSurrogate(sql.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isNameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    }

    static boolean isNamePart(char c) {
        return isNameStart(c) || isDigit(c) || c == '$';
    }

    private static String truncate(String name) {
        if (name.length() <= NAME_BYTES_MAX / 4) {
            return name;
        }
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= NAME_BYTES_MAX) {
            return name;
        }
        int end = NAME_BYTES_MAX;
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /** Position of an offset, for the string decoder. */
    interface Positions {
        int of(int offset);
    }
}
