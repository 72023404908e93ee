package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANYARRAY;
import static dev.driftdb.schemas.type.Types.ANYNONARRAY;
import static dev.driftdb.schemas.type.Types.BYTEA;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.query.function.AggregateFunction.Accumulator;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.21 Aggregate Functions: those that gather texts and arrays. */
final class CollectingAggregates {
    private CollectingAggregates() {}

    static void define(Definitions d) {
        d.gatheringAggregate("string_agg", List.of(TEXT, TEXT), TEXT, (_, _) -> Joined::new);
        d.gatheringAggregate(
                "string_agg", List.of(BYTEA, BYTEA), BYTEA, (_, _) -> JoinedBytes::new);
        d.gatheringAggregate(
                "array_agg",
                List.of(ANYNONARRAY),
                ANYARRAY,
                (types, _) -> () -> new Items(types.getFirst()));
        d.gatheringAggregate("array_agg", List.of(ANYARRAY), ANYARRAY, (_, _) -> Arrays::new);
    }

    private static final class Joined implements Accumulator {
        private @Nullable StringBuilder text;

        @Override
        public void add(@Nullable Object[] a) {
            if (a[0] == null) {
                return;
            }
            if (text == null) {
                text = new StringBuilder();
            } else if (a[1] != null) {
                text.append(a[1]);
            }
            text.append(a[0]);
        }

        @Override
        public @Nullable Object result() {
            return text == null ? null : text.toString();
        }
    }

    private static final class JoinedBytes implements Accumulator {
        private @Nullable ByteArrayOutputStream bytes;

        @Override
        public void add(@Nullable Object[] a) {
            if (a[0] == null) {
                return;
            }
            if (bytes == null) {
                bytes = new ByteArrayOutputStream();
            } else if (a[1] != null) {
                bytes.writeBytes(((Bytes) a[1]).array());
            }
            bytes.writeBytes(((Bytes) a[0]).array());
        }

        @Override
        public @Nullable Object result() {
            return bytes == null ? null : Bytes.wrap(bytes.toByteArray());
        }
    }

    private static final class Items implements Accumulator {
        private final SqlType element;
        private final List<@Nullable Object> values = new ArrayList<>();

        Items(SqlType element) {
            this.element = element;
        }

        @Override
        public void add(@Nullable Object[] a) {
            values.add(a[0]);
        }

        @Override
        public @Nullable Object result() {
            return values.isEmpty() ? null : SqlArray.of(element, values);
        }
    }

    /** Arrays of one shape, gathered in an array of one more dimension. */
    private static final class Arrays implements Accumulator {
        private final List<SqlArray> arrays = new ArrayList<>();

        @Override
        public void add(@Nullable Object[] a) {
            if (a[0] == null) {
                throw new SqlException(
                        SqlState.NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays");
            }
            SqlArray array = (SqlArray) a[0];
            if (array.dimensions() == 0) {
                throw new SqlException(
                        SqlState.ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays");
            }
            if (!arrays.isEmpty() && !arrays.getFirst().lengths().equals(array.lengths())) {
                throw new SqlException(
                        SqlState.ARRAY_SUBSCRIPT_ERROR,
                        "cannot accumulate arrays of different dimensionality");
            }
            arrays.add(array);
        }

        @Override
        public @Nullable Object result() {
            if (arrays.isEmpty()) {
                return null;
            }
            SqlArray first = arrays.getFirst();
            List<Integer> lengths = new ArrayList<>(List.of(arrays.size()));
            lengths.addAll(first.lengths());
            List<Integer> lower = new ArrayList<>(List.of(1));
            lower.addAll(first.lowerBounds());
            List<@Nullable Object> values = new ArrayList<>();
            arrays.forEach(array -> values.addAll(array.values()));
            return new SqlArray(first.element(), lengths, lower, values);
        }
    }
}
