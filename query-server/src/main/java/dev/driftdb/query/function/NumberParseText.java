package dev.driftdb.query.function;

import dev.driftdb.query.function.NumberTemplate.Node;
import dev.driftdb.query.function.NumberTemplate.Pattern;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** to_number: reads the digits that a {@link NumberTemplate} points at. Used once. */
final class NumberParseText {
    private final NumberTemplate template;
    private final String text;
    private final StringBuilder number = new StringBuilder();
    private int at;
    private char sign = ' ';
    private int before;
    private int after;
    private boolean pointRead;
    private boolean inNumber;

    private NumberParseText(NumberTemplate template, String text) {
        this.template = template;
        this.text = text;
    }

    /** Null for an empty template, as PostgreSQL answers it. */
    static @Nullable Numeric parse(String text, String source) {
        if (source.isEmpty()) {
            return null;
        }
        NumberTemplate template = NumberTemplate.parse(source);
        if (template.exponent || template.roman) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "\"" + (template.exponent ? "EEEE" : "RN") + "\" not supported for input");
        }
        return new NumberParseText(template, text).parse();
    }

    private Numeric parse() {
        for (Node node : template.nodes) {
            if (at >= text.length()) {
                break;
            }
            if (node.pattern() == null) {
                // Text of the template stands for one character, whichever.
                at += Character.charCount(text.codePointAt(at));
            } else {
                read(node.pattern());
            }
        }
        if (!number.isEmpty() && number.charAt(number.length() - 1) == '.') {
            number.setLength(number.length() - 1);
        }
        Numeric value =
                (Numeric)
                        TextFormat.parse(
                                Types.NUMERIC, sign + number.toString(), FormatSettings.UTC);
        int precision = template.pre + template.shifted + after;
        Numeric fitted =
                (Numeric)
                        TypeModifiers.apply(
                                Types.NUMERIC, value, (precision << 16 | after) + 4, false);
        return template.shift
                ? NumericMath.multiply(
                        fitted,
                        NumericPowers.power(
                                Numeric.of(10), Numeric.of(BigDecimal.valueOf(-template.shifted))))
                : fitted;
    }

    private boolean isNext(char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    private boolean isDigit(int index) {
        return index < text.length()
                && Character.digit(text.charAt(index), 10) >= 0
                && text.charAt(index) < 0x80;
    }

    private void read(Pattern pattern) {
        switch (pattern) {
            case NINE, ZERO, POINT, DECIMAL -> {
                digit(pattern == Pattern.NINE || pattern == Pattern.ZERO);
                at++;
            }
            case COMMA, GROUP -> {
                if ((inNumber || !template.fill) && isNext(',')) {
                    at++;
                }
            }
            case CURRENCY -> skip(1);
            case ORDINAL -> {
                if (sign != '-' && !template.point) {
                    skip(2);
                }
            }
            case MINUS -> sign("-");
            case PLUS -> sign("+");
            case SIGN -> sign("+-");
            case BLANK,
                    CURRENCY_CODE,
                    EXPONENT,
                    FILL,
                    BRACKETS,
                    ROMAN,
                    SPELLED,
                    ANCHORED_SIGN,
                    SHIFT -> {
                // They read nothing themselves.
            }
        }
    }

    private void sign(String signs) {
        if (signs.indexOf(text.charAt(at)) >= 0) {
            sign = text.charAt(at);
            at++;
        } else {
            skip(1);
        }
    }

    /** Passes over characters that cannot be part of a number. */
    private void skip(int count) {
        for (int i = 0; i < count && at < text.length(); i++) {
            if ("0123456789.,+-".indexOf(text.charAt(at)) >= 0) {
                return;
            }
            at += Character.charCount(text.codePointAt(at));
        }
    }

    /** Reads a digit or the point, and a sign before the first or behind the last of them. */
    private void digit(boolean digitPattern) {
        if (isNext(' ')) {
            at++;
        }
        if (at >= text.length()) {
            return;
        }
        if (sign == ' ' && digitPattern && before + after == 0) {
            firstSign();
        }
        if (at >= text.length()) {
            return;
        }
        boolean read = false;
        if (isDigit(at)) {
            if (pointRead && after == template.post) {
                return;
            }
            number.append(text.charAt(at));
            if (pointRead) {
                after++;
            } else {
                before++;
            }
            read = true;
        } else if (template.point && !pointRead && isNext('.')) {
            number.append('.');
            pointRead = true;
            read = true;
        }
        if (sign == ' ' && before + after > 0) {
            lastSign(read);
        }
    }

    private void firstSign() {
        if (template.anchoredSign && template.placesBeforeSign < 0) {
            plainSign();
        } else if (template.anchoredSign) {
            if (isNext('-') || isNext('+')) {
                sign = text.charAt(at++);
            }
        } else {
            plainSign();
        }
    }

    private void plainSign() {
        if (isNext('-') || (template.brackets && isNext('<'))) {
            sign = '-';
            at++;
        } else if (isNext('+')) {
            sign = '+';
            at++;
        }
    }

    private void lastSign(boolean read) {
        if (template.anchoredSign && read && at + 1 < text.length() && !isDigit(at + 1)) {
            char next = text.charAt(at + 1);
            if (next == '-' || next == '+') {
                sign = next;
                at++;
            }
        } else if (!read && !template.anchoredSign && (template.plus || template.minus)) {
            if (isNext('-') || isNext('+')) {
                sign = text.charAt(at);
            }
        }
    }
}
