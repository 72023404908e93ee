package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANY;
import static dev.driftdb.schemas.type.Types.ANYELEMENT;
import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.JSON;
import static dev.driftdb.schemas.type.Types.JSONB;
import static dev.driftdb.schemas.type.Types.RECORD;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TEXT_ARRAY;

import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL manual, 9.16 JSON Functions and Operators. Values of json keep their text: parts of
 * one are cut out of it as they were written.
 */
final class JsonFunctions {
    private JsonFunctions() {}

    static void define(Definitions d) {
        for (SqlType type : List.of(JSON, JSONB)) {
            access(d, type);
            rows(d, type);
        }
        making(d);
        comparisons(d);
        JsonChanges.define(d);
        JsonPathFunctions.define(d);
        RecordFunctions.define(d);
    }

    static String typeOf(Json value) {
        return switch (value) {
            case Json.Null _ -> "null";
            case Json.Str _ -> "string";
            case Json.Num _ -> "number";
            case Json.Bool _ -> "boolean";
            case Json.Arr _ -> "array";
            case Json.Obj _ -> "object";
        };
    }

    static Json tree(Object jsonb) {
        return Json.parse((Jsonb) jsonb);
    }

    /** The source text of a json or jsonb value. */
    private static String source(@Nullable Object value) {
        String text = Objects.requireNonNull(value).toString();
        if (value instanceof String && text.contains("\\u")) {
            // Escapes that json keeps as they are must stand for characters here.
            Json.parse(text, "json");
        }
        return text;
    }

    private static Object wrap(SqlType type, String text) {
        return type.equals(JSONB) ? new Jsonb(text) : text;
    }

    private static void access(Definitions d, SqlType type) {
        step(d, "->", type, TEXT, false, (s, key) -> JsonText.member(s, (String) key));
        step(d, "->>", type, TEXT, true, (s, key) -> JsonText.member(s, (String) key));
        step(d, "->", type, INT4, false, (s, n) -> item(type, s, (Long) n));
        step(d, "->>", type, INT4, true, (s, n) -> item(type, s, (Long) n));
        step(d, "#>", type, TEXT_ARRAY, false, (s, path) -> path(s, (SqlArray) path));
        step(d, "#>>", type, TEXT_ARRAY, true, (s, path) -> path(s, (SqlArray) path));
        d.define(type.name() + "_extract_path", type, type, TEXT_ARRAY)
                .variadic()
                .eval((a, _) -> {
                    String found = path(source(a[0]), (SqlArray) Objects.requireNonNull(a[1]));
                    return found == null ? null : wrap(type, found);
                });
        d.define(type.name() + "_extract_path_text", TEXT, type, TEXT_ARRAY)
                .variadic()
                .eval((a, _) ->
                        scalarText(path(source(a[0]), (SqlArray) Objects.requireNonNull(a[1]))));
        d.define(type.name() + "_typeof", TEXT, type)
                .eval((a, _) -> typeOf(Json.parse(source(a[0]), "json")));
        d.define(type.name() + "_array_length", INT4, type)
                .eval((a, _) ->
                        (long)
                                items(
                                                source(a[0]),
                                                "cannot get array length of a scalar",
                                                "cannot get array length of a non-array")
                                        .size());
    }

    /** A jsonb scalar is also an array of itself, an oddity of PostgreSQL. */
    private static @Nullable String item(SqlType type, String json, long n) {
        boolean scalar = !json.startsWith("[") && !json.startsWith("{");
        return type.equals(JSONB) && scalar
                ? n == 0 || n == -1 ? json : null
                : JsonText.item(json, n);
    }

    private static void step(
            Definitions d,
            String symbol,
            SqlType type,
            SqlType key,
            boolean asText,
            BiFunction<String, Object, @Nullable String> f) {
        d.op(
                symbol,
                type,
                key,
                asText ? TEXT : type,
                (Object value, Object k) -> {
                    String found = f.apply(source(value), k);
                    return asText ? scalarText(found) : found == null ? null : wrap(type, found);
                });
    }

    /** A string without its quotes, null for JSON's null, any other value as it is. */
    static @Nullable String scalarText(@Nullable String json) {
        if (json == null || json.equals("null")) {
            return null;
        }
        return json.startsWith("\"") && Json.parse(json, "json") instanceof Json.Str(String s)
                ? s
                : json;
    }

