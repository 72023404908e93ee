package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads dates and times: ISO 8601 and its common variants, month names, US and day-first orders,
 * AM/PM, BC, zones by name or offset, and the special words.
 *
 * <p>Works field by field, left to right, as PostgreSQL's own reader: a field's form (digits with
 * dashes, with colons, a word) says what it is.
 */
final class DateTimeText {
    private static final Pattern FIELD =
            Pattern.compile(
                    "[\\s,]*(?:"
                            + "(?<time>\\d{1,2}:\\d{1,2}(?::\\d{1,2}(?:[.,]\\d*)?)?)"
                            + "|(?<offset>[+-]\\d{1,2}(?::\\d{2}){1,2}|[+-]\\d{1,6}(?![\\d./-]))"
                            + "|(?<ordinal>\\d{4,7}[-/]\\d{3}(?![\\d:/-]))"
                            + "|(?<iso>\\d{3,7}-\\d{1,2}-\\d{1,2})"
                            + "|(?<parts>\\d{1,7}[-/.](?:\\d{1,2}|[A-Za-z]{3,9})[-/.]\\d{1,7})"
                            + "|(?<named>[A-Za-z]{3,9}-\\d{1,2}-\\d{1,7})"
                            + "|(?<julian>[Jj]\\d+(?![\\d:]))"
                            + "|(?<number>\\d+(?:\\.\\d*)?)"
                            // Of T040506 or Jan8 only the letters; UTC+3 is one word.
                            + "|(?<word>(?i:t|am|pm|ad|bc|(?:jan|feb|mar|apr|may|jun|jul|aug|sept?"
                            + "|oct|nov|dec)[a-z]*)(?=[\\d+])|-?[A-Za-z][A-Za-z_]*(?:[/+0-9-][A-Za-z_0-9+:./-]*)?))");
    private final String typeName;
    private final String text;
    private final FormatSettings settings;

    private @Nullable Integer year;
    private @Nullable Integer month;
    private @Nullable Integer day;
    private boolean shortYear;
    private boolean bc;
    private @Nullable Long date;
    private @Nullable Long time;
    private @Nullable ZoneId zone;
    private @Nullable Boolean pm;

    /** A day's name was read; PostgreSQL takes no date written in one word after it. */
    private boolean weekday;

    private @Nullable Long infinite;
    private @Nullable Long instant;

    private DateTimeText(String typeName, String text, FormatSettings settings) {
        this.typeName = typeName;
        this.text = text;
        this.settings = settings;
    }

    static Long parseDate(String text, FormatSettings settings) {
        DateTimeText fields = read("date", text, settings);
        if (fields.infinite != null) {
            return fields.infinite;
        }
        if (fields.instant != null) {
            return DateTimes.timestampToDate(
                    DateTimes.instantToLocal(fields.instant, settings.zone()));
        }
        long days = fields.days();
        if (days < DateTimes.DATE_MIN || days >= DateTimes.DATE_END) {
            throw new SqlException(
                    SqlState.DATETIME_FIELD_OVERFLOW, "date out of range: \"" + text + "\"");
        }
        return days;
    }

    static Long parseTime(String text, FormatSettings settings) {
        DateTimeText fields = read("time", text, settings);
        if (fields.instant != null) {
            return Math.floorMod(
                    DateTimes.instantToLocal(fields.instant, settings.zone()),
                    DateTimes.MICROS_PER_DAY);
        }
        fields.requireDateForZone();
        return fields.timeOfDay();
    }

    static TimeTz parseTimeTz(String text, FormatSettings settings) {
        DateTimeText fields = read("time with time zone", text, settings);
        long at = fields.instant != null ? fields.instant : settings.nowMicros();
        if (fields.instant != null) {
            int offset = DateTimes.offsetSeconds(at, settings.zone());
            return new TimeTz(
                    Math.floorMod(
                            at + offset * DateTimes.MICROS_PER_SECOND, DateTimes.MICROS_PER_DAY),
                    offset);
        }
        ZoneId zone = fields.zone != null ? fields.zone : settings.zone();
        long micros = fields.timeOfDay();
        boolean hasDate = fields.date != null || fields.day != null;
        fields.requireDateForZone();
        if (hasDate) {
            at = DateTimes.localToInstant(fields.days() * DateTimes.MICROS_PER_DAY + micros, zone);
        }
        return new TimeTz(micros, DateTimes.offsetSeconds(at, zone));
    }

