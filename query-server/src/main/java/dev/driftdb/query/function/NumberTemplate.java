package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A template of to_char or to_number for numbers, read into its patterns: PostgreSQL manual, 9.8,
 * "Template Patterns for Numeric Formatting". Immutable once read.
 */
final class NumberTemplate {
    /** One pattern; lower case where the case of the answer follows it. */
    enum Pattern {
        COMMA(","),
        POINT("."),
        ZERO("0"),
        NINE("9"),
        BLANK("B"),
        CURRENCY_CODE("C"),
        DECIMAL("D"),
        EXPONENT("EEEE"),
        FILL("FM"),
        GROUP("G"),
        CURRENCY("L"),
        MINUS("MI"),
        PLUS("PL"),
        BRACKETS("PR"),
        ROMAN("RN"),
        SIGN("SG"),
        SPELLED("SP"),
        ANCHORED_SIGN("S"),
        ORDINAL("TH"),
        SHIFT("V");

        private final String text;

        Pattern(String text) {
            this.text = text;
        }
    }

    /**
     * What stands at one place of the template.
     *
     * @param pattern null for text that is put out as it is
     * @param text the literal character, or the pattern as it was written
     */
    record Node(@Nullable Pattern pattern, String text) {}

    final List<Node> nodes = new ArrayList<>();

    /** Places before and after the decimal point, and after V. */
    int pre;

    int post;
    int shifted;

    /** The place (from 1) of the first 0, none if there is none; the place after the last 0. */
    int zeroStart;

    int zeroEnd;
    boolean zero;
    boolean point;
    boolean fill;
    boolean anchoredSign;

    /** Places before an S in front of the point; -1 if the S stands behind the point. */
    int placesBeforeSign = -1;

    boolean minus;
    boolean plus;
    boolean brackets;
    boolean roman;
    boolean shift;
    boolean exponent;
    private boolean blank;

    private NumberTemplate() {}

    static NumberTemplate parse(String source) {
        NumberTemplate template = new NumberTemplate();
        int i = 0;
        while (i < source.length()) {
            Pattern pattern = patternAt(source, i);
            if (pattern != null) {
                template.add(pattern);
                int end = i + pattern.text.length();
                template.nodes.add(new Node(pattern, source.substring(i, end)));
                i = end;
            } else if (source.charAt(i) == '"') {
                i = template.quoted(source, i + 1);
            } else {
                boolean escaped = source.startsWith("\\\"", i);
                i = template.literal(source, escaped ? i + 1 : i);
            }
        }
        return template;
    }

    private static @Nullable Pattern patternAt(String source, int at) {
        for (Pattern pattern : Pattern.values()) {
            if (source.startsWith(pattern.text, at)
                    || source.startsWith(pattern.text.toLowerCase(java.util.Locale.ROOT), at)) {
                return pattern;
            }
        }
        return null;
    }

    private int quoted(String source, int from) {
        int i = from;
        while (i < source.length()) {
            if (source.charAt(i) == '"') {
                return i + 1;
            }
            if (source.charAt(i) == '\\' && i + 1 < source.length()) {
                i++;
            }
            i = literal(source, i);
        }
        return i;
    }

    private int literal(String source, int at) {
        int end = source.offsetByCodePoints(at, 1);
        nodes.add(new Node(null, source.substring(at, end)));
        return end;
    }

    private static SqlException invalid(String message) {
        return new SqlException(SqlState.SYNTAX_ERROR, message);
    }

    private void add(Pattern pattern) {
        if (exponent && pattern != Pattern.EXPONENT) {
            throw invalid("\"EEEE\" must be the last pattern used");
        }
        switch (pattern) {
            case NINE -> {
                refuseAfterBrackets("9");
                if (shift) {
                    shifted++;
                } else if (point) {
                    post++;
                } else {
                    pre++;
                }
            }
            case ZERO -> {
                refuseAfterBrackets("0");
                if (!zero && !point) {
                    zero = true;
                    zeroStart = pre + 1;
                }
                if (point) {
                    post++;
                } else {
                    pre++;
                }
                zeroEnd = pre + post;
            }
            case BLANK -> blank |= pre == 0 && post == 0 && !zero;
            case DECIMAL, POINT -> {
                if (point) {
                    throw invalid("multiple decimal points");
                }
                refuseShiftAndPoint(shift);
                point = true;
            }
            case FILL -> fill = true;
            case ANCHORED_SIGN -> {
                if (anchoredSign) {
                    throw invalid("cannot use \"S\" twice");
                }
                if (plus || minus || brackets) {
                    throw invalid("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
                }
                anchoredSign = true;
                placesBeforeSign = point ? -1 : pre;
            }
            case MINUS -> {
                refuseWithAnchoredSign("MI");
                minus = true;
            }
            case PLUS -> {
                refuseWithAnchoredSign("PL");
                plus = true;
            }
            case SIGN -> {
                refuseWithAnchoredSign("SG");
                minus = true;
                plus = true;
            }
            case BRACKETS -> {
                if (anchoredSign || plus || minus) {
                    throw invalid("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
                }
                brackets = true;
            }
            case ROMAN -> roman = true;
            case SHIFT -> {
                refuseShiftAndPoint(point);
                shift = true;
            }
            case EXPONENT -> {
                if (exponent) {
                    throw invalid("cannot use \"EEEE\" twice");
                }
                if (blank || fill || anchoredSign || brackets || minus || plus || roman || shift) {
                    throw invalid("\"EEEE\" is incompatible with other formats")
                            .withDetail(
                                    "\"EEEE\" may only be used together with digit and decimal"
                                            + " point patterns.");
                }
                exponent = true;
            }
            case COMMA, CURRENCY_CODE, GROUP, CURRENCY, SPELLED, ORDINAL -> {
                // Nothing to count.
            }
        }
    }

    private void refuseAfterBrackets(String digit) {
        if (brackets) {
            throw invalid("\"" + digit + "\" must be ahead of \"PR\"");
        }
    }

    private void refuseWithAnchoredSign(String pattern) {
        if (anchoredSign) {
            throw invalid("cannot use \"S\" and \"" + pattern + "\" together");
        }
    }

    private static void refuseShiftAndPoint(boolean both) {
        if (both) {
            throw invalid("cannot use \"V\" and decimal point together");
        }
    }
}
