package dev.driftdb.query.function;

import dev.driftdb.query.function.NumberTemplate.Node;
import dev.driftdb.query.function.NumberTemplate.Pattern;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * to_char of numbers: puts the digits of a number into a {@link NumberTemplate}. The locale is C: a
 * point, a comma for groups, a blank for the currency. Used once; not for several threads.
 */
final class NumberFormatText {
    /** Decimal digits that float4 and float8 are sure to have. */
    static final int FLOAT4_DIGITS = 6;

    static final int FLOAT8_DIGITS = 15;

    private static final int ROMAN_MAX = 3999;
    private static final int ROMAN_WIDTH = 15;
    private static final String[] ROMAN = {
        "M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"
    };
    private static final int[] ROMAN_VALUES = {
        1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1
    };

    private final NumberTemplate template;
    private final StringBuilder out = new StringBuilder();
    private final boolean negative;

    /** Digits with a point; after them comes nothing, which ends the answer. */
    private final String digits;

    /** Places of the template left of the number's first digit. */
    private final int leading;

    /** The last digit that FM leaves; -1 if all stay. */
    private final int lastRelevant;

    private boolean brackets;
    private boolean signBefore;
    private boolean signWritten;
    private int at;
    private int place;
    private boolean inNumber;
    private int lastPlace;

    private NumberFormatText(NumberTemplate template, String number) {
        this.template = template;
        negative = number.startsWith("-");
        String plain = negative ? number.substring(1) : number;
        int whole = plain.indexOf('.') < 0 ? plain.length() : plain.indexOf('.');
        int places = template.pre + template.shifted;
        leading = Math.max(0, places - whole);
        digits = whole > places ? "#".repeat(places) + "." + "#".repeat(template.post) : plain;
        lastRelevant = template.fill && template.point ? lastRelevant() : -1;
        brackets = template.brackets;
        signBefore = template.placesBeforeSign >= 0;
        if (template.plus || template.minus) {
            signWritten = template.minus;
        } else {
            if (!negative && template.fill) {
                brackets = false;
            }
            signWritten = !negative && template.fill && !template.anchoredSign;
            if (signBefore && places == template.placesBeforeSign) {
                signBefore = false;
            }
        }
        lastPlace = template.post + places - 1 + (!signWritten && leading == 0 ? 1 : 0);
        lastPlace += (leading > 0 ? 1 : 0) + (template.point ? 1 : 0);
    }

    private int lastRelevant() {
        int point = digits.indexOf('.');
        if (point < 0) {
            return -1;
        }
        int last = point;
        for (int i = point + 1; i < digits.length(); i++) {
            if (digits.charAt(i) != '0') {
                last = i;
            }
        }
        if (template.zeroEnd > leading) {
            last = Math.max(last, Math.min(digits.length() - 1, template.zeroEnd - leading));
        }
        return last;
    }

    static String format(Numeric value, String source) {
        NumberTemplate template = NumberTemplate.parse(source);
        if (template.roman) {
            return roman(template, Casts.toInteger(value, Types.INT4));
        }
        if (template.exponent) {
            return value.isFinite()
                    ? scientific(value.decimal(), template.post)
                    : unknown(template);
        }
        if (!value.isFinite()) {
            return new NumberFormatText(template, value.toString()).format();
        }
        BigDecimal number =
                value.decimal()
                        .scaleByPowerOfTen(template.shifted)
                        .setScale(template.post, RoundingMode.HALF_UP);
        return new NumberFormatText(template, number.toPlainString()).format();
    }

    static String format(long value, String source, SqlType type) {
        NumberTemplate template = NumberTemplate.parse(source);
        if (template.roman) {
            return roman(template, ArithmeticOperators.inRange(value, Types.INT4));
        }
        BigDecimal number = BigDecimal.valueOf(value);
        if (template.exponent) {
            return scientific(number, template.post);
        }
        long shifted = value;
        for (int i = 0; i < template.shifted; i++) {
            shifted = ArithmeticOperators.multiply(shifted, 10, type);
        }
        String text = BigDecimal.valueOf(shifted).setScale(template.post).toPlainString();
        return new NumberFormatText(template, text).format();
    }

