package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.JSONB;
import static dev.driftdb.schemas.type.Types.JSONPATH;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.JsonPath;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.16.2 The SQL/JSON Path Language: the functions that apply a path. */
final class JsonPathFunctions {
    /** Paths kept compiled; beyond, all are compiled anew. */
    private static final int KEPT_MAX = 500;

    private static final Map<String, JsonPath> KEPT = new ConcurrentHashMap<>();

    private JsonPathFunctions() {}

    /** What a function answers of the items found, of which an error hid the rest. */
    @FunctionalInterface
    private interface Query {
        @Nullable Object answer(List<Object> items, boolean silent);
    }

    static void define(Definitions d) {
        define(d, "jsonb_path_match", BOOL, JsonPathFunctions::match);
        define(
                d,
                "jsonb_path_query_array",
                JSONB,
                (items, _) -> new Json.Arr(shown(items)).toJsonb());
        define(
                d,
                "jsonb_path_query_first",
                JSONB,
                (items, _) -> items.isEmpty() ? null : shown(items).getFirst().toJsonb());
        for (boolean zoned : new boolean[] {false, true}) {
            rows(d, zoned ? "jsonb_path_query_tz" : "jsonb_path_query", zoned);
            function(d, "jsonb_path_exists", BOOL, zoned)
                    .eval((a, c) -> {
                        try {
                            return run(a, zoned, c).exists();
                        } catch (JsonPathRun.Failure e) {
                            if (silent(a)) {
                                return null;
                            }
                            throw e.error();
                        }
                    });
        }
        operator(
                d,
                "@?",
                "jsonb_path_exists_opr",
                (path, target, c) -> {
                    try {
                        return new JsonPathRun(path, target, null, false, c).exists();
                    } catch (JsonPathRun.Failure _) {
                        return null;
                    }
                });
        operator(
                d,
                "@@",
                "jsonb_path_match_opr",
                (path, target, c) ->
                        match(items(new JsonPathRun(path, target, null, false, c), true), true));
    }

    static JsonPath path(String text) {
        JsonPath path = KEPT.get(text);
        if (path == null) {
            path = JsonPath.parse(text);
            if (KEPT.size() < KEPT_MAX) {
                KEPT.put(text, path);
            }
        }
        return path;
    }

    private static List<Json> shown(List<Object> items) {
        return items.stream()
                .map(item -> item instanceof JsonMoment moment ? moment.json() : (Json) item)
                .toList();
    }

    private static List<Object> items(JsonPathRun run, boolean silent) {
        List<Object> items = new ArrayList<>();
        try {
            run.items(items);
        } catch (JsonPathRun.Failure e) {
            if (!silent) {
                throw e.error();
            }
        }
        return items;
    }

    private static @Nullable Object match(List<Object> items, boolean silent) {
        if (items.size() == 1) {
            if (items.getFirst() instanceof Json.Bool(boolean result)) {
                return result;
            }
            if (items.getFirst() instanceof Json.Null) {
                return null;
            }
        }
        if (silent) {
            return null;
        }
        throw new SqlException(
                SqlState.SINGLETON_SQL_JSON_ITEM_REQUIRED, "single boolean result is expected");
    }

    private static JsonPathRun run(@Nullable Object[] a, boolean zoned, EvalContext context) {
        Json.Obj variables = Json.Obj.of(Map.of());
        if (a.length > 2 && a[2] instanceof Jsonb given) {
            if (!(Json.parse(given) instanceof Json.Obj members)) {
                throw SqlErrors.invalidParameter("\"vars\" argument is not an object")
                        .withDetail(
                                "Jsonpath parameters should be encoded as key-value pairs of"
                                        + " \"vars\" object.");
            }
            variables = members;
        }
        return new JsonPathRun(
                path(SystemFunctions.text(a, 1)),
                Json.parse((Jsonb) Objects.requireNonNull(a[0])),
                variables,
                zoned,
                context);
    }

    private static boolean silent(@Nullable Object[] a) {
        return a.length > 3 && Boolean.TRUE.equals(a[3]);
    }

    private static Definitions.Builder function(
            Definitions d, String name, SqlType result, boolean zoned) {
        Definitions.Builder builder =
                d.define(zoned ? name + "_tz" : name, result, JSONB, JSONPATH, JSONB, BOOL)
                        .defaults(2);
        return zoned ? builder.stable() : builder;
    }

    private static void define(Definitions d, String name, SqlType result, Query query) {
        for (boolean zoned : new boolean[] {false, true}) {
            function(d, name, result, zoned)
                    .eval((a, c) -> query.answer(items(run(a, zoned, c), silent(a)), silent(a)));
        }
    }

    private static void rows(Definitions d, String name, boolean zoned) {
        d.table(
                name,
                List.of(name),
                List.of(JSONB),
                2,
                (a, c) ->
                        ArrayFunctions.single(
                                shown(items(run(a, zoned, c), silent(a))).stream()
                                        .map(Json::toJsonb)
                                        .iterator()),
                JSONB,
                JSONPATH,
                JSONB,
                BOOL);
    }

    @FunctionalInterface
    private interface Test {
        @Nullable Object of(JsonPath path, Json target, EvalContext context);
    }

    private static void operator(Definitions d, String symbol, String name, Test test) {
        d.define(name, BOOL, JSONB, JSONPATH)
                .eval((a, c) ->
                        test.of(
                                path(SystemFunctions.text(a, 1)),
                                Json.parse((Jsonb) Objects.requireNonNull(a[0])),
                                c));
        d.operator(symbol, JSONB, JSONPATH, d.scalars.getLast());
    }
}
