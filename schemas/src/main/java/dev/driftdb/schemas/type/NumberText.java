package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Text of numbers: integers, numeric, float4 and float8. */
final class NumberText {
    /** PostgreSQL's numeric holds this many digits before and after the decimal point. */
    private static final int INTEGER_DIGITS_MAX = 131_072;

    private static final int SCALE_MAX = 16_383;

    /** From this power of ten on, floats are written with an exponent (%.15g and %.6g). */
    private static final int FLOAT8_PLAIN_DIGITS = 15;

    private static final int FLOAT4_PLAIN_DIGITS = 6;

    private static final Pattern HEXADECIMAL =
            Pattern.compile(
                    "[-+]?0[xX](?:[0-9a-fA-F]+\\.?[0-9a-fA-F]*|\\.[0-9a-fA-F]+)"
                            + "(?:[pP][-+]?[0-9]+)?");

    private static final Pattern UNDERSCORED =
            Pattern.compile(
                    "[-+]?(?:D(?:\\.D?)?|\\.D)(?:[eE][-+]?D)?"
                            .replace("D", "(?:[0-9](?:_?[0-9])*+)"));

    private NumberText() {}

    static Long parseInt(String text, String typeName, long min, long max) {
        String s = text.strip();
        String plain = s;
        int radix = 10;
        if (!isInteger(s)) {
            int start = !s.isEmpty() && (s.charAt(0) == '-' || s.charAt(0) == '+') ? 1 : 0;
            radix = radixAt(s, start);
            int from = radix == 10 ? start : start + 2;
            if (!isDigits(s, from, radix)) {
                throw TextFormat.invalid(typeName, text);
            }
            plain = s.substring(0, start) + s.substring(from).replace("_", "");
        }
        try {
            long value = Long.parseLong(plain, radix);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException _) {
            // Digits only, so it is too large for a long.
        }
        throw outOfRange(text, typeName);
    }

