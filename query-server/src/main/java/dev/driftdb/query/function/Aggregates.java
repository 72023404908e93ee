package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANY;
import static dev.driftdb.schemas.type.Types.ANYARRAY;
import static dev.driftdb.schemas.type.Types.ANYELEMENT;
import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.BPCHAR;
import static dev.driftdb.schemas.type.Types.DATE;
import static dev.driftdb.schemas.type.Types.FLOAT4;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT2;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.INTERVAL;
import static dev.driftdb.schemas.type.Types.NUMERIC;
import static dev.driftdb.schemas.type.Types.OID;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TIME;
import static dev.driftdb.schemas.type.Types.TIMESTAMP;
import static dev.driftdb.schemas.type.Types.TIMESTAMPTZ;
import static dev.driftdb.schemas.type.Types.TIMETZ;

import dev.driftdb.query.function.AggregateFunction.Accumulator;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Arrays;
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
        for (SqlType type : EXTREMES) {
            d.aggregate(
                    "min",
                    List.of(type),
                    type,
                    true,
                    (types, _) -> extreme(types.getFirst(), false));
            d.aggregate(
                    "max",
                    List.of(type),
                    type,
                    true,
                    (types, _) -> extreme(types.getFirst(), true));
        }
        d.aggregate(
                "any_value", List.of(ANYELEMENT), ANYELEMENT, true, (_, _) -> fold((a, _) -> a));
        for (String name : List.of("bool_and", "every")) {
            d.aggregate(name, BOOL, BOOL, () -> new Truths(true));
        }
        d.aggregate("bool_or", BOOL, BOOL, () -> new Truths(false));
        for (SqlType type : List.of(INT2, INT4, INT8)) {
            d.aggregate("bit_and", type, type, fold((Long a, Long b) -> a & b));
            d.aggregate("bit_or", type, type, fold((Long a, Long b) -> a | b));
            d.aggregate("bit_xor", type, type, fold((Long a, Long b) -> a ^ b));
        }
    }

    /** What min and max are there for; every other type has to convert to one of these. */
    private static final List<SqlType> EXTREMES =
            List.of(
                    Types.ANYENUM,
                    INT8,
                    INT4,
                    INT2,
                    OID,
                    FLOAT4,
                    FLOAT8,
                    DATE,
                    TIME,
                    TIMETZ,
                    TIMESTAMP,
                    TIMESTAMPTZ,
                    INTERVAL,
                    TEXT,
                    NUMERIC,
                    BPCHAR,
                    ANYARRAY);

    private static void sums(Definitions d) {
        for (SqlType type : List.of(INT2, INT4)) {
            d.aggregate("sum", type, INT8, LongSum::new);
            d.aggregate("avg", type, NUMERIC, () -> new IntegerSum(true));
        }
        d.aggregate("sum", INT8, NUMERIC, () -> new IntegerSum(false));
        d.aggregate("avg", INT8, NUMERIC, () -> new IntegerSum(true));
        d.aggregate("sum", NUMERIC, NUMERIC, () -> new NumericSum(false));
        d.aggregate("avg", NUMERIC, NUMERIC, () -> new NumericSum(true));
        d.aggregate("sum", FLOAT4, FLOAT4, fold(Aggregates::addFloats));
        d.aggregate(
                "sum", FLOAT8, FLOAT8, fold((Double a, Double b) -> ArithmeticOperators.add(a, b)));
        for (SqlType type : List.of(FLOAT4, FLOAT8)) {
            d.aggregate("avg", type, FLOAT8, FloatMean::new);
        }
        d.aggregate("sum", INTERVAL, INTERVAL, () -> new IntervalSum(false));
        d.aggregate("avg", INTERVAL, INTERVAL, () -> new IntervalSum(true));
    }

    private static Float addFloats(Float a, Float b) {
        float sum = a + b;
        if (Float.isInfinite(sum) && !Float.isInfinite(a) && !Float.isInfinite(b)) {
            throw SqlErrors.overflow();
        }
        return sum;
    }

    private static Supplier<Accumulator> extreme(SqlType type, boolean greatest) {
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
        public boolean remove(@Nullable Object[] arguments) {
            count--;
            return true;
        }

        @Override
        public Object result() {
            return count;
        }
    }

    /** bool_and and bool_or. */
    private static final class Truths implements Accumulator {
        private final boolean all;
        private long trues;
        private long count;

        Truths(boolean all) {
            this.all = all;
        }

        @Override
        public void add(@Nullable Object[] arguments) {
            count++;
            trues += (Boolean) required(arguments, 0) ? 1 : 0;
        }

        @Override
        public boolean remove(@Nullable Object[] arguments) {
            count--;
            trues -= (Boolean) required(arguments, 0) ? 1 : 0;
            return true;
        }

        @Override
        public @Nullable Object result() {
            return count == 0 ? null : (Boolean) (all ? trues == count : trues > 0);
        }
    }

    /** A sum of int2 and int4 as int8. */
    private static final class LongSum implements Accumulator {
        private long sum;
        private long count;

        @Override
        public void add(@Nullable Object[] arguments) {
            sum = ArithmeticOperators.add(sum, (Long) required(arguments, 0), INT8);
            count++;
        }

        @Override
        public boolean remove(@Nullable Object[] arguments) {
            sum = ArithmeticOperators.subtract(sum, (Long) required(arguments, 0), INT8);
            count--;
            return true;
        }

        @Override
        public @Nullable Object result() {
            return count == 0 ? null : (Long) sum;
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

        /** What a long could not hold. The JIT of JDK 25 has been seen to break sums through it. */
        private @Nullable BigInteger high;

        private long count;

        IntegerSum(boolean average) {
            this.average = average;
        }

        @Override
        public void add(@Nullable Object[] arguments) {
            long value = (Long) required(arguments, 0);
            long sum = low + value;
            if (((low ^ sum) & (value ^ sum)) < 0) {
                carry();
                sum = value;
            }
            low = sum;
            count++;
        }

        @Override
        public boolean remove(@Nullable Object[] arguments) {
            long value = (Long) required(arguments, 0);
            long rest = low - value;
            if (((low ^ value) & (low ^ rest)) < 0) {
                carry();
                BigInteger carried = high == null ? BigInteger.ZERO : high;
                high = carried.subtract(BigInteger.valueOf(value));
                rest = 0;
            }
            low = rest;
            count--;
            return true;
        }

        private void carry() {
            BigInteger more = BigInteger.valueOf(low);
            high = high == null ? more : high.add(more);
            low = 0;
        }

        @Override
        public @Nullable Object result() {
            if (count == 0) {
                return null;
            }
            BigInteger more = high;
            Numeric sum =
                    more == null ? Numeric.of(low) : Numeric.of(more.add(BigInteger.valueOf(low)));
            return average ? NumericMath.divide(sum, Numeric.of(count)) : sum;
        }
    }

    /** The sum or the mean of numerics, with the largest scale of those that are in it. */
    private static final class NumericSum implements Accumulator {
        private static final int SCALES = 16;

        private final boolean mean;
        private BigDecimal sum = BigDecimal.ZERO;
        private long[] scales = new long[SCALES];
        private long count;
        private long nans;
        private long infinities;
        private long negativeInfinities;

        NumericSum(boolean mean) {
            this.mean = mean;
        }

        @Override
        public void add(@Nullable Object[] arguments) {
            Numeric value = (Numeric) required(arguments, 0);
            count++;
            if (!value.isFinite()) {
                special(value, 1);
                return;
            }
            BigDecimal decimal = value.decimal();
            if (decimal.scale() >= scales.length) {
                scales = Arrays.copyOf(scales, decimal.scale() + SCALES);
            }
            scales[decimal.scale()]++;
            sum = sum.add(decimal);
        }

        @Override
        public boolean remove(@Nullable Object[] arguments) {
            Numeric value = (Numeric) required(arguments, 0);
            count--;
            if (!value.isFinite()) {
                special(value, -1);
                return true;
            }
            BigDecimal decimal = value.decimal();
            scales[decimal.scale()]--;
            sum = sum.subtract(decimal);
            return true;
        }

        private void special(Numeric value, int change) {
            if (value.isNaN()) {
                nans += change;
            } else if (value.equals(Numeric.INFINITY)) {
                infinities += change;
            } else {
                negativeInfinities += change;
            }
        }

        @Override
        public @Nullable Object result() {
            if (count == 0) {
                return null;
            }
            Numeric total = total();
            return mean ? NumericMath.divide(total, Numeric.of(count)) : total;
        }

        private Numeric total() {
            if (nans > 0 || (infinities > 0 && negativeInfinities > 0)) {
                return Numeric.NAN;
            }
            if (infinities + negativeInfinities > 0) {
                return infinities > 0 ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY;
            }
            int scale = scales.length - 1;
            while (scale > 0 && scales[scale] == 0) {
                scale--;
            }
            // Digits beyond it came from values that were taken back: they are zeros.
            return Numeric.of(sum.setScale(scale, RoundingMode.UNNECESSARY));
        }
    }

    private static final class FloatMean implements Accumulator {
        private double sum;
        private long count;

        @Override
        public void add(@Nullable Object[] arguments) {
            double value = ((Number) required(arguments, 0)).doubleValue();
            sum = count == 0 ? value : ArithmeticOperators.add(sum, value);
            count++;
        }

        @Override
        public @Nullable Object result() {
            return count == 0 ? null : (Double) (sum / count);
        }
    }

    private static final class IntervalSum implements Accumulator {
        private final boolean mean;
        private Interval sum = new Interval(0, 0, 0);
        private long count;

        IntervalSum(boolean mean) {
            this.mean = mean;
        }

        @Override
        public void add(@Nullable Object[] arguments) {
            sum = IntervalMath.add(sum, (Interval) required(arguments, 0));
            count++;
        }

        @Override
        public boolean remove(@Nullable Object[] arguments) {
            sum = IntervalMath.subtract(sum, (Interval) required(arguments, 0));
            count--;
            return true;
        }

        @Override
        public @Nullable Object result() {
            if (count == 0) {
                return null;
            }
            return mean ? IntervalMath.divide(sum, (double) count) : sum;
        }
    }
}
