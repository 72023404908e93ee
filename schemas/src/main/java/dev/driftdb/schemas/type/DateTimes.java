package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Calendar arithmetic and text output of dates and times in PostgreSQL's own units: days and
 * microseconds since 2000-01-01. Stateless; safe for any thread.
 */
public final class DateTimes {
    public static final long MICROS_PER_SECOND = 1_000_000L;
    public static final long MICROS_PER_DAY = 86_400_000_000L;

    /** What infinity and -infinity are in a date or timestamp. */
    public static final long INFINITY = Long.MAX_VALUE;

    public static final long NEGATIVE_INFINITY = Long.MIN_VALUE;

    /** Days from 1970-01-01 to 2000-01-01. */
    public static final long EPOCH_DAYS = 10_957;

    /** 4714-11-24 BC and the day after 5874897-12-31, the bounds of PostgreSQL's date. */
    public static final long DATE_MIN = -2_451_545;

    public static final long DATE_END = 2_145_031_949L;

    /** The bounds of PostgreSQL's timestamp: 4714-11-24 BC to the end of 294276. */
    public static final long TIMESTAMP_MIN = -211_813_488_000_000_000L;

    public static final long TIMESTAMP_END = 9_223_371_331_200_000_000L;

    private static final Map<String, ZoneId> ZONES = new HashMap<>();
    private static final Map<String, ZoneId> ABBREVIATIONS = new HashMap<>();

    /** A POSIX zone of one offset: EST5, <+03:30>-3:30, +2; positive is west of Greenwich. */
    private static final Pattern POSIX =
            Pattern.compile(
                    "(?:<[^>]*>|[^<0-9,+-][^0-9,+-]*)?([+-]?)(\\d{1,3})(?::(\\d{1,2}))?(?::(\\d{1,2}))?");

    /** A POSIX zone with daylight saving time, of which only those of the tz database are known. */
    private static final Pattern POSIX_DAYLIGHT =
            Pattern.compile(
                    "(?:<[^>]*>|[^<0-9,+-][^0-9,+-]*)?[+-]?\\d{1,3}(?::\\d{1,2}){0,2}(?:<[^>]+>|[A-Za-z]).*");

    static {
        for (String id : ZoneId.getAvailableZoneIds()) {
            ZONES.put(id.toLowerCase(Locale.ROOT), ZoneId.of(id));
        }
        Object[][] abbreviations = {
            {"z", 0},
            {"zulu", 0},
            {"utc", 0},
            {"ut", 0},
            {"gmt", 0},
            {"wet", 0},
            {"west", 1},
            {"bst", 1},
            {"cet", 1},
            {"cest", 2},
            {"met", 1},
            {"mest", 2},
            {"eet", 2},
            {"eest", 3},
            {"msk", 3},
            {"msd", 4},
            {"est", -5},
            {"edt", -4},
            {"cst", -6},
            {"cdt", -5},
            {"mst", -7},
            {"mdt", -6},
            {"pst", -8},
            {"pdt", -7},
            {"akst", -9},
            {"akdt", -8},
            {"hst", -10},
            {"jst", 9},
            {"kst", 9},
            {"aest", 10},
            {"aedt", 11},
            {"awst", 8},
            {"nzst", 12},
            {"nzdt", 13},
            {"hkt", 8},
            {"pkt", 5},
            {"sgt", 8},
            {"wib", 7}
        };
        for (Object[] entry : abbreviations) {
            ABBREVIATIONS.put((String) entry[0], ZoneOffset.ofHours((Integer) entry[1]));
        }
    }

    private DateTimes() {}

    public static boolean isInfinite(long value) {
        return value == INFINITY || value == NEGATIVE_INFINITY;
    }

    /**
     * The zone of this name in any case: an abbreviation, a zone of the tz database, or a POSIX
     * specification, of which +5:30 lies west of Greenwich; null if there is none.
     *
     * @throws SqlException 0A000 for rules of daylight saving time that the tz database has not
     */
    public static @Nullable ZoneId findZone(String name) {
        ZoneId zone = ABBREVIATIONS.get(name.toLowerCase(Locale.ROOT));
        return zone == null ? findFullZone(name) : zone;
    }

    /** As {@link #findZone}, without the abbreviations. */
    public static @Nullable ZoneId findFullZone(String name) {
        ZoneId zone = ZONES.get(name.toLowerCase(Locale.ROOT));
        if (zone != null) {
            return zone;
        }
        Matcher posix = POSIX.matcher(name);
        if (posix.matches()) {
            int seconds = 0;
            int unit = 3600;
            for (int group = 2; group <= 4; group++) {
                String digits = posix.group(group);
                seconds += digits == null ? 0 : Integer.parseInt(digits) * unit;
                unit /= 60;
            }
            // Java's offsets end at 18 hours.
            return seconds > 18 * 3600
                    ? null
                    : ZoneOffset.ofTotalSeconds(posix.group(1).equals("-") ? seconds : -seconds);
        }
        if (POSIX_DAYLIGHT.matcher(name).matches()) {
            throw SqlException.notSupported("the POSIX time zone \"" + name + "\"");
        }
        return null;
    }

