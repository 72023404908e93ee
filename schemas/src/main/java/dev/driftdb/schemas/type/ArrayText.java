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
    private final SqlType type;

    private final String text;
    private final FormatSettings settings;
    private final List<@Nullable Object> values = new ArrayList<>();
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
            if (lower.size() == SqlArray.DIMENSIONS_MAX) {
                throw ArrayShape.tooManyDimensions(SqlArray.DIMENSIONS_MAX + 1);
            }
            int first = bound("\"[\" must introduce explicitly-specified array dimensions.");
            int last = first;
            if (peek() == ':') {
                at++;
                last = bound("Missing array dimension value.");
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
            throw malformed(
                    lower.isEmpty()
                            ? "Array value must start with \"{\" or dimension information."
                            : "Array contents must start with \"{\".");
        }
        List<Integer> lengths = ArrayShape.of(text, at);
        SqlType element = type.element();
        if (!lower.isEmpty() && !declared.equals(lengths)) {
            throw malformed("Specified array dimensions do not match array contents.");
        }
        if (lengths.isEmpty()) {
            return SqlArray.of(element, values);
        }
        readElements();
        if (lower.isEmpty()) {
            lengths.forEach(_ -> lower.add(1));
        }
        return new SqlArray(element, lengths, lower, values);
    }

    /** The elements in order; the braces are known to be right. */
    private void readElements() {
        int depth = 0;
        do {
            char c = peek();
            if (c == '{' || c == '}') {
                depth += c == '{' ? 1 : -1;
                at++;
            } else if (c == ',' || TextFormat.isSpace(c)) {
                at++;
            } else {
                values.add(readElement());
            }
        } while (depth > 0);
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
            while (",}".indexOf(peek()) < 0) {
                boolean escaped = peek() == '\\';
                appendChar(out);
                // Trailing blanks do not count, unless escaped.
                if (escaped || !TextFormat.isSpace(out.charAt(out.length() - 1))) {
                    keep = out.length();
                }
                quoted |= escaped;
            }
            out.setLength(keep);
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

    /** Digits and signs of which the number in front counts; too large a number wraps around. */
    private int bound(String missing) {
        int start = at;
        while ((peek() >= '0' && peek() <= '9') || peek() == '-' || peek() == '+') {
            at++;
        }
        if (at == start) {
            throw malformed(missing);
        }
        boolean signed = text.charAt(start) == '-' || text.charAt(start) == '+';
        long value = 0;
        for (int i = signed ? start + 1 : start; i < at; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
        }
        return (int) (text.charAt(start) == '-' ? -value : value);
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipSpace() {
        while (at < text.length() && TextFormat.isSpace(text.charAt(at))) {
            at++;
        }
    }

    private SqlException malformed(String detail) {
        return ArrayShape.malformed(text, detail);
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
