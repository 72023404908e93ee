package dev.driftdb.query.regex;

import dev.driftdb.query.regex.CharSet.Named;
import dev.driftdb.schemas.error.SqlException;

/** Reads an escape that stands for one character, from the character after the backslash on. */
final class Escapes {
    private final int[] in;
    private int at;

    Escapes(int[] in, int at) {
        this.in = in;
        this.at = at;
    }

    static SqlException invalidEscape() {
        return Parser.invalid("invalid escape \\ sequence");
    }

    int end() {
        return at;
    }

    /** Adds what \d, \s, \w or an inverse of them stands for. */
    static CharSet shorthand(int letter, CharSet set) {
        return switch (letter) {
            case 'd' -> set.named(Named.DIGIT);
            case 's' -> set.named(Named.SPACE);
            case 'w' -> set.named(Named.WORD);
            case 'D' -> set.complement(Named.DIGIT);
            case 'S' -> set.complement(Named.SPACE);
            default -> set.complement(Named.WORD);
        };
    }

    int character() {
        int c = in[at++];
        if (!Character.isLetterOrDigit(c) || c >= 0x80) {
            return c;
        }
        return switch (c) {
            case 'a' -> 7;
            case 'b' -> '\b';
            case 'B' -> '\\';
            case 'c' -> {
                if (at >= in.length) {
                    throw invalidEscape();
                }
                yield in[at++] & 31;
            }
            case 'e' -> 27;
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 11;
            case 'u' -> digits(16, 4, 4);
            case 'U' -> digits(16, 8, 8);
            case 'x' -> digits(16, 1, 255);
            case '0' -> at < in.length && isOctal(in[at]) ? digits(8, 1, 2) : 0;
            case '1', '2', '3', '4', '5', '6', '7' -> {
                // Not a back reference, so an octal number of two or three digits.
                at--;
                yield digits(8, 1, 3);
            }
            default -> throw invalidEscape();
        };
    }

    private static boolean isOctal(int c) {
        return c >= '0' && c <= '7';
    }

    private int digits(int radix, int min, int max) {
        long value = 0;
        int count = 0;
        while (count < max
                && at < in.length
                && in[at] < 0x80
                && Character.digit(in[at], radix) >= 0) {
            value = Math.min(value * radix + Character.digit(in[at], radix), 1L << 32);
            at++;
            count++;
        }
        if (count < min || value > Character.MAX_CODE_POINT) {
            throw invalidEscape();
        }
        return (int) value;
    }
}