    private static @Nullable String path(String json, SqlArray path) {
        String at = json.strip();
        for (Object key : path.values()) {
            if (key == null || at == null) {
                return null;
            }
            if (at.startsWith("[")) {
                Long n = index((String) key);
                at = n == null ? null : JsonText.item(at, n);
            } else {
                at = JsonText.member(at, (String) key);
            }
        }
        return at;
    }

    static @Nullable Long index(String key) {
        try {
            return (long) Integer.parseInt(key.strip());
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static List<String> items(String json, String notScalar, String notObject) {
        if (!json.strip().startsWith("[")) {
            throw SqlErrors.invalidParameter(json.strip().startsWith("{") ? notObject : notScalar);
        }
        return JsonText.items(json);
    }

    private static List<String> elements(SqlType type, String json, String function) {
        return type.equals(JSONB)
                ? items(
                        json,
                        "cannot extract elements from a scalar",
                        "cannot extract elements from an object")
                : items(
                        json,
                        "cannot call " + function + " on a scalar",
                        "cannot call " + function + " on a non-array");
    }

    private static List<Map.Entry<String, String>> members(
            String json, String notScalar, String notArray) {
        if (!json.strip().startsWith("{")) {
            throw SqlErrors.invalidParameter(json.strip().startsWith("[") ? notArray : notScalar);
        }
        return JsonText.members(json);
    }

    private static List<Map.Entry<String, String>> pairs(
            SqlType type, String json, String function) {
        String notObject = "cannot call " + function + " on a non-object";
        return type.equals(JSONB)
                ? members(json, notObject, notObject)
                : members(
                        json,
                        "cannot deconstruct a scalar",
                        "cannot deconstruct an array as an object");
    }

    private static void rows(Definitions d, SqlType type) {
        String name = type.name();
        d.table(
                name + "_array_elements",
                List.of("value"),
                List.of(type),
                0,
                (a, _) ->
                        ArrayFunctions.single(
                                elements(type, source(a[0]), name + "_array_elements").stream()
                                        .map(item -> wrap(type, item))
                                        .iterator()),
                type);
        d.table(
                name + "_array_elements_text",
                List.of("value"),
                List.of(TEXT),
                0,
                (a, _) ->
                        ArrayFunctions.single(
                                scalarTexts(
                                                elements(
                                                        type,
                                                        source(a[0]),
                                                        name + "_array_elements_text"))
                                        .iterator()),
                type);
        d.table(
                name + "_object_keys",
                TEXT,
                (a, _) ->
                        ArrayFunctions.single(
                                members(
                                                source(a[0]),
                                                "cannot call " + name + "_object_keys on a scalar",
                                                "cannot call " + name + "_object_keys on an array")
                                        .stream()
                                        .map(Map.Entry::getKey)
                                        .iterator()),
                type);
        each(d, name + "_each", type, type, member -> wrap(type, member));
        each(d, name + "_each_text", type, TEXT, JsonFunctions::scalarText);
    }

    private static List<@Nullable String> scalarTexts(List<String> items) {
        List<@Nullable String> result = new ArrayList<>();
        for (String item : items) {
            result.add(scalarText(item));
        }
        return result;
    }

    private static void each(
            Definitions d,
            String name,
            SqlType type,
            SqlType valueType,
            Function<String, @Nullable Object> value) {
        d.table(
                name,
                List.of("key", "value"),
                List.of(TEXT, valueType),
                0,
                (a, _) -> {
                    List<@Nullable Object[]> rows = new ArrayList<>();
                    for (Map.Entry<String, String> member : pairs(type, source(a[0]), name)) {
                        rows.add(new Object[] {member.getKey(), value.apply(member.getValue())});
                    }
                    return rows.iterator();
                },
                type);
    }

    private static void making(Definitions d) {
        d.define("to_json", JSON, ANYELEMENT)
                .stable()
                .specialize((types, _) ->
                        (Body.Nary) (a, c) -> JsonText.of(types.getFirst(), a[0], c.format()));
        d.define("to_jsonb", JSONB, ANYELEMENT)
                .stable()
                .specialize((types, _) ->
                        (Body.Nary)
                                (a, c) -> jsonb(JsonText.of(types.getFirst(), a[0], c.format())));
        d.define("array_to_json", JSON, dev.driftdb.schemas.type.Types.ANYARRAY)
                .stable()
                .specialize((types, _) ->
                        (Body.Nary) (a, c) -> JsonText.of(types.getFirst(), a[0], c.format()));
        d.define("array_to_json", JSON, dev.driftdb.schemas.type.Types.ANYARRAY, BOOL)
                .stable()
                .specialize((types, _) ->
                        (Body.Nary)
                                (a, c) ->
                                        Boolean.TRUE.equals(a[1]) && a[0] instanceof SqlArray array
                                                ? JsonText.pretty(array, c.format())
                                                : JsonText.of(types.getFirst(), a[0], c.format()));
        d.define("row_to_json", JSON, RECORD)
                .stable()
                .specialize((types, _) ->
                        (Body.Nary) (a, c) -> JsonText.of(types.getFirst(), a[0], c.format()));
        d.define("row_to_json", JSON, RECORD, BOOL)
                .stable()
                .specialize((_, _) ->
                        (Body.Nary)
                                (a, c) ->
                                        Boolean.TRUE.equals(a[1]) && a[0] instanceof SqlRow row
                                                ? JsonText.pretty(row, c.format())
                                                : JsonText.of(RECORD, a[0], c.format()));
        for (SqlType type : List.of(JSON, JSONB)) {
            Function<String, Object> as = s -> type.equals(JSONB) ? jsonb(s) : s;
            String name = type.name();
            d.define(name + "_build_array", type, ANY)
                    .variadic()
                    .defaults(1)
                    .nullable()
                    .stable()
                    .specialize((types, _) ->
                            (Body.Nary)
                                    (a, c) -> {
                                        List<String> parts = new ArrayList<>();
                                        StringFunctions.spread(a, 0, types)
                                                .forEach(x ->
                                                        parts.add(
                                                                JsonText.of(
                                                                        x.type(),
                                                                        x.value(),
                                                                        c.format())));
                                        return as.apply("[" + String.join(", ", parts) + "]");
                                    });
            d.define(name + "_build_object", type, ANY)
                    .variadic()
                    .defaults(1)
                    .nullable()
                    .stable()
                    .specialize((types, _) ->
                            (Body.Nary)
                                    (a, c) ->
                                            as.apply(
                                                    buildObject(
                                                            type,
                                                            StringFunctions.spread(a, 0, types),
                                                            c.format())));
            d.define(name + "_object", type, TEXT_ARRAY)
                    .eval((a, _) -> as.apply(objectOf((SqlArray) Objects.requireNonNull(a[0]))));
            d.define(name + "_object", type, TEXT_ARRAY, TEXT_ARRAY)
                    .eval((a, _) ->
                            as.apply(
                                    objectOf(
                                            (SqlArray) Objects.requireNonNull(a[0]),
                                            (SqlArray) Objects.requireNonNull(a[1]))));
        }
    }

    static Jsonb jsonb(String json) {
        return Json.parse(json, "json").toJsonb();
    }

    private static String buildObject(
            SqlType target,
            List<StringFunctions.Argument> arguments,
            dev.driftdb.schemas.type.FormatSettings settings) {
        if (arguments.size() % 2 != 0) {
            throw SqlErrors.invalidParameter("argument list must have even number of elements")
                    .withHint(
                            "The arguments of "
                                    + target.name()
                                    + "_build_object() must consist of alternating keys and"
                                    + " values.");
        }
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < arguments.size(); i += 2) {
            StringFunctions.Argument key = arguments.get(i);
            if (key.value() == null) {
                throw target.equals(JSONB)
                        ? SqlErrors.invalidParameter(
                                "argument " + (i + 1) + ": key must not be null")
                        : nullKey();
            }
            if (key.type().isArray()
                    || key.value() instanceof SqlRow
                    || key.type().equals(JSON)
                    || key.type().equals(JSONB)) {
                throw SqlErrors.invalidParameter(
                        "key value must be scalar, not array, composite, or json");
            }
            StringFunctions.Argument value = arguments.get(i + 1);
            out.append(i > 0 ? ", " : "");
            Json.quote(StringFunctions.toText(key.type(), key.value(), settings), out);
            out.append(" : ").append(JsonText.of(value.type(), value.value(), settings));
        }
        return out.append('}').toString();
    }

    private static SqlException nullKey() {
        return new SqlException(
                SqlState.NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key");
    }

    private static String objectOf(SqlArray keys, SqlArray values) {
        if (keys.dimensions() > 1 || values.dimensions() > 1) {
            throw new SqlException(
                    SqlState.ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
        }
        if (keys.values().size() != values.values().size()) {
            throw new SqlException(SqlState.ARRAY_SUBSCRIPT_ERROR, "mismatched array dimensions");
        }
        List<@Nullable Object> pairs = new ArrayList<>();
        for (int i = 0; i < keys.values().size(); i++) {
            pairs.add(keys.values().get(i));
            pairs.add(values.values().get(i));
        }
        return objectOf(SqlArray.of(TEXT, pairs));
    }

    private static String objectOf(SqlArray pairs) {
        if (pairs.dimensions() > 2) {
            throw new SqlException(
                    SqlState.ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
        }
        if (pairs.dimensions() == 2 && pairs.lengths().get(1) != 2) {
            throw new SqlException(SqlState.ARRAY_SUBSCRIPT_ERROR, "array must have two columns");
        }
        if (pairs.values().size() % 2 != 0) {
            throw new SqlException(
                    SqlState.ARRAY_SUBSCRIPT_ERROR, "array must have even number of elements");
        }
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < pairs.values().size(); i += 2) {
            Object key = pairs.values().get(i);
            Object value = pairs.values().get(i + 1);
            if (key == null) {
                throw nullKey();
            }
            out.append(i > 0 ? ", " : "");
            Json.quote((String) key, out);
            out.append(" : ");
            if (value == null) {
                out.append("null");
            } else {
                Json.quote((String) value, out);
            }
        }
        return out.append('}').toString();
    }

    private static void comparisons(Definitions d) {
        d.op("@>", JSONB, JSONB, BOOL, (Jsonb a, Jsonb b) -> contains(tree(a), tree(b), true));
        d.op("<@", JSONB, JSONB, BOOL, (Jsonb a, Jsonb b) -> contains(tree(b), tree(a), true));
        d.op("?", JSONB, TEXT, BOOL, (Jsonb a, String key) -> hasKey(tree(a), key));
        d.op(
                "?|",
                JSONB,
                TEXT_ARRAY,
                BOOL,
                (Jsonb a, SqlArray keys) -> {
                    Json value = tree(a);
                    return keys.values().stream()
                            .anyMatch(k -> k != null && hasKey(value, (String) k));
                });
        d.op(
                "?&",
                JSONB,
                TEXT_ARRAY,
                BOOL,
                (Jsonb a, SqlArray keys) -> {
                    Json value = tree(a);
                    return keys.values().stream()
                            .allMatch(k -> k == null || hasKey(value, (String) k));
                });
    }

    private static boolean hasKey(Json value, String key) {
        return switch (value) {
            case Json.Obj(var members) -> members.containsKey(key);
            case Json.Arr(List<Json> items) ->
                    items.stream().anyMatch(item -> item.equals(new Json.Str(key)));
            case Json.Str(String s) -> s.equals(key);
            case Json.Null _, Json.Num _, Json.Bool _ -> false;
        };
    }

    /** At the top level an array contains a scalar that is among its items. */
    private static boolean contains(Json a, Json b, boolean top) {
        return switch (b) {
            case Json.Obj(var wanted) ->
                    a instanceof Json.Obj(var members)
                            && wanted.entrySet().stream()
                                    .allMatch(entry -> {
                                        Json value = members.get(entry.getKey());
                                        return value != null
                                                && contains(value, entry.getValue(), false);
                                    });
            case Json.Arr(List<Json> wanted) ->
                    a instanceof Json.Arr(List<Json> items)
                            && wanted.stream()
                                    .allMatch(w ->
                                            items.stream().anyMatch(x -> contains(x, w, false)));
            case Json.Null _, Json.Str _, Json.Num _, Json.Bool _ ->
                    a instanceof Json.Arr(List<Json> items)
                            ? top && items.stream().anyMatch(x -> x.compareTo(b) == 0)
                            : a.compareTo(b) == 0;
        };
    }

    /** Keeps an object's members while they are changed. */
    static TreeMap<String, Json> copy(Map<String, Json> members) {
        TreeMap<String, Json> result = new TreeMap<>(Json.KEY_ORDER);
        result.putAll(members);
        return result;
    }
}
