package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Text input and output of every type, as PostgreSQL's input and output functions do it.
 *
 * <p>The reg* types are read and written as numbers here: names need a catalog, so they are a
 * matter of casts. Stateless; safe for any thread.
 */
public final class TextFormat {
    /** Bytes of a name, without PostgreSQL's closing NUL. */
    public static final int NAME_BYTES_MAX = 63;

    private static final long UINT32_MAX = 0xFFFF_FFFFL;

    private TextFormat() {}

    /**
     * @throws dev.driftdb.schemas.error.SqlException 22P02, 22003, 22007, 22008 with PostgreSQL's
     *     message
     */
    public static Object parse(SqlType type, String text, FormatSettings settings) {
        if (type.isDomain()) {
            return parse(type.base(), text, settings);
        }
        return switch (type.storage()) {
            case BOOLEAN -> parseBoolean(text);
            case LONG -> parseLong(type, text, settings);
            case ENUM -> parseEnum(type, text);
            case FLOAT4 -> NumberText.parseFloat4(text);
            case FLOAT8 -> NumberText.parseFloat8(text);
            case NUMERIC -> NumberText.parseNumeric(text);
            case TEXT -> parseText(type, text);
            case BYTES -> parseBytes(text);
            case INTERVAL -> IntervalText.parse(text, IntervalText.FULL_RANGE);
            case TIMETZ -> DateTimeText.parseTimeTz(text, settings);
            case UUID -> parseUuid(text);
            case JSONB -> Json.parse(text, "json").toJsonb();
            case ARRAY ->
                    type.equals(Types.INT2VECTOR) || type.equals(Types.OIDVECTOR)
                            ? parseVector(type, text, settings)
                            : ArrayText.parse(type, text, settings);
            case ROW -> RowText.parse(type, text, settings);
            case NONE ->
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot accept a value of type " + type.sqlName());
        };
    }

    public static String format(SqlType type, Object value, FormatSettings settings) {
        if (type.isDomain()) {
            return format(type.base(), value, settings);
        }
        return switch (type.storage()) {
            case BOOLEAN -> (Boolean) value ? "t" : "f";
            case LONG -> formatLong(type, (Long) value, settings);
            case ENUM -> enumeration(type).label((Long) value);
            case FLOAT4 -> NumberText.format((Float) value, settings.extraFloatDigits());
            case FLOAT8 -> NumberText.format((Double) value, settings.extraFloatDigits());
            case BYTES -> settings.byteaEscape() ? escape((Bytes) value) : value.toString();
            case NUMERIC, UUID, JSONB -> value.toString();
            case TEXT -> type.equals(Types.CHAR) ? formatChar((String) value) : (String) value;
            case INTERVAL -> IntervalText.format((Interval) value);
            case TIMETZ -> DateTimes.formatTimeTz((TimeTz) value);
            case ARRAY ->
                    type.equals(Types.INT2VECTOR) || type.equals(Types.OIDVECTOR)
                            ? formatVector((SqlArray) value)
                            : ArrayText.format((SqlArray) value, settings);
            case ROW -> formatRow((SqlRow) value, settings);
            // anyarray, the type of columns that hold arrays of several types
            case NONE -> value instanceof SqlArray array ? ArrayText.format(array, settings) : "";
        };
    }

    /** Bytes as ASCII with backslashes before backslashes and octal numbers for the others. */
    private static String escape(Bytes bytes) {
        StringBuilder out = new StringBuilder(bytes.length());
        for (byte b : bytes.array()) {
            if (b == '\\') {
                out.append("\\\\");
            } else if (b < ' ' || b == 0x7F) {
                out.append(String.format("\\%03o", b & 0xFF));
            } else {
                out.append((char) b);
            }
        }
        return out.toString();
    }

    static SqlException invalid(String typeName, String text) {
        return new SqlException(
                SqlState.INVALID_TEXT_REPRESENTATION,
                "invalid input syntax for type " + typeName + ": \"" + text + "\"");
    }

    static UserType.Enumeration enumeration(SqlType type) {
        if (type.definition() instanceof UserType.Enumeration enumeration) {
            return enumeration;
        }
        throw new IllegalStateException(type + " is no enumeration");
    }

    static Long parseEnum(SqlType type, String text) {
        Long position = enumeration(type).position(text);
        if (position == null) {
            throw new SqlException(
                    SqlState.INVALID_TEXT_REPRESENTATION,
                    "invalid input value for enum " + type.sqlName() + ": \"" + text + "\"");
        }
        return position;
    }

