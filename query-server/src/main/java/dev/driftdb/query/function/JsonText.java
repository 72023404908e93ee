package dev.driftdb.query.function;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parts of JSON text, as they were written; and SQL values as JSON text. */
final class JsonText {
    private JsonText() {}

    /** The last member of this name; null if this is no object or has none. */
    static @Nullable String member(String json, String key) {
        if (!json.strip().startsWith("{")) {
            return null;
        }
        String found = null;
        for (Map.Entry<String, String> member : members(json)) {
            if (member.getKey().equals(key)) {
                found = member.getValue();
            }
        }
        return found;
    }

    /** Item {@code n} of an array from 0, from the end if negative; null for none. */
    static @Nullable String item(String json, long n) {
        if (!json.strip().startsWith("[")) {
            return null;
        }
        List<String> items = items(json);
        long index = n < 0 ? items.size() + n : n;
        return index < 0 || index >= items.size() ? null : items.get((int) index);
    }

    static List<String> items(String json) {
        try (JsonParser parser = Json.FACTORY.createParser(json)) {
            List<String> items = new ArrayList<>();
            parser.nextToken();
            for (JsonToken t = parser.nextToken();
                    t != JsonToken.END_ARRAY;
                    t = parser.nextToken()) {
                items.add(value(parser, json));
            }
            return items;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Map.Entry<String, String>> members(String json) {
        try (JsonParser parser = Json.FACTORY.createParser(json)) {
            List<Map.Entry<String, String>> members = new ArrayList<>();
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                members.add(Map.entry(name, value(parser, json)));
            }
            return members;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of the value the parser stands at. */
    private static String value(JsonParser parser, String json) throws IOException {
        int start = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        // A string is read lazily: only after it was, the parser stands behind it.
        parser.finishToken();
        int end = (int) parser.currentLocation().getCharOffset();
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
            return parser.getText();
        }
        return json.substring(start, end);
    }

    /** A row with each field on a line of its own. */
    static String pretty(SqlRow row, FormatSettings settings) {
        StringBuilder out = new StringBuilder();
        appendRow(row, ",\n ", settings, out);
        return out.toString();
    }

    /** An array with each item of its first dimension on a line of its own. */
    static String pretty(SqlArray array, FormatSettings settings) {
        StringBuilder out = new StringBuilder();
        appendArray(array, 0, 0, array.values().size(), ",\n ", settings, out);
        return out.toString();
    }

    /** The same JSON without members that are null, and without blanks. */
    static String withoutNulls(String json) {
        StringBuilder out = new StringBuilder();
        withoutNulls(json.strip(), out);
        return out.toString();
    }

    private static void withoutNulls(String json, StringBuilder out) {
        String separator = "";
        switch (json.charAt(0)) {
            case '{' -> {
                out.append('{');
                for (Map.Entry<String, String> member : members(json)) {
                    if (!member.getValue().equals("null")) {
                        Json.quote(member.getKey(), out.append(separator));
                        withoutNulls(member.getValue(), out.append(':'));
                        separator = ",";
                    }
                }
                out.append('}');
            }
            case '[' -> {
                out.append('[');
                for (String item : items(json)) {
                    withoutNulls(item, out.append(separator));
                    separator = ",";
                }
                out.append(']');
            }
            case '"' -> out.append(Json.parse(json, "json").text());
            default -> out.append(json);
        }
    }

    /** to_json of one value; null is JSON's null. */
    static String of(SqlType type, @Nullable Object value, FormatSettings settings) {
        StringBuilder out = new StringBuilder();
        append(type, value, settings, out);
        return out.toString();
    }

    private static void append(
            SqlType declared, @Nullable Object value, FormatSettings settings, StringBuilder out) {
        SqlType type = declared.base();
        switch (value) {
            case null -> out.append("null");
            case Boolean b -> out.append(b);
            case Jsonb jsonb -> out.append(jsonb.text());
            case SqlArray array when type.isArray() ->
                    appendArray(array, 0, 0, array.values().size(), ",", settings, out);
            case SqlRow row -> appendRow(row, ",", settings, out);
            case Numeric numeric when numeric.isFinite() -> out.append(numeric);
            case Long n when type.category() == 'N' && isPlainNumber(type) -> out.append(n);
            case Double x when Double.isFinite(x) ->
                    out.append(TextFormat.format(type, x, settings));
            case Float x when Float.isFinite(x) -> out.append(TextFormat.format(type, x, settings));
            case Long t when type.equals(Types.TIMESTAMP) || type.equals(Types.TIMESTAMPTZ) ->
                    Json.quote(isoTimestamp(type, t, settings), out);
            default -> {
                if (type.equals(Types.JSON)) {
                    out.append(value);
                } else {
                    Json.quote(TextFormat.format(type, value, settings), out);
                }
            }
        }
    }

    private static boolean isPlainNumber(SqlType type) {
        return type.equals(Types.INT2) || type.equals(Types.INT4) || type.equals(Types.INT8);
    }

    /** ISO 8601 with T, and the offset of a zoned one with its minutes. */
    private static String isoTimestamp(SqlType type, long value, FormatSettings settings) {
        String text = TextFormat.format(type, value, settings);
        if (DateTimes.isInfinite(value)) {
            return text;
        }
        String iso = text.replaceFirst(" ", "T");
        return type.equals(Types.TIMESTAMPTZ)
                ? iso.replaceFirst("([+-]\\d\\d)( BC)?$", "$1:00$2")
                : iso;
    }

    private static void appendArray(
            SqlArray array,
            int dimension,
            int from,
            int count,
            String separator,
            FormatSettings settings,
            StringBuilder out) {
        out.append('[');
        int length = array.dimensions() == 0 ? 0 : array.lengths().get(dimension);
        for (int i = 0; i < length; i++) {
            out.append(i > 0 ? separator : "");
            int part = count / length;
            if (dimension == array.dimensions() - 1) {
                append(array.element(), array.values().get(from + i), settings, out);
            } else {
                appendArray(array, dimension + 1, from + i * part, part, ",", settings, out);
            }
        }
        out.append(']');
    }

    /** Fields of a row value that have no names are f1, f2…, as in PostgreSQL. */
    private static void appendRow(
            SqlRow row, String separator, FormatSettings settings, StringBuilder out) {
        out.append('{');
        for (int i = 0; i < row.values().size(); i++) {
            out.append(i > 0 ? separator : "");
            Json.quote(row.names().isEmpty() ? "f" + (i + 1) : row.names().get(i), out);
            out.append(':');
            append(row.types().get(i), row.values().get(i), settings, out);
        }
        out.append('}');
    }
}
