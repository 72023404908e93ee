package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANY;
import static dev.driftdb.schemas.type.Types.ANYARRAY;
import static dev.driftdb.schemas.type.Types.ANYELEMENT;
import static dev.driftdb.schemas.type.Types.BYTEA;
import static dev.driftdb.schemas.type.Types.FLOAT4;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT2;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.JSON;
import static dev.driftdb.schemas.type.Types.JSONB;
import static dev.driftdb.schemas.type.Types.NUMERIC;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.query.function.AggregateFunction.Accumulator;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL manual, 9.21 Aggregate Functions: those that gather their input, and statistics.
 *
 * <p>The JSON aggregates write times in UTC: an accumulator knows no session.
 */
final class CollectingAggregates {
    private CollectingAggregates() {}

    static void define(Definitions d) {
        d.aggregate("string_agg", List.of(TEXT, TEXT), TEXT, false, (_, _) -> Joined::new);
        d.aggregate("string_agg", List.of(BYTEA, BYTEA), BYTEA, false, (_, _) -> JoinedBytes::new);
        d.aggregate(
                "array_agg",
                List.of(dev.driftdb.schemas.type.Types.ANYNONARRAY),
                ANYARRAY,
                false,
                (types, _) -> () -> new Items(types.getFirst()));
        d.aggregate("array_agg", List.of(ANYARRAY), ANYARRAY, false, (_, _) -> Arrays::new);
        for (SqlType type : List.of(JSON, JSONB)) {
            d.aggregate(
                    type.name() + "_agg",
                    List.of(ANYELEMENT),
                    type,
                    false,
                    (types, _) -> () -> new JsonItems(type, types));
            d.aggregate(
                    type.name() + "_object_agg",
                    List.of(ANY, ANY),
                    type,
                    false,
                    (types, _) -> () -> new JsonMembers(type, types));
        }
        statistics(d);
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

    private static Object json(SqlType type, String text) {
        return type.equals(JSONB) ? JsonFunctions.jsonb(text) : text;
    }

    private static final class JsonItems implements Accumulator {
        private final SqlType type;
        private final SqlType argument;
        private @Nullable StringBuilder out;

        JsonItems(SqlType type, List<SqlType> arguments) {
            this.type = type;
            this.argument = arguments.getFirst();
        }

        @Override
        public void add(@Nullable Object[] a) {
            StringBuilder text = out;
            if (text == null) {
                text = new StringBuilder("[");
                out = text;
            } else {
                text.append(a[0] instanceof SqlRow || a[0] instanceof SqlArray ? ", \n " : ", ");
            }
            text.append(JsonText.of(argument, a[0], dev.driftdb.schemas.type.FormatSettings.UTC));
        }

        @Override
        public @Nullable Object result() {
            return out == null ? null : json(type, out + "]");
        }
    }

    private static final class JsonMembers implements Accumulator {
        private final SqlType type;
        private final List<SqlType> arguments;
        private @Nullable StringBuilder out;

        JsonMembers(SqlType type, List<SqlType> arguments) {
            this.type = type;
            this.arguments = arguments;
        }

        @Override
        public void add(@Nullable Object[] a) {
            if (a[0] == null) {
                throw SqlErrors.invalidParameter("field name must not be null");
            }
            StringBuilder text = out;
            if (text == null) {
                text = new StringBuilder("{ ");
                out = text;
            } else {
                text.append(", ");
            }
            var utc = dev.driftdb.schemas.type.FormatSettings.UTC;
            Json.quote(StringFunctions.toText(arguments.get(0), a[0], utc), text);
            text.append(" : ").append(JsonText.of(arguments.get(1), a[1], utc));
        }

        @Override
        public @Nullable Object result() {
            return out == null ? null : json(type, out + " }");
        }
    }

    private static void statistics(Definitions d) {
        record Kind(String name, boolean sample, boolean root) {}
        List<Kind> kinds =
                List.of(
                        new Kind("variance", true, false),
                        new Kind("var_samp", true, false),
                        new Kind("var_pop", false, false),
                        new Kind("stddev", true, true),
                        new Kind("stddev_samp", true, true),
                        new Kind("stddev_pop", false, true));
        for (Kind kind : kinds) {
            for (SqlType type : List.of(INT2, INT4, INT8, NUMERIC)) {
                d.aggregate(
                        kind.name,
                        type,
                        NUMERIC,
                        () -> new NumericVariance(kind.sample, kind.root));
            }
            DoubleUnaryOperator finish = kind.root ? Math::sqrt : DoubleUnaryOperator.identity();
            for (SqlType type : List.of(FLOAT4, FLOAT8)) {
                d.aggregate(kind.name, type, FLOAT8, () -> new Variance(kind.sample, finish));
            }
        }
    }

    /** Youngs and Cramer's update of the sum of squared differences, as PostgreSQL's float8. */
    private static final class Variance implements Accumulator {
        private final boolean sample;
        private final DoubleUnaryOperator finish;
        private double count;
        private double sum;
        private double squares;

        Variance(boolean sample, DoubleUnaryOperator finish) {
            this.sample = sample;
            this.finish = finish;
        }

        @Override
        public void add(@Nullable Object[] a) {
            double value = ((Number) Objects.requireNonNull(a[0])).doubleValue();
            count++;
            sum += value;
            if (count > 1) {
                double difference = value * count - sum;
                squares += difference * difference / (count * (count - 1));
            } else if (!Double.isFinite(value)) {
                squares = Double.NaN;
            }
        }

        @Override
        public @Nullable Object result() {
            double divisor = sample ? count - 1 : count;
            return divisor <= 0 ? null : (Double) finish.applyAsDouble(squares / divisor);
        }
    }

    /** Exact sums of values and of their squares. */
    private static final class NumericVariance implements Accumulator {
        private final boolean sample;
        private final boolean root;
        private long count;
        private boolean special;
        private BigDecimal sum = BigDecimal.ZERO;
        private BigDecimal squares = BigDecimal.ZERO;

        NumericVariance(boolean sample, boolean root) {
            this.sample = sample;
            this.root = root;
        }

        @Override
        public void add(@Nullable Object[] a) {
            Object argument = Objects.requireNonNull(a[0]);
            Numeric value =
                    argument instanceof Numeric numeric
                            ? numeric
                            : Numeric.of(BigInteger.valueOf((Long) argument));
            count++;
            if (value.isFinite()) {
                sum = sum.add(value.decimal());
                squares = squares.add(value.decimal().multiply(value.decimal()));
            } else {
                special = true;
            }
        }

        @Override
        public @Nullable Object result() {
            if (count == 0 || (sample && count == 1)) {
                return null;
            }
            if (special) {
                return Numeric.NAN;
            }
            BigDecimal n = BigDecimal.valueOf(count);
            BigDecimal numerator = squares.multiply(n).subtract(sum.multiply(sum));
            if (numerator.signum() <= 0) {
                return Numeric.of(BigDecimal.ZERO);
            }
            BigDecimal divisor = n.multiply(sample ? n.subtract(BigDecimal.ONE) : n);
            int scale = NumericMath.divisionScale(numerator, divisor);
            BigDecimal variance = numerator.divide(divisor, scale, RoundingMode.HALF_UP);
            return root ? NumericPowers.sqrt(Numeric.of(variance)) : Numeric.of(variance);
        }
    }
}
