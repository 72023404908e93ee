package dev.driftdb.query.function;

import dev.driftdb.query.function.DateTemplate.Kind;
import dev.driftdb.query.function.DateTemplate.Node;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads text by a template: the fields that were found, not yet put together. The rules for blanks,
 * separators and widths are those of PostgreSQL's to_timestamp.
 */
final class DateInput {
    private static final int NUMBER_LENGTH_MAX = 15;

    private static final Set<String> ISO_PATTERNS =
            Set.of("ID", "IDDD", "IW", "IYYY", "IYY", "IY", "I");
    private static final Set<String> GREGORIAN_PATTERNS =
            Set.of(
                    "D", "DDD", "DD", "MM", "MONTH", "MON", "RM", "WW", "W", "Y,YYY", "YYYY", "YYY",
                    "YY", "Y");

    private final String text;
    private final List<Node> nodes;

    /** As the SQL standard has it: separators must be the same, nothing may be left. */
    private final boolean strict;

    private int at;
    private int extraSkip;

    private @Nullable Boolean isoDates;
    boolean clock12;
    int pm;
    int hour;
    int minute;
    int second;
    int secondsOfDay;
    int dayOfWeek;
    int day;
    int dayOfYear;
    int month;
    int millis;
    int micros;

    /** Digits of the FF pattern, 0 without one. */
    int precision;

    int year;
    int yearDigits;
    int bc;
    int week;
    int weekOfMonth;
    int century;
    int julian;

    /** 0: no zone was given. */
    int zoneSign;

    int zoneHour;
    int zoneMinute;

    private DateInput(String text, List<Node> nodes, boolean strict) {
        this.text = text;
        this.nodes = nodes;
        this.strict = strict;
    }

    /**
     * @throws SqlException 22007, 22008, 0A000 as PostgreSQL
     */
    static DateInput read(String text, List<Node> nodes, boolean strict) {
        DateInput fields = new DateInput(text, nodes, strict);
        fields.readAll();
        return fields;
    }

    boolean isIso() {
        return Boolean.TRUE.equals(isoDates);
    }

    private void readAll() {
        boolean fixed = strict;
        int i = 0;
        for (; i < nodes.size() && at < text.length(); i++) {
            Node node = nodes.get(i);
            boolean pattern = node.kind() == Kind.PATTERN;
            if (!fixed && (pattern || i == 0) && !node.pattern().equals("FX")) {
                skipSpace(true);
            }
            if (!pattern) {
                between(node, fixed);
                continue;
            }
            setMode(node);
            if (node.pattern().equals("FX")) {
                fixed = true;
            } else {
                field(node, i);
            }
            if (!fixed) {
                extraSkip = 0;
                skipSpace(true);
            }
        }
        if (strict) {
            if (i < nodes.size()) {
                throw invalid("input string is too short for datetime format");
            }
            skipSpace(false);
            if (at < text.length()) {
                throw invalid("trailing characters remain in input string after datetime format");
            }
        }
    }

    private void skipSpace(boolean count) {
        while (at < text.length() && DateTemplate.isSpace(text.charAt(at))) {
            at++;
            extraSkip += count ? 1 : 0;
        }
    }

