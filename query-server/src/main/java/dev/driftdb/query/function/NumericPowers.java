package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Numeric;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** Roots, powers, exponentials and logarithms of numeric, with PostgreSQL's result scales. */
final class NumericPowers {
    /** Digits carried beyond the result's. */
    private static final int GUARD_DIGITS = 12;

    private static final double LOG10_E = 0.434294481903252;

    private NumericPowers() {}

    static SqlException negativeRoot() {
        return new SqlException(
                SqlState.INVALID_ARGUMENT_FOR_POWER,
                "cannot take square root of a negative number");
    }

    static SqlException notPositive(boolean zero) {
        return new SqlException(
                SqlState.INVALID_ARGUMENT_FOR_LOG,
                "cannot take logarithm of " + (zero ? "zero" : "a negative number"));
    }

    private static int clampScale(int scale, int displayed) {
        return Math.min(Math.max(Math.max(scale, displayed), 0), NumericMath.SCALE_MAX);
    }

    static Numeric sqrt(Numeric a) {
        if (a.isNaN() || a.equals(Numeric.INFINITY)) {
            return a;
        }
        if (NumericMath.sign(a) < 0) {
            throw negativeRoot();
        }
        BigDecimal value = a.decimal();
        int digits = (NumericMath.weight(value) + 1) * 4 / 2 - 1;
        int scale = clampScale(NumericMath.SIGNIFICANT_DIGITS_MIN - digits, value.scale());
        int precision = Math.max(1, digits + 2) + scale + GUARD_DIGITS;
        return Numeric.of(
                value.sqrt(new MathContext(precision)).setScale(scale, RoundingMode.HALF_UP));
    }

    static Numeric exp(Numeric a) {
        if (!a.isFinite()) {
            return a.equals(Numeric.NEGATIVE_INFINITY) ? Numeric.ZERO : a;
        }
        BigDecimal value = a.decimal();
        double digits = value.doubleValue() * LOG10_E;
        checkDigits(digits);
        int scale =
                clampScale(
                        NumericMath.SIGNIFICANT_DIGITS_MIN
                                - (int) Math.clamp(digits, -2000d, 2000d),
                        value.scale());
        return Numeric.of(exp(value, scale, digits).setScale(scale, RoundingMode.HALF_UP));
    }

    private static void checkDigits(double digits) {
        if (!(digits < NumericMath.INTEGER_DIGITS_MAX)) {
            throw SqlErrors.numericOverflow();
        }
    }

    private static BigDecimal exp(BigDecimal value, int scale, double digits) {
        if (digits < -scale - 2) {
            return BigDecimal.ZERO;
        }
        int precision = scale + (int) Math.max(0, digits) + GUARD_DIGITS;
        // exp(x) = exp(x / 2^n) ^ (2^n), with a fast series for the small argument.
        int halvings = Math.max(0, value.precision() - value.scale()) * 4 + 8;
        MathContext context = new MathContext(precision + halvings / 3 + GUARD_DIGITS);
        BigDecimal small = value.divide(new BigDecimal(BigInteger.TWO.pow(halvings)), context);
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        BigDecimal enough = BigDecimal.ONE.movePointLeft(context.getPrecision());
        for (int i = 1; term.abs().compareTo(enough) > 0; i++) {
            term = term.multiply(small, context).divide(BigDecimal.valueOf(i), context);
            sum = sum.add(term, context);
        }
        for (int i = 0; i < halvings; i++) {
            sum = sum.multiply(sum, context);
        }
        return sum;
    }

    private static double approximateLn(BigDecimal value) {
        int exponent = value.precision() - value.scale();
        return Math.log(value.movePointLeft(exponent).doubleValue()) + exponent * Math.log(10);
    }

    /** PostgreSQL's estimate_ln_dweight: the decimal weight of ln(value). */
    private static int lnWeight(BigDecimal value) {
        if (value.compareTo(BigDecimal.ONE) == 0) {
            return 0;
        }
        double ln = approximateLn(value);
        double distance = value.subtract(BigDecimal.ONE).doubleValue();
        if (Math.abs(distance) < 0.1 && distance != 0) {
            // Near 1, ln(x) is about x - 1.
            return (int) Math.floor(Math.log10(Math.abs(distance)));
        }
        return ln == 0 ? 0 : (int) Math.log10(Math.abs(ln));
    }

    private static BigDecimal ln(BigDecimal value, int scale) {
        if (value.compareTo(BigDecimal.ONE) == 0) {
            return BigDecimal.ZERO;
        }
        MathContext context = new MathContext(scale + 2 * GUARD_DIGITS + 8);
        // Roots bring the argument near 1, where 2 * atanh((x-1)/(x+1)) converges fast.
        BigDecimal root = value;
        int roots = 0;
        BigDecimal limit = new BigDecimal("0.01");
        while (root.subtract(BigDecimal.ONE).abs().compareTo(limit) > 0) {
            root = root.sqrt(context);
            roots++;
        }
        BigDecimal ratio = root.subtract(BigDecimal.ONE).divide(root.add(BigDecimal.ONE), context);
        BigDecimal square = ratio.multiply(ratio, context);
        BigDecimal power = ratio;
        BigDecimal sum = ratio;
        BigDecimal enough = BigDecimal.ONE.movePointLeft(context.getPrecision());
        for (int i = 3; power.abs().compareTo(enough) > 0; i += 2) {
            power = power.multiply(square, context);
            sum = sum.add(power.divide(BigDecimal.valueOf(i), context), context);
        }
        return sum.multiply(new BigDecimal(BigInteger.TWO.pow(roots + 1)), context);
    }

