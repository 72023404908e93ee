package dev.driftdb.query.function;

import dev.driftdb.query.function.DateTemplate.Kind;
import dev.driftdb.query.function.DateTemplate.Node;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** to_char of dates, times and intervals. */
final class DateFormatText {
    static final List<String> MONTHS =
            List.of(
                    "JANUARY",
                    "FEBRUARY",
                    "MARCH",
                    "APRIL",
                    "MAY",
                    "JUNE",
                    "JULY",
                    "AUGUST",
                    "SEPTEMBER",
                    "OCTOBER",
                    "NOVEMBER",
                    "DECEMBER");
    static final List<String> DAYS =
            List.of("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY");

    /** From December down. */
    static final List<String> ROMAN =
            List.of("XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I");

    /** Abbreviations that the tz database has; other zones show their offset. */
    private static final Set<String> ABBREVIATIONS =
            Set.of(
                    "UTC", "GMT", "BST", "IST", "WET", "WEST", "CET", "CEST", "EET", "EEST", "MSK",
                    "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AKST", "AKDT", "HST",
                    "AEST", "AEDT", "ACST", "ACDT", "AWST", "NZST", "NZDT", "JST", "KST", "HKT",
                    "PKT", "SAST", "WAT", "CAT", "EAT", "WIB", "WITA", "WIT", "SST", "IDT", "AST",
                    "ADT", "NST", "NDT", "HDT");

    /**
     * Fields of a moment or an interval.
     *
     * @param year astronomical; of an interval a count
     * @param zone empty where there is none
     */
    private record Fields(
            boolean interval,
            int year,
            int month,
            int day,
            long hour,
            int minute,
            int second,
            int micros,
            int dayOfYear,
            int julian,
            int offset,
            String zone) {
        int shownYear() {
            return shown(year);
        }

        int isoYear() {
            return shown(JulianDays.isoYear(year, julian));
        }

        private int shown(int y) {
            return interval || y > 0 ? y : 1 - y;
        }
    }

    private DateFormatText() {}

    static @Nullable String format(
            long local, int offsetSeconds, @Nullable ZoneId zone, String template) {
        if (DateTimes.isInfinite(local) || template.isEmpty()) {
            return null;
        }
        LocalDateTime t = DateTimes.toLocal(local);
        String zoneName = zone == null ? "" : zoneName(t, offsetSeconds, zone);
        return write(
                new Fields(
                        false,
                        t.getYear(),
                        t.getMonthValue(),
                        t.getDayOfMonth(),
                        t.getHour(),
                        t.getMinute(),
                        t.getSecond(),
                        t.getNano() / 1000,
                        t.getDayOfYear(),
                        JulianDays.of(t.getYear(), t.getMonthValue(), t.getDayOfMonth()),
                        offsetSeconds,
                        zoneName),
                template);
    }

    static @Nullable String format(Interval value, String template) {
        if (template.isEmpty()) {
            return null;
        }
        int year = value.months() / 12;
        int month = value.months() % 12;
        long micros = value.micros();
        return write(
                new Fields(
                        true,
                        year,
                        month,
                        value.days(),
                        micros / 3_600_000_000L,
                        (int) (micros / 60_000_000 % 60),
                        (int) (micros / 1_000_000 % 60),
                        (int) (micros % 1_000_000),
                        (year * 12 + month) * 30 + value.days(),
                        JulianDays.of(year, month, value.days()),
                        0,
                        ""),
                template);
    }

    private static String zoneName(LocalDateTime t, int offset, ZoneId zone) {
        if (offset == 0 && zone.normalized().equals(ZoneOffset.UTC)) {
            return "UTC";
        }
        Instant instant = t.toInstant(ZoneOffset.ofTotalSeconds(offset));
        String name =
                zone instanceof ZoneOffset
                        ? ""
                        : DateTimeFormatter.ofPattern("zzz", Locale.ENGLISH)
                                .format(instant.atZone(zone));
        if (ABBREVIATIONS.contains(name)) {
            return name;
        }
        StringBuilder out = new StringBuilder();
        hours(offset, 2, out);
        int minutes = Math.abs(offset) / 60 % 60;
        return minutes == 0 ? out.toString() : out + String.format("%02d", minutes);
    }

