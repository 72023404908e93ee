package dev.driftdb.query.regex;

import dev.driftdb.query.regex.CharSet.Named;
import dev.driftdb.schemas.error.SqlException;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;

/** Reads a bracket expression. Used once. */
final class Brackets {
    /** The names of characters that are in use; the others are not known. */
    private static final Map<String, Integer> ELEMENTS =
            Map.ofEntries(
                    Map.entry("NUL", 0),
                    Map.entry("tab", 9),
                    Map.entry("newline", 10),
                    Map.entry("space", 32),
                    Map.entry("exclamation-mark", 33),
                    Map.entry("quotation-mark", 34),
                    Map.entry("dollar-sign", 36),
                    Map.entry("percent-sign", 37),
                    Map.entry("ampersand", 38),
                    Map.entry("apostrophe", 39),
                    Map.entry("left-parenthesis", 40),
                    Map.entry("right-parenthesis", 41),
                    Map.entry("asterisk", 42),
                    Map.entry("plus-sign", 43),
                    Map.entry("comma", 44),
                    Map.entry("hyphen", 45),
                    Map.entry("hyphen-minus", 45),
                    Map.entry("period", 46),
                    Map.entry("full-stop", 46),
                    Map.entry("slash", 47),
                    Map.entry("colon", 58),
                    Map.entry("semicolon", 59),
                    Map.entry("left-square-bracket", 91),
                    Map.entry("backslash", 92),
                    Map.entry("right-square-bracket", 93),
                    Map.entry("circumflex", 94),
                    Map.entry("underscore", 95),
                    Map.entry("tilde", 126),
                    Map.entry("DEL", 127));

    private static final int NO_CHARACTER = -1;

    private final int[] in;
    private final CharSet set;
    private final boolean newlineStops;
    private int at;

    /**
     * @param start where the opening bracket is
     */
    Brackets(int[] in, int start, Options options) {
        this.in = in;
        this.at = start + 1;
        this.set = new CharSet(options.ignoreCase());
        this.newlineStops = options.newlineStops();
    }

    private static SqlException unbalanced() {
        return Parser.invalid("brackets [] not balanced");
    }

    /**
     * @param end is told the index after the closing bracket
     */
    CharSet parse(IntConsumer end) {
        boolean inverted = at < in.length && in[at] == '^';
        if (inverted) {
            at++;
        }
        boolean first = true;
        while (true) {
            if (at >= in.length) {
                throw unbalanced();
            }
            if (in[at] == ']' && !first) {
                at++;
                end.accept(at);
                return inverted ? set.invert(newlineStops) : set;
            }
            part(first);
            first = false;
        }
    }

    private boolean isLast(int index) {
        return index + 1 < in.length && in[index + 1] == ']';
    }

    private void part(boolean first) {
        if (in[at] == '-' && !first && !isLast(at)) {
            // A hyphen stands for itself at either end only.
            throw Parser.invalid("invalid character range");
        }
        int from = element();
        boolean range = at < in.length && in[at] == '-' && !isLast(at);
        if (from == NO_CHARACTER) {
            if (range) {
                throw Parser.invalid("invalid character range");
            }
            return;
        }
        if (!range) {
            set.range(from, from);
            return;
        }
        at++;
        if (at >= in.length) {
            throw unbalanced();
        }
        int to = element();
        if (to == NO_CHARACTER || from > to) {
            throw Parser.invalid("invalid character range");
        }
        set.range(from, to);
    }

    /** A character, or -1 after adding a class. */
    private int element() {
        int c = in[at];
        if (c == '['
                && at + 1 < in.length
                && (in[at + 1] == ':' || in[at + 1] == '.' || in[at + 1] == '=')) {
            int kind = in[at + 1];
            String name = name(kind);
            if (kind == ':') {
                set.named(named(name));
                return NO_CHARACTER;
            }
            return collating(name);
        }
        at++;
        if (c != '\\') {
            return c;
        }
        if (at >= in.length) {
            throw Escapes.invalidEscape();
        }
        if ("dswDSW".indexOf(in[at]) >= 0) {
            Escapes.shorthand(in[at], set);
            at++;
            return NO_CHARACTER;
        }
        Escapes escapes = new Escapes(in, at);
        int character = escapes.character();
        at = escapes.end();
        return character;
    }

    private String name(int kind) {
        int start = at + 2;
        for (int i = start; i + 1 < in.length; i++) {
            if (in[i] == kind && in[i + 1] == ']') {
                at = i + 2;
                return new String(in, start, i - start);
            }
        }
        throw unbalanced();
    }

    private static Named named(String name) {
        for (Named known : Named.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(name)) {
                return known;
            }
        }
        throw Parser.invalid("invalid character class");
    }

    private static int collating(String name) {
        if (name.codePointCount(0, name.length()) == 1) {
            return name.codePointAt(0);
        }
        Integer known = ELEMENTS.get(name);
        if (known == null) {
            throw Parser.invalid("invalid collating element");
        }
        return known;
    }
}
