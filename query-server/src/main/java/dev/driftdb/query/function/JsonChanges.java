package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.JSON;
import static dev.driftdb.schemas.type.Types.JSONB;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TEXT_ARRAY;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.SqlArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** jsonb made from jsonb: ||, -, #-, jsonb_set, jsonb_insert, jsonb_strip_nulls, jsonb_pretty. */
final class JsonChanges {
    private JsonChanges() {}

    static void define(Definitions d) {
        d.op(
                "||",
                JSONB,
                JSONB,
                JSONB,
                (Jsonb a, Jsonb b) ->
                        concatenate(JsonFunctions.tree(a), JsonFunctions.tree(b)).toJsonb());
        d.op(
                "-",
                JSONB,
                TEXT,
                JSONB,
                (Jsonb a, String key) -> remove(JsonFunctions.tree(a), List.of(key)).toJsonb());
        d.op(
                "-",
                JSONB,
                TEXT_ARRAY,
                JSONB,
                (Jsonb a, SqlArray keys) -> remove(JsonFunctions.tree(a), keys.values()).toJsonb());
        d.op(
                "-",
                JSONB,
                INT4,
                JSONB,
                (Jsonb a, Long n) -> removeItem(JsonFunctions.tree(a), n).toJsonb());
        d.op(
                "#-",
                JSONB,
                TEXT_ARRAY,
                JSONB,
                (Jsonb a, SqlArray path) -> {
                    Json tree = JsonFunctions.tree(a);
                    requireContainer(tree, "cannot delete path in scalar");
                    return path.values().isEmpty()
                            ? a
                            : change(tree, keys(path), 0, null, Mode.DELETE).toJsonb();
                });
        d.define("jsonb_set", JSONB, JSONB, TEXT_ARRAY, JSONB, BOOL)
                .defaults(1)
                .eval((a, _) ->
                        set(
                                a,
                                a.length < 4 || Boolean.TRUE.equals(a[3])
                                        ? Mode.SET
                                        : Mode.REPLACE));
        d.define("jsonb_set_lax", JSONB, JSONB, TEXT_ARRAY, JSONB, BOOL, TEXT)
                .defaults(2)
                .nullable()
                .eval((a, _) -> setLax(a));
        d.fn("json_strip_nulls", JSON, JSON, (String a) -> JsonText.withoutNulls(a));
        d.define("jsonb_insert", JSONB, JSONB, TEXT_ARRAY, JSONB, BOOL)
                .defaults(1)
                .eval((a, _) ->
                        set(
                                a,
                                a.length > 3 && Boolean.TRUE.equals(a[3])
                                        ? Mode.INSERT_AFTER
                                        : Mode.INSERT));
        d.fn(
                "jsonb_strip_nulls",
                JSONB,
                JSONB,
                (Jsonb a) -> stripNulls(JsonFunctions.tree(a)).toJsonb());
        d.fn(
                "jsonb_pretty",
                JSONB,
                TEXT,
                (Jsonb a) -> {
                    StringBuilder out = new StringBuilder();
                    pretty(JsonFunctions.tree(a), "", out);
                    return out.toString();
                });
    }

    private enum Mode {
        SET,
        REPLACE,
        INSERT,
        INSERT_AFTER,
        DELETE
    }

    private static Json concatenate(Json a, Json b) {
        if (a instanceof Json.Obj(var left) && b instanceof Json.Obj(var right)) {
            TreeMap<String, Json> members = JsonFunctions.copy(left);
            members.putAll(right);
            return Json.Obj.of(members);
        }
        List<Json> items = new ArrayList<>(itemsOf(a));
        items.addAll(itemsOf(b));
        return new Json.Arr(items);
    }

    private static List<Json> itemsOf(Json value) {
        return value instanceof Json.Arr(List<Json> items) ? items : List.of(value);
    }

    private static Json remove(Json value, Collection<? extends @Nullable Object> keys) {
        return switch (value) {
            case Json.Obj(var members) -> {
                TreeMap<String, Json> rest = JsonFunctions.copy(members);
                for (Object key : keys) {
                    if (key != null) {
                        rest.remove((String) key);
                    }
                }
                yield Json.Obj.of(rest);
            }
            case Json.Arr(List<Json> items) ->
                    new Json.Arr(
                            items.stream()
                                    .filter(item ->
                                            !(item instanceof Json.Str(String s)
                                                    && keys.contains(s)))
                                    .toList());
            case Json.Null _, Json.Str _, Json.Num _, Json.Bool _ -> throw fromScalar();
        };
    }