    /** A zone whose offset changes says nothing about a time without a date. */
    private void requireDateForZone() {
        boolean dated = date != null || day != null;
        if (!dated && zone != null && !zone.getRules().isFixedOffset()) {
            throw invalid();
        }
    }

    static Long parseTimestamp(String text, FormatSettings settings) {
        DateTimeText fields = read("timestamp", text, settings);
        if (fields.infinite != null) {
            return fields.infinite;
        }
        return fields.instant != null
                ? (Long) DateTimes.instantToLocal(fields.instant, settings.zone())
                : (Long) fields.local();
    }

    static Long parseTimestampTz(String text, FormatSettings settings) {
        DateTimeText fields = read("timestamp with time zone", text, settings);
        if (fields.infinite != null) {
            return fields.infinite;
        }
        if (fields.instant != null) {
            return fields.instant;
        }
        ZoneId zone = fields.zone != null ? fields.zone : settings.zone();
        return DateTimes.localToInstant(fields.local(), zone);
    }

    private static DateTimeText read(String typeName, String text, FormatSettings settings) {
        DateTimeText fields = new DateTimeText(typeName, text, settings);
        fields.readAll();
        return fields;
    }

    private void readAll() {
        String s = text.strip();
        if (s.isEmpty()) {
            throw invalid();
        }
        Matcher field = FIELD.matcher(s);
        int at = 0;
        while (at < s.length()) {
            field.region(at, s.length());
            if (!field.lookingAt()) {
                throw invalid();
            }
            at = field.end();
            readField(field);
        }
    }

    private void readField(Matcher field) {
        if (field.group("time") != null) {
            setTime(field.group("time"));
        } else if (field.group("offset") != null) {
            setOffset(field.group("offset"));
        } else if (field.group("ordinal") != null) {
            String token = field.group("ordinal");
            int dash = Math.max(token.indexOf('-'), token.indexOf('/'));
            if (date == null && day == null) {
                setOrdinal(token.substring(0, dash), token.substring(dash + 1));
            } else {
                // A time run together with its zone.
                setNumber(token.substring(0, dash));
                setOffset(token.substring(dash));
            }
        } else if (field.group("iso") != null) {
            String[] parts = field.group("iso").split("-");
            setDate(parts[0], number(parts[1]), parts[2]);
        } else if (field.group("parts") != null) {
            setParts(field.group("parts").split("[-/.]"));
        } else if (field.group("named") != null) {
            String[] parts = field.group("named").split("-");
            setDate(parts[2], DateWords.month(parts[0]), parts[1]);
        } else if (field.group("julian") != null) {
            date = Long.parseLong(field.group("julian").substring(1)) + DateTimes.DATE_MIN;
        } else if (field.group("number") != null) {
            setNumber(field.group("number"));
        } else {
            setWord(field.group("word"));
        }
    }

    private void setOffset(String token) {
        Integer seconds = DateTimes.parseOffset(token);
        if (seconds == null) {
            throw new SqlException(
                    SqlState.INVALID_TIME_ZONE_DISPLACEMENT,
                    "time zone displacement out of range: \"" + text + "\"");
        }
        if (zone != null || (time == null && date == null && day == null)) {
            throw invalid();
        }
        zone = ZoneOffset.ofTotalSeconds(seconds);
    }

    /** A year and the number of a day in it. */
    private void setOrdinal(String yearText, String dayText) {
        int ordinal = number(dayText);
        if (ordinal < 1 || ordinal > 366 || year != null || weekday) {
            throw invalid();
        }
        int y = number(yearText);
        try {
            LocalDate found = LocalDate.of(y, 1, 1).plusDays(ordinal - 1L);
            year = y;
            month = found.getMonthValue();
            day = found.getDayOfMonth();
        } catch (DateTimeException _) {
            throw outOfRange();
        }
    }