    private static SqlException invalid(String message) {
        return new SqlException(SqlState.INVALID_DATETIME_FORMAT, message);
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    /** A separator, blank or literal character of the template. */
    private void between(Node node, boolean fixed) {
        boolean separates = node.kind() != Kind.TEXT;
        if (strict) {
            if (!text.startsWith(node.text(), at)) {
                throw invalid(
                        "unmatched format "
                                + (separates ? "separator" : "character")
                                + " \""
                                + node.text()
                                + "\"");
            }
            at += node.text().length();
        } else if (fixed) {
            at = text.offsetByCodePoints(at, 1);
        } else if (separates) {
            extraSkip--;
            if (DateTemplate.isSpace(peek()) || DateTemplate.isSeparator(peek())) {
                at++;
                extraSkip++;
            }
        } else if (extraSkip > 0) {
            extraSkip--;
        } else {
            at = text.offsetByCodePoints(at, 1);
        }
    }

    private void setMode(Node node) {
        boolean iso = ISO_PATTERNS.contains(node.pattern());
        if (!iso && !GREGORIAN_PATTERNS.contains(node.pattern())) {
            return;
        }
        if (isoDates != null && isoDates != iso) {
            throw invalid("invalid combination of date conventions")
                    .withHint(
                            "Do not mix Gregorian and ISO week date conventions in a formatting"
                                    + " template.");
        }
        isoDates = iso;
    }

    private void field(Node node, int index) {
        switch (node.pattern()) {
            case "A.M.", "P.M." ->
                    pm = meridiem(node, search(node, List.of("a.m.", "p.m.", "A.M.", "P.M.")));
            case "AM", "PM" -> pm = meridiem(node, search(node, List.of("am", "pm", "AM", "PM")));
            case "HH", "HH12" -> {
                hour = set(hour, integer(node, index, 2), node);
                clock12 = true;
            }
            case "HH24" -> hour = set(hour, integer(node, index, 2), node);
            case "MI" -> minute = set(minute, integer(node, index, 2), node);
            case "SS" -> second = set(second, integer(node, index, 2), node);
            case "MS" -> {
                int start = at;
                millis = set(millis, integer(node, index, 3), node);
                millis *= scale(3, at - start);
            }
            case "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6" -> {
                int width = 6;
                if (node.pattern().startsWith("FF")) {
                    width = node.pattern().charAt(2) - '0';
                    precision = width;
                }
                int start = at;
                micros = set(micros, integer(node, index, width), node);
                micros *= scale(6, at - start);
            }
            case "SSSS", "SSSSS" -> secondsOfDay = set(secondsOfDay, integer(node, index), node);
            case "TZ", "OF" ->
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "formatting field \""
                                    + node.name()
                                    + "\" is only supported in to_char");
            case "TZH" -> {
                if (peek() == '+' || peek() == '-' || peek() == ' ') {
                    zoneSign = peek() == '-' ? -1 : 1;
                    at++;
                } else {
                    // The sign may have been skipped as a separator.
                    zoneSign = extraSkip > 0 && text.charAt(at - 1) == '-' ? -1 : 1;
                }
                zoneHour = set(zoneHour, integer(node, index, 2), node);
            }
            case "TZM" -> {
                zoneSign = zoneSign == 0 ? 1 : zoneSign;
                zoneMinute = set(zoneMinute, integer(node, index, 2), node);
            }
            case "A.D.", "B.C." ->
                    bc = set(bc, search(node, List.of("a.d.", "b.c.", "A.D.", "B.C.")) % 2, node);
            case "AD", "BC" ->
                    bc = set(bc, search(node, List.of("ad", "bc", "AD", "BC")) % 2, node);
            case "MONTH" -> month = set(month, search(node, DateFormatText.MONTHS) + 1, node);
            case "MON" ->
                    month = set(month, search(node, shortened(DateFormatText.MONTHS)) + 1, node);
            case "MM" -> month = set(month, integer(node, index), node);
            case "DAY" -> dayOfWeek = set(dayOfWeek, search(node, DateFormatText.DAYS), node) + 1;
            case "DY" ->
                    dayOfWeek =
                            set(dayOfWeek, search(node, shortened(DateFormatText.DAYS)), node) + 1;
            case "DDD" -> dayOfYear = set(dayOfYear, integer(node, index), node);
            case "IDDD" -> dayOfYear = set(dayOfYear, integer(node, index, 3), node);
            case "DD" -> day = set(day, integer(node, index), node);
            case "D" -> dayOfWeek = set(dayOfWeek, integer(node, index), node);
            case "ID" -> {
                // Sunday is 1 from here on.
                dayOfWeek = set(dayOfWeek, integer(node, index, 1), node) + 1;
                dayOfWeek = dayOfWeek > 7 ? 1 : dayOfWeek;
            }
            case "WW", "IW" -> week = set(week, integer(node, index), node);
            case "Q" -> integer(node, index);
            case "CC" -> century = set(century, integer(node, index), node);
            case "Y,YYY" -> thousands(node);
            case "YYYY", "IYYY" -> {
                year = set(year, integer(node, index), node);
                yearDigits = 4;
            }
            case "YYY", "IYY" -> shortYear(node, index, 3);
            case "YY", "IY" -> shortYear(node, index, 2);
            case "Y", "I" -> shortYear(node, index, 1);
            case "RM" ->
                    month =
                            set(
                                    month,
                                    DateFormatText.ROMAN.size()
                                            - search(node, DateFormatText.ROMAN),
                                    node);
            case "W" -> weekOfMonth = set(weekOfMonth, integer(node, index), node);
            case "J" -> julian = set(julian, integer(node, index), node);
            default -> throw new IllegalStateException("no pattern " + node.pattern());
        }
        if (!node.ordinal().isEmpty() && takesOrdinal(node.pattern())) {
            // The letters of th are not looked at.
            at = Math.min(text.length(), at + 2);
        }
    }

    private static boolean takesOrdinal(String pattern) {
        return switch (pattern) {
            case "A.M.",
                    "P.M.",
                    "AM",
                    "PM",
                    "A.D.",
                    "B.C.",
                    "AD",
                    "BC",
                    "MONTH",
                    "MON",
                    "DAY",
                    "DY",
                    "RM",
                    "TZH",
                    "TZM",
                    "ID" ->
                    false;
            default -> true;
        };
    }

