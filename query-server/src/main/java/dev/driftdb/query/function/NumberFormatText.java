package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Numeric;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Template patterns of to_char and to_number for numbers: 9 0 . , D G S MI PR FM. The others of the
 * manual's table (L, V, RN, EEEE, TH, PL, SG, C) answer 0A000.
 */
final class NumberFormatText {
    private record Template(
            String picture,
            boolean fill,
            boolean leadingSign,
            boolean trailingSign,
            boolean minus,
            boolean brackets) {}

    private NumberFormatText() {}

    private static Template parse(String source) {
        StringBuilder picture = new StringBuilder();
        boolean fill = true;
        boolean leading = false;
        boolean trailing = false;
        boolean minus = false;
        boolean brackets = false;
        for (int i = 0; i < source.length(); i++) {
            String rest = source.substring(i).toUpperCase(java.util.Locale.ROOT);
            if (rest.startsWith("FM")) {
                fill = false;
                i++;
            } else if (rest.startsWith("MI")) {
                minus = true;
                i++;
            } else if (rest.startsWith("PR")) {
                brackets = true;
                i++;
            } else if (rest.startsWith("S") && !rest.startsWith("SG")) {
                leading |= picture.isEmpty();
                trailing |= !picture.isEmpty();
            } else {
                char c = rest.charAt(0);
                switch (c) {
                    case '9', '0', ',', '.' -> picture.append(c);
                    case 'D' -> picture.append('.');
                    case 'G' -> picture.append(',');
                    default ->
                            throw SqlException.notSupported(
                                    "number format pattern \"" + source.substring(i) + "\"");
                }
            }
        }
        if (picture.indexOf(".") != picture.lastIndexOf(".")) {
            throw new SqlException(SqlState.SYNTAX_ERROR, "multiple decimal points");
        }
        return new Template(picture.toString(), fill, leading, trailing, minus, brackets);
    }

    static String format(Numeric value, String source) {
        Template template = parse(source);
        int point = template.picture.indexOf('.');
        String whole = point < 0 ? template.picture : template.picture.substring(0, point);
        String part = point < 0 ? "" : template.picture.substring(point + 1).replace(",", "");
        BigDecimal number =
                value.isFinite()
                        ? value.decimal().setScale(part.length(), RoundingMode.HALF_UP)
                        : BigDecimal.ZERO;
        boolean negative = number.signum() < 0;
        String plain = number.abs().toPlainString();
        int dot = plain.indexOf('.');
        String digits = dot < 0 ? plain : plain.substring(0, dot);
        String decimals = dot < 0 ? "" : plain.substring(dot + 1);
        long places = whole.chars().filter(c -> c != ',').count();
        if (digits.equals("0")
                && !part.isEmpty()
                && (template.fill || number.signum() != 0 || part.indexOf('0') >= 0)) {
            // Before a point, a lone 9 shows no zero.
            digits = "";
        }
        boolean overflow = digits.length() > places || !value.isFinite();
        String body =
                integer(whole, digits, overflow) + fraction(template, part, decimals, overflow);
        return sign(template, body, negative);
    }

    private static String integer(String picture, String digits, boolean overflow) {
        int places = (int) picture.chars().filter(c -> c != ',').count();
        int firstZero = picture.replace(",", "").indexOf('0');
        StringBuilder out = new StringBuilder();
        int place = 0;
        boolean started = false;
        for (int i = 0; i < picture.length(); i++) {
            char c = picture.charAt(i);
            if (c == ',') {
                out.append(started ? ',' : ' ');
                continue;
            }
            int index = digits.length() - (places - place);
            started |= index >= 0 || (firstZero >= 0 && place >= firstZero);
            out.append(
                    !started && !overflow
                            ? ' '
                            : overflow ? '#' : index >= 0 ? digits.charAt(index) : '0');
            place++;
        }
        return out.toString();
    }

    private static String fraction(
            Template template, String picture, String decimals, boolean overflow) {
        if (template.picture.indexOf('.') < 0) {
            return "";
        }
        String digits = overflow ? "#".repeat(picture.length()) : decimals;
        if (!template.fill) {
            // Without fill, zeros at the end show only where the picture has a 0.
            int keep = picture.lastIndexOf('0') + 1;
            int end = digits.length();
            while (end > keep && digits.charAt(end - 1) == '0') {
                end--;
            }
            digits = digits.substring(0, end);
        }
        return "." + digits;
    }

    private static String sign(Template template, String body, boolean negative) {
        int blanks = 0;
        while (blanks < body.length() && body.charAt(blanks) == ' ') {
            blanks++;
        }
        String lead = template.fill ? body.substring(0, blanks) : "";
        String text = body.substring(blanks);
        if (template.brackets) {
            return negative
                    ? lead + "<" + text + ">"
                    : template.fill ? lead + " " + text + " " : text;
        }
        if (template.trailingSign) {
            return lead + text + (negative ? "-" : "+");
        }
        if (template.minus) {
            return lead + text + (negative ? "-" : template.fill ? " " : "");
        }
        if (template.leadingSign) {
            return lead + (negative ? "-" : "+") + text;
        }
        return lead + (negative ? "-" : template.fill ? " " : "") + text;
    }

    /** Reads the digits; what else stands in the text is separators, currency and sign. */
    static Numeric parse(String text, String source) {
        Template template = parse(source);
        StringBuilder digits = new StringBuilder();
        boolean negative = text.contains("-") || (template.brackets && text.contains("<"));
        boolean point = false;
        int decimals =
                template.picture.indexOf('.') < 0
                        ? 0
                        : template.picture.length() - template.picture.indexOf('.') - 1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                if (point || decimals == 0) {
                    break;
                }
                point = true;
                digits.append(c);
            } else if (c >= '0' && c <= '9') {
                digits.append(c);
            }
        }
        if (digits.isEmpty() || digits.toString().equals(".")) {
            throw new SqlException(
                    SqlState.INVALID_TEXT_REPRESENTATION,
                    "invalid input syntax for type numeric: \"" + text + "\"");
        }
        BigDecimal value = new BigDecimal(digits.toString());
        return Numeric.of(negative ? value.negate() : value);
    }
}