    private static void hours(int offset, int width, StringBuilder out) {
        out.append(offset < 0 ? '-' : '+');
        out.append(padded(Math.abs(offset) / 3600, width));
    }

    private static String write(Fields t, String template) {
        StringBuilder out = new StringBuilder();
        for (Node node : DateTemplate.read(template)) {
            if (node.kind() != Kind.PATTERN) {
                out.append(node.text());
                continue;
            }
            int start = out.length();
            boolean number = field(node, t, out);
            if (number && !node.ordinal().isEmpty()) {
                out.append(ordinal(out.substring(start), node.ordinal()));
            }
        }
        return out.toString();
    }

    static String ordinal(String number, String suffix) {
        boolean teen = number.length() > 1 && number.charAt(number.length() - 2) == '1';
        String text =
                switch (number.charAt(number.length() - 1)) {
                    case '1' -> teen ? "th" : "st";
                    case '2' -> teen ? "th" : "nd";
                    case '3' -> teen ? "th" : "rd";
                    default -> "th";
                };
        return suffix.equals("TH") ? text.toUpperCase(Locale.ROOT) : text;
    }

    /** Zeros in front up to the width, of which a sign takes one more. */
    private static String padded(long value, int width) {
        String digits = Long.toString(Math.abs(value));
        return (value < 0 ? "-" : "") + "0".repeat(Math.max(0, width - digits.length())) + digits;
    }

    /** Zeros up to the width, of which a sign takes one. */
    private static String fixed(long value, int width) {
        return padded(value, value < 0 ? width - 1 : width);
    }

    private static String number(long value, int width, Node node) {
        return node.plain() ? Long.toString(value) : fixed(value, width);
    }

    /** As number, one place wider if the field that decides is negative. */
    private static String signed(long value, long decides, int width, Node node) {
        return number(value, decides < 0 ? width + 1 : width, node);
    }

    private static void name(String name, int width, Node node, StringBuilder out) {
        out.append(node.cased(name));
        if (!node.plain() && !node.translated()) {
            out.repeat(' ', Math.max(0, width - name.length()));
        }
    }

    private static void requireDate(Fields t) {
        if (t.interval) {
            throw new SqlException(
                            SqlState.INVALID_DATETIME_FORMAT,
                            "invalid format specification for an interval value")
                    .withHint("Intervals are not tied to specific calendar dates.");
        }
    }

    /** Whether th may follow. */
    private static boolean field(Node node, Fields t, StringBuilder out) {
        switch (node.pattern()) {
            case "A.M.", "P.M." -> out.append(node.cased(t.hour % 24 >= 12 ? "P.M." : "A.M."));
            case "AM", "PM" -> out.append(node.cased(t.hour % 24 >= 12 ? "PM" : "AM"));
            case "TZ" -> {
                requireDate(t);
                out.append(node.cased(t.zone));
            }
            case "TZH" -> {
                requireDate(t);
                hours(t.offset, 2, out);
            }
            case "TZM" -> {
                requireDate(t);
                out.append(padded(Math.abs(t.offset) % 3600 / 60, 2));
            }
            case "OF" -> {
                requireDate(t);
                hours(t.offset, node.plain() ? 0 : 2, out);
                int minutes = Math.abs(t.offset) % 3600 / 60;
                if (minutes != 0) {
                    out.append(':').append(padded(minutes, 2));
                }
            }
            case "A.D.", "B.C." -> {
                requireDate(t);
                out.append(node.cased(t.year <= 0 ? "B.C." : "A.D."));
            }
            case "AD", "BC" -> {
                requireDate(t);
                out.append(node.cased(t.year <= 0 ? "BC" : "AD"));
            }
            case "MONTH" -> {
                requireDate(t);
                name(MONTHS.get(t.month - 1), 9, node, out);
            }
            case "MON" -> {
                requireDate(t);
                out.append(node.cased(MONTHS.get(t.month - 1).substring(0, 3)));
            }
            case "DAY" -> {
                requireDate(t);
                name(DAYS.get(JulianDays.weekday(t.julian)), 9, node, out);
            }
            case "DY" -> {
                requireDate(t);
                out.append(node.cased(DAYS.get(JulianDays.weekday(t.julian)).substring(0, 3)));
            }
            case "RM" -> roman(node, t, out);
            case "FX" -> {
                // Of input only.
            }
            default -> {
                return numberField(node, t, out);
            }
        }
        return false;
    }

