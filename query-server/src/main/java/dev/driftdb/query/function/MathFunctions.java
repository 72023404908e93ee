package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.FLOAT4;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT2;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.NUMERIC;

import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** PostgreSQL manual, 9.3 Mathematical Functions and Operators: the functions. */
final class MathFunctions {
    private MathFunctions() {}

    static void define(Definitions d) {
        rounding(d);
        integers(d);
        powers(d);
        trigonometry(d);
        AngleFunctions.define(d);
        random(d);
        buckets(d);
        d.define("width_bucket", INT4, FLOAT8, FLOAT8, FLOAT8, INT4)
                .eval((a, _) ->
                        bucket(
                                real(a[0]),
                                real(a[1]),
                                real(a[2]),
                                (Long) Objects.requireNonNull(a[3])));
        d.define("width_bucket", INT4, NUMERIC, NUMERIC, NUMERIC, INT4)
                .eval((a, _) ->
                        bucket(
                                Casts.toDouble((Numeric) Objects.requireNonNull(a[0])),
                                Casts.toDouble((Numeric) Objects.requireNonNull(a[1])),
                                Casts.toDouble((Numeric) Objects.requireNonNull(a[2])),
                                (Long) Objects.requireNonNull(a[3])));
    }

    private static void buckets(Definitions d) {
        d.define("width_bucket", INT4, Types.ANYCOMPATIBLE, Types.ANYCOMPATIBLEARRAY)
                .specialize((types, _) -> {
                    Comparator<Object> order = ValueOrder.of(types.getFirst());
                    return (Body.Binary)
                            (operand, thresholds) -> bucket(order, operand, (SqlArray) thresholds);
                });
    }

    private static void random(Definitions d) {
        d.define("random", FLOAT8).changing().eval((_, c) -> c.random().nextDouble());
        d.define("random_normal", FLOAT8, FLOAT8, FLOAT8)
                .defaults(2)
                .changing()
                .eval((a, c) -> {
                    double mean = a.length > 0 ? real(a[0]) : 0;
                    double deviation = a.length > 1 ? real(a[1]) : 1;
                    return mean + deviation * c.random().nextGaussian();
                });
        d.define("setseed", Types.VOID, FLOAT8)
                .changing()
                .eval((a, c) -> {
                    double seed = real(a[0]);
                    if (!(seed >= -1 && seed <= 1)) {
                        throw SqlErrors.invalidParameter(
                                "setseed parameter "
                                        + TextFormat.format(FLOAT8, seed, c.format())
                                        + " is out of allowed range [-1,1]");
                    }
                    c.random().setSeed(Double.doubleToLongBits(seed));
                    return "";
                });
    }

    private static double real(@org.jspecify.annotations.Nullable Object value) {
        return (Double) Objects.requireNonNull(value);
    }

