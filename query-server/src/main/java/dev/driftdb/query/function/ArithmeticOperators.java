package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.FLOAT4;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT2;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.NUMERIC;

import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;

/** PostgreSQL manual, 9.3 Mathematical Functions and Operators: the operators on numbers. */
final class ArithmeticOperators {
    private static final List<SqlType> INTEGERS = List.of(INT2, INT4, INT8);

    private ArithmeticOperators() {}

    static void define(Definitions d) {
        for (SqlType left : INTEGERS) {
            for (SqlType right : INTEGERS) {
                SqlType result = left.length() >= right.length() ? left : right;
                arithmetic(d, left, right, result);
            }
            integers(d, left);
        }
        numeric(d);
        floats(d);
    }

    private static void arithmetic(Definitions d, SqlType left, SqlType right, SqlType result) {
        d.op("+", left, right, result, (Long a, Long b) -> add(a, b, result));
        d.op("-", left, right, result, (Long a, Long b) -> subtract(a, b, result));
        d.op("*", left, right, result, (Long a, Long b) -> multiply(a, b, result));
        d.op("/", left, right, result, (Long a, Long b) -> divide(a, b, result));
    }

    private static void integers(Definitions d, SqlType type) {
        d.op("%", type, type, type, ArithmeticOperators::remainder);
        d.op("&", type, type, type, (Long a, Long b) -> a & b);
        d.op("|", type, type, type, (Long a, Long b) -> a | b);
        d.op("#", type, type, type, (Long a, Long b) -> a ^ b);
        d.op("<<", type, INT4, type, (Long a, Long n) -> shiftLeft(a, n, type));
        d.op(">>", type, INT4, type, (Long a, Long n) -> shiftRight(a, n, type));
        d.prefix("~", type, type, (Long a) -> ~a);
        d.prefix("-", type, type, (Long a) -> subtract(0L, a, type));
        d.prefix("+", type, type, (Long a) -> a);
        d.prefix("@", type, type, (Long a) -> a < 0 ? subtract(0L, a, type) : a);
    }

    private static void numeric(Definitions d) {
        d.op("+", NUMERIC, NUMERIC, NUMERIC, NumericMath::add);
        d.op("-", NUMERIC, NUMERIC, NUMERIC, NumericMath::subtract);
        d.op("*", NUMERIC, NUMERIC, NUMERIC, NumericMath::multiply);
        d.op("/", NUMERIC, NUMERIC, NUMERIC, NumericMath::divide);
        d.op("%", NUMERIC, NUMERIC, NUMERIC, NumericMath::remainder);
        d.prefix("-", NUMERIC, NUMERIC, NumericMath::negate);
        d.prefix("+", NUMERIC, NUMERIC, (Numeric a) -> a);
        d.prefix("@", NUMERIC, NUMERIC, NumericMath::abs);
    }

    private static void floats(Definitions d) {
        d.op("+", FLOAT4, FLOAT4, FLOAT4, (Float a, Float b) -> check(a + b, a, b));
        d.op("-", FLOAT4, FLOAT4, FLOAT4, (Float a, Float b) -> check(a - b, a, b));
        d.op("*", FLOAT4, FLOAT4, FLOAT4, (Float a, Float b) -> product(a * b, a, b));
        d.op("/", FLOAT4, FLOAT4, FLOAT4, (Float a, Float b) -> quotient(a, b));
        d.prefix("-", FLOAT4, FLOAT4, (Float a) -> -a);
        d.prefix("+", FLOAT4, FLOAT4, (Float a) -> a);
        d.prefix("@", FLOAT4, FLOAT4, (Float a) -> Math.abs(a));
        for (SqlType left : List.of(FLOAT4, FLOAT8)) {
            for (SqlType right : List.of(FLOAT4, FLOAT8)) {
                if (!left.equals(right) || left.equals(FLOAT8)) {
                    doubles(d, left, right);
                }
            }
        }
        d.prefix("-", FLOAT8, FLOAT8, (Double a) -> -a);
        d.prefix("+", FLOAT8, FLOAT8, (Double a) -> a);
        d.prefix("@", FLOAT8, FLOAT8, (Double a) -> Math.abs(a));
    }