    /**
     * @param significant digits that the type is sure to have: no more are shown
     */
    static String format(double value, String source, int significant) {
        NumberTemplate template = NumberTemplate.parse(source);
        boolean finite = !Double.isNaN(value) && !Double.isInfinite(value);
        if (template.roman) {
            double rounded = Math.rint(value);
            return roman(template, finite ? (long) Math.clamp(rounded, 0d, 4000d) : 0);
        }
        if (template.exponent) {
            return finite
                    ? scientific(new BigDecimal(value), template.post, RoundingMode.HALF_EVEN)
                    : unknown(template);
        }
        if (!finite) {
            String name = Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
            return new NumberFormatText(template, name).format();
        }
        double shifted = value * Math.pow(10, template.shifted);
        BigDecimal exact = new BigDecimal(shifted);
        int whole = exact.abs().setScale(0, RoundingMode.HALF_EVEN).toPlainString().length();
        int room = Math.max(0, significant - whole);
        template.post = Math.min(template.post, room);
        String text = exact.setScale(template.post, RoundingMode.HALF_EVEN).toPlainString();
        boolean minus = Math.signum(shifted) < 0 || 1 / shifted < 0;
        return new NumberFormatText(template, minus && !text.startsWith("-") ? "-" + text : text)
                .format();
    }

    private static String scientific(BigDecimal value, int decimals) {
        return scientific(value, decimals, RoundingMode.HALF_UP);
    }

    private static String scientific(BigDecimal value, int decimals, RoundingMode mode) {
        BigDecimal significand = value.abs();
        int exponent = 0;
        if (value.signum() != 0) {
            significand = significand.round(new java.math.MathContext(decimals + 1, mode));
            exponent = significand.precision() - significand.scale() - 1;
            significand = significand.scaleByPowerOfTen(-exponent);
        }
        return (value.signum() < 0 ? "-" : " ")
                + significand.setScale(decimals, mode).toPlainString()
                + (exponent < 0 ? "e-" : "e+")
                + (Math.abs(exponent) < 10 ? "0" : "")
                + Math.abs(exponent);
    }

    /** NaN and the infinities have no exponent to show. */
    private static String unknown(NumberTemplate template) {
        return " " + "#".repeat(template.pre) + "." + "#".repeat(Math.max(0, template.post + 4));
    }

    private static String roman(NumberTemplate template, long value) {
        StringBuilder numeral = new StringBuilder();
        if (value < 1 || value > ROMAN_MAX) {
            numeral.append("#".repeat(ROMAN_WIDTH));
        } else {
            int rest = (int) value;
            for (int i = 0; i < ROMAN.length; i++) {
                for (; rest >= ROMAN_VALUES[i]; rest -= ROMAN_VALUES[i]) {
                    numeral.append(ROMAN[i]);
                }
            }
        }
        StringBuilder result = new StringBuilder();
        for (Node node : template.nodes) {
            if (node.pattern() == null) {
                result.append(node.text());
            } else if (node.pattern() == Pattern.ROMAN) {
                String text = numeral.toString();
                if (!template.fill) {
                    text = " ".repeat(Math.max(0, ROMAN_WIDTH - text.length())) + text;
                }
                result.append(node.text().equals("rn") ? text.toLowerCase(Locale.ROOT) : text);
            }
        }
        return result.toString();
    }

    private String format() {
        for (Node node : template.nodes) {
            if (node.pattern() == null) {
                out.append(node.text());
            } else {
                write(node.pattern(), node.text());
            }
        }
        // Where the digits ran out before the template did, the answer ends.
        int end = out.indexOf("\0");
        return end < 0 ? out.toString() : out.substring(0, end);
    }