    private static void rounding(Definitions d) {
        for (SqlType type : List.of(INT2, INT4, INT8)) {
            d.fn(
                    "abs",
                    type,
                    type,
                    (Long a) -> a < 0 ? ArithmeticOperators.subtract(0, a, type) : a);
            d.fn("mod", type, type, type, ArithmeticOperators::remainder);
        }
        d.fn("abs", FLOAT4, FLOAT4, (Float a) -> Math.abs(a));
        d.fn("abs", FLOAT8, FLOAT8, (Double a) -> Math.abs(a));
        d.fn("abs", NUMERIC, NUMERIC, NumericMath::abs);
        d.fn("mod", NUMERIC, NUMERIC, NUMERIC, NumericMath::remainder);
        d.fn("div", NUMERIC, NUMERIC, NUMERIC, NumericMath::quotient);
        for (String name : List.of("ceil", "ceiling")) {
            d.fn(name, FLOAT8, FLOAT8, (Double a) -> Math.ceil(a));
            d.fn(
                    name,
                    NUMERIC,
                    NUMERIC,
                    (Numeric a) -> NumericMath.round(a, 0, RoundingMode.CEILING));
        }
        d.fn("floor", FLOAT8, FLOAT8, (Double a) -> Math.floor(a));
        d.fn("floor", NUMERIC, NUMERIC, (Numeric a) -> NumericMath.round(a, 0, RoundingMode.FLOOR));
        // Halves: float8 to the even neighbour, numeric away from zero.
        d.fn("round", FLOAT8, FLOAT8, (Double a) -> Math.rint(a));
        d.fn(
                "round",
                NUMERIC,
                NUMERIC,
                (Numeric a) -> NumericMath.round(a, 0, RoundingMode.HALF_UP));
        d.fn(
                "round",
                NUMERIC,
                INT4,
                NUMERIC,
                (Numeric a, Long n) -> NumericMath.round(a, scale(n), RoundingMode.HALF_UP));
        d.fn("trunc", FLOAT8, FLOAT8, (Double a) -> a < 0 ? Math.ceil(a) : Math.floor(a));
        d.fn("trunc", NUMERIC, NUMERIC, (Numeric a) -> NumericMath.round(a, 0, RoundingMode.DOWN));
        d.fn(
                "trunc",
                NUMERIC,
                INT4,
                NUMERIC,
                (Numeric a, Long n) -> NumericMath.round(a, scale(n), RoundingMode.DOWN));
        d.fn("sign", FLOAT8, FLOAT8, (Double a) -> a > 0 ? 1.0 : a < 0 ? -1.0 : 0.0);
        d.fn(
                "sign",
                NUMERIC,
                NUMERIC,
                (Numeric a) -> a.isNaN() ? a : Numeric.of((long) NumericMath.sign(a)));
        d.fn(
                "scale",
                NUMERIC,
                INT4,
                (Numeric a) -> a.isFinite() ? (Long) (long) a.decimal().scale() : null);
        d.fn(
                "min_scale",
                NUMERIC,
                INT4,
                (Numeric a) ->
                        a.isFinite()
                                ? (Long)
                                        (long) Math.max(0, a.decimal().stripTrailingZeros().scale())
                                : null);
        d.fn(
                "trim_scale",
                NUMERIC,
                NUMERIC,
                (Numeric a) -> a.isFinite() ? Numeric.of(a.decimal().stripTrailingZeros()) : a);
    }

    private static int scale(long n) {
        return (int) Math.clamp(n, -131_072L, 16_383L);
    }

    private static void integers(Definitions d) {
        for (SqlType type : List.of(INT4, INT8)) {
            d.fn("gcd", type, type, type, (Long a, Long b) -> gcd(a, b, type));
            d.fn(
                    "lcm",
                    type,
                    type,
                    type,
                    (Long a, Long b) -> {
                        if (a == 0 || b == 0) {
                            return 0L;
                        }
                        long part = a / gcd(a, b, type);
                        long product = ArithmeticOperators.multiply(part, b, type);
                        return product < 0
                                ? ArithmeticOperators.subtract(0, product, type)
                                : (Long) product;
                    });
        }
        d.fn("gcd", NUMERIC, NUMERIC, NUMERIC, NumericMath::gcd);
        d.fn("lcm", NUMERIC, NUMERIC, NUMERIC, NumericMath::lcm);
        d.fn(
                "factorial",
                INT8,
                NUMERIC,
                (Long n) -> {
                    if (n < 0) {
                        throw new SqlException(
                                SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                                "factorial of a negative number is undefined");
                    }
                    if (n > 32_177) {
                        throw SqlErrors.numericOverflow();
                    }
                    BigInteger product = BigInteger.ONE;
                    for (long i = 2; i <= n; i++) {
                        product = product.multiply(BigInteger.valueOf(i));
                    }
                    return Numeric.of(product);
                });
    }

    private static long gcd(long a, long b, SqlType type) {
        BigInteger result = BigInteger.valueOf(a).gcd(BigInteger.valueOf(b));
        if (result.bitLength() > 63) {
            throw SqlErrors.outOfRange(type);
        }
        return ArithmeticOperators.inRange(result.longValue(), type);
    }

