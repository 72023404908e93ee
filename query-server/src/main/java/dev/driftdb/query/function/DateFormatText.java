package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.time.temporal.IsoFields;
import java.time.temporal.JulianFields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Template patterns of to_char, to_date and to_timestamp for dates and times. Patterns of the
 * manual's table that are not done here (roman months, ISO years of input and such) answer 0A000.
 */
final class DateFormatText {
    private static final List<String> PATTERNS =
            List.of(
                    "HH24", "HH12", "HH", "MI", "SSSSS", "SSSS", "SS", "MS", "US", "FF1", "FF2",
                    "FF3", "FF4", "FF5", "FF6", "A.M.", "P.M.", "a.m.", "p.m.", "AM", "PM", "am",
                    "pm", "Y,YYY", "YYYY", "YYY", "YY", "IYYY", "IYY", "IY", "IDDD", "ID", "Y",
                    "B.C.", "A.D.", "BC", "AD", "MONTH", "Month", "month", "MON", "Mon", "mon",
                    "MM", "DAY", "Day", "day", "DY", "Dy", "dy", "DDD", "DD", "D", "WW", "IW", "W",
                    "CC", "J", "Q", "TZH", "TZM", "TZ", "tz", "OF", "RM", "rm", "TM", "FX");

    /** One part of a template: a pattern, or text between patterns. */
    private record Part(@Nullable String pattern, String literal, boolean fill, boolean ordinal) {}

    private DateFormatText() {}

    private static List<Part> parse(String template) {
        List<Part> parts = new ArrayList<>();
        boolean fill = true;
        for (int i = 0; i < template.length(); ) {
            char c = template.charAt(i);
            if (c == '"') {
                int end = template.indexOf('"', i + 1);
                end = end < 0 ? template.length() : end;
                parts.add(new Part(null, template.substring(i + 1, end), true, false));
                i = end + 1;
            } else if (template.startsWith("FM", i) || template.startsWith("fm", i)) {
                fill = false;
                i += 2;
            } else {
                String pattern = patternAt(template, i);
                if (pattern == null) {
                    parts.add(new Part(null, String.valueOf(c), true, false));
                    i++;
                } else {
                    i += pattern.length();
                    boolean ordinal = template.startsWith("th", i) || template.startsWith("TH", i);
                    parts.add(
                            new Part(
                                    pattern,
                                    template.substring(i, ordinal ? i + 2 : i),
                                    fill,
                                    ordinal));
                    i += ordinal ? 2 : 0;
                    fill = true;
                }
            }
        }
        return parts;
    }

    /** The pattern that starts here; numeric ones may be written in lower case. */
    private static @Nullable String patternAt(String template, int at) {
        for (String pattern : PATTERNS) {
            if (template.startsWith(pattern, at)) {
                return pattern;
            }
        }
        for (String pattern : PATTERNS) {
            boolean cased = "MONTH MON DAY DY AM PM A.M. P.M. TZ RM".contains(pattern);
            if (!cased && template.regionMatches(true, at, pattern, 0, pattern.length())) {
                return pattern;
            }
        }
        return null;
    }

    private static SqlException unsupported(String pattern) {
        return SqlException.notSupported("date/time format pattern \"" + pattern + "\"");
    }

    static @Nullable String format(
            long local, int offsetSeconds, @Nullable ZoneId zone, String template) {
        if (DateTimes.isInfinite(local)) {
            return null;
        }
        LocalDateTime time = DateTimes.toLocal(local);
        StringBuilder out = new StringBuilder();
        for (Part part : parse(template)) {
            if (part.pattern == null) {
                out.append(part.literal);
                continue;
            }
            String text = field(part.pattern, time, offsetSeconds, zone, part.fill);
            out.append(text).append(part.ordinal ? ordinal(text, part.literal) : "");
        }
        return out.toString();
    }