    private void write(Pattern pattern, String written) {
        switch (pattern) {
            case NINE, ZERO, POINT, DECIMAL -> digit(pattern);
            case COMMA, GROUP -> {
                if (inNumber) {
                    out.append(',');
                } else {
                    blankUnlessFilled();
                }
            }
            case CURRENCY -> out.append(' ');
            case ORDINAL -> {
                if (!negative && !template.point && !digits.startsWith("#")) {
                    String ending = ordinal();
                    out.append(written.equals("th") ? ending : ending.toUpperCase(Locale.ROOT));
                }
            }
            case MINUS -> {
                if (negative) {
                    out.append('-');
                } else {
                    blankUnlessFilled();
                }
            }
            case PLUS -> {
                if (negative) {
                    blankUnlessFilled();
                } else {
                    out.append('+');
                }
            }
            case SIGN -> out.append(negative ? '-' : '+');
            case BLANK,
                    CURRENCY_CODE,
                    EXPONENT,
                    FILL,
                    BRACKETS,
                    ROMAN,
                    SPELLED,
                    ANCHORED_SIGN,
                    SHIFT -> {
                // Said what they have to say when the template was read.
            }
        }
    }

    private void blankUnlessFilled() {
        if (!template.fill) {
            out.append(' ');
        }
    }

    private String ordinal() {
        char last = digits.charAt(digits.length() - 1);
        if (last < '0' || last > '9') {
            throw new SqlException(
                    SqlState.INVALID_TEXT_REPRESENTATION, "\"" + digits + "\" is not a number");
        }
        boolean teen = digits.length() > 1 && digits.charAt(digits.length() - 2) == '1';
        return switch (teen ? '0' : last) {
            case '1' -> "st";
            case '2' -> "nd";
            case '3' -> "rd";
            default -> "th";
        };
    }

    private char current() {
        return at < digits.length() ? digits.charAt(at) : 0;
    }

    /** A lone 0 before the point, where the template has no 0, is not shown. */
    private boolean isHiddenZero() {
        return !template.zero && at == 0 && current() == '0' && template.post != 0;
    }

    private boolean endsAtPoint() {
        return lastRelevant >= 0 && digits.charAt(lastRelevant) == '.';
    }

    private void digit(Pattern pattern) {
        inNumber = false;
        int zeroStart = template.zeroStart - 1;
        boolean started = place >= leading || (template.zero && zeroStart == place);
        if (!signWritten && started && (!isHiddenZero() || endsAtPoint())) {
            leadingSign();
        }
        if (place < leading && !(template.zero && zeroStart <= place)) {
            blankUnlessFilled();
        } else if (place < leading) {
            out.append('0');
            inNumber = true;
        } else {
            digitOrPoint(pattern);
            if (at < digits.length()) {
                at++;
            }
        }
        int last = lastRelevant >= 0 && lastRelevant == at ? place : lastPlace;
        if (place + 1 == last) {
            trailingSign();
        }
        place++;
    }

    private void digitOrPoint(Pattern pattern) {
        char c = current();
        if (c == '.') {
            out.append('.');
        } else if (lastRelevant >= 0 && at > lastRelevant && pattern != Pattern.ZERO) {
            // FM drops zeros at the end.
        } else if (isHiddenZero()) {
            if (!template.fill) {
                out.append(' ');
            } else if (endsAtPoint()) {
                out.append('0');
            }
        } else {
            out.append(c);
            inNumber = true;
        }
    }

    private void leadingSign() {
        if (template.anchoredSign) {
            if (signBefore) {
                out.append(negative ? '-' : '+');
                signWritten = true;
            }
            return;
        }
        if (brackets) {
            out.append(negative ? '<' : ' ');
        } else if (negative) {
            out.append('-');
        } else {
            blankUnlessFilled();
        }
        signWritten = true;
    }

    private void trailingSign() {
        if (signWritten && brackets) {
            out.append(negative ? '>' : ' ');
        } else if (template.anchoredSign && !signBefore) {
            out.append(negative ? '-' : '+');
        }
    }
}