    private static void powers(Definitions d) {
        for (String name : List.of("power", "pow")) {
            d.fn(name, FLOAT8, FLOAT8, FLOAT8, MathFunctions::power);
            d.fn(name, NUMERIC, NUMERIC, NUMERIC, NumericPowers::power);
        }
        d.op("^", FLOAT8, FLOAT8, FLOAT8, MathFunctions::power);
        d.op("^", NUMERIC, NUMERIC, NUMERIC, NumericPowers::power);
        d.fn("sqrt", FLOAT8, FLOAT8, MathFunctions::sqrt);
        d.prefix("|/", FLOAT8, FLOAT8, MathFunctions::sqrt);
        d.fn("sqrt", NUMERIC, NUMERIC, NumericPowers::sqrt);
        d.fn("cbrt", FLOAT8, FLOAT8, (Double a) -> Math.cbrt(a));
        d.prefix("||/", FLOAT8, FLOAT8, (Double a) -> Math.cbrt(a));
        d.fn(
                "exp",
                FLOAT8,
                FLOAT8,
                (Double a) -> {
                    double result = Math.exp(a);
                    if (Double.isInfinite(result) && !Double.isInfinite(a)) {
                        throw SqlErrors.overflow();
                    }
                    if (result == 0 && !Double.isInfinite(a)) {
                        throw SqlErrors.underflow();
                    }
                    return result;
                });
        d.fn("exp", NUMERIC, NUMERIC, NumericPowers::exp);
        d.fn("ln", FLOAT8, FLOAT8, (Double a) -> Math.log(positive(a)));
        d.fn("ln", NUMERIC, NUMERIC, NumericPowers::ln);
        for (String name : List.of("log", "log10")) {
            d.fn(name, FLOAT8, FLOAT8, (Double a) -> Math.log10(positive(a)));
            d.fn(name, NUMERIC, NUMERIC, (Numeric a) -> NumericPowers.log(Numeric.of(10), a));
        }
        d.fn("log", NUMERIC, NUMERIC, NUMERIC, NumericPowers::log);
    }

    private static double positive(double a) {
        if (a <= 0) {
            throw NumericPowers.notPositive(a == 0);
        }
        return a;
    }

    private static Double sqrt(Double a) {
        if (a < 0) {
            throw NumericPowers.negativeRoot();
        }
        return Math.sqrt(a);
    }

    private static Double power(Double a, Double b) {
        if (a == 0 && b < 0) {
            throw new SqlException(
                    SqlState.INVALID_ARGUMENT_FOR_POWER,
                    "zero raised to a negative power is undefined");
        }
        if (a < 0 && b != Math.rint(b)) {
            throw new SqlException(
                    SqlState.INVALID_ARGUMENT_FOR_POWER,
                    "a negative number raised to a non-integer power yields a complex result");
        }
        // 1 to any power and -1 to an infinite one are 1 in PostgreSQL, NaN in Java.
        double result = a == 1 || (a == -1 && Double.isInfinite(b)) ? 1 : Math.pow(a, b);
        boolean finite = !Double.isInfinite(a) && !Double.isInfinite(b);
        if (Double.isInfinite(result) && finite) {
            throw SqlErrors.overflow();
        }
        if (result == 0 && finite && a != 0) {
            throw SqlErrors.underflow();
        }
        return result;
    }

    static void real(Definitions d, String name, DoubleUnaryOperator f) {
        d.fn(name, FLOAT8, FLOAT8, (Double a) -> f.applyAsDouble(a));
    }

    static void real(Definitions d, String name, DoubleBinaryOperator f) {
        d.fn(name, FLOAT8, FLOAT8, FLOAT8, (Double a, Double b) -> f.applyAsDouble(a, b));
    }

    private static double bounded(double result, double a) {
        if (Double.isInfinite(result) && !Double.isInfinite(a)) {
            throw SqlErrors.overflow();
        }
        return result;
    }

