package dev.driftdb.query.parse;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Numeric constants as PostgreSQL 16 writes them: decimal with point and exponent, 0x, 0o and 0b
 * integers, single underscores between digits.
 */
final class NumberLiterals {
    /**
     * A constant found in the text.
     *
     * @param end offset after it
     * @param decimal the same number in plain decimal digits, without underscores
     * @param failure what is wrong with it, null if nothing
     */
    record Scanned(int end, String decimal, @Nullable String failure) {}

    private NumberLiterals() {}

    /** Reads the constant that starts with a digit, or a point and a digit, at {@code start}. */
    static Scanned scan(String sql, int start) {
        if (charAt(sql, start) == '0') {
            int radix = radix(charAt(sql, start + 1));
            if (radix > 0) {
                return based(sql, start, radix);
            }
        }
        int i = digits(sql, start, 10);
        if (charAt(sql, i) == '.' && charAt(sql, i + 1) != '.') {
            i++;
            if (Lexer.isDigit(charAt(sql, i))) {
                i = digits(sql, i, 10);
            }
        }
        char e = charAt(sql, i);
        String failure = null;
        if (e == 'e' || e == 'E') {
            char sign = charAt(sql, i + 1);
            int exponent = sign == '+' || sign == '-' ? i + 2 : i + 1;
            if (Lexer.isDigit(charAt(sql, exponent))) {
                i = digits(sql, exponent, 10);
            } else if (exponent == i + 2) {
                failure = "trailing junk after numeric literal";
                i = exponent;
            }
        }
        String text = sql.substring(start, i);
        return new Scanned(i, text.indexOf('_') < 0 ? text : text.replace("_", ""), failure);
    }

    private static Scanned based(String sql, int start, int radix) {
        int first = start + 2;
        int end = digits(sql, first, radix);
        if (end > first) {
            String digits = sql.substring(first, end).replace("_", "");
            return new Scanned(end, new BigInteger(digits, radix).toString(), null);
        }
        String kind = radix == 16 ? "hexadecimal" : radix == 8 ? "octal" : "binary";
        int after = charAt(sql, first) == '_' ? first + 1 : first;
        // A digit of no such number makes the whole an integer 0 with a name behind it.
        boolean junk = Lexer.isNamePart(charAt(sql, after));
        while (Lexer.isNamePart(charAt(sql, after))) {
            after++;
        }
        return new Scanned(
                after,
                "0",
                junk ? "trailing junk after numeric literal" : "invalid " + kind + " integer");
    }

    private static int radix(char letter) {
        return switch (letter) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 0;
        };
    }

    /** After the digits, of which each may have one underscore before it. */
    private static int digits(String sql, int from, int radix) {
        int i = from;
        while (true) {
            int next = charAt(sql, i) == '_' && (i > from || radix != 10) ? i + 1 : i;
            char c = charAt(sql, next);
            if (c >= 0x80 || Character.digit(c, radix) < 0) {
                return i;
            }
            i = next + 1;
        }
    }

    private static char charAt(String sql, int index) {
        return index < sql.length() ? sql.charAt(index) : 0;
    }
}
