package dev.driftdb.query.regex;

import java.util.ArrayList;
import java.util.List;

/** A set of characters: ranges and named classes, maybe inverted. Immutable once parsed. */
final class CharSet {
    /** A class of the manual's "[:name:]", as the ctype C.UTF-8 has it. */
    enum Named {
        ALPHA("[\\p{IsAlphabetic}[\\p{Nd}&&[^0-9]]]"),
        DIGIT("0-9"),
        ALNUM("\\p{IsAlphabetic}\\p{Nd}"),
        UPPER("\\p{IsUppercase}\\p{Lt}"),
        LOWER("\\p{IsLowercase}"),
        SPACE("\\t-\\r [\\p{Z}&&[^\\u00A0\\u2007\\u202F]]"),
        BLANK("\\t [\\p{Zs}&&[^\\u00A0\\u2007\\u202F]]"),
        PUNCT("[^\\p{IsAlphabetic}\\p{Nd}\\p{Z}\\p{Cc}\\p{Cn}\\p{Cs}]"),
        PRINT("[^\\p{Zl}\\p{Zp}\\p{Cc}\\p{Cn}\\p{Cs}]"),
        GRAPH("[^\\p{Z}\\p{Cc}\\p{Cn}\\p{Cs}]"),
        CNTRL("\\p{Cc}\\u2028\\u2029"),
        XDIGIT("0-9A-Fa-f"),
        ASCII("\\x00-\\x7F"),
        WORD("\\p{IsAlphabetic}\\p{Nd}_");

        private final String java;

        Named(String java) {
            this.java = java;
        }

        boolean test(int c) {
            return switch (this) {
                case ALPHA -> Character.isAlphabetic(c) || (Character.isDigit(c) && !DIGIT.test(c));
                case DIGIT -> c >= '0' && c <= '9';
                case ALNUM -> Character.isAlphabetic(c) || Character.isDigit(c);
                case UPPER -> Character.isUpperCase(c) || Character.isTitleCase(c);
                case LOWER -> Character.isLowerCase(c);
                case SPACE ->
                        c == ' '
                                || (c >= '\t' && c <= '\r')
                                || (Character.isSpaceChar(c) && !isFixedSpace(c));
                case BLANK ->
                        c == '\t'
                                || (Character.getType(c) == Character.SPACE_SEPARATOR
                                        && !isFixedSpace(c));
                case PUNCT -> GRAPH.test(c) && !ALNUM.test(c);
                case PRINT ->
                        isShown(c)
                                && Character.getType(c) != Character.LINE_SEPARATOR
                                && Character.getType(c) != Character.PARAGRAPH_SEPARATOR;
                case GRAPH -> isShown(c) && !Character.isSpaceChar(c);
                case CNTRL ->
                        Character.getType(c) == Character.CONTROL || c == 0x2028 || c == 0x2029;
                case XDIGIT -> c < 0x80 && Character.digit(c, 16) >= 0;
                case ASCII -> c < 0x80;
                case WORD -> c == '_' || ALNUM.test(c);
            };
        }

        private static boolean isFixedSpace(int c) {
            return c == 0xA0 || c == 0x2007 || c == 0x202F;
        }

        private static boolean isShown(int c) {
            int type = Character.getType(c);
            return type != Character.CONTROL
                    && type != Character.UNASSIGNED
                    && type != Character.SURROGATE;
        }
    }

    private record Range(int from, int to) {}

    private final List<Range> ranges = new ArrayList<>();
    private final List<Named> classes = new ArrayList<>();
    private final List<Named> otherClasses = new ArrayList<>();
    private final boolean ignoreCase;
    private boolean inverted;

    /** Inverted sets that leave out the line feed too. */
    private boolean withoutNewline;

    CharSet(boolean ignoreCase) {
        this.ignoreCase = ignoreCase;
    }

    static CharSet of(int c, boolean ignoreCase) {
        return new CharSet(ignoreCase).range(c, c);
    }

    CharSet range(int from, int to) {
        ranges.add(new Range(from, to));
        return this;
    }

    CharSet named(Named name) {
        // Without regard to case, upper and lower are the same.
        boolean both = ignoreCase && (name == Named.UPPER || name == Named.LOWER);
        classes.add(both ? Named.UPPER : name);
        if (both) {
            classes.add(Named.LOWER);
        }
        return this;
    }

    /** Everything that is not in this class. */
    CharSet complement(Named name) {
        otherClasses.add(name);
        return this;
    }

    CharSet invert(boolean excludeNewline) {
        inverted = true;
        withoutNewline = excludeNewline;
        return this;
    }

    boolean test(int c) {
        boolean inside =
                contains(c)
                        || (ignoreCase
                                && (contains(Character.toLowerCase(c))
                                        || contains(Character.toUpperCase(c))));
        return inverted ? !inside && !(withoutNewline && c == '\n') : inside;
    }

    private boolean contains(int c) {
        for (Range range : ranges) {
            if (c >= range.from && c <= range.to) {
                return true;
            }
        }
        for (Named name : classes) {
            if (name.test(c)) {
                return true;
            }
        }
        for (Named name : otherClasses) {
            if (!name.test(c)) {
                return true;
            }
        }
        return false;
    }

    /** The same set as java.util.regex writes it. */
    String java() {
        StringBuilder out = new StringBuilder(inverted ? "[^" : "[");
        if (inverted && withoutNewline) {
            out.append("\\n");
        }
        for (Range range : ranges) {
            out.append(hex(range.from));
            if (range.to != range.from) {
                out.append('-').append(hex(range.to));
            }
        }
        classes.forEach(name -> out.append('[').append(name.java).append(']'));
        otherClasses.forEach(name -> out.append("[^").append(name.java).append(']'));
        if (ranges.isEmpty() && classes.isEmpty() && otherClasses.isEmpty()) {
            return inverted ? withoutNewline ? "[^\\n]" : "(?s:.)" : "(?!)";
        }
        return out.append(']').toString();
    }

    private static String hex(int c) {
        return "\\x{" + Integer.toHexString(c) + "}";
    }
}
