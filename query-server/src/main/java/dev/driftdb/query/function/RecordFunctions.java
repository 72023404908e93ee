package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.JSON;
import static dev.driftdb.schemas.type.Types.JSONB;
import static dev.driftdb.schemas.type.Types.RECORD;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** json_to_record and its kin: their columns are those of a column definition list. */
public final class RecordFunctions {
    private RecordFunctions() {}

    static void define(Definitions d) {
        for (SqlType type : List.of(JSON, JSONB)) {
            for (String name : List.of("_to_record", "_to_recordset")) {
                d.table(
                        type.name() + name,
                        RECORD,
                        (_, _) -> {
                            throw new IllegalStateException("a record without its columns");
                        },
                        type);
            }
        }
    }

    /** Whether the function's columns are said in the query only. */
    public static boolean isRecord(TableFunction function) {
        return function.columnTypes().size() == 1
                && function.columnTypes().getFirst().equals(RECORD);
    }

    /**
     * The function with the columns of a definition list.
     *
     * @param typmods of the columns, -1 for none
     * @param catalog whose casts read the values
     */
    public static TableFunction shaped(
            TableFunction function,
            List<String> names,
            List<SqlType> types,
            List<Integer> typmods,
            FunctionCatalog catalog) {
        Shape shape =
                new Shape(
                        function.name(),
                        function.arguments().getFirst(),
                        names,
                        types,
                        typmods,
                        catalog);
        boolean set = function.name().endsWith("set");
        return new TableFunction(
                function.oid(),
                function.schema(),
                function.name(),
                function.arguments(),
                false,
                0,
                names,
                types,
                false,
                (a, c) -> {
                    Object source = a[0];
                    if (source == null) {
                        List<@Nullable Object[]> rows = new ArrayList<>();
                        if (!set) {
                            rows.add(new @Nullable Object[names.size()]);
                        }
                        return rows.iterator();
                    }
                    return set
                            ? shape.rows(source.toString(), c)
                            : List.<@Nullable Object[]>of(shape.row(source.toString(), c))
                                    .iterator();
                });
    }

    private record Shape(
            String function,
            SqlType json,
            List<String> names,
            List<SqlType> types,
            List<Integer> typmods,
            FunctionCatalog catalog) {
        Iterator<@Nullable Object[]> rows(String source, EvalContext context) {
            String text = source.strip();
            if (!text.startsWith("[")) {
                throw SqlErrors.invalidParameter(
                        "cannot call "
                                + function
                                + (json.equals(JSONB)
                                        ? " on a non-array"
                                        : text.startsWith("{") ? " on an object" : " on a scalar"));
            }
            List<@Nullable Object[]> rows = new ArrayList<>();
            for (String item : JsonText.items(text)) {
                context.checkCanceled();
                if (!item.startsWith("{")) {
                    throw SqlErrors.invalidParameter(
                            "argument of " + function + " must be an array of objects");
                }
                rows.add(row(item, context));
            }
            return rows.iterator();
        }

        @Nullable Object[] row(String source, EvalContext context) {
            String text = source.strip();
            if (!text.startsWith("{")) {
                throw SqlErrors.invalidParameter(
                        "cannot call "
                                + "populate_composite"
                                + (text.startsWith("[") ? " on an array" : " on a scalar"));
            }
            Map<String, String> members = new HashMap<>();
            JsonText.members(text).forEach(m -> members.put(m.getKey(), m.getValue()));
            @Nullable Object[] row = new @Nullable Object[names.size()];
            for (int i = 0; i < row.length; i++) {
                String value = members.get(names.get(i));
                row[i] = value(types.get(i), typmods.get(i), value, names.get(i), context);
            }
            return row;
        }

        private @Nullable Object value(
                SqlType type, int typmod, @Nullable String value, String key, EvalContext context) {
            if (value == null || value.equals("null")) {
                return null;
            }
            if (type.equals(JSON)) {
                return value;
            }
            if (type.equals(JSONB)) {
                return JsonFunctions.jsonb(value);
            }
            if (type.isArray() && !value.startsWith("\"")) {
                return array(type, typmod, value, key, context);
            }
            return input(
                    type, typmod, Objects.requireNonNull(JsonFunctions.scalarText(value)), context);
        }

        /** As the type's input function reads text. */
        private Object input(SqlType type, int typmod, String text, EvalContext context) {
            CastDef cast = catalog.cast(Types.UNKNOWN, type);
            if (cast == null) {
                throw SqlException.notSupported("a column of type " + type.sqlName());
            }
            return cast.body().apply(text, typmod, false, context);
        }

        private SqlArray array(
                SqlType type, int typmod, String value, String key, EvalContext context) {
            List<Integer> lengths = new ArrayList<>();
            List<@Nullable Object> values = new ArrayList<>();
            gather(type.element(), typmod, value, 0, lengths, values, key, "", context);
            if (values.isEmpty()) {
                return SqlArray.of(type.element(), values);
            }
            return new SqlArray(
                    type.element(), lengths, lengths.stream().map(_ -> 1).toList(), values);
        }

        private void gather(
                SqlType element,
                int typmod,
                String value,
                int depth,
                List<Integer> lengths,
                List<@Nullable Object> values,
                String key,
                String place,
                EvalContext context) {
            if (!value.startsWith("[")) {
                throw new SqlException(SqlState.INVALID_TEXT_REPRESENTATION, "expected JSON array")
                        .withHint(
                                place.isEmpty()
                                        ? "See the value of key \"" + key + "\"."
                                        : "See the array element "
                                                + place
                                                + " of key \""
                                                + key
                                                + "\".");
            }
            List<String> items = JsonText.items(value);
            if (depth == lengths.size()) {
                lengths.add(items.size());
            } else if (lengths.get(depth) != items.size()) {
                throw new SqlException(SqlState.INVALID_TEXT_REPRESENTATION, "malformed JSON array")
                        .withDetail(
                                "Multidimensional arrays must have sub-arrays with matching"
                                        + " dimensions.");
            }
            boolean nested =
                    !items.isEmpty()
                            && (lengths.size() > depth + 1
                                    || (values.isEmpty() && items.getFirst().startsWith("[")));
            for (int i = 0; i < items.size(); i++) {
                String item = items.get(i);
                String inside = place + "[" + i + "]";
                if (nested) {
                    gather(element, typmod, item, depth + 1, lengths, values, key, inside, context);
                } else {
                    values.add(value(element, typmod, item, key, context));
                }
            }
        }
    }
}
