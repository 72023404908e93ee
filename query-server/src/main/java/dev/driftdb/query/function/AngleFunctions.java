package dev.driftdb.query.function;

import static dev.driftdb.query.function.MathFunctions.finite;
import static dev.driftdb.query.function.MathFunctions.real;
import static dev.driftdb.query.function.MathFunctions.within;

/**
 * Trigonometry in degrees, exact at the angles that have exact answers (sind(30) is 0.5), and the
 * error functions.
 */
final class AngleFunctions {
    private static final double RADIANS_PER_DEGREE = Math.PI / 180;

    /** The values that the results are scaled by, so that the exact angles come out exactly. */
    private static final double SIN_30 = Math.sin(30 * RADIANS_PER_DEGREE);

    private static final double ONE_MINUS_COS_60 = 1 - Math.cos(60 * RADIANS_PER_DEGREE);
    private static final double ASIN_HALF = Math.asin(0.5);
    private static final double ACOS_HALF = Math.acos(0.5);
    private static final double ATAN_1 = Math.atan(1);
    private static final double TAN_45 = sinOfQuadrant(45) / cosOfQuadrant(45);
    private static final double COT_45 = cosOfQuadrant(45) / sinOfQuadrant(45);

    private static final double TWO_BY_ROOT_PI = 2 / Math.sqrt(Math.PI);

    /** From here on the continued fraction of erfc converges fast and the series does not. */
    private static final double FRACTION_FROM = 2;

    private static final int FRACTION_TERMS = 120;

    private AngleFunctions() {}

    static void define(Definitions d) {
        real(d, "sind", finite(AngleFunctions::sin));
        real(d, "cosd", finite(AngleFunctions::cos));
        real(d, "tand", finite(AngleFunctions::tan));
        real(d, "cotd", finite(AngleFunctions::cot));
        real(d, "asind", within(-1, 1, a -> a >= 0 ? asin(a) : -asin(-a)));
        real(d, "acosd", within(-1, 1, a -> a >= 0 ? acos(a) : 90 + asin(-a)));
        real(d, "atand", a -> Math.atan(a) / ATAN_1 * 45);
        real(d, "atan2d", (a, b) -> Math.atan2(a, b) / ATAN_1 * 45);
        real(d, "erf", AngleFunctions::erf);
        real(d, "erfc", AngleFunctions::erfc);
    }

    private static double sinTo30(double degrees) {
        return Math.sin(degrees * RADIANS_PER_DEGREE) / SIN_30 / 2;
    }

    private static double cosTo60(double degrees) {
        return 1 - (1 - Math.cos(degrees * RADIANS_PER_DEGREE)) / ONE_MINUS_COS_60 / 2;
    }

    /** For 0 to 90 degrees. */
    private static double sinOfQuadrant(double degrees) {
        return degrees <= 30 ? sinTo30(degrees) : cosTo60(90 - degrees);
    }

    /** For 0 to 90 degrees. */
    private static double cosOfQuadrant(double degrees) {
        return degrees <= 60 ? cosTo60(degrees) : sinTo30(90 - degrees);
    }

    private static double sin(double degrees) {
        double a = degrees % 360;
        int sign = a < 0 ? -1 : 1;
        a = Math.abs(a);
        if (a > 180) {
            a = 360 - a;
            sign = -sign;
        }
        return sign * sinOfQuadrant(a > 90 ? 180 - a : a);
    }

    private static double cos(double degrees) {
        double a = Math.abs(degrees % 360);
        if (a > 180) {
            a = 360 - a;
        }
        return a > 90 ? -cosOfQuadrant(180 - a) : cosOfQuadrant(a);
    }

    private static double tan(double degrees) {
        double a = firstQuadrant(degrees);
        return positiveZero(quadrantSign(degrees) * (sinOfQuadrant(a) / cosOfQuadrant(a) / TAN_45));
    }

    private static double cot(double degrees) {
        double a = firstQuadrant(degrees);
        return positiveZero(quadrantSign(degrees) * (cosOfQuadrant(a) / sinOfQuadrant(a) / COT_45));
    }

    /** The angle between 0 and 90 whose tangent differs at most in sign. */
    private static double firstQuadrant(double degrees) {
        double a = Math.abs(degrees % 360);
        a = a > 180 ? 360 - a : a;
        return a > 90 ? 180 - a : a;
    }

    private static int quadrantSign(double degrees) {
        double a = degrees % 360;
        int sign = a < 0 ? -1 : 1;
        a = Math.abs(a);
        if (a > 180) {
            a = 360 - a;
            sign = -sign;
        }
        return a > 90 ? -sign : sign;
    }

    private static double positiveZero(double value) {
        return value == 0 ? 0 : value;
    }

    private static double asin(double a) {
        return a <= 0.5 ? Math.asin(a) / ASIN_HALF * 30 : 90 - Math.acos(a) / ACOS_HALF * 60;
    }

    private static double acos(double a) {
        return a <= 0.5 ? 90 - Math.asin(a) / ASIN_HALF * 30 : Math.acos(a) / ACOS_HALF * 60;
    }

    private static double erf(double a) {
        if (Double.isNaN(a)) {
            return a;
        }
        double x = Math.abs(a);
        return Math.signum(a) * (x < FRACTION_FROM ? series(x) : 1 - fraction(x));
    }

    private static double erfc(double a) {
        if (Double.isNaN(a)) {
            return a;
        }
        if (a < FRACTION_FROM) {
            return 1 - erf(a);
        }
        return fraction(a);
    }

    /** erf by its series of positive terms. */
    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; term > sum * 1e-18; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return TWO_BY_ROOT_PI * Math.exp(-x * x) * sum;
    }

    /** erfc by its continued fraction, from the last term back. */
    private static double fraction(double x) {
        if (Double.isInfinite(x)) {
            return 0;
        }
        double below = x;
        for (int n = FRACTION_TERMS; n > 0; n--) {
            below = x + n / 2.0 / below;
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / below;
    }
}
