package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.JsonPath;
import dev.driftdb.schemas.type.JsonPath.MethodName;
import dev.driftdb.schemas.type.JsonPath.Path;
import dev.driftdb.schemas.type.JsonPath.Step;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation of a jsonpath over one value. Its items are {@link Json} values and {@link
 * JsonMoment}s. An error that PostgreSQL may suppress is a {@link Failure} until it leaves.
 */
final class JsonPathRun {
    /** A suppressible error of the path: silent mode and predicates turn it into "unknown". */
    static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient SqlException error;

        Failure(SqlException error) {
            super(null, null, false, false);
            this.error = error;
        }

        SqlException error() {
            return error;
        }
    }

    private static final long ID_BASE = 10_000_000_000L;

    /** The ids of the root and of the variables come before. */
    private static final int FIRST_GENERATED_ID = 2;

    private final JsonPath path;
    private final Json root;
    private final Json.@Nullable Obj variables;
    private final EvalContext context;
    private final JsonPathPredicates predicates;
    private boolean ignoreStructure;
    private @Nullable Object current;
    private int innermostSize = -1;
    private Json base;
    private int baseId;
    private int generatedIds;

    /**
     * @param variables null: every variable is null
     * @param zoned whether the session's time zone may be used
     */
    JsonPathRun(
            JsonPath path,
            Json root,
            Json.@Nullable Obj variables,
            boolean zoned,
            EvalContext context) {
        this.path = path;
        this.root = root;
        this.variables = variables;
        this.context = context;
        this.predicates = new JsonPathPredicates(this, zoned, context);
        this.ignoreStructure = path.lax();
        this.base = root;
    }

    /** Adds all items, in order; an error leaves those found before it. */
    void items(List<Object> found) {
        run(path.path(), 0, root, found, path.lax());
    }

    /** Whether there is any item; in lax mode errors behind the first one do not count. */
    boolean exists() {
        return exists(path.path(), root);
    }

    /** Whether a path within this one leads from an item to any. */
    boolean exists(Path steps, Object item) {
        if (path.lax()) {
            return run(steps, 0, item, null, true);
        }
        List<Object> found = new ArrayList<>();
        run(steps, 0, item, found, false);
        return !found.isEmpty();
    }

    boolean lax() {
        return path.lax();
    }

    static Failure fail(SqlState state, String message) {
        return new Failure(new SqlException(state, message));
    }

    /**
     * Applies the steps from {@code index} on.
     *
     * @param found null: only whether there is an item
     * @param unwrap whether an array as target of this step stands for its items
     * @return whether an item was found
     */
    private boolean run(
            Path steps, int index, Object item, @Nullable List<Object> found, boolean unwrap) {
        Step step = steps.steps().get(index);
        return switch (step) {
            case Step.Root _ -> {
                Json savedBase = base;
                int savedId = baseId;
                base = root;
                baseId = 0;
                boolean result = next(steps, index, root, found);
                base = savedBase;
                baseId = savedId;
                yield result;
            }
            case Step.Current _ -> next(steps, index, current == null ? root : current, found);
            case Step.Literal(Json value) -> next(steps, index, value, found);
            case Step.Variable(String name) -> {
                Json savedBase = base;
                int savedId = baseId;
                Json value = variable(name);
                baseId = 1;
                base = variables == null ? root : variables;
                boolean result = next(steps, index, value, found);
                base = savedBase;
                baseId = savedId;
                yield result;
            }
            case Step.Last _ ->
                    next(steps, index, new Json.Num(BigDecimal.valueOf(innermostSize - 1L)), found);
            case Step.And _,
                    Step.Or _,
                    Step.Not _,
                    Step.Comparison _,
                    Step.IsUnknown _,
                    Step.Exists _,
                    Step.StartsWith _,
                    Step.LikeRegex _ -> {
                Boolean result = predicates.test(step, item);
                yield next(
                        steps,
                        index,
                        result == null ? new Json.Null() : new Json.Bool(result),
                        found);
            }
            case Step.Arithmetic arithmetic ->
                    next(
                            steps,
                            index,
                            new Json.Num(
                                    JsonPathNumbers.arithmetic(
                                            arithmetic.operator(),
                                            operand(arithmetic.left(), item, true),
                                            operand(arithmetic.right(), item, true))),
                            found);
            case Step.Sign sign -> sign(sign, steps, index, item, found);
            case Step.AnyItem _ -> {
                if (item instanceof Json.Arr(List<Json> items)) {
                    yield each(items, steps, index + 1, found, path.lax());
                }
                if (path.lax()) {
                    yield next(steps, index, item, found);
                }
                yield structural(
                        SqlState.SQL_JSON_ARRAY_NOT_FOUND,
                        "jsonpath wildcard array accessor can only be applied to an array");
            }
            case Step.AnyKey _ -> {
                if (item instanceof Json.Obj(var members)) {
                    yield each(
                            new ArrayList<>(members.values()), steps, index + 1, found, path.lax());
                }
                if (unwrap && item instanceof Json.Arr(List<Json> items)) {
                    yield each(items, steps, index, found, false);
                }
                yield structural(
                        SqlState.SQL_JSON_OBJECT_NOT_FOUND,
                        "jsonpath wildcard member accessor can only be applied to an object");
            }
            case Step.Items(List<JsonPath.Range> ranges) ->
                    subscripts(ranges, steps, index, item, found);
            case Step.AnyLevel(long first, long last) ->
                    levels(first, last, steps, index, item, found);
            case Step.Key(String name) -> key(name, steps, index, item, found, unwrap);
            case Step.Filter(Path predicate) -> {
                if (unwrap && item instanceof Json.Arr(List<Json> items)) {
                    yield each(items, steps, index, found, false);
                }
                Object saved = current;
                current = item;
                Boolean passes = predicates.test(predicate.first(), item);
                current = saved;
                yield Boolean.TRUE.equals(passes) && next(steps, index, item, found);
            }
            case Step.Method(MethodName name) -> method(name, steps, index, item, found, unwrap);
            case Step.Datetime(@Nullable String template) -> {
                if (unwrap && item instanceof Json.Arr(List<Json> items)) {
                    yield each(items, steps, index, found, false);
                }
                yield next(steps, index, JsonMoment.read(item, template, context), found);
            }
        };
    }

    private boolean next(Path steps, int index, Object item, @Nullable List<Object> found) {
        context.checkCanceled();
        if (index + 1 < steps.steps().size()) {
            return run(steps, index + 1, item, found, path.lax());
        }
        if (found != null) {
            found.add(item);
        }
        return true;
    }

    private boolean structural(SqlState state, String message) {
        if (!ignoreStructure) {
            throw fail(state, message);
        }
        return false;
    }

    /** Applies the steps from {@code index} on to each item. */
    private boolean each(
            List<Json> items, Path steps, int index, @Nullable List<Object> found, boolean unwrap) {
        boolean any = false;
        for (Json item : items) {
            boolean one;
            if (index < steps.steps().size()) {
                one = run(steps, index, item, found, unwrap);
            } else {
                if (found != null) {
                    found.add(item);
                }
                one = true;
            }
            if (one && found == null) {
                return true;
            }
            any |= one;
        }
        return any;
    }

    private Json variable(String name) {
        Json value = variables == null ? null : variables.members().get(name);
        if (value == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "could not find jsonpath variable \"" + name + "\"");
        }
        return value;
    }

    private boolean key(
            String name,
            Path steps,
            int index,
            Object item,
            @Nullable List<Object> found,
            boolean unwrap) {
        if (item instanceof Json.Obj(var members)) {
            Json value = members.get(name);
            if (value != null) {
                return next(steps, index, value, found);
            }
            return structural(
                    SqlState.SQL_JSON_MEMBER_NOT_FOUND,
                    "JSON object does not contain key \"" + name + "\"");
        }
        if (unwrap && item instanceof Json.Arr(List<Json> items)) {
            return each(items, steps, index, found, false);
        }
        return structural(
                SqlState.SQL_JSON_MEMBER_NOT_FOUND,
                "jsonpath member accessor can only be applied to an object");
    }

    private boolean levels(
            long first,
            long last,
            Path steps,
            int index,
            Object item,
            @Nullable List<Object> found) {
        boolean any = false;
        if (first == 0) {
            boolean saved = ignoreStructure;
            ignoreStructure = true;
            any = next(steps, index, item, found);
            ignoreStructure = saved;
            if (any && found == null) {
                return true;
            }
        }
        return deeper(item, 1, first, last, steps, index, found) || any;
    }

    private boolean deeper(
            Object item,
            long level,
            long first,
            long last,
            Path steps,
            int index,
            @Nullable List<Object> found) {
        if (level > last) {
            return false;
        }
        List<Json> children =
                switch (item) {
                    case Json.Arr(List<Json> items) -> items;
                    case Json.Obj(var members) -> new ArrayList<>(members.values());
                    default -> List.of();
                };
        boolean any = false;
        for (Json child : children) {
            boolean leaf = !(child instanceof Json.Arr) && !(child instanceof Json.Obj);
            boolean leavesOnly = first == JsonPath.LAST_LEVEL && last == JsonPath.LAST_LEVEL;
            if (level >= first || (leavesOnly && leaf)) {
                boolean saved = ignoreStructure;
                ignoreStructure = true;
                any |= next(steps, index, child, found);
                ignoreStructure = saved;
                if (any && found == null) {
                    return true;
                }
            }
            if (level < last && !leaf) {
                any |= deeper(child, level + 1, first, last, steps, index, found);
                if (any && found == null) {
                    return true;
                }
            }
        }
        return any;
    }

    private boolean subscripts(
            List<JsonPath.Range> ranges,
            Path steps,
            int index,
            Object item,
            @Nullable List<Object> found) {
        List<Object> items = new ArrayList<>();
        if (item instanceof Json.Arr(List<Json> members)) {
            items.addAll(members);
        } else if (path.lax()) {
            items.add(item);
        } else {
            return structural(
                    SqlState.SQL_JSON_ARRAY_NOT_FOUND,
                    "jsonpath array accessor can only be applied to an array");
        }
        int savedSize = innermostSize;
        innermostSize = items.size();
        boolean any = false;
        for (JsonPath.Range range : ranges) {
            int from = subscript(range.from(), item);
            Path end = range.to();
            int to = end == null ? from : subscript(end, item);
            if (!ignoreStructure && (from < 0 || from > to || to >= items.size())) {
                throw fail(
                        SqlState.INVALID_SQL_JSON_SUBSCRIPT,
                        "jsonpath array subscript is out of bounds");
            }
            for (int i = Math.max(0, from); i <= Math.min(to, items.size() - 1); i++) {
                any |= next(steps, index, items.get(i), found);
                if (any && found == null) {
                    innermostSize = savedSize;
                    return true;
                }
            }
        }
        innermostSize = savedSize;
        return any;
    }

    private int subscript(Path expression, Object item) {
        List<Object> found = new ArrayList<>();
        run(expression, 0, item, found, path.lax());
        if (found.size() != 1 || !(found.getFirst() instanceof Json.Num(BigDecimal n))) {
            throw fail(
                    SqlState.INVALID_SQL_JSON_SUBSCRIPT,
                    "jsonpath array subscript is not a single numeric value");
        }
        BigDecimal whole = n.setScale(0, RoundingMode.DOWN);
        try {
            return whole.intValueExact();
        } catch (ArithmeticException _) {
            throw fail(
                    SqlState.INVALID_SQL_JSON_SUBSCRIPT,
                    "jsonpath array subscript is out of integer range");
        }
    }

    // ---- numbers ----

    /** The items of an operand; in lax mode those of arrays among them. */
    List<Object> operand(Path expression, Object item, boolean unwrap) {
        List<Object> found = new ArrayList<>();
        run(expression, 0, item, found, path.lax());
        if (!unwrap || !path.lax()) {
            return found;
        }
        List<Object> flat = new ArrayList<>(found.size());
        for (Object one : found) {
            if (one instanceof Json.Arr(List<Json> items)) {
                flat.addAll(items);
            } else {
                flat.add(one);
            }
        }
        return flat;
    }

    private boolean sign(
            Step.Sign step, Path steps, int index, Object item, @Nullable List<Object> found) {
        boolean last = index + 1 == steps.steps().size();
        boolean any = false;
        for (Object one : operand(step.operand(), item, true)) {
            if (!(one instanceof Json.Num(BigDecimal n))) {
                if (found == null && last) {
                    continue;
                }
                throw fail(
                        SqlState.SQL_JSON_NUMBER_NOT_FOUND,
                        "operand of unary jsonpath operator "
                                + (step.minus() ? "-" : "+")
                                + " is not a numeric value");
            }
            any |= next(steps, index, new Json.Num(step.minus() ? n.negate() : n), found);
            if (any && found == null) {
                return true;
            }
        }
        return any;
    }

    private boolean method(
            MethodName name,
            Path steps,
            int index,
            Object item,
            @Nullable List<Object> found,
            boolean unwrap) {
        if (name == MethodName.TYPE) {
            String type =
                    item instanceof JsonMoment moment
                            ? moment.type().sqlName()
                            : JsonFunctions.typeOf((Json) item);
            return next(steps, index, new Json.Str(type), found);
        }
        if (name == MethodName.SIZE) {
            int size = 1;
            if (item instanceof Json.Arr(List<Json> items)) {
                size = items.size();
            } else if (!path.lax()) {
                return structural(
                        SqlState.SQL_JSON_ARRAY_NOT_FOUND,
                        "jsonpath item method .size() can only be applied to an array");
            }
            return next(steps, index, new Json.Num(BigDecimal.valueOf(size)), found);
        }
        if (unwrap && item instanceof Json.Arr(List<Json> items)) {
            return each(items, steps, index, found, false);
        }
        if (name == MethodName.KEYVALUE) {
            return keyValue(steps, index, item, found);
        }
        return next(
                steps,
                index,
                new Json.Num(
                        name == MethodName.DOUBLE
                                ? JsonPathNumbers.toDouble(item)
                                : JsonPathNumbers.rounded(name, item)),
                found);
    }

    private boolean keyValue(Path steps, int index, Object item, @Nullable List<Object> found) {
        if (!(item instanceof Json.Obj(var members))) {
            throw fail(
                    SqlState.SQL_JSON_OBJECT_NOT_FOUND,
                    "jsonpath item method .keyvalue() can only be applied to an object");
        }
        long id = JsonbLayout.offset(base, (Json) item) + baseId * ID_BASE;
        boolean last = index + 1 == steps.steps().size();
        boolean any = false;
        for (Map.Entry<String, Json> member : members.entrySet()) {
            Json.Obj pair =
                    Json.Obj.of(
                            Map.of(
                                    "key",
                                    new Json.Str(member.getKey()),
                                    "value",
                                    member.getValue(),
                                    "id",
                                    new Json.Num(BigDecimal.valueOf(id))));
            if (last && found == null) {
                return true;
            }
            Json savedBase = base;
            int savedId = baseId;
            base = pair;
            baseId = FIRST_GENERATED_ID + generatedIds++;
            any |= next(steps, index, pair, found);
            base = savedBase;
            baseId = savedId;
            if (any && found == null) {
                return true;
            }
        }
        return any;
    }
}