    /** Seconds east of +hh, +hh:mm, +hh:mm:ss, +hhmm; null if it is none or out of range. */
    public static @Nullable ZoneId findOffset(String name) {
        Integer seconds = parseOffset(name);
        return seconds == null ? null : ZoneOffset.ofTotalSeconds(seconds);
    }

    /** Seconds east of +hh, +hh:mm, +hh:mm:ss, +hhmm; null for anything else. */
    static @Nullable Integer parseOffset(String s) {
        if (s.length() < 2 || (s.charAt(0) != '+' && s.charAt(0) != '-')) {
            return null;
        }
        String[] parts = s.substring(1).split(":", -1);
        int seconds = 0;
        try {
            if (parts.length == 1 && parts[0].length() > 2) {
                int packed = Integer.parseInt(parts[0]);
                seconds =
                        parts[0].length() > 4
                                ? packed / 10000 * 3600 + packed / 100 % 100 * 60 + packed % 100
                                : packed / 100 * 3600 + packed % 100 * 60;
            } else {
                int unit = 3600;
                for (String part : parts) {
                    if (unit == 0 || part.isEmpty() || !NumberText.isInteger(part)) {
                        return null;
                    }
                    seconds += Integer.parseInt(part) * unit;
                    unit /= 60;
                }
            }
        } catch (NumberFormatException _) {
            return null;
        }
        // PostgreSQL's limit is below 16 hours; Java's offsets end at 18.
        if (Math.abs(seconds) >= 16 * 3600) {
            return null;
        }
        return s.charAt(0) == '-' ? -seconds : seconds;
    }

    public static LocalDate toDate(long days) {
        return LocalDate.ofEpochDay(days + EPOCH_DAYS);
    }

    public static long fromDate(LocalDate date) {
        return date.toEpochDay() - EPOCH_DAYS;
    }

    /** A finite timestamp as calendar fields. */
    public static LocalDateTime toLocal(long micros) {
        long days = Math.floorDiv(micros, MICROS_PER_DAY);
        return LocalDateTime.of(
                toDate(days),
                java.time.LocalTime.ofNanoOfDay(Math.floorMod(micros, MICROS_PER_DAY) * 1000));
    }

    public static long fromLocal(LocalDateTime local) {
        return fromDate(local.toLocalDate()) * MICROS_PER_DAY
                + local.toLocalTime().toNanoOfDay() / 1000;
    }

    /** Seconds east of UTC that a zone has at a finite instant. */
    public static int offsetSeconds(long micros, ZoneId zone) {
        if (zone instanceof ZoneOffset offset) {
            return offset.getTotalSeconds();
        }
        long seconds = Math.floorDiv(micros, MICROS_PER_SECOND) + EPOCH_DAYS * 86_400;
        return zone.getRules().getOffset(Instant.ofEpochSecond(seconds)).getTotalSeconds();
    }

    /** The wall clock of a zone at an instant; infinities stay. */
    public static long instantToLocal(long micros, ZoneId zone) {
        return isInfinite(micros)
                ? micros
                : micros + offsetSeconds(micros, zone) * MICROS_PER_SECOND;
    }

    /**
     * The instant at which the wall clock of a zone shows this. In a gap the offset before it
     * holds, where the clock shows a time twice the later one is meant, as in PostgreSQL.
     */
    public static long localToInstant(long local, ZoneId zone) {
        if (isInfinite(local)) {
            return local;
        }
        if (zone instanceof ZoneOffset offset) {
            return checkTimestamp(local - offset.getTotalSeconds() * MICROS_PER_SECOND);
        }
        ZonedDateTime zoned =
                ZonedDateTime.ofLocal(toLocal(local), zone, null).withLaterOffsetAtOverlap();
        return checkTimestamp(
                fromLocal(zoned.withZoneSameInstant(ZoneOffset.UTC).toLocalDateTime()));
    }