    private static void roman(Node node, Fields t, StringBuilder out) {
        if (t.month == 0 && t.year == 0) {
            return;
        }
        int index =
                t.month == 0
                        ? t.year >= 0 ? 0 : ROMAN.size() - 1
                        : t.month < 0 ? -1 - t.month : ROMAN.size() - t.month;
        name(ROMAN.get(index), 4, node, out);
    }

    private static boolean numberField(Node node, Fields t, StringBuilder out) {
        String pattern = node.pattern();
        String text =
                switch (pattern) {
                    case "HH", "HH12" ->
                            signed(t.hour % 12 == 0 ? 12 : t.hour % 12, t.hour, 2, node);
                    case "HH24" -> signed(t.hour, t.hour, 2, node);
                    case "MI" -> signed(t.minute, t.minute, 2, node);
                    case "SS" -> signed(t.second, t.second, 2, node);
                    case "MS", "FF3" -> fixed(t.micros / 1000, 3);
                    case "US", "FF6" -> fixed(t.micros, 6);
                    case "FF1" -> fixed(t.micros / 100_000, 1);
                    case "FF2" -> fixed(t.micros / 10_000, 2);
                    case "FF4" -> fixed(t.micros / 100, 4);
                    case "FF5" -> fixed(t.micros / 10, 5);
                    case "SSSS", "SSSSS" ->
                            Long.toString(t.hour * 3600 + t.minute * 60L + t.second);
                    case "MM" -> signed(t.month, t.month, 2, node);
                    case "DDD" -> number(t.dayOfYear, 3, node);
                    case "IDDD" -> number(JulianDays.isoDayOfYear(t.year, t.julian), 3, node);
                    case "DD" -> number(t.day, 2, node);
                    case "D" -> {
                        requireDate(t);
                        yield Integer.toString(JulianDays.weekday(t.julian) + 1);
                    }
                    case "ID" -> {
                        requireDate(t);
                        int day = JulianDays.weekday(t.julian);
                        yield Integer.toString(day == 0 ? 7 : day);
                    }
                    case "WW" -> number((t.dayOfYear - 1) / 7 + 1, 2, node);
                    case "IW" -> number(JulianDays.isoWeek(t.year, t.julian), 2, node);
                    case "Q" -> t.month == 0 ? "" : Integer.toString((t.month - 1) / 3 + 1);
                    case "CC" -> {
                        int century =
                                t.interval
                                        ? t.year / 100
                                        : t.year > 0 ? (t.year - 1) / 100 + 1 : t.year / 100 - 1;
                        yield Math.abs(century) <= 99
                                ? signed(century, century, 2, node)
                                : Integer.toString(century);
                    }
                    case "Y,YYY" -> {
                        int thousands = t.shownYear() / 1000;
                        yield thousands + "," + fixed(t.shownYear() - thousands * 1000, 3);
                    }
                    case "YYYY" -> signed(t.shownYear(), t.shownYear(), 4, node);
                    case "IYYY" -> signed(t.isoYear(), t.shownYear(), 4, node);
                    case "YYY" -> signed(t.shownYear() % 1000, t.shownYear(), 3, node);
                    case "IYY" -> signed(t.isoYear() % 1000, t.shownYear(), 3, node);
                    case "YY" -> signed(t.shownYear() % 100, t.shownYear(), 2, node);
                    case "IY" -> signed(t.isoYear() % 100, t.shownYear(), 2, node);
                    case "Y" -> Integer.toString(t.shownYear() % 10);
                    case "I" -> Integer.toString(t.isoYear() % 10);
                    case "W" -> Integer.toString((t.day - 1) / 7 + 1);
                    case "J" -> Integer.toString(t.julian);
                    default -> throw new IllegalStateException("no pattern " + pattern);
                };
        out.append(text);
        return !text.isEmpty();
    }
}
