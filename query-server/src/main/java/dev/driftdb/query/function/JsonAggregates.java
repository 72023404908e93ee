package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANY;
import static dev.driftdb.schemas.type.Types.ANYELEMENT;
import static dev.driftdb.schemas.type.Types.JSON;
import static dev.driftdb.schemas.type.Types.JSONB;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.AggregateFunction.Accumulator;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.16 JSON Functions: the aggregates. */
final class JsonAggregates {
    private JsonAggregates() {}

    static void define(Definitions d) {
        for (SqlType type : List.of(JSON, JSONB)) {
            for (boolean strict : List.of(false, true)) {
                d.gatheringAggregate(
                        type.name() + "_agg" + (strict ? "_strict" : ""),
                        List.of(ANYELEMENT),
                        type,
                        (types, _) -> () -> new Items(type, types.getFirst(), strict));
                for (boolean unique : List.of(false, true)) {
                    d.gatheringAggregate(
                            type.name()
                                    + "_object_agg"
                                    + (unique ? "_unique" : "")
                                    + (strict ? "_strict" : ""),
                            List.of(ANY, ANY),
                            type,
                            (types, _) -> () -> new Members(type, types, strict, unique));
                }
            }
        }
    }

    private static Object json(SqlType type, String text) {
        return type.equals(JSONB) ? JsonFunctions.jsonb(text) : text;
    }

    private static final class Items implements Accumulator {
        private final SqlType type;
        private final SqlType argument;
        private final boolean strict;
        private @Nullable StringBuilder out;

        /**
         * @param strict NULLs are left out
         */
        Items(SqlType type, SqlType argument, boolean strict) {
            this.type = type;
            this.argument = argument;
            this.strict = strict;
        }

        @Override
        public void add(@Nullable Object[] a) {
            add(a[0], FormatSettings.UTC);
        }

        @Override
        public void add(@Nullable Object[] a, EvalContext context) {
            add(a[0], context.format());
        }

        private void add(@Nullable Object value, FormatSettings format) {
            StringBuilder text = out;
            if (text == null) {
                text = new StringBuilder("[");
                out = text;
            }
            if (value == null && strict) {
                return;
            }
            if (text.length() > 1) {
                boolean lines = value instanceof SqlRow || argument.isArray();
                text.append(lines ? ", \n " : ", ");
            }
            text.append(JsonText.of(argument, value, format));
        }

        @Override
        public @Nullable Object result() {
            return out == null ? null : json(type, out + "]");
        }
    }

    private static final class Members implements Accumulator {
        private final SqlType type;
        private final List<SqlType> arguments;
        private final boolean strict;
        private final boolean unique;
        private final Set<String> keys = new HashSet<>();
        private @Nullable StringBuilder out;

        /**
         * @param strict members whose value is NULL are left out
         * @param unique a key that comes again is an error
         */
        Members(SqlType type, List<SqlType> arguments, boolean strict, boolean unique) {
            this.type = type;
            this.arguments = arguments;
            this.strict = strict;
            this.unique = unique;
        }

        @Override
        public void add(@Nullable Object[] a) {
            add(a[0], a[1], FormatSettings.UTC);
        }

        @Override
        public void add(@Nullable Object[] a, EvalContext context) {
            add(a[0], a[1], context.format());
        }

        private void add(@Nullable Object key, @Nullable Object value, FormatSettings format) {
            boolean binary = type.equals(JSONB);
            if (key == null) {
                throw binary
                        ? SqlErrors.invalidParameter("field name must not be null")
                        : new SqlException(
                                SqlState.NULL_VALUE_NOT_ALLOWED,
                                "null value not allowed for object key");
            }
            SqlType keyType = arguments.getFirst();
            if (keyType.isArray()
                    || key instanceof SqlRow
                    || keyType.equals(JSON)
                    || keyType.equals(JSONB)) {
                throw SqlErrors.invalidParameter(
                        "key value must be scalar, not array, composite, or json");
            }
            StringBuilder text = out;
            if (text == null) {
                text = new StringBuilder("{ ");
                out = text;
            }
            String name = StringFunctions.toText(keyType, key, format);
            if (unique && !keys.add(name)) {
                StringBuilder quoted = new StringBuilder();
                Json.quote(name, quoted);
                throw new SqlException(
                        SqlState.DUPLICATE_JSON_OBJECT_KEY_VALUE,
                        "duplicate JSON object key value" + (binary ? "" : ": " + quoted));
            }
            if (value == null && strict) {
                return;
            }
            if (text.length() > 2) {
                text.append(", ");
            }
            Json.quote(name, text);
            text.append(" : ").append(JsonText.of(arguments.get(1), value, format));
        }

        @Override
        public @Nullable Object result() {
            return out == null ? null : json(type, out + " }");
        }
    }
}