    private static Object parseLong(SqlType type, String text, FormatSettings settings) {
        return switch (type.name()) {
            case "int2" -> NumberText.parseInt(text, "smallint", Short.MIN_VALUE, Short.MAX_VALUE);
            case "int4" ->
                    NumberText.parseInt(text, "integer", Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "int8" -> NumberText.parseInt(text, "bigint", Long.MIN_VALUE, Long.MAX_VALUE);
            case "date" -> DateTimeText.parseDate(text, settings);
            case "time" -> DateTimeText.parseTime(text, settings);
            case "timestamp" -> DateTimeText.parseTimestamp(text, settings);
            case "timestamptz" -> DateTimeText.parseTimestampTz(text, settings);
            case "pg_lsn" -> parseLsn(text);
            case "oid", "xid", "cid" -> parseOid(text, type.name());
            default -> text.strip().equals("-") ? (Long) 0L : parseOid(text, type.name());
        };
    }

    private static String formatLong(SqlType type, long value, FormatSettings settings) {
        return switch (type.name()) {
            case "date" -> DateTimes.formatDate(value);
            case "time" -> DateTimes.formatTime(value);
            case "timestamp" -> DateTimes.formatTimestamp(value);
            case "timestamptz" -> DateTimes.formatTimestampTz(value, settings.zone());
            case "pg_lsn" ->
                    (Long.toHexString(value >>> 32) + "/" + Long.toHexString(value & UINT32_MAX))
                            .toUpperCase(Locale.ROOT);
            case "regproc", "regprocedure", "regclass", "regtype", "regrole", "regnamespace" ->
                    value == 0 ? "-" : Long.toString(value);
            default -> Long.toString(value);
        };
    }

    private static Boolean parseBoolean(String text) {
        String s = text.strip().toLowerCase(Locale.ROOT);
        if (!s.isEmpty()) {
            if (s.equals("1") || "true".startsWith(s) || "yes".startsWith(s) || s.equals("on")) {
                return Boolean.TRUE;
            }
            if (s.equals("0")
                    || "false".startsWith(s)
                    || "no".startsWith(s)
                    || (s.length() > 1 && "off".startsWith(s))) {
                return Boolean.FALSE;
            }
        }
        throw invalid("boolean", text);
    }

    private static Long parseOid(String text, String typeName) {
        // PostgreSQL reads an oid with strtoul: -1 is 4294967295.
        String s = text.strip();
        try {
            long value = Long.parseLong(s);
            if (value < -UINT32_MAX - 1 || value > UINT32_MAX) {
                throw NumberText.outOfRange(text, typeName);
            }
            return value & UINT32_MAX;
        } catch (NumberFormatException _) {
            throw NumberText.isInteger(s)
                    ? NumberText.outOfRange(text, typeName)
                    : invalid(typeName, text);
        }
    }

    private static Long parseLsn(String text) {
        int slash = text.indexOf('/');
        String high = slash < 0 ? "" : text.substring(0, slash);
        String low = text.substring(slash + 1);
        if (!isHex(high) || !isHex(low)) {
            throw invalid("pg_lsn", text);
        }
        return (Long.parseLong(high, 16) << 32) | Long.parseLong(low, 16);
    }

    private static boolean isHex(String s) {
        return !s.isEmpty()
                && s.length() <= 8
                && s.chars().allMatch(c -> Character.digit(c, 16) >= 0);
    }

    private static String parseText(SqlType type, String text) {
        return switch (type.name()) {
            case "json" -> {
                Json.check(text);
                yield text;
            }
            case "jsonpath" -> JsonPath.parse(text).text();
            case "name" -> truncateName(text);
            case "char" -> parseChar(text);
            case "tid" -> {
                if (!text.strip().matches("\\(\\d{1,10},\\d{1,5}\\)")) {
                    throw invalid("tid", text);
                }
                yield text.strip();
            }
            default -> text;
        };
    }

    /** At most {@link #NAME_BYTES_MAX} bytes, never half a character. */
    public static String truncateName(String text) {
        if (text.length() * 3 <= NAME_BYTES_MAX) {
            return text;
        }
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (bytes > NAME_BYTES_MAX) {
                return text.substring(0, i);
            }
            i += Character.charCount(c);
        }
        return text;
    }

    private static String parseChar(String text) {
        if (text.length() == 4 && text.matches("\\\\[0-3][0-7]{2}")) {
            char c = (char) Integer.parseInt(text.substring(1), 8);
            return c == 0 ? "" : String.valueOf(c);
        }
        // The first byte, be it half a character.
        return text.isEmpty()
                ? ""
                : String.valueOf(
                        (char)
                                (text.substring(0, text.offsetByCodePoints(0, 1))
                                                .getBytes(StandardCharsets.UTF_8)[0]
                                        & 0xFF));
    }