    private static String ordinal(String number, String suffix) {
        String digits = number.strip();
        boolean teen = digits.length() > 1 && digits.charAt(digits.length() - 2) == '1';
        String text =
                switch (digits.charAt(digits.length() - 1)) {
                    case '1' -> teen ? "th" : "st";
                    case '2' -> teen ? "th" : "nd";
                    case '3' -> teen ? "th" : "rd";
                    default -> "th";
                };
        return suffix.equals("TH") ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static String number(long value, int width, boolean fill) {
        return fill ? String.format("%0" + width + "d", value) : Long.toString(value);
    }

    private static String name(String name, String like, boolean fill, int width) {
        String cased =
                Character.isLowerCase(like.charAt(0))
                        ? name.toLowerCase(Locale.ROOT)
                        : Character.isUpperCase(like.charAt(1))
                                ? name.toUpperCase(Locale.ROOT)
                                : name;
        return fill ? cased + " ".repeat(Math.max(0, width - cased.length())) : cased;
    }

    private static String field(
            String pattern, LocalDateTime t, int offset, @Nullable ZoneId zone, boolean fill) {
        LocalDate date = t.toLocalDate();
        int year = t.getYear() > 0 ? t.getYear() : 1 - t.getYear();
        int signedIsoYear = date.get(IsoFields.WEEK_BASED_YEAR);
        int isoYear = signedIsoYear > 0 ? signedIsoYear : 1 - signedIsoYear;
        long micros = t.getNano() / 1000;
        boolean pm = t.getHour() >= 12;
        return switch (pattern) {
            case "HH24" -> number(t.getHour(), 2, fill);
            case "HH12", "HH" -> number((t.getHour() + 11) % 12 + 1, 2, fill);
            case "MI" -> number(t.getMinute(), 2, fill);
            case "SS" -> number(t.getSecond(), 2, fill);
            case "SSSS", "SSSSS" -> Integer.toString(t.toLocalTime().toSecondOfDay());
            case "MS", "FF3" -> number(micros / 1000, 3, true);
            case "US", "FF6" -> number(micros, 6, true);
            case "FF1" -> number(micros / 100_000, 1, true);
            case "FF2" -> number(micros / 10_000, 2, true);
            case "FF4" -> number(micros / 100, 4, true);
            case "FF5" -> number(micros / 10, 5, true);
            case "AM", "PM" -> pm ? "PM" : "AM";
            case "am", "pm" -> pm ? "pm" : "am";
            case "A.M.", "P.M." -> pm ? "P.M." : "A.M.";
            case "a.m.", "p.m." -> pm ? "p.m." : "a.m.";
            case "Y,YYY" -> year / 1000 + "," + number(year % 1000, 3, true);
            case "YYYY" -> number(year, 4, fill);
            case "YYY" -> number(year % 1000, 3, fill);
            case "YY" -> number(year % 100, 2, fill);
            case "Y" -> number(year % 10, 1, fill);
            case "IYYY" -> number(isoYear, 4, fill);
            case "IYY" -> number(isoYear % 1000, 3, fill);
            case "IY" -> number(isoYear % 100, 2, fill);
            case "BC", "AD" -> t.getYear() > 0 ? "AD" : "BC";
            case "B.C.", "A.D." -> t.getYear() > 0 ? "A.D." : "B.C.";
            case "MONTH", "Month", "month" ->
                    name(
                            t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH),
                            pattern,
                            fill,
                            9);
            case "MON", "Mon", "mon" ->
                    name(
                            t.getMonth()
                                    .getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                                    .substring(0, 3),
                            pattern,
                            false,
                            3);
            case "MM" -> number(t.getMonthValue(), 2, fill);
            case "DAY", "Day", "day" ->
                    name(
                            t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH),
                            pattern,
                            fill,
                            9);
            case "DY", "Dy", "dy" ->
                    name(
                            t.getDayOfWeek()
                                    .getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                                    .substring(0, 3),
                            pattern,
                            false,
                            3);
            case "DDD" -> number(t.getDayOfYear(), 3, fill);
            case "IDDD" ->
                    number(
                            (date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR) - 1L) * 7
                                    + t.getDayOfWeek().getValue(),
                            3,
                            fill);
            case "DD" -> number(t.getDayOfMonth(), 2, fill);
            case "D" -> Integer.toString(t.getDayOfWeek().getValue() % 7 + 1);
            case "ID" -> Integer.toString(t.getDayOfWeek().getValue());
            case "W" -> Integer.toString((t.getDayOfMonth() - 1) / 7 + 1);
            case "WW" -> number((t.getDayOfYear() - 1) / 7 + 1, 2, fill);
            case "IW" -> number(date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, fill);
            case "CC" -> (t.getYear() > 0 ? "" : "-") + number((year + 99) / 100, 2, fill);
            case "J" -> Long.toString(date.getLong(JulianFields.JULIAN_DAY));
            case "Q" -> Integer.toString((t.getMonthValue() + 2) / 3);
            case "TZH" -> (offset < 0 ? "-" : "+") + number(Math.abs(offset) / 3600, 2, true);
            case "TZM" -> number(Math.abs(offset) / 60 % 60, 2, true);
            case "TZ", "tz" -> {
                if (zone == null) {
                    yield "";
                }
                String text = zoneName(t, offset, zone);
                yield pattern.equals("tz") ? text.toLowerCase(Locale.ROOT) : text;
            }
            case "OF" -> {
                int rest = Math.abs(offset) / 60 % 60;
                yield (offset < 0 ? "-" : "+")
                        + number(Math.abs(offset) / 3600, 2, fill)
                        + (rest == 0 ? "" : ":" + number(rest, 2, true));
            }
            default -> throw unsupported(pattern);
        };
    }

    private static String zoneName(LocalDateTime t, int offset, ZoneId zone) {
        if (offset == 0 && zone.normalized().equals(java.time.ZoneOffset.UTC)) {
            return "UTC";
        }
        boolean daylight =
                zone.getRules()
                        .isDaylightSavings(
                                t.toInstant(java.time.ZoneOffset.ofTotalSeconds(offset)));
        return java.util.TimeZone.getTimeZone(zone)
                .getDisplayName(daylight, java.util.TimeZone.SHORT, Locale.ENGLISH);
    }

    static String format(Interval value, String template) {
        long micros = value.micros();
        StringBuilder out = new StringBuilder();
        for (Part part : parse(template)) {
            if (part.pattern == null) {
                out.append(part.literal);
                continue;
            }
            boolean fill = part.fill;
            out.append(
                    switch (part.pattern) {
                        case "HH24" -> number(micros / 3_600_000_000L, 2, fill);
                        case "HH12", "HH" -> {
                            long hour = micros / 3_600_000_000L;
                            yield number(hour % 12 == 0 ? 12 : hour % 12, 2, fill);
                        }
                        case "MI" -> number(micros / 60_000_000 % 60, 2, fill);
                        case "SS" -> number(micros / 1_000_000 % 60, 2, fill);
                        case "MS" -> number(micros / 1000 % 1000, 3, true);
                        case "US" -> number(micros % 1_000_000, 6, true);
                        case "DD" -> number(value.days(), 2, fill);
                        case "MM" -> number(value.months() % 12, 2, fill);
                        case "YYYY" -> number(value.months() / 12, 4, fill);
                        default -> throw unsupported(part.pattern);
                    });
        }
        return out.toString();
    }

    /** Reads text by a template; microseconds since 2000 of the wall clock, offset aside. */
    static long parse(String text, String template, ZoneId zone) {
        Map<String, Integer> found = new HashMap<>();
        int at = 0;
        for (Part part : parse(template)) {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            if (part.pattern == null) {
                // A separator of the template stands for any separator of the text.
                boolean letter = part.literal.chars().anyMatch(Character::isLetterOrDigit);
                if (letter) {
                    at = Math.min(text.length(), at + part.literal.length());
                } else if (at < text.length()
                        && !part.literal.isBlank()
                        && !Character.isLetterOrDigit(text.charAt(at))) {
                    at++;
                }
                continue;
            }
            at = read(part.pattern, text, at, found);
        }
        return assemble(found, text, zone);
    }

    private static int read(String pattern, String text, int at, Map<String, Integer> found) {
        return switch (pattern) {
            case "YYYY" -> digits("year", 4, text, at, found);
            case "YY" -> {
                int end = digits("year", 2, text, at, found);
                found.computeIfPresent("year", (_, y) -> y < 70 ? y + 2000 : y + 1900);
                yield end;
            }
            case "MM" -> digits("month", 2, text, at, found);
            case "DD" -> digits("day", 2, text, at, found);
            case "DDD" -> digits("doy", 3, text, at, found);
            case "HH24" -> digits("hour", 2, text, at, found);
            case "HH12", "HH" -> digits("hour12", 2, text, at, found);
            case "MI" -> digits("minute", 2, text, at, found);
            case "SS" -> digits("second", 2, text, at, found);
            case "MS", "US" -> {
                int end = digits("fraction", pattern.equals("MS") ? 3 : 6, text, at, found);
                int scale = 6 - (end - at);
                found.computeIfPresent("fraction", (_, f) -> f * (int) Math.pow(10, scale));
                yield end;
            }
            case "AM", "PM", "am", "pm" -> {
                if (at + 2 > text.length()) {
                    throw invalid(text, pattern);
                }
                found.put("pm", Character.toLowerCase(text.charAt(at)) == 'p' ? 1 : 0);
                yield at + 2;
            }
            case "MONTH", "Month", "month", "MON", "Mon", "mon" -> {
                for (java.time.Month month : java.time.Month.values()) {
                    String full = month.getDisplayName(TextStyle.FULL, Locale.ENGLISH);
                    String name = pattern.length() == 3 ? full.substring(0, 3) : full;
                    if (text.regionMatches(true, at, name, 0, name.length())) {
                        found.put("month", month.getValue());
                        yield at + name.length();
                    }
                }
                throw invalid(text, pattern);
            }
            case "DAY", "Day", "day", "DY", "Dy", "dy" -> {
                int end = at;
                while (end < text.length() && Character.isLetter(text.charAt(end))) {
                    end++;
                }
                yield end;
            }
            case "TZH" -> {
                boolean negative = at < text.length() && text.charAt(at) == '-';
                boolean signed = negative || (at < text.length() && text.charAt(at) == '+');
                int end = digits("zoneHour", 2, text, signed ? at + 1 : at, found);
                found.put("zoneSign", negative ? -1 : 1);
                yield end;
            }
            case "TZM" -> digits("zoneMinute", 2, text, at, found);
            default -> throw unsupported(pattern);
        };
    }

    private static int digits(
            String field, int width, String text, int at, Map<String, Integer> found) {
        int end = at;
        while (end < text.length() && end - at < width && Character.isDigit(text.charAt(end))) {
            end++;
        }
        if (end == at) {
            if (at >= text.length()) {
                return at;
            }
            throw invalid(text.substring(at), field);
        }
        found.put(field, Integer.parseInt(text.substring(at, end)));
        return end;
    }

    private static SqlException invalid(String text, String field) {
        return new SqlException(
                SqlState.INVALID_DATETIME_FORMAT,
                "invalid value \"" + text + "\" for \"" + field + "\"");
    }

    private static long assemble(Map<String, Integer> found, String text, ZoneId zone) {
        int hour = found.getOrDefault("hour", 0);
        Integer hour12 = found.get("hour12");
        if (hour12 != null) {
            if (hour12 < 1 || hour12 > 12) {
                throw new SqlException(
                        SqlState.INVALID_DATETIME_FORMAT,
                        "hour \"" + hour12 + "\" is invalid for the 12-hour clock");
            }
            hour = hour12 % 12 + found.getOrDefault("pm", 0) * 12;
            if (!found.containsKey("pm")) {
                hour = hour12 % 12;
            }
        }
        try {
            int year = found.getOrDefault("year", 0);
            Integer doy = found.get("doy");
            LocalDate date =
                    doy != null
                            ? LocalDate.ofYearDay(year, doy)
                            : LocalDate.of(
                                    year,
                                    found.getOrDefault("month", 1),
                                    found.getOrDefault("day", 1));
            LocalDateTime local =
                    date.atTime(
                            hour,
                            found.getOrDefault("minute", 0),
                            found.getOrDefault("second", 0),
                            found.getOrDefault("fraction", 0) * 1000);
            long micros = DateTimes.fromLocal(local);
            Integer sign = found.get("zoneSign");
            if (sign == null) {
                return DateTimes.localToInstant(micros, zone);
            }
            int offset =
                    Objects.requireNonNull(found.getOrDefault("zoneHour", 0)) * 3600
                            + found.getOrDefault("zoneMinute", 0) * 60;
            return micros - (long) sign * offset * DateTimes.MICROS_PER_SECOND;
        } catch (DateTimeException _) {
            throw new SqlException(
                    SqlState.DATETIME_FIELD_OVERFLOW,
                    "date/time field value out of range: \"" + text + "\"");
        }
    }
}
