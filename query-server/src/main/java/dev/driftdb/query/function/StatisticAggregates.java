package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.FLOAT4;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT2;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.NUMERIC;

import dev.driftdb.query.function.AggregateFunction.Accumulator;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.21 Aggregate Functions for Statistics. */
final class StatisticAggregates {
    private StatisticAggregates() {}

    static void define(Definitions d) {
        variances(d);
        pair(d, "regr_sxx", s -> s.sxx);
        pair(d, "regr_syy", s -> s.syy);
        pair(d, "regr_sxy", s -> s.sxy);
        pair(d, "regr_avgx", s -> s.sx / s.count);
        pair(d, "regr_avgy", s -> s.sy / s.count);
        pair(d, "covar_pop", s -> s.sxy / s.count);
        pair(d, "covar_samp", s -> s.count < 2 ? null : s.sxy / (s.count - 1));
        pair(d, "corr", s -> s.sxx == 0 || s.syy == 0 ? null : s.sxy / Math.sqrt(s.sxx * s.syy));
        pair(
                d,
                "regr_r2",
                s -> s.sxx == 0 ? null : s.syy == 0 ? 1.0 : (s.sxy * s.sxy) / (s.sxx * s.syy));
        pair(d, "regr_slope", s -> s.sxx == 0 ? null : s.sxy / s.sxx);
        pair(d, "regr_intercept", s -> s.sxx == 0 ? null : (s.sy - s.sx * s.sxy / s.sxx) / s.count);
        d.aggregate(
                "regr_count",
                List.of(FLOAT8, FLOAT8),
                INT8,
                true,
                (_, _) -> () -> new Pairs(s -> (long) s.count, true));
    }

    private static void variances(Definitions d) {
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
            for (SqlType type : List.of(FLOAT4, FLOAT8)) {
                d.aggregate(kind.name, type, FLOAT8, () -> new Variance(kind.sample, kind.root));
            }
        }
    }

    private static void pair(Definitions d, String name, Function<Pairs, @Nullable Object> value) {
        d.aggregate(
                name,
                List.of(FLOAT8, FLOAT8),
                FLOAT8,
                true,
                (_, _) -> () -> new Pairs(value, false));
    }

    /** Youngs and Cramer's update of the sum of squared differences, as PostgreSQL's float8. */
    private static final class Variance implements Accumulator {
        private final boolean sample;
        private final boolean root;
        private double count;
        private double sum;
        private double squares;

        Variance(boolean sample, boolean root) {
            this.sample = sample;
            this.root = root;
        }

        @Override
        public void add(@Nullable Object[] a) {
            double value = ((Number) Objects.requireNonNull(a[0])).doubleValue();
            double before = sum;
            count++;
            sum += value;
            if (count > 1) {
                double difference = value * count - sum;
                squares += difference * difference / (count * (count - 1));
                if (Double.isInfinite(sum) || Double.isInfinite(squares)) {
                    if (!Double.isInfinite(before) && !Double.isInfinite(value)) {
                        throw SqlErrors.overflow();
                    }
                    squares = Double.NaN;
                }
            } else if (!Double.isFinite(value)) {
                squares = Double.NaN;
            }
        }

        @Override
        public @Nullable Object result() {
            double divisor = sample ? count - 1 : count;
            if (divisor <= 0) {
                return null;
            }
            return root ? Math.sqrt(squares / divisor) : squares / divisor;
        }
    }

    /** Exact sums of values and of their squares. */
    private static final class NumericVariance implements Accumulator {
        private static final int GUARD_DIGITS = 10;

        private final boolean sample;
        private final boolean root;
        private long count;
        private boolean special;
        private boolean fractions;
        private BigDecimal sum = BigDecimal.ZERO;
        private BigDecimal squares = BigDecimal.ZERO;

        NumericVariance(boolean sample, boolean root) {
            this.sample = sample;
            this.root = root;
        }

        private static Numeric numeric(@Nullable Object[] a) {
            Object argument = Objects.requireNonNull(a[0]);
            return argument instanceof Numeric numeric
                    ? numeric
                    : Numeric.of(BigInteger.valueOf((Long) argument));
        }

        @Override
        public void add(@Nullable Object[] a) {
            Numeric value = numeric(a);
            count++;
            if (value.isFinite()) {
                BigDecimal decimal = value.decimal();
                sum = sum.add(decimal);
                squares = squares.add(decimal.multiply(decimal));
                fractions |= decimal.scale() > 0;
            } else {
                special = true;
            }
        }

        /** The scale of what is left is known for whole numbers only. */
        @Override
        public boolean remove(@Nullable Object[] a) {
            if (special || fractions) {
                return false;
            }
            BigDecimal decimal = numeric(a).decimal();
            count--;
            sum = sum.subtract(decimal);
            squares = squares.subtract(decimal.multiply(decimal));
            return true;
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
            if (!root) {
                return Numeric.of(variance);
            }
            int precision = variance.precision() + scale + GUARD_DIGITS;
            return Numeric.of(
                    variance.sqrt(new MathContext(precision))
                            .setScale(scale, RoundingMode.HALF_UP));
        }
    }

    /** Sums over pairs of which the first is the dependent variable, Y. */
    private static final class Pairs implements Accumulator {
        private final Function<Pairs, @Nullable Object> value;
        private final boolean ofNothing;
        private double count;
        private double sx;
        private double sxx;
        private double sy;
        private double syy;
        private double sxy;

        /**
         * @param ofNothing whether there is a value without any pair
         */
        Pairs(Function<Pairs, @Nullable Object> value, boolean ofNothing) {
            this.value = value;
            this.ofNothing = ofNothing;
        }

        @Override
        public void add(@Nullable Object[] a) {
            double y = (Double) Objects.requireNonNull(a[0]);
            double x = (Double) Objects.requireNonNull(a[1]);
            double before = count;
            double sxBefore = sx;
            double syBefore = sy;
            count++;
            sx += x;
            sy += y;
            if (before == 0) {
                if (!Double.isFinite(x)) {
                    sxx = Double.NaN;
                    sxy = Double.NaN;
                }
                if (!Double.isFinite(y)) {
                    syy = Double.NaN;
                    sxy = Double.NaN;
                }
                return;
            }
            double dx = x * count - sx;
            double dy = y * count - sy;
            double scale = 1.0 / (count * before);
            sxx += dx * dx * scale;
            syy += dy * dy * scale;
            sxy += dx * dy * scale;
            if (Double.isInfinite(sxx) || Double.isInfinite(syy) || Double.isInfinite(sxy)) {
                boolean overX = Double.isInfinite(sxx) || Double.isInfinite(sxy);
                boolean overY = Double.isInfinite(syy) || Double.isInfinite(sxy);
                if ((overX && !Double.isInfinite(sxBefore) && !Double.isInfinite(x))
                        || (overY && !Double.isInfinite(syBefore) && !Double.isInfinite(y))) {
                    throw SqlErrors.overflow();
                }
                sxx = Double.isInfinite(sxx) ? Double.NaN : sxx;
                syy = Double.isInfinite(syy) ? Double.NaN : syy;
                sxy = Double.isInfinite(sxy) ? Double.NaN : sxy;
            }
        }

        @Override
        public @Nullable Object result() {
            return count == 0 && !ofNothing ? null : value.apply(this);
        }
    }
}