    /** 16, 8 or 2 where 0x, 0o or 0b stands, else 10. */
    private static int radixAt(String s, int start) {
        if (start + 1 >= s.length() || s.charAt(start) != '0') {
            return 10;
        }
        return switch (s.charAt(start + 1)) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 10;
        };
    }

    /** Digits to the end with single underscores between them (after a prefix, also at first). */
    private static boolean isDigits(String s, int from, int radix) {
        boolean underscore = radix == 10;
        boolean digit = false;
        for (int i = from; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '_' && !underscore) {
                underscore = true;
                digit = false;
            } else if (c < 0x80 && Character.digit(c, radix) >= 0) {
                underscore = false;
                digit = true;
            } else {
                return false;
            }
        }
        return digit;
    }

    static SqlException outOfRange(String text, String typeName) {
        return new SqlException(
                SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                "value \"" + text + "\" is out of range for type " + typeName);
    }

    static boolean isInteger(String s) {
        int start = !s.isEmpty() && (s.charAt(0) == '-' || s.charAt(0) == '+') ? 1 : 0;
        if (start == s.length()) {
            return false;
        }
        for (int i = start; i < s.length(); i++) {
            if (s.charAt(i) < '0' || s.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** Whether this is a decimal number with optional sign, point and exponent. */
    static boolean isDecimal(String s) {
        int i = !s.isEmpty() && (s.charAt(0) == '-' || s.charAt(0) == '+') ? 1 : 0;
        int digits = 0;
        boolean point = false;
        for (; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (c == '.' && !point) {
                point = true;
            } else {
                break;
            }
        }
        if (digits == 0) {
            return false;
        }
        return i == s.length()
                || ((s.charAt(i) == 'e' || s.charAt(i) == 'E') && isInteger(s.substring(i + 1)));
    }

    /** 1, -1 or 2 for Infinity, -Infinity, NaN; 0 for anything else. */
    private static int special(String s) {
        return switch (s.toLowerCase(Locale.ROOT)) {
            case "infinity", "+infinity", "inf", "+inf" -> 1;
            case "-infinity", "-inf" -> -1;
            case "nan", "+nan", "-nan" -> 2;
            default -> 0;
        };
    }

    static Numeric parseNumeric(String text) {
        String s = text.strip();
        if (isDecimal(s)) {
            return Numeric.of(parseDecimal(s));
        }
        int start = !s.isEmpty() && (s.charAt(0) == '-' || s.charAt(0) == '+') ? 1 : 0;
        int radix = radixAt(s, start);
        if (radix != 10 && isDigits(s, start + 2, radix)) {
            BigInteger value = new BigInteger(s.substring(start + 2).replace("_", ""), radix);
            return Numeric.of(
                    parseDecimal((s.charAt(0) == '-' ? value.negate() : value).toString()));
        }
        if (s.indexOf('_') > 0 && UNDERSCORED.matcher(s).matches()) {
            return Numeric.of(parseDecimal(s.replace("_", "")));
        }
        return switch (special(s)) {
            case 1 -> Numeric.INFINITY;
            case -1 -> Numeric.NEGATIVE_INFINITY;
            case 2 -> {
                if (s.length() > 3) {
                    throw TextFormat.invalid("numeric", text);
                }
                yield Numeric.NAN;
            }
            default -> throw TextFormat.invalid("numeric", text);
        };
    }

    /** A text that {@link #isDecimal} accepts, with PostgreSQL's bounds. */
    static BigDecimal parseDecimal(String s) {
        BigDecimal value;
        try {
            value = new BigDecimal(s);
        } catch (NumberFormatException _) {
            throw overflow();
        }
        if (value.scale() > SCALE_MAX) {
            throw overflow();
        }
        if (value.signum() == 0) {
            return value.scale() < 0 ? BigDecimal.ZERO : value;
        }
        if ((long) value.precision() - value.scale() > INTEGER_DIGITS_MAX) {
            throw overflow();
        }
        return value;
    }

    private static SqlException overflow() {
        return new SqlException(
                SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format");
    }

    static Double parseFloat8(String text) {
        String s = text.strip();
        if (!isDecimal(s)) {
            if (HEXADECIMAL.matcher(s).matches()) {
                return Double.parseDouble(hexadecimal(s));
            }
            return switch (special(s)) {
                case 1 -> Double.POSITIVE_INFINITY;
                case -1 -> Double.NEGATIVE_INFINITY;
                case 2 -> Double.NaN;
                default -> throw TextFormat.invalid("double precision", text);
            };
        }
        double value = Double.parseDouble(s);
        if (Double.isInfinite(value) || (value == 0 && hasNonZeroDigit(s))) {
            throw new SqlException(
                    SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                    "\"" + s + "\" is out of range for type double precision");
        }
        return value;
    }

    /** strtod reads hexadecimal without the exponent that Java wants. */
    private static String hexadecimal(String s) {
        return s.indexOf('p') < 0 && s.indexOf('P') < 0 ? s + "p0" : s;
    }

    static Float parseFloat4(String text) {
        String s = text.strip();
        if (!isDecimal(s)) {
            if (HEXADECIMAL.matcher(s).matches()) {
                return Float.parseFloat(hexadecimal(s));
            }
            return switch (special(s)) {
                case 1 -> Float.POSITIVE_INFINITY;
                case -1 -> Float.NEGATIVE_INFINITY;
                case 2 -> Float.NaN;
                default -> throw TextFormat.invalid("real", text);
            };
        }
        float value = Float.parseFloat(s);
        if (Float.isInfinite(value) || (value == 0 && hasNonZeroDigit(s))) {
            throw new SqlException(
                    SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                    "\"" + s + "\" is out of range for type real");
        }
        return value;
    }

    private static boolean hasNonZeroDigit(String s) {
        for (int i = 0; i < s.length() && s.charAt(i) != 'e' && s.charAt(i) != 'E'; i++) {
            if (s.charAt(i) >= '1' && s.charAt(i) <= '9') {
                return true;
            }
        }
        return false;
    }

    static String format(double value, int extraFloatDigits) {
        String special = formatSpecial(value);
        if (special != null) {
            return special;
        }
        BigDecimal decimal =
                extraFloatDigits > 0
                        ? shortest(value)
                        : new BigDecimal(value)
                                .round(new MathContext(Math.max(1, 15 + extraFloatDigits)));
        return layout(decimal, FLOAT8_PLAIN_DIGITS, value < 0);
    }

    static String format(float value, int extraFloatDigits) {
        String special = formatSpecial(value);
        if (special != null) {
            return special;
        }
        BigDecimal decimal =
                extraFloatDigits > 0
                        ? shortest(value)
                        : new BigDecimal(value)
                                .round(new MathContext(Math.max(1, 6 + extraFloatDigits)));
        return layout(decimal, FLOAT4_PLAIN_DIGITS, value < 0);
    }

    private static @Nullable String formatSpecial(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "Infinity" : "-Infinity";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        return null;
    }

    /** The fewest digits that read back as the same number. */
    private static BigDecimal shortest(double value) {
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        // Double.toString writes at least two digits even where one would do.
        BigDecimal one = decimal.round(new MathContext(1));
        return decimal.precision() == 2 && one.doubleValue() == value ? one : decimal;
    }

    private static BigDecimal shortest(float value) {
        BigDecimal decimal = new BigDecimal(Float.toString(value)).stripTrailingZeros();
        BigDecimal one = decimal.round(new MathContext(1));
        return decimal.precision() == 2 && one.floatValue() == value ? one : decimal;
    }

    private static String layout(BigDecimal value, int plainDigits, boolean negative) {
        BigDecimal stripped = value.stripTrailingZeros();
        int exponent = stripped.precision() - stripped.scale() - 1;
        if (exponent >= -4 && exponent < plainDigits) {
            return stripped.toPlainString();
        }
        String digits = stripped.unscaledValue().abs().toString();
        StringBuilder out = new StringBuilder(negative ? "-" : "").append(digits.charAt(0));
        if (digits.length() > 1) {
            out.append('.').append(digits, 1, digits.length());
        }
        out.append(exponent < 0 ? "e-" : "e+");
        int magnitude = Math.abs(exponent);
        return out.append(magnitude < 10 ? "0" : "").append(magnitude).toString();
    }
}