    private void setDate(String yearText, @Nullable Integer monthNumber, String dayText) {
        if (year != null || day != null || date != null || monthNumber == null || weekday) {
            throw invalid();
        }
        setYear(yearText);
        month = monthNumber;
        day = number(dayText);
    }

    private void setYear(String yearText) {
        year = number(yearText);
        shortYear = yearText.length() <= 2;
    }

    private void setParts(String[] parts) {
        Integer named = DateWords.month(parts[1]);
        if (parts[0].length() > 2) {
            setDate(parts[0], named != null ? named : (Integer) number(parts[1]), parts[2]);
        } else if (named != null) {
            boolean yearFirst =
                    settings.order() == FormatSettings.DateOrder.YMD && parts[2].length() <= 2;
            setDate(parts[yearFirst ? 0 : 2], named, parts[yearFirst ? 2 : 0]);
        } else {
            switch (settings.order()) {
                case YMD -> setDate(parts[0], number(parts[1]), parts[2]);
                case DMY -> setDate(parts[2], number(parts[1]), parts[0]);
                case MDY -> setDate(parts[2], number(parts[0]), parts[1]);
            }
        }
    }

    private void setTime(String token) {
        if (time != null) {
            throw invalid();
        }
        String[] parts = token.replace(',', '.').split(":");
        int hour = number(parts[0]);
        int minute = number(parts[1]);
        BigDecimal second =
                parts.length == 3
                        ? new BigDecimal(parts[2].endsWith(".") ? parts[2] + "0" : parts[2])
                        : BigDecimal.ZERO;
        long micros = second.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).longValue();
        setTime(hour, minute, micros);
    }

    private void setTime(int hour, int minute, long micros) {
        long total = (hour * 3600L + minute * 60L) * DateTimes.MICROS_PER_SECOND + micros;
        if (minute > 59
                || micros > 60 * DateTimes.MICROS_PER_SECOND
                || total > DateTimes.MICROS_PER_DAY) {
            throw outOfRange();
        }
        time = total;
    }

    private void setNumber(String token) {
        int point = token.indexOf('.');
        String digits = point < 0 ? token : token.substring(0, point);
        boolean dateKnown = date != null || (year != null && day != null);
        boolean timeAlone = isTimeOnly() && year == null && month == null && day == null;
        if ((dateKnown || timeAlone)
                && time == null
                && (digits.length() == 6 || digits.length() == 4)) {
            BigDecimal second =
                    digits.length() == 6
                            ? new BigDecimal(token.substring(4) + (token.endsWith(".") ? "0" : ""))
                            : BigDecimal.ZERO;
            setTime(
                    number(token.substring(0, 2)),
                    number(token.substring(2, 4)),
                    second.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).longValue());
        } else if (point > 2 && token.length() - point == 4 && !dateKnown) {
            setOrdinal(digits, token.substring(point + 1));
        } else if (point >= 0) {
            throw invalid();
        } else if (digits.length() == 8 && !dateKnown && month == null) {
            setDate(digits.substring(0, 4), number(digits.substring(4, 6)), digits.substring(6));
        } else if (digits.length() == 6 && !dateKnown && month == null) {
            setDate(digits.substring(0, 2), number(digits.substring(2, 4)), digits.substring(4));
        } else if (digits.length() == 3 && year != null && month == null && day == null) {
            int before = year;
            year = null;
            setOrdinal(Integer.toString(before), digits);
        } else if (digits.length() > 2 && year == null) {
            setYear(digits);
        } else if (day == null && digits.length() <= 2) {
            day = number(digits);
        } else if (year == null) {
            setYear(digits);
        } else {
            throw invalid();
        }
    }

    private boolean isTimeOnly() {
        return typeName.equals("time") || typeName.startsWith("time ");
    }

    private void setWord(String token) {
        String word = token.toLowerCase(Locale.ROOT);
        switch (word) {
            case "infinity", "-infinity" -> {
                if (typeName.startsWith("time") && !typeName.startsWith("timestamp")) {
                    throw invalid();
                }
                infinite = word.startsWith("-") ? DateTimes.NEGATIVE_INFINITY : DateTimes.INFINITY;
            }
            case "now" -> instant = settings.nowMicros();
            case "epoch" -> instant = -DateTimes.EPOCH_DAYS * DateTimes.MICROS_PER_DAY;
            case "today" -> date = today();
            case "tomorrow" -> date = today() + 1;
            case "yesterday" -> date = today() - 1;
            case "allballs" -> {
                time = 0L;
                zone = ZoneOffset.UTC;
            }
            case "bc" -> bc = true;
            case "ad", "at", "on" -> {
                // Said for the reader only.
            }
            case "am" -> pm = false;
            case "pm" -> pm = true;
            case "t" -> {
                // Between date and time.
            }
            default -> {
                Integer named = DateWords.month(word);
                if (named != null && month == null) {
                    // "January 8" after a bare number: 8 January.
                    month = named;
                } else if (DateWords.isDay(word)) {
                    weekday = true;
                } else {
                    setZone(token);
                }
            }
        }
    }

    private void setZone(String name) {
        boolean word = name.chars().allMatch(c -> Character.isLetter(c) || c == '_');
        if (!word && !isTimeOnly() && date == null && day == null) {
            // Before the date it would be taken for one.
            throw invalid();
        }
        ZoneId found = DateTimes.findZone(name);
        if (found == null || zone != null) {
            if (found == null && !word) {
                throw new SqlException(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "time zone \"" + name.toLowerCase(Locale.ROOT) + "\" not recognized");
            }
            throw invalid();
        }
        zone = found;
    }

    private long today() {
        return DateTimes.timestampToDate(
                DateTimes.instantToLocal(settings.nowMicros(), settings.zone()));
    }

    private long days() {
        if (date != null) {
            return date;
        }
        if (year == null || month == null || day == null) {
            throw invalid();
        }
        int y = year;
        if (shortYear && !bc) {
            y += y < 70 ? 2000 : 1900;
        }
        if (y == 0) {
            throw outOfRange();
        }
        if (month < 1 || month > 12 || day < 1 || day > 31) {
            throw outOfRange().withHint("Perhaps you need a different \"datestyle\" setting.");
        }
        try {
            return DateTimes.fromDate(LocalDate.of(bc ? 1 - y : y, month, day));
        } catch (DateTimeException _) {
            throw outOfRange();
        }
    }

    private long timeOfDay() {
        if (time == null) {
            throw invalid();
        }
        return withMeridiem(time);
    }

    private long withMeridiem(long micros) {
        if (pm == null) {
            return micros;
        }
        long hour = micros / 3_600_000_000L;
        if (hour > 12) {
            throw outOfRange();
        }
        long rest = micros % 3_600_000_000L;
        return (hour % 12 + (pm ? 12 : 0)) * 3_600_000_000L + rest;
    }

    private long local() {
        long days = days();
        if (days < DateTimes.DATE_MIN
                || days > DateTimes.TIMESTAMP_END / DateTimes.MICROS_PER_DAY) {
            throw timestampOutOfRange();
        }
        long micros = days * DateTimes.MICROS_PER_DAY + (time == null ? 0 : withMeridiem(time));
        if (micros < DateTimes.TIMESTAMP_MIN || micros >= DateTimes.TIMESTAMP_END) {
            throw timestampOutOfRange();
        }
        return micros;
    }

    private SqlException timestampOutOfRange() {
        return new SqlException(
                SqlState.DATETIME_FIELD_OVERFLOW, "timestamp out of range: \"" + text + "\"");
    }

    private int number(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException _) {
            throw invalid();
        }
    }

    private SqlException outOfRange() {
        return new SqlException(
                SqlState.DATETIME_FIELD_OVERFLOW,
                "date/time field value out of range: \"" + text + "\"");
    }

    private SqlException invalid() {
        return new SqlException(
                SqlState.INVALID_DATETIME_FORMAT,
                "invalid input syntax for type " + typeName + ": \"" + text + "\"");
    }
}