    /** Infinity has no sine: PostgreSQL refuses it. */
    static DoubleUnaryOperator finite(DoubleUnaryOperator f) {
        return a -> {
            if (Double.isInfinite(a)) {
                throw inputOutOfRange();
            }
            return f.applyAsDouble(a);
        };
    }

    static DoubleUnaryOperator within(double min, double max, DoubleUnaryOperator f) {
        return a -> {
            if (a < min || a > max) {
                throw inputOutOfRange();
            }
            return f.applyAsDouble(a);
        };
    }

    private static SqlException inputOutOfRange() {
        return new SqlException(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range");
    }

    private static void trigonometry(Definitions d) {
        d.define("pi", FLOAT8).eval((_, _) -> Math.PI);
        real(d, "degrees", a -> bounded(a / (Math.PI / 180), a));
        real(d, "radians", a -> bounded(a * (Math.PI / 180), a));
        real(d, "sin", finite(Math::sin));
        real(d, "cos", finite(Math::cos));
        real(d, "tan", finite(Math::tan));
        real(d, "cot", finite(a -> 1 / Math.tan(a)));
        real(d, "asin", within(-1, 1, Math::asin));
        real(d, "acos", within(-1, 1, Math::acos));
        real(d, "atan", Math::atan);
        real(d, "atan2", Math::atan2);
        real(d, "sinh", Math::sinh);
        real(d, "cosh", Math::cosh);
        real(d, "tanh", Math::tanh);
        real(
                d,
                "asinh",
                a -> {
                    double x = Math.abs(a);
                    return Double.isInfinite(a) || a == 0
                            ? a
                            : Math.signum(a) * Math.log1p(x + x * x / (1 + Math.sqrt(x * x + 1)));
                });
        real(
                d,
                "acosh",
                within(1, Double.POSITIVE_INFINITY, a -> Math.log(a + Math.sqrt(a * a - 1))));
        real(d, "atanh", within(-1, 1, a -> 0.5 * Math.log1p(2 * a / (1 - a))));
    }

    /** The number of thresholds, sorted upwards, that are not above the operand. */
    private static Long bucket(Comparator<Object> order, Object operand, SqlArray thresholds) {
        if (thresholds.lengths().size() > 1) {
            throw new SqlException(
                    SqlState.ARRAY_SUBSCRIPT_ERROR, "thresholds must be one-dimensional array");
        }
        if (thresholds.values().contains(null)) {
            throw new SqlException(
                    SqlState.NULL_VALUE_NOT_ALLOWED, "thresholds array must not contain NULLs");
        }
        int from = 0;
        int to = thresholds.values().size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            Object threshold = Objects.requireNonNull(thresholds.values().get(middle));
            if (order.compare(operand, threshold) < 0) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return (long) from;
    }

    private static Long bucket(double operand, double low, double high, long count) {
        if (count <= 0) {
            throw new SqlException(
                    SqlState.INVALID_ARGUMENT_FOR_WIDTH_BUCKET, "count must be greater than zero");
        }
        if (Double.isNaN(operand) || Double.isNaN(low) || Double.isNaN(high)) {
            throw new SqlException(
                    SqlState.INVALID_ARGUMENT_FOR_WIDTH_BUCKET,
                    "operand, lower bound, and upper bound cannot be NaN");
        }
        if (Double.isInfinite(low) || Double.isInfinite(high)) {
            throw new SqlException(
                    SqlState.INVALID_ARGUMENT_FOR_WIDTH_BUCKET,
                    "lower and upper bounds must be finite");
        }
        if (low == high) {
            throw new SqlException(
                    SqlState.INVALID_ARGUMENT_FOR_WIDTH_BUCKET,
                    "lower bound cannot equal upper bound");
        }
        boolean rising = low < high;
        if (rising ? operand < low : operand > low) {
            return 0L;
        }
        if (rising ? operand >= high : operand <= high) {
            return ArithmeticOperators.inRange(count + 1, INT4);
        }
        return (long) (count * ((operand - low) / (high - low))) + 1;
    }
}