    private static String formatChar(String value) {
        return !value.isEmpty() && value.charAt(0) > 0x7F
                ? String.format("\\%03o", (int) value.charAt(0))
                : value;
    }

    private static Bytes parseBytes(String text) {
        return text.startsWith("\\x") ? parseHex(text) : parseEscaped(text);
    }

    private static Bytes parseHex(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() / 2);
        for (int i = 2; i < text.length(); ) {
            char c = text.charAt(i);
            if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
                i++;
                continue;
            }
            int high = hexDigit(c);
            if (i + 1 == text.length()) {
                throw new SqlException(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "invalid hexadecimal data: odd number of digits");
            }
            out.write(high << 4 | hexDigit(text.charAt(i + 1)));
            i += 2;
        }
        return Bytes.wrap(out.toByteArray());
    }

    private static int hexDigit(char c) {
        int digit = Character.digit(c, 16);
        if (digit < 0) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE, "invalid hexadecimal digit: \"" + c + "\"");
        }
        return digit;
    }

    private static Bytes parseEscaped(String text) {
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; ) {
            if (in[i] != '\\') {
                out.write(in[i++]);
            } else if (i + 1 < in.length && in[i + 1] == '\\') {
                out.write('\\');
                i += 2;
            } else if (i + 3 < in.length
                    && in[i + 1] >= '0'
                    && in[i + 1] <= '3'
                    && isOctal(in[i + 2])
                    && isOctal(in[i + 3])) {
                out.write((in[i + 1] - '0') << 6 | (in[i + 2] - '0') << 3 | (in[i + 3] - '0'));
                i += 4;
            } else {
                throw new SqlException(
                        SqlState.INVALID_TEXT_REPRESENTATION,
                        "invalid input syntax for type bytea");
            }
        }
        return Bytes.wrap(out.toByteArray());
    }

    private static boolean isOctal(byte b) {
        return b >= '0' && b <= '7';
    }

    private static UUID parseUuid(String text) {
        boolean braces = text.startsWith("{");
        if (braces && !text.endsWith("}")) {
            throw invalid("uuid", text);
        }
        String s = braces ? text.substring(1, text.length() - 1) : text;
        long high = 0;
        long low = 0;
        int digits = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            // A hyphen may stand after every fourth digit, but not at the end.
            boolean hyphenHere =
                    digits > 0 && digits < 32 && digits % 4 == 0 && s.charAt(i - 1) != '-';
            if (c == '-' && hyphenHere) {
                continue;
            }
            int digit = Character.digit(c, 16);
            if (digit < 0 || c > 'f' || digits == 32) {
                throw invalid("uuid", text);
            }
            if (digits < 16) {
                high = high << 4 | digit;
            } else {
                low = low << 4 | digit;
            }
            digits++;
        }
        if (digits != 32) {
            throw invalid("uuid", text);
        }
        return new UUID(high, low);
    }

    private static SqlArray parseVector(SqlType type, String text, FormatSettings settings) {
        SqlType element = type.element();
        List<@Nullable Object> values = new ArrayList<>();
        for (String part : text.strip().split("\\s+")) {
            if (!part.isEmpty()) {
                values.add(parse(element, part, settings));
            }
        }
        return values.isEmpty()
                ? SqlArray.of(element, values)
                : new SqlArray(element, List.of(values.size()), List.of(0), values);
    }

    private static String formatVector(SqlArray array) {
        StringBuilder out = new StringBuilder();
        for (Object value : array.values()) {
            out.append(out.isEmpty() ? "" : " ").append(value);
        }
        return out.toString();
    }

    private static String formatRow(SqlRow row, FormatSettings settings) {
        StringBuilder out = new StringBuilder("(");
        for (int i = 0; i < row.values().size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            Object value = row.values().get(i);
            if (value == null) {
                continue;
            }
            String text = format(row.types().get(i), value, settings);
            if (text.isEmpty() || text.chars().anyMatch(TextFormat::needsQuotesInRow)) {
                out.append('"')
                        .append(text.replace("\\", "\\\\").replace("\"", "\"\""))
                        .append('"');
            } else {
                out.append(text);
            }
        }
        return out.append(')').toString();
    }

    private static boolean needsQuotesInRow(int c) {
        return c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || isSpace(c);
    }

    static boolean isSpace(int c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
