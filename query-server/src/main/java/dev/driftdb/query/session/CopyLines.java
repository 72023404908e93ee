package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits the bytes of a COPY FROM into rows of fields as they arrive, in whatever pieces. A field
 * is its text, null for NULL.
 */
final class CopyLines {
    /** Bytes of one line; a longer one is refused. */
    static final int LINE_BYTES_MAX = 64 << 20;

    interface RowConsumer {
        void row(List<@Nullable String> fields, long line);
    }

    private final CopyFormat format;
    private final RowConsumer consumer;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean quoted;

    /**
     * Text format: the last byte was a backslash that takes the next one as it is, a line end too.
     */
    private boolean escaping;

    private boolean ended;
    private boolean headerPending;
    private long lineNumber;

    CopyLines(CopyFormat format, RowConsumer consumer) {
        this.format = format;
        this.consumer = consumer;
        this.headerPending = format.header();
    }

    void accept(byte[] data) {
        int start = 0;
        for (int i = 0; i < data.length && !ended; i++) {
            byte b = data[i];
            if (format.csv() && b == format.quote()) {
                // A doubled quote flips twice, so only real quotes count.
                quoted = !quoted;
            }
            if (escaping) {
                escaping = false;
                continue;
            }
            escaping = b == '\\' && !format.csv();
            if (b == '\n' && !quoted) {
                int end = i;
                if (line.size() == 0) {
                    endLine(data, start, end);
                } else {
                    append(data, start, end);
                    byte[] whole = line.toByteArray();
                    line.reset();
                    endLine(whole, 0, whole.length);
                }
                start = i + 1;
            }
        }
        if (!ended) {
            append(data, start, data.length);
        }
    }

    private void append(byte[] data, int from, int to) {
        if (line.size() + (to - from) > LINE_BYTES_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a line of COPY data may have at most " + LINE_BYTES_MAX + " bytes");
        }
        line.write(data, from, to - from);
    }

    /** The end of the data: a last line may lack its newline. */
    void finish() {
        if (quoted) {
            throw new SqlException(SqlState.BAD_COPY_FILE_FORMAT, "unterminated CSV quoted field");
        }
        if (line.size() > 0 && !ended) {
            byte[] whole = line.toByteArray();
            endLine(whole, 0, whole.length);
        }
    }

    private void endLine(byte[] bytes, int from, int to) {
        int end = to > from && bytes[to - 1] == '\r' ? to - 1 : to;
        lineNumber++;
        if (headerPending) {
            headerPending = false;
            return;
        }
        if (end - from == 2 && bytes[from] == '\\' && bytes[from + 1] == '.') {
            ended = true;
            return;
        }
        String text = new String(bytes, from, end - from, StandardCharsets.UTF_8);
        consumer.row(format.csv() ? csvFields(text) : textFields(text), lineNumber);
    }

    private List<@Nullable String> textFields(String text) {
        List<@Nullable String> fields = new ArrayList<>();
        int start = 0;
        boolean escaped = false;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == format.delimiter()) {
                String raw = text.substring(start, i);
                fields.add(raw.equals(format.nullText()) ? null : escaped ? unescape(raw) : raw);
                start = i + 1;
                escaped = false;
            } else if (text.charAt(i) == '\\') {
                escaped = true;
                i++;
            }
        }
        return fields;
    }

    private static String unescape(String raw) {
        StringBuilder out = new StringBuilder(raw.length());
        int i = 0;
        while (i < raw.length()) {
            char c = raw.charAt(i++);
            if (c != '\\' || i == raw.length()) {
                out.append(c);
                continue;
            }
            char e = raw.charAt(i++);
            switch (e) {
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'v' -> out.append('\u000b');
                case 'x' -> {
                    int end = digits(raw, i, 16, 2);
                    if (end == i) {
                        out.append('x');
                    } else {
                        out.append((char) Integer.parseInt(raw.substring(i, end), 16));
                        i = end;
                    }
                }
                default -> {
                    int end = digits(raw, i - 1, 8, 3);
                    if (end == i - 1) {
                        out.append(e);
                    } else {
                        out.append((char) (Integer.parseInt(raw.substring(i - 1, end), 8) & 0xff));
                        i = end;
                    }
                }
            }
        }
        return out.toString();
    }

    private static int digits(String text, int from, int radix, int max) {
        int end = from;
        while (end < text.length()
                && end - from < max
                && Character.digit(text.charAt(end), radix) >= 0) {
            end++;
        }
        return end;
    }

    private List<@Nullable String> csvFields(String text) {
        List<@Nullable String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean inQuotes = false;
        boolean wasQuoted = false;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || (!inQuotes && text.charAt(i) == format.delimiter())) {
                String value = field.toString();
                fields.add(!wasQuoted && value.equals(format.nullText()) ? null : value);
                field.setLength(0);
                wasQuoted = false;
                continue;
            }
            char c = text.charAt(i);
            boolean escapes =
                    inQuotes
                            && c == format.escape()
                            && i + 1 < text.length()
                            && (text.charAt(i + 1) == format.quote()
                                    || text.charAt(i + 1) == format.escape());
            if (escapes) {
                field.append(text.charAt(++i));
            } else if (c == format.quote()) {
                inQuotes = !inQuotes;
                wasQuoted = true;
            } else {
                field.append(c);
            }
        }
        return fields;
    }
}