    private static void requirePositive(Numeric a) {
        int sign = NumericMath.sign(a);
        if (!a.isNaN() && sign <= 0) {
            throw notPositive(sign == 0);
        }
    }

    static Numeric ln(Numeric a) {
        requirePositive(a);
        if (!a.isFinite()) {
            return a;
        }
        BigDecimal value = a.decimal();
        int scale = clampScale(NumericMath.SIGNIFICANT_DIGITS_MIN - lnWeight(value), value.scale());
        return Numeric.of(ln(value, scale).setScale(scale, RoundingMode.HALF_UP));
    }

    static Numeric log(Numeric base, Numeric a) {
        requirePositive(base);
        requirePositive(a);
        if (!base.isFinite() || !a.isFinite()) {
            if (base.isNaN() || a.isNaN()) {
                return Numeric.NAN;
            }
            return base.isFinite() ? Numeric.INFINITY : a.isFinite() ? Numeric.ZERO : Numeric.NAN;
        }
        BigDecimal x = a.decimal();
        BigDecimal b = base.decimal();
        int weight = lnWeight(x) - lnWeight(b);
        int scale =
                clampScale(
                        NumericMath.SIGNIFICANT_DIGITS_MIN - weight,
                        Math.max(x.scale(), b.scale()));
        BigDecimal divisor = ln(b, scale + GUARD_DIGITS);
        if (divisor.signum() == 0) {
            throw SqlErrors.divisionByZero();
        }
        return Numeric.of(ln(x, scale + GUARD_DIGITS).divide(divisor, scale, RoundingMode.HALF_UP));
    }

    static Numeric power(Numeric a, Numeric b) {
        if (!a.isFinite() || !b.isFinite()) {
            return specialPower(a, b);
        }
        BigDecimal x = a.decimal();
        BigDecimal y = b.decimal();
        boolean whole = y.stripTrailingZeros().scale() <= 0;
        checkPower(x.signum(), y.signum(), whole);
        boolean fitsInt =
                whole
                        && y.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) <= 0
                        && y.compareTo(BigDecimal.valueOf(Integer.MIN_VALUE)) >= 0;
        if (!fitsInt && x.signum() == 0) {
            return Numeric.of(BigDecimal.ZERO.setScale(NumericMath.SIGNIFICANT_DIGITS_MIN));
        }
        double digits = x.signum() == 0 ? 0 : approximateLn(x.abs()) * y.doubleValue() * LOG10_E;
        checkDigits(digits);
        if (digits + 1 < -NumericMath.SCALE_MAX) {
            return Numeric.of(BigDecimal.ZERO.setScale(NumericMath.SCALE_MAX));
        }
        int scale =
                clampScale(
                        NumericMath.SIGNIFICANT_DIGITS_MIN - (int) digits,
                        Math.max(x.scale(), y.scale()));
        if (fitsInt && (y.signum() == 0 || x.signum() == 0)) {
            return Numeric.of((y.signum() == 0 ? BigDecimal.ONE : BigDecimal.ZERO).setScale(scale));
        }
        BigDecimal result;
        if (whole && y.abs().compareTo(BigDecimal.valueOf(1_000_000)) < 0) {
            int precision = scale + (int) Math.abs(digits) + 2 * GUARD_DIGITS;
            result = x.pow(y.intValueExact(), new MathContext(precision));
        } else {
            int extra = (int) Math.max(0, digits) + GUARD_DIGITS + y.precision();
            BigDecimal exponent = ln(x.abs(), scale + extra).multiply(y);
            result = exp(exponent, scale, digits);
            boolean odd = whole && y.toBigInteger().testBit(0);
            result = x.signum() < 0 && odd ? result.negate() : result;
        }
        return Numeric.of(result.setScale(scale, RoundingMode.HALF_UP));
    }

    private static void checkPower(int baseSign, int exponentSign, boolean wholeExponent) {
        if (baseSign == 0 && exponentSign < 0) {
            throw new SqlException(
                    SqlState.INVALID_ARGUMENT_FOR_POWER,
                    "zero raised to a negative power is undefined");
        }
        if (baseSign < 0 && !wholeExponent) {
            throw new SqlException(
                    SqlState.INVALID_ARGUMENT_FOR_POWER,
                    "a negative number raised to a non-integer power yields a complex result");
        }
    }

    /** NaN and the infinities by POSIX's rules for pow(). */
    private static Numeric specialPower(Numeric a, Numeric b) {
        Numeric one = Numeric.of(1);
        boolean exponentZero = b.isFinite() && b.decimal().signum() == 0;
        if (a.equals(one) || exponentZero) {
            return one;
        }
        if (a.isNaN() || b.isNaN()) {
            return Numeric.NAN;
        }
        boolean whole = !b.isFinite() || b.decimal().stripTrailingZeros().scale() <= 0;
        int baseSign = NumericMath.sign(a);
        int exponentSign = NumericMath.sign(b);
        checkPower(baseSign, exponentSign, whole);
        if (baseSign == 0) {
            return Numeric.ZERO;
        }
        if (!b.isFinite()) {
            int order = a.isFinite() ? a.decimal().abs().compareTo(BigDecimal.ONE) : 1;
            if (order == 0) {
                return one;
            }
            return order > 0 == exponentSign > 0 ? Numeric.INFINITY : Numeric.ZERO;
        }
        if (exponentSign < 0) {
            return Numeric.ZERO;
        }
        boolean odd = b.decimal().toBigInteger().testBit(0);
        return baseSign < 0 && odd ? Numeric.NEGATIVE_INFINITY : Numeric.INFINITY;
    }
}
