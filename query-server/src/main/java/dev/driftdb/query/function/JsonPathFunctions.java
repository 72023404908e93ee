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
import java.util.Iterator;
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

    @FunctionalInterface
    private interface Query {
        @Nullable Object answer(JsonPathRun run, boolean silent);
    }

    static void define(Definitions d) {
        define(d, "jsonb_path_exists", BOOL, (run, _) -> run.exists());
        define(d, "jsonb_path_match", BOOL, JsonPathFunctions::match);
        define(
                d,
                "jsonb_path_query_array",
                JSONB,
                (run, _) -> new Json.Arr(shown(run)).toJsonb());
        define(
                d,
                "jsonb_path_query_first",
                JSONB,
                (run, _) -> {
                    List<Json> items = shown(run);
                    return items.isEmpty() ? null : items.getFirst().toJsonb();
                });
        rows(d, "jsonb_path_query", false);
        rows(d, "jsonb_path_query_tz", true);
        operator(d, "@?", "jsonb_path_exists_opr", (run, _) -> run.exists());
        operator(d, "@@", "jsonb_path_match_opr", JsonPathFunctions::match);
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

    private static List<Json> shown(JsonPathRun run) {
        return run.items().stream()
                .map(item -> item instanceof JsonMoment moment ? moment.json() : (Json) item)
                .toList();
    }

    private static @Nullable Object match(JsonPathRun run, boolean silent) {
        List<Object> items = run.items();
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

    private static void define(
            Definitions d, String name, SqlType result, Query query) {
        for (boolean zoned : new boolean[] {false, true}) {
            Definitions.Builder builder =
                    d.define(zoned ? name + "_tz" : name, result, JSONB, JSONPATH, JSONB, BOOL)
                            .defaults(2);
            if (zoned) {
                builder.stable();
            }
            builder.eval((a, c) -> {
                try {
                    return query.answer(run(a, zoned, c), silent(a));
                } catch (JsonPathRun.Failure e) {
                    if (silent(a)) {
                        return null;
                    }
                    throw e.error();
                }
            });
        }
    }

    private static void rows(Definitions d, String name, boolean zoned) {
        d.table(
                name,
                List.of(name),
                List.of(JSONB),
                2,
                (a, c) -> {
                    Iterator<Object> items;
                    try {
                        items =
                                shown(run(a, zoned, c)).stream()
                                        .map(item -> (Object) item.toJsonb())
                                        .iterator();
                    } catch (JsonPathRun.Failure e) {
                        if (!silent(a)) {
                            throw e.error();
                        }
                        items = List.of().iterator();
                    }
                    return ArrayFunctions.single(items);
                },
                JSONB,
                JSONPATH,
                JSONB,
                BOOL);
    }

    private static void operator(Definitions d, String symbol, String name, Query query) {
        d.define(name, BOOL, JSONB, JSONPATH)
                .eval((a, c) -> {
                    JsonPathRun run =
                            new JsonPathRun(
                                    path(SystemFunctions.text(a, 1)),
                                    Json.parse((Jsonb) Objects.requireNonNull(a[0])),
                                    null,
                                    false,
                                    c);
                    try {
                        return query.answer(run, true);
                    } catch (JsonPathRun.Failure _) {
                        return null;
                    }
                });
        d.operator(symbol, JSONB, JSONPATH, d.scalars.getLast());
    }
}
