package dev.driftdb.query.function;

import dev.driftdb.schemas.type.Numeric;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** The four operations on numeric, with PostgreSQL's result scales and special values. */
final class NumericMath {
    /** numeric results of division carry at least this many significant digits. */
    static final int SIGNIFICANT_DIGITS_MIN = 16;

    static final int SCALE_MAX = 1000;

    /** Digits that numeric's format holds before and after the decimal point. */
    static final int INTEGER_DIGITS_MAX = 131_072;

    private static final int FRACTION_DIGITS_MAX = 16_383;

    /** Digits per group in PostgreSQL's representation; result scales are derived from groups. */
    private static final int GROUP = 4;

    private NumericMath() {}

    static int sign(Numeric a) {
        return a.isFinite() ? a.decimal().signum() : a.equals(Numeric.NEGATIVE_INFINITY) ? -1 : 1;
    }

    private static Numeric infinity(int sign) {
        return sign < 0 ? Numeric.NEGATIVE_INFINITY : Numeric.INFINITY;
    }

    static Numeric add(Numeric a, Numeric b) {
        if (a.isFinite() && b.isFinite()) {
            return checked(a.plus(b));
        }
        if (a.isNaN() || b.isNaN() || (!a.isFinite() && !b.isFinite() && !a.equals(b))) {
            return Numeric.NAN;
        }
        return a.isFinite() ? b : a;
    }

    static Numeric negate(Numeric a) {
        if (a.isFinite()) {
            return a.negated();
        }
        return a.isNaN() ? a : infinity(-sign(a));
    }

    static Numeric abs(Numeric a) {
        return !a.isNaN() && sign(a) < 0 ? negate(a) : a;
    }

    static Numeric subtract(Numeric a, Numeric b) {
        return add(a, negate(b));
    }

    static Numeric multiply(Numeric a, Numeric b) {
        if (a.isFinite() && b.isFinite()) {
            return checked(a.times(b));
        }
        int sign = sign(a) * sign(b);
        return a.isNaN() || b.isNaN() || sign == 0 ? Numeric.NAN : infinity(sign);
    }

    private static Numeric checked(Numeric result) {
        return result.isCompact() && result.scale() <= SCALE_MAX
                ? result
                : checked(result.decimal());
    }

    /** The result of an operation, which numeric's format must be able to hold. */
    static Numeric checked(BigDecimal value) {
        BigDecimal bounded =
                value.scale() > FRACTION_DIGITS_MAX
                        ? value.setScale(FRACTION_DIGITS_MAX, RoundingMode.HALF_UP)
                        : value;
        if ((long) bounded.precision() - bounded.scale() > INTEGER_DIGITS_MAX
                && bounded.signum() != 0) {
            throw SqlErrors.numericOverflow();
        }
        return Numeric.of(bounded);
    }

    static Numeric divide(Numeric a, Numeric b) {
        if (a.isNaN() || b.isNaN()) {
            return Numeric.NAN;
        }
        if (b.isFinite() && b.decimal().signum() == 0) {
            throw SqlErrors.divisionByZero();
        }
        if (a.isFinite() && b.isFinite()) {
            return checked(
                    a.decimal()
                            .divide(
                                    b.decimal(),
                                    divisionScale(a.decimal(), b.decimal()),
                                    RoundingMode.HALF_UP));
        }
        if (a.isFinite()) {
            return Numeric.ZERO;
        }
        return b.isFinite() ? infinity(sign(a) * sign(b)) : Numeric.NAN;
    }

    /** PostgreSQL's select_div_scale. */
    static int divisionScale(BigDecimal a, BigDecimal b) {
        int quotientWeight = weight(a) - weight(b);
        if (firstGroup(a) <= firstGroup(b)) {
            quotientWeight--;
        }
        int scale = SIGNIFICANT_DIGITS_MIN - quotientWeight * GROUP;
        scale = Math.max(Math.max(scale, 0), Math.max(a.scale(), b.scale()));
        return Math.min(scale, SCALE_MAX);
    }

    /** The power of 10000 that the first group of digits counts; 0 for zero. */
    static int weight(BigDecimal value) {
        return value.signum() == 0
                ? 0
                : Math.floorDiv(value.precision() - value.scale() - 1, GROUP);
    }

    private static int firstGroup(BigDecimal value) {
        return value.abs()
                .movePointLeft(weight(value) * GROUP)
                .setScale(0, RoundingMode.DOWN)
                .intValue();
    }

    /** The remainder with the sign of the dividend. */
    static Numeric remainder(Numeric a, Numeric b) {
        if (a.isNaN() || b.isNaN()) {
            return Numeric.NAN;
        }
        if (b.isFinite() && b.decimal().signum() == 0) {
            throw SqlErrors.divisionByZero();
        }
        if (!a.isFinite()) {
            return Numeric.NAN;
        }
        if (!b.isFinite()) {
            return a;
        }
        int scale = Math.max(a.decimal().scale(), b.decimal().scale());
        return Numeric.of(a.decimal().remainder(b.decimal()).setScale(scale, RoundingMode.DOWN));
    }

    /** The quotient cut to an integer. */
    static Numeric quotient(Numeric a, Numeric b) {
        if (a.isFinite() && b.isFinite()) {
            if (b.decimal().signum() == 0) {
                throw SqlErrors.divisionByZero();
            }
            return Numeric.of(
                    a.decimal().divideToIntegralValue(b.decimal()).setScale(0, RoundingMode.DOWN));
        }
        return divide(a, b);
    }

    static Numeric round(Numeric a, int scale, RoundingMode mode) {
        if (!a.isFinite()) {
            return a;
        }
        int bounded = Math.clamp(scale, -131_072, 16_383);
        BigDecimal rounded = a.decimal().setScale(bounded, mode);
        return checked(bounded < 0 ? rounded.setScale(0) : rounded);
    }

    /** Greatest common divisor, not negative, with the larger display scale. */
    static Numeric gcd(Numeric a, Numeric b) {
        if (!a.isFinite() || !b.isFinite()) {
            return Numeric.NAN;
        }
        int scale = Math.max(a.decimal().scale(), b.decimal().scale());
        BigInteger divisor =
                a.decimal()
                        .setScale(scale, RoundingMode.UNNECESSARY)
                        .unscaledValue()
                        .gcd(b.decimal().setScale(scale, RoundingMode.UNNECESSARY).unscaledValue());
        return Numeric.of(new BigDecimal(divisor, scale));
    }

    /** Least common multiple, not negative, with the larger display scale. */
    static Numeric lcm(Numeric a, Numeric b) {
        if (!a.isFinite() || !b.isFinite()) {
            return Numeric.NAN;
        }
        int scale = Math.max(a.decimal().scale(), b.decimal().scale());
        if (a.decimal().signum() == 0 || b.decimal().signum() == 0) {
            return Numeric.of(BigDecimal.ZERO.setScale(scale));
        }
        BigDecimal part = a.decimal().divideToIntegralValue(gcd(a, b).decimal());
        return checked(part.multiply(b.decimal()).abs().setScale(scale, RoundingMode.UNNECESSARY));
    }

    static Numeric of(BigInteger value) {
        return Numeric.of(value);
    }
}