    private int meridiem(Node node, int found) {
        clock12 = true;
        return set(pm, found % 2, node);
    }

    private static int scale(int digits, int found) {
        int factor = 1;
        for (int i = found; i < digits; i++) {
            factor *= 10;
        }
        return factor;
    }

    private static List<String> shortened(List<String> names) {
        UnaryOperator<String> three = name -> name.substring(0, 3);
        return names.stream().map(three).toList();
    }

    private int search(Node node, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (text.regionMatches(true, at, name, 0, name.length())) {
                at += name.length();
                return i;
            }
        }
        int end = at;
        while (end < text.length() && !DateTemplate.isSpace(text.charAt(end))) {
            end++;
        }
        throw wrongValue(text.substring(at, end), node)
                .withDetail(
                        "The given value did not match any of the allowed values for this field.");
    }

    private static SqlException wrongValue(String value, Node node) {
        return invalid("invalid value \"" + value + "\" for \"" + node.name() + "\"");
    }

    private static int set(int before, int value, Node node) {
        if (before != 0 && before != value) {
            throw invalid(
                            "conflicting values for \""
                                    + node.name()
                                    + "\" field in formatting string")
                    .withDetail(
                            "This value contradicts a previous setting for the same field type.");
        }
        return value;
    }

    private int integer(Node node, int index) {
        return integer(node, index, node.name().length());
    }

    private boolean nonDigitFollows(Node node, int index) {
        return !node.ordinal().isEmpty()
                || index + 1 >= nodes.size()
                || !nodes.get(index + 1).isDigits();
    }

    private int integer(Node node, int index, int width) {
        int start = at;
        int from = at;
        while (from < text.length() && DateTemplate.isSpace(text.charAt(from))) {
            from++;
        }
        int left = text.length() - from;
        String field = text.substring(from, from + Math.min(width, left));
        int end;
        if (node.plain() || nonDigitFollows(node, index)) {
            end = numberEnd(from, text.length());
            at = end == from ? start : end;
        } else {
            if (left < width) {
                throw invalid(
                                "source string too short for \""
                                        + node.name()
                                        + "\" formatting field")
                        .withDetail(
                                "Field requires "
                                        + width
                                        + " characters, but only "
                                        + left
                                        + " remain.")
                        .withHint(fillModeHint());
            }
            end = numberEnd(from, from + width);
            int used = end - from;
            if (used > 0 && used < width) {
                throw wrongValue(field, node)
                        .withDetail(
                                "Field requires "
                                        + width
                                        + " characters, but only "
                                        + used
                                        + " could be parsed.")
                        .withHint(fillModeHint());
            }
            at = end;
        }
        if (at == start) {
            throw wrongValue(field, node).withDetail("Value must be an integer.");
        }
        return value(node, from, end);
    }

    private static String fillModeHint() {
        return "If your source string is not fixed-width, try using the \"FM\" modifier.";
    }

    private int value(Node node, int from, int end) {
        if (end == from) {
            return 0;
        }
        String digits = text.substring(from, Math.min(end, from + NUMBER_LENGTH_MAX));
        long value = Long.parseLong(digits);
        if (end - from > NUMBER_LENGTH_MAX || value != (int) value) {
            throw new SqlException(
                            SqlState.DATETIME_FIELD_OVERFLOW,
                            "value for \"" + node.name() + "\" in source string is out of range")
                    .withDetail(
                            "Value must be in the range "
                                    + Integer.MIN_VALUE
                                    + " to "
                                    + Integer.MAX_VALUE
                                    + ".");
        }
        return (int) value;
    }

    private int numberEnd(int from, int limit) {
        int i = from;
        if (i < limit && (text.charAt(i) == '-' || text.charAt(i) == '+')) {
            i++;
        }
        int digits = i;
        while (i < limit && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            i++;
        }
        return i == digits ? from : i;
    }

    private void shortYear(Node node, int index, int width) {
        int start = at;
        int value = integer(node, index);
        year = set(year, value, node);
        if (at - start < 4) {
            // The year nearest to 2020.
            year +=
                    value < 70
                            ? 2000
                            : value < 100 ? 1900 : value < 520 ? 2000 : value < 1000 ? 1000 : 0;
        }
        yearDigits = width;
    }

    private void thousands(Node node) {
        int end = numberEnd(at, text.length());
        int comma = end;
        int last = comma + 1;
        while (last < text.length() && last < comma + 4 && Character.isDigit(text.charAt(last))) {
            last++;
        }
        if (end == at || comma >= text.length() || text.charAt(comma) != ',' || last == comma + 1) {
            throw invalid("invalid input string for \"Y,YYY\"");
        }
        int value = value(node, at, end) * 1000 + Integer.parseInt(text.substring(comma + 1, last));
        year = set(year, value, node);
        yearDigits = 4;
        at = last;
    }
}