    private static SqlException fromScalar() {
        return SqlErrors.invalidParameter("cannot delete from scalar");
    }

    private static Json removeItem(Json value, long n) {
        return switch (value) {
            case Json.Arr(List<Json> items) -> {
                long index = n < 0 ? items.size() + n : n;
                List<Json> rest = new ArrayList<>(items);
                if (index >= 0 && index < rest.size()) {
                    rest.remove((int) index);
                }
                yield new Json.Arr(rest);
            }
            case Json.Obj _ ->
                    throw SqlErrors.invalidParameter(
                            "cannot delete from object using integer index");
            case Json.Null _, Json.Str _, Json.Num _, Json.Bool _ -> throw fromScalar();
        };
    }

    private static List<@Nullable String> keys(SqlArray path) {
        List<@Nullable String> keys = new ArrayList<>();
        for (Object key : path.values()) {
            keys.add((String) key);
        }
        return keys;
    }

    private static void requireContainer(Json tree, String message) {
        if (!(tree instanceof Json.Obj) && !(tree instanceof Json.Arr)) {
            throw SqlErrors.invalidParameter(message);
        }
    }

    private static @Nullable Jsonb setLax(@Nullable Object[] a) {
        boolean create = a.length < 4 || Boolean.TRUE.equals(a[3]);
        if (a[0] == null || a[1] == null || (a.length > 3 && a[3] == null)) {
            return null;
        }
        Mode mode = create ? Mode.SET : Mode.REPLACE;
        String treatment = a.length > 4 ? (String) a[4] : "use_json_null";
        if (a[2] != null && treatment != null) {
            return set(new @Nullable Object[] {a[0], a[1], a[2]}, mode);
        }
        return switch (treatment == null ? "" : treatment) {
            case "raise_exception" ->
                    throw new SqlException(
                                    SqlState.NULL_VALUE_NOT_ALLOWED, "JSON value must not be null")
                            .withDetail(
                                    "Exception was raised because null_value_treatment is"
                                            + " \"raise_exception\".")
                            .withHint(
                                    "To avoid, either change the null_value_treatment argument or"
                                            + " ensure that an SQL NULL is not passed.");
            case "use_json_null" ->
                    set(new @Nullable Object[] {a[0], a[1], new Jsonb("null")}, mode);
            case "delete_key" -> {
                Json tree = JsonFunctions.tree(a[0]);
                requireContainer(tree, "cannot delete path in scalar");
                List<@Nullable String> path = keys((SqlArray) a[1]);
                yield path.isEmpty()
                        ? (Jsonb) a[0]
                        : change(tree, path, 0, null, Mode.DELETE).toJsonb();
            }
            case "return_target" -> (Jsonb) a[0];
            default ->
                    throw SqlErrors.invalidParameter(
                            "null_value_treatment must be \"delete_key\", \"return_target\","
                                    + " \"use_json_null\", or \"raise_exception\"");
        };
    }

    private static Jsonb set(@Nullable Object[] a, Mode mode) {
        Jsonb target = (Jsonb) Objects.requireNonNull(a[0]);
        List<@Nullable String> path = keys((SqlArray) Objects.requireNonNull(a[1]));
        Json tree = JsonFunctions.tree(target);
        requireContainer(tree, "cannot set path in scalar");
        return path.isEmpty()
                ? target
                : change(tree, path, 0, JsonFunctions.tree(Objects.requireNonNull(a[2])), mode)
                        .toJsonb();
    }

    private static Json change(
            Json at, List<@Nullable String> path, int depth, @Nullable Json with, Mode mode) {
        boolean container = at instanceof Json.Obj || at instanceof Json.Arr;
        if (container && path.get(depth) == null) {
            throw new SqlException(
                    SqlState.NULL_VALUE_NOT_ALLOWED,
                    "path element at position " + (depth + 1) + " is null");
        }
        return switch (at) {
            case Json.Obj(var members) -> changeObject(members, path, depth, with, mode);
            case Json.Arr(List<Json> items) -> changeArray(items, path, depth, with, mode);
            case Json.Null _, Json.Str _, Json.Num _, Json.Bool _ -> at;
        };
    }