    private static void doubles(Definitions d, SqlType left, SqlType right) {
        d.op(
                "+",
                left,
                right,
                FLOAT8,
                (Number a, Number b) -> add(a.doubleValue(), b.doubleValue()));
        d.op(
                "-",
                left,
                right,
                FLOAT8,
                (Number a, Number b) -> add(a.doubleValue(), -b.doubleValue()));
        d.op(
                "*",
                left,
                right,
                FLOAT8,
                (Number a, Number b) -> multiply(a.doubleValue(), b.doubleValue()));
        d.op(
                "/",
                left,
                right,
                FLOAT8,
                (Number a, Number b) -> divide(a.doubleValue(), b.doubleValue()));
    }

    static Long inRange(long value, SqlType type) {
        boolean fits =
                switch (type.length()) {
                    case 2 -> value == (short) value;
                    case 4 -> value == (int) value;
                    default -> true;
                };
        if (!fits) {
            throw SqlErrors.outOfRange(type);
        }
        return value;
    }

    static Long add(long a, long b, SqlType result) {
        long sum = a + b;
        if (((a ^ sum) & (b ^ sum)) < 0) {
            throw SqlErrors.outOfRange(result);
        }
        return inRange(sum, result);
    }

    static Long subtract(long a, long b, SqlType result) {
        long difference = a - b;
        if (((a ^ b) & (a ^ difference)) < 0) {
            throw SqlErrors.outOfRange(result);
        }
        return inRange(difference, result);
    }

    static Long multiply(long a, long b, SqlType result) {
        long product = a * b;
        if (Math.multiplyHigh(a, b) != product >> 63) {
            throw SqlErrors.outOfRange(result);
        }
        return inRange(product, result);
    }

    static Long divide(long a, long b, SqlType result) {
        if (b == 0) {
            throw SqlErrors.divisionByZero();
        }
        if (a == Long.MIN_VALUE && b == -1) {
            throw SqlErrors.outOfRange(result);
        }
        return inRange(a / b, result);
    }

    static Long remainder(Long a, Long b) {
        if (b == 0) {
            throw SqlErrors.divisionByZero();
        }
        return a % b;
    }

    private static Long shiftLeft(long a, long n, SqlType type) {
        // As the processor shifts: the distance modulo the width (32 for int2 too).
        return switch (type.length()) {
            case 2 -> (long) (short) ((int) a << n);
            case 4 -> (long) ((int) a << n);
            default -> a << n;
        };
    }

    private static Long shiftRight(long a, long n, SqlType type) {
        return type.length() == 8 ? a >> n : (long) ((int) a >> n);
    }

    private static Float check(float result, float a, float b) {
        if (Float.isInfinite(result) && !Float.isInfinite(a) && !Float.isInfinite(b)) {
            throw SqlErrors.overflow();
        }
        return result;
    }

    private static Float product(float result, float a, float b) {
        if (result == 0 && a != 0 && b != 0) {
            throw SqlErrors.underflow();
        }
        return check(result, a, b);
    }

    private static Float quotient(float a, float b) {
        if (b == 0 && !Float.isNaN(a)) {
            throw SqlErrors.divisionByZero();
        }
        float result = a / b;
        if (Float.isInfinite(result) && !Float.isInfinite(a)) {
            throw SqlErrors.overflow();
        }
        if (result == 0 && a != 0 && !Float.isInfinite(b)) {
            throw SqlErrors.underflow();
        }
        return result;
    }

    static Double add(double a, double b) {
        double result = a + b;
        if (Double.isInfinite(result) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
            throw SqlErrors.overflow();
        }
        return result;
    }

    static Double multiply(double a, double b) {
        double result = a * b;
        if (Double.isInfinite(result) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
            throw SqlErrors.overflow();
        }
        if (result == 0 && a != 0 && b != 0) {
            throw SqlErrors.underflow();
        }
        return result;
    }

    static Double divide(double a, double b) {
        if (b == 0 && !Double.isNaN(a)) {
            throw SqlErrors.divisionByZero();
        }
        double result = a / b;
        if (Double.isInfinite(result) && !Double.isInfinite(a)) {
            throw SqlErrors.overflow();
        }
        if (result == 0 && a != 0 && !Double.isInfinite(b)) {
            throw SqlErrors.underflow();
        }
        return result;
    }
}
