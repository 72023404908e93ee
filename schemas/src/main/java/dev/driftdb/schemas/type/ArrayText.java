package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Array literals: {@code {1,NULL,"a b"}}, nested for more dimensions, with bounds {@code [2:3]={…}}
 * where a dimension does not start at 1.
 */
final class ArrayText {
    /** PostgreSQL's MAXDIM. */
    private final SqlType type;

    private final String text;
    private final FormatSettings settings;
    private final List<@Nullable Object> values = new ArrayList<>();
    private final List<Integer> lengths = new ArrayList<>();
    private int leafDepth = -1;
    private int at;

    private ArrayText(SqlType type, String text, FormatSettings settings) {
        this.type = type;
        this.text = text;
        this.settings = settings;
    }

    static SqlArray parse(SqlType type, String text, FormatSettings settings) {
        return new ArrayText(type, text, settings).read();
    }

    private SqlArray read() {
        skipSpace();
        List<Integer> lower = new ArrayList<>();
        List<Integer> declared = new ArrayList<>();
        while (peek() == '[') {
            at++;
            int first = readInt();
            int last = first;
            if (peek() == ':') {
                at++;
                last = readInt();
            } else {
                first = 1;
            }
            if (peek() != ']') {
                throw malformed("Missing \"]\" after array dimensions.");
            }
            at++;
            if (last < first) {
                throw new SqlException(
                        SqlState.ARRAY_SUBSCRIPT_ERROR,
                        "upper bound cannot be less than lower bound");
            }
            lower.add(first);
            declared.add(last - first + 1);
            skipSpace();
        }
        if (!lower.isEmpty()) {
            if (peek() != '=') {
                throw malformed("Missing \"=\" after array dimensions.");
            }
            at++;
            skipSpace();
        }
        if (peek() != '{') {
            throw malformed("Array value must start with \"{\" or dimension information.");
        }
        readLevel(0);
        skipSpace();
        if (at != text.length()) {
            throw malformed("Junk after closing right brace.");
        }
        SqlType element = type.element();
        if (values.isEmpty()) {
            return SqlArray.of(element, values);
        }
        if (!lower.isEmpty() && !declared.equals(lengths)) {
            throw malformed("Specified array dimensions do not match array contents.");
        }
        if (lower.isEmpty()) {
            lengths.forEach(_ -> lower.add(1));
        }
        return new SqlArray(element, lengths, lower, values);
    }

    /** One braced list; {@code depth} counts the braces around it. */
    private void readLevel(int depth) {
        if (depth == SqlArray.DIMENSIONS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "number of array dimensions exceeds the maximum allowed ("
                            + SqlArray.DIMENSIONS_MAX
                            + ")");
        }
        at++;
        int count = 0;
        skipSpace();
        if (peek() == '}') {
            at++;
        } else {
            while (true) {
                skipSpace();
                if (peek() == '{') {
                    if (leafDepth == depth) {
                        throw ragged();
                    }
                    readLevel(depth + 1);
                } else {
                    if (leafDepth != -1 && leafDepth != depth) {
                        throw ragged();
                    }
                    leafDepth = depth;
                    values.add(readElement());
                }
                count++;
                skipSpace();
                char c = peek();
                at++;
                if (c == '}') {
                    break;
                }
                if (c != ',') {
                    throw malformed(
                            c == 0 ? "Unexpected end of input." : "Unexpected array element.");
                }
            }
        }
        while (lengths.size() <= depth) {
            lengths.add(-1);
        }
        int known = lengths.get(depth);
        if (known >= 0 && known != count) {
            throw ragged();
        }
        lengths.set(depth, count);
    }

    private @Nullable Object readElement() {
        StringBuilder out = new StringBuilder();
        boolean quoted = peek() == '"';
        if (quoted) {
            at++;
            while (peek() != '"') {
                appendChar(out);
            }
            at++;
        } else {
            int keep = 0;
            while (",}{\"".indexOf(peek()) < 0) {
                boolean escaped = peek() == '\\';
                appendChar(out);
                // Trailing blanks do not count, unless escaped.
                if (escaped || !TextFormat.isSpace(out.charAt(out.length() - 1))) {
                    keep = out.length();
                }
                quoted |= escaped;
            }
            out.setLength(keep);
            if (peek() == '{' || peek() == '"' || keep == 0) {
                throw malformed(
                        peek() == '"'
                                ? "Unexpected array element."
                                : "Unexpected \"" + peek() + "\" character.");
            }
        }
        String element = out.toString();
        return !quoted && element.equalsIgnoreCase("NULL")
                ? null
                : TextFormat.parse(type.element(), element, settings);
    }

    private void appendChar(StringBuilder out) {
        if (peek() == '\\') {
            at++;
        }
        if (at >= text.length()) {
            throw malformed("Unexpected end of input.");
        }
        out.append(text.charAt(at++));
    }

    private int readInt() {
        int start = at;
        if (peek() == '-' || peek() == '+') {
            at++;
        }
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        try {
            return Integer.parseInt(text.substring(start, at));
        } catch (NumberFormatException _) {
            throw malformed("\"[\" must introduce explicitly-specified array dimensions.");
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipSpace() {
        while (at < text.length() && TextFormat.isSpace(text.charAt(at))) {
            at++;
        }
    }

    private SqlException ragged() {
        return malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
    }

    private SqlException malformed(String detail) {
        return new SqlException(
                        SqlState.INVALID_TEXT_REPRESENTATION,
                        "malformed array literal: \"" + text + "\"")
                .withDetail(detail);
    }

    static String format(SqlArray array, FormatSettings settings) {
        if (array.values().isEmpty()) {
            return "{}";
        }
        StringBuilder out = new StringBuilder();
        if (array.lowerBounds().stream().anyMatch(bound -> bound != 1)) {
            for (int d = 0; d < array.dimensions(); d++) {
                int lower = array.lowerBounds().get(d);
                out.append('[')
                        .append(lower)
                        .append(':')
                        .append(lower + array.lengths().get(d) - 1)
                        .append(']');
            }
            out.append('=');
        }
        write(array, 0, 0, array.values().size(), settings, out);
        return out.toString();
    }

    private static void write(
            SqlArray array,
            int dimension,
            int from,
            int count,
            FormatSettings settings,
            StringBuilder out) {
        int length = array.lengths().get(dimension);
        int part = count / length;
        boolean leaf = dimension == array.dimensions() - 1;
        out.append('{');
        for (int i = 0; i < length; i++) {
            if (i > 0) {
                out.append(',');
            }
            if (leaf) {
                Object value = array.values().get(from + i);
                out.append(
                        value == null
                                ? "NULL"
                                : quote(TextFormat.format(array.element(), value, settings)));
            } else {
                write(array, dimension + 1, from + i * part, part, settings, out);
            }
        }
        out.append('}');
    }

    private static String quote(String element) {
        boolean plain =
                !element.isEmpty()
                        && !element.equalsIgnoreCase("NULL")
                        && element.chars()
                                .noneMatch(c -> "\"\\{},".indexOf(c) >= 0 || TextFormat.isSpace(c));
        return plain ? element : '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
