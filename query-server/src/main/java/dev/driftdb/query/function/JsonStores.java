package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.Jsonb;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** jsonb with a part replaced, as UPDATE … SET j['k'] stores it: what is not there is made. */
public final class JsonStores {
    /** Gaps larger than this are refused, long before memory runs out. */
    private static final int ITEMS_MAX = 1 << 24;

    private JsonStores() {}

    /**
     * @param target null for an empty container
     * @param array whether a new container is an array
     * @param value null for JSON's null
     */
    public static Jsonb element(
            @Nullable Jsonb target, boolean array, List<String> path, @Nullable Jsonb value) {
        Json tree =
                target != null
                        ? JsonFunctions.tree(target)
                        : array ? new Json.Arr(List.of()) : Json.Obj.of(new TreeMap<>());
        Json with = value == null ? new Json.Null() : JsonFunctions.tree(value);
        return stored(tree, path, 0, with).toJsonb();
    }

    private static Json stored(Json at, List<String> path, int depth, Json value) {
        if (depth == path.size()) {
            return value;
        }
        return switch (at) {
            case Json.Obj(var members) -> {
                String key = path.get(depth);
                TreeMap<String, Json> changed = JsonFunctions.copy(members);
                Json old = changed.get(key);
                changed.put(
                        key,
                        old == null
                                ? made(path, depth + 1, value)
                                : stored(old, path, depth + 1, value));
                yield Json.Obj.of(changed);
            }
            case Json.Arr(List<Json> items) -> new Json.Arr(items(items, path, depth, value));
            case Json.Null _, Json.Str _, Json.Num _, Json.Bool _ ->
                    throw SqlErrors.invalidParameter("cannot replace existing key")
                            .withDetail(
                                    "The path assumes key is a composite object, but it is a scalar"
                                            + " value.");
        };
    }

    private static List<Json> items(List<Json> source, List<String> path, int depth, Json value) {
        long index = JsonChanges.index(path.get(depth), depth);
        long at = index < 0 ? source.size() + index : index;
        if (at < 0) {
            throw SqlErrors.invalidParameter(
                    "path element at position " + (depth + 1) + " is out of range: " + index);
        }
        List<Json> items = new ArrayList<>(source);
        if (at < items.size()) {
            items.set((int) at, stored(items.get((int) at), path, depth + 1, value));
        } else {
            items.addAll(nulls(at - items.size()));
            items.add(made(path, depth + 1, value));
        }
        return items;
    }

    private static List<Json> nulls(long count) {
        if (count > ITEMS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a jsonb array cannot grow by more than " + ITEMS_MAX + " elements at once");
        }
        return Collections.nCopies((int) Math.max(0, count), new Json.Null());
    }

    /** New containers for the rest of a path: arrays where it says a number, else objects. */
    private static Json made(List<String> path, int depth, Json value) {
        Json made = value;
        for (int i = path.size() - 1; i >= depth; i--) {
            Long index = JsonFunctions.index(path.get(i));
            if (index == null) {
                TreeMap<String, Json> members = new TreeMap<>();
                members.put(path.get(i), made);
                made = Json.Obj.of(members);
            } else {
                List<Json> items = new ArrayList<>(nulls(index));
                items.add(made);
                made = new Json.Arr(items);
            }
        }
        return made;
    }
}