    /** 22008 if a finite timestamp is outside PostgreSQL's range. */
    public static long checkTimestamp(long micros) {
        if (!isInfinite(micros) && (micros < TIMESTAMP_MIN || micros >= TIMESTAMP_END)) {
            throw new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, "timestamp out of range");
        }
        return micros;
    }

    /** 22008 if a finite date is outside PostgreSQL's range. */
    public static long checkDate(long days) {
        if (!isInfinite(days) && (days < DATE_MIN || days >= DATE_END)) {
            throw new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, "date out of range");
        }
        return days;
    }

    /** Midnight of a day as a timestamp, infinities kept. */
    public static long dateToTimestamp(long days) {
        if (isInfinite(days)) {
            return days;
        }
        if (days >= TIMESTAMP_END / MICROS_PER_DAY) {
            throw new SqlException(
                    SqlState.DATETIME_FIELD_OVERFLOW, "date out of range for timestamp");
        }
        return days * MICROS_PER_DAY;
    }

    /** The day of a timestamp, infinities kept. */
    public static long timestampToDate(long micros) {
        return isInfinite(micros) ? micros : Math.floorDiv(micros, MICROS_PER_DAY);
    }

    /** Timestamp plus interval by the calendar: months first (the day cut to fit), days, time. */
    public static long plus(long timestamp, Interval interval) {
        if (isInfinite(timestamp)) {
            return timestamp;
        }
        try {
            long result = timestamp;
            if (interval.months() != 0) {
                result = fromLocal(toLocal(result).plusMonths(interval.months()));
            }
            if (interval.days() != 0) {
                result = Math.addExact(result, Math.multiplyExact(interval.days(), MICROS_PER_DAY));
            }
            return checkTimestamp(Math.addExact(result, interval.micros()));
        } catch (ArithmeticException | DateTimeException _) {
            throw new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, "timestamp out of range");
        }
    }

    /** Instant plus interval: months and days move the zone's wall clock, the rest is exact. */
    public static long plus(long instant, Interval interval, ZoneId zone) {
        if (isInfinite(instant)) {
            return instant;
        }
        long result = instant;
        if (interval.months() != 0 || interval.days() != 0) {
            Interval calendar = new Interval(interval.months(), interval.days(), 0);
            result = localToInstant(plus(instantToLocal(instant, zone), calendar), zone);
        }
        return plus(result, new Interval(0, 0, interval.micros()));
    }

    public static String formatDate(long days) {
        if (isInfinite(days)) {
            return days > 0 ? "infinity" : "-infinity";
        }
        StringBuilder out = new StringBuilder();
        LocalDate date = toDate(days);
        date(out, date);
        return out.append(date.getYear() <= 0 ? " BC" : "").toString();
    }

    public static String formatTime(long micros) {
        return time(new StringBuilder(), micros).toString();
    }

    public static String formatTimeTz(TimeTz value) {
        return offset(time(new StringBuilder(), value.micros()), value.offsetSeconds()).toString();
    }

    public static String formatTimestamp(long micros) {
        return formatTimestamp(micros, null);
    }

    public static String formatTimestampTz(long micros, ZoneId zone) {
        return isInfinite(micros)
                ? formatTimestamp(micros, null)
                : formatTimestamp(
                        instantToLocal(micros, zone), (Integer) offsetSeconds(micros, zone));
    }

    private static String formatTimestamp(long micros, @Nullable Integer offsetSeconds) {
        if (isInfinite(micros)) {
            return micros > 0 ? "infinity" : "-infinity";
        }
        StringBuilder out = new StringBuilder();
        LocalDate date = toDate(Math.floorDiv(micros, MICROS_PER_DAY));
        date(out, date).append(' ');
        time(out, Math.floorMod(micros, MICROS_PER_DAY));
        if (offsetSeconds != null) {
            offset(out, offsetSeconds);
        }
        return out.append(date.getYear() <= 0 ? " BC" : "").toString();
    }

    private static StringBuilder date(StringBuilder out, LocalDate date) {
        int year = date.getYear() <= 0 ? 1 - date.getYear() : date.getYear();
        pad(out, year, 4).append('-');
        pad(out, date.getMonthValue(), 2).append('-');
        return pad(out, date.getDayOfMonth(), 2);
    }

    private static StringBuilder time(StringBuilder out, long micros) {
        long seconds = micros / MICROS_PER_SECOND;
        pad(out, seconds / 3600, 2).append(':');
        pad(out, seconds / 60 % 60, 2).append(':');
        pad(out, seconds % 60, 2);
        return fraction(out, micros % MICROS_PER_SECOND);
    }

    private static StringBuilder offset(StringBuilder out, int seconds) {
        int rest = Math.abs(seconds);
        out.append(seconds < 0 ? '-' : '+');
        pad(out, rest / 3600, 2);
        if (rest % 3600 != 0) {
            pad(out.append(':'), rest / 60 % 60, 2);
        }
        if (rest % 60 != 0) {
            pad(out.append(':'), rest % 60, 2);
        }
        return out;
    }

    static StringBuilder pad(StringBuilder out, long value, int width) {
        String digits = Long.toString(value);
        for (int i = digits.length(); i < width; i++) {
            out.append('0');
        }
        return out.append(digits);
    }

    /** ".ffffff" without trailing zeros, nothing for 0. */
    static StringBuilder fraction(StringBuilder out, long micros) {
        if (micros == 0) {
            return out;
        }
        pad(out.append('.'), micros, 6);
        int end = out.length();
        while (out.charAt(end - 1) == '0') {
            end--;
        }
        out.setLength(end);
        return out;
    }
}
