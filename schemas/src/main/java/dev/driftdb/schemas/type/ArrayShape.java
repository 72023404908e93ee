package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks over the braces of an array literal before its elements are read: how long each dimension
 * is, or what is wrong.
 */
final class ArrayShape {
    /** What was last seen. */
    private enum Seen {
        NOTHING,
        OPEN,
        ELEMENT,
        QUOTED,
        CLOSE,
        COMMA,
        COMMA_AFTER_CLOSE
    }

    private final String text;
    private int at;
    private Seen seen = Seen.NOTHING;
    private int level;
    private boolean empty = true;

    /** Per level: the commas so far of the open list, the elements of the last closed one. */
    private final int[] commas = new int[SqlArray.DIMENSIONS_MAX];

    private final int[] lastLengths = new int[SqlArray.DIMENSIONS_MAX];
    private int depth;

    private ArrayShape(String text, int at) {
        this.text = text;
        this.at = at;
    }

    /**
     * The lengths of the dimensions of the literal whose first brace is at {@code start}; none if
     * it has no elements.
     *
     * @throws SqlException 22P02, 54000
     */
    static List<Integer> of(String text, int start) {
        ArrayShape shape = new ArrayShape(text, start);
        do {
            shape.step();
            shape.at++;
        } while (shape.level > 0);
        for (int i = shape.at; i < text.length(); i++) {
            if (!TextFormat.isSpace(text.charAt(i))) {
                throw malformed(text, "Junk after closing right brace.");
            }
        }
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < shape.depth && !shape.empty; i++) {
            lengths.add(shape.lastLengths[i]);
        }
        return lengths;
    }

    static SqlException malformed(String text, String detail) {
        return new SqlException(
                        SqlState.INVALID_TEXT_REPRESENTATION,
                        "malformed array literal: \"" + text + "\"")
                .withDetail(detail);
    }

    static SqlException tooManyDimensions(int dimensions) {
        return new SqlException(
                SqlState.PROGRAM_LIMIT_EXCEEDED,
                "number of array dimensions ("
                        + dimensions
                        + ") exceeds the maximum allowed ("
                        + SqlArray.DIMENSIONS_MAX
                        + ")");
    }

    private void step() {
        if (at >= text.length()) {
            throw malformed(text, "Unexpected end of input.");
        }
        char c = text.charAt(at);
        switch (c) {
            case '{' -> open();
            case '}' -> close();
            case ',' -> {
                require(ends(), c);
                commas[level - 1]++;
                seen = seen == Seen.CLOSE ? Seen.COMMA_AFTER_CLOSE : Seen.COMMA;
            }
            case '"' -> {
                if (seen != Seen.OPEN && seen != Seen.COMMA) {
                    throw malformed(text, "Unexpected array element.");
                }
                quoted();
            }
            case '\\' -> {
                require(starts(), c);
                element();
                at++;
                if (at >= text.length()) {
                    throw malformed(text, "Unexpected end of input.");
                }
            }
            default -> {
                if (!TextFormat.isSpace(c)) {
                    if (!starts()) {
                        throw malformed(text, "Unexpected array element.");
                    }
                    element();
                }
            }
        }
    }

    private void element() {
        seen = Seen.ELEMENT;
        empty = false;
    }

    private boolean starts() {
        return seen == Seen.OPEN || seen == Seen.ELEMENT || seen == Seen.COMMA;
    }

    private boolean ends() {
        return seen == Seen.ELEMENT || seen == Seen.QUOTED || seen == Seen.CLOSE;
    }

    private void require(boolean allowed, char c) {
        if (!allowed) {
            throw malformed(text, "Unexpected \"" + c + "\" character.");
        }
    }

    private void quoted() {
        empty = false;
        seen = Seen.QUOTED;
        at++;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= text.length()) {
            throw malformed(text, "Unexpected end of input.");
        }
    }

    private void open() {
        require(seen == Seen.NOTHING || seen == Seen.OPEN || seen == Seen.COMMA_AFTER_CLOSE, '{');
        if (level >= SqlArray.DIMENSIONS_MAX) {
            throw tooManyDimensions(level + 1);
        }
        seen = Seen.OPEN;
        level++;
        depth = Math.max(depth, level);
    }

    private void close() {
        require(ends() || (level == 1 && seen == Seen.OPEN), '}');
        seen = Seen.CLOSE;
        level--;
        int length = commas[level] + 1;
        if (lastLengths[level] != 0 && lastLengths[level] != length) {
            throw malformed(
                    text, "Multidimensional arrays must have sub-arrays with matching dimensions.");
        }
        lastLengths[level] = length;
        commas[level] = 0;
    }
}