    private static Json changeObject(
            Map<String, Json> source,
            List<@Nullable String> path,
            int depth,
            @Nullable Json with,
            Mode mode) {
        String key = Objects.requireNonNull(path.get(depth));
        TreeMap<String, Json> members = JsonFunctions.copy(source);
        Json old = members.get(key);
        if (depth < path.size() - 1) {
            if (old != null) {
                members.put(key, change(old, path, depth + 1, with, mode));
            }
            return Json.Obj.of(members);
        }
        switch (mode) {
            case DELETE -> members.remove(key);
            case SET -> members.put(key, Objects.requireNonNull(with));
            case REPLACE -> {
                if (old != null) {
                    members.put(key, Objects.requireNonNull(with));
                }
            }
            case INSERT, INSERT_AFTER -> {
                if (old != null) {
                    throw SqlErrors.invalidParameter("cannot replace existing key")
                            .withHint("Try using the function jsonb_set to replace key value.");
                }
                members.put(key, Objects.requireNonNull(with));
            }
        }
        return Json.Obj.of(members);
    }

    /** The place in an array that a step of a path says; negative from the end. */
    static long index(String step, int depth) {
        Long index = JsonFunctions.index(step);
        if (index == null) {
            throw new SqlException(
                    SqlState.INVALID_TEXT_REPRESENTATION,
                    "path element at position "
                            + (depth + 1)
                            + " is not an integer: \""
                            + step
                            + "\"");
        }
        return index;
    }

    private static Json changeArray(
            List<Json> source,
            List<@Nullable String> path,
            int depth,
            @Nullable Json with,
            Mode mode) {
        long n = index(Objects.requireNonNull(path.get(depth)), depth);
        List<Json> items = new ArrayList<>(source);
        long index = n < 0 ? items.size() + n : n;
        boolean inside = index >= 0 && index < items.size();
        int at = (int) Math.clamp(index, 0L, (long) items.size());
        if (depth < path.size() - 1) {
            if (inside) {
                items.set(at, change(items.get(at), path, depth + 1, with, mode));
            }
            return new Json.Arr(items);
        }
        switch (mode) {
            case DELETE -> {
                if (inside) {
                    items.remove(at);
                }
            }
            case SET -> {
                if (inside) {
                    items.set(at, Objects.requireNonNull(with));
                } else {
                    items.add(at, Objects.requireNonNull(with));
                }
            }
            case REPLACE -> {
                if (inside) {
                    items.set(at, Objects.requireNonNull(with));
                }
            }
            case INSERT -> items.add(at, Objects.requireNonNull(with));
            case INSERT_AFTER -> items.add(inside ? at + 1 : at, Objects.requireNonNull(with));
        }
        return new Json.Arr(items);
    }

    private static Json stripNulls(Json value) {
        return switch (value) {
            case Json.Obj(var members) -> {
                TreeMap<String, Json> kept = new TreeMap<>(Json.KEY_ORDER);
                members.forEach((key, member) -> {
                    if (!(member instanceof Json.Null)) {
                        kept.put(key, stripNulls(member));
                    }
                });
                yield Json.Obj.of(kept);
            }
            case Json.Arr(List<Json> items) ->
                    new Json.Arr(items.stream().map(JsonChanges::stripNulls).toList());
            case Json.Null _, Json.Str _, Json.Num _, Json.Bool _ -> value;
        };
    }

    private static void pretty(Json value, String indent, StringBuilder out) {
        String inner = indent + "    ";
        String separator = "\n";
        switch (value) {
            case Json.Obj(var members) -> {
                out.append('{');
                for (Map.Entry<String, Json> member : members.entrySet()) {
                    out.append(separator).append(inner);
                    Json.quote(member.getKey(), out);
                    pretty(member.getValue(), inner, out.append(": "));
                    separator = ",\n";
                }
                out.append('\n').append(indent).append('}');
            }
            case Json.Arr(List<Json> items) -> {
                out.append('[');
                for (Json item : items) {
                    pretty(item, inner, out.append(separator).append(inner));
                    separator = ",\n";
                }
                out.append('\n').append(indent).append(']');
            }
            case Json.Null _, Json.Str _, Json.Num _, Json.Bool _ -> out.append(value.text());
        }
    }
}
