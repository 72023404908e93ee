package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANY;
import static dev.driftdb.schemas.type.Types.ANYELEMENT;
import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.FLOAT4;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT2;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.INTERVAL;
import static dev.driftdb.schemas.type.Types.NUMERIC;

import dev.driftdb.query.function.AggregateFunction.Accumulator;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.ValueOrder;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.21 Aggregate Functions: counts, sums, averages, extremes, bits. */
final class Aggregates {
    private Aggregates() {}

    static void define(Definitions d) {
        d.aggregate("count", List.of(), INT8, false, (_, _) -> Count::new);
        d.aggregate("count", ANY, INT8, Count::new);
        sums(d);
        d.aggregate(
                "min",
                List.of(ANYELEMENT),
                ANYELEMENT,
                true,
                (types, _) -> extreme("min", types.getFirst(), false));
        d.aggregate(
                "max",
                List.of(ANYELEMENT),
                ANYELEMENT,
                true,
                (types, _) -> extreme("max", types.getFirst(), true));
        for (String name : List.of("bool_and", "every")) {
            d.aggregate(name, BOOL, BOOL, fold((Boolean a, Boolean b) -> a && b));
        }
        d.aggregate("bool_or", BOOL, BOOL, fold((Boolean a, Boolean b) -> a || b));
        for (SqlType type : List.of(INT2, INT4, INT8)) {
            d.aggregate("bit_and", type, type, fold((Long a, Long b) -> a & b));
            d.aggregate("bit_or", type, type, fold((Long a, Long b) -> a | b));
            d.aggregate("bit_xor", type, type, fold((Long a, Long b) -> a ^ b));
        }
    }

    private static void sums(Definitions d) {
        for (SqlType type : List.of(INT2, INT4)) {
            d.aggregate(
                    "sum",
                    type,
                    INT8,
                    fold((Long a, Long b) -> ArithmeticOperators.add(a, b, INT8)));
            d.aggregate("avg", type, NUMERIC, () -> new IntegerSum(true));
        }
        d.aggregate("sum", INT8, NUMERIC, () -> new IntegerSum(false));
        d.aggregate("avg", INT8, NUMERIC, () -> new IntegerSum(true));
        d.aggregate("sum", NUMERIC, NUMERIC, fold(NumericMath::add));
        d.aggregate(
                "avg",
                NUMERIC,
                NUMERIC,
                () ->
                        new Mean<Numeric>(
                                NumericMath::add,
                                (sum, count) -> NumericMath.divide(sum, Numeric.of(count))));
        d.aggregate("sum", FLOAT4, FLOAT4, fold(Aggregates::addFloats));
        d.aggregate(
                "sum", FLOAT8, FLOAT8, fold((Double a, Double b) -> ArithmeticOperators.add(a, b)));
        for (SqlType type : List.of(FLOAT4, FLOAT8)) {
            d.aggregate(
                    "avg",
                    type,
                    FLOAT8,
                    () ->
                            new Mean<Number>(
                                    (a, b) ->
                                            ArithmeticOperators.add(
                                                    a.doubleValue(), b.doubleValue()),
                                    (sum, count) -> sum.doubleValue() / count));
        }
        d.aggregate("sum", INTERVAL, INTERVAL, fold(IntervalMath::add));
        d.aggregate(
                "avg",
                INTERVAL,
                INTERVAL,
                () ->
                        new Mean<Interval>(
                                IntervalMath::add,
                                (sum, count) -> IntervalMath.divide(sum, (double) count)));
    }

    private static Float addFloats(Float a, Float b) {
        float sum = a + b;
        if (Float.isInfinite(sum) && !Float.isInfinite(a) && !Float.isInfinite(b)) {
            throw SqlErrors.overflow();
        }
        return sum;
    }

    private static Supplier<Accumulator> extreme(String name, SqlType type, boolean greatest) {
        if (!ValueOrder.isOrdered(type)) {
            throw new SqlException(
                    SqlState.UNDEFINED_FUNCTION,
                    "function " + name + "(" + type.sqlName() + ") does not exist");
        }
        Comparator<Object> natural = ValueOrder.of(type);
        Comparator<Object> order = greatest ? natural : natural.reversed();
        return fold((Object a, Object b) -> order.compare(b, a) > 0 ? b : a);
    }

    /** An aggregate whose state is a value like its arguments: NULL for no rows. */
    @SuppressWarnings("unchecked")
    static <T> Supplier<Accumulator> fold(BinaryOperator<T> step) {
        return () -> new Fold((BinaryOperator<Object>) step);
    }

    private static Object required(@Nullable Object[] arguments, int index) {
        return Objects.requireNonNull(arguments[index]);
    }

    private static final class Count implements Accumulator {
        private long count;

        @Override
        public void add(@Nullable Object[] arguments) {
            count++;
        }

        @Override
        public Object result() {
            return count;
        }
    }

    private static final class Fold implements Accumulator {
        private final BinaryOperator<Object> step;
        private @Nullable Object state;

        Fold(BinaryOperator<Object> step) {
            this.step = step;
        }

        @Override
        public void add(@Nullable Object[] arguments) {
            Object value = required(arguments, 0);
            state = state == null ? value : step.apply(state, value);
        }

        @Override
        public @Nullable Object result() {
            return state;
        }
    }

    /** A sum of integers of any size, in a long until it overflows. */
    private static final class IntegerSum implements Accumulator {
        private final boolean average;
        private long low;
        private BigInteger high = BigInteger.ZERO;
        private long count;

        IntegerSum(boolean average) {
            this.average = average;
        }

        @Override
        public void add(@Nullable Object[] arguments) {
            long value = (Long) required(arguments, 0);
            long sum = low + value;
            if (((low ^ sum) & (value ^ sum)) < 0) {
                high = high.add(BigInteger.valueOf(low));
                sum = value;
            }
            low = sum;
            count++;
        }

        @Override
        public @Nullable Object result() {
            if (count == 0) {
                return null;
            }
            Numeric sum = Numeric.of(high.add(BigInteger.valueOf(low)));
            return average ? NumericMath.divide(sum, Numeric.of(count)) : sum;
        }
    }

    /** A sum and a count. */
    private static final class Mean<T> implements Accumulator {
        private final BinaryOperator<T> add;
        private final MeanOf<T> divide;
        private @Nullable T sum;
        private long count;

        Mean(BinaryOperator<T> add, MeanOf<T> divide) {
            this.add = add;
            this.divide = divide;
        }

        @Override
        @SuppressWarnings("unchecked") // the argument's type is the declared one
        public void add(@Nullable Object[] arguments) {
            T value = (T) required(arguments, 0);
            sum = sum == null ? value : add.apply(sum, value);
            count++;
        }

        @Override
        public @Nullable Object result() {
            return sum == null ? null : divide.apply(sum, count);
        }
    }

    @FunctionalInterface
    private interface MeanOf<T> {
        Object apply(T sum, long count);
    }
}
