package dev.driftdb.query.function;

import dev.driftdb.query.function.DateTemplate.Node;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the fields that a template found together: to_date, to_timestamp, jsonpath's datetime. */
final class DateAssembly {
    private static final int[] DAYS_BEFORE = {
        0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365
    };
    private static final int ZONE_HOURS_MAX = 15;

    private final String text;
    private final DateInput in;
    private int year;
    private int month = 1;
    private int day = 1;
    private boolean hasYear;
    private boolean hasMonth;
    private boolean hasDay;
    private long micros;

    private DateAssembly(String text, DateInput in) {
        this.text = text;
        this.in = in;
    }

    /** to_date. */
    static Long date(String text, String template) {
        DateAssembly parts = assemble(text, DateTemplate.read(template), false);
        return parts.date();
    }

    /** to_timestamp. */
    static Long timestamp(String text, String template, ZoneId zone) {
        DateAssembly parts = assemble(text, DateTemplate.read(template), false);
        Integer offset = parts.offset();
        long local = rounded(parts.local(), parts.in.precision);
        return offset == null
                ? DateTimes.localToInstant(local, zone)
                : DateTimes.checkTimestamp(local - offset * DateTimes.MICROS_PER_SECOND);
    }

    /** A moment as the SQL standard's datetime templates read it; the template says its type. */
    static JsonMoment moment(String text, String template) {
        List<Node> nodes = DateTemplate.read(template, true);
        DateAssembly parts = assemble(text, nodes, true);
        boolean dated = false;
        boolean timed = false;
        boolean zoned = false;
        for (Node node : nodes) {
            switch (node.pattern()) {
                case "", "FX" -> {}
                case "TZH", "TZM", "TZ", "OF" -> zoned = true;
                case "A.M.",
                        "P.M.",
                        "AM",
                        "PM",
                        "HH",
                        "HH12",
                        "HH24",
                        "MI",
                        "SS",
                        "MS",
                        "US",
                        "FF1",
                        "FF2",
                        "FF3",
                        "FF4",
                        "FF5",
                        "FF6",
                        "SSSS",
                        "SSSSS" ->
                        timed = true;
                default -> dated = true;
            }
        }
        Integer offset = parts.offset();
        if (dated && timed) {
            long local = rounded(parts.local(), parts.in.precision);
            return zoned
                    ? new JsonMoment(
                            Types.TIMESTAMPTZ,
                            local - zone(offset, Types.TIMESTAMPTZ) * DateTimes.MICROS_PER_SECOND,
                            zone(offset, Types.TIMESTAMPTZ))
                    : new JsonMoment(Types.TIMESTAMP, local, 0);
        }
        if (dated) {
            if (zoned) {
                throw invalid("datetime format is zoned but not timed");
            }
            return new JsonMoment(Types.DATE, parts.date(), 0);
        }
        if (!timed) {
            throw invalid("datetime format is not dated and not timed");
        }
        long time = rounded(parts.micros, parts.in.precision);
        return zoned
                ? new JsonMoment(Types.TIMETZ, time, zone(offset, Types.TIMETZ))
                : new JsonMoment(Types.TIME, time, 0);
    }

    private static int zone(@Nullable Integer offset, SqlType type) {
        if (offset == null) {
            throw invalid("missing time zone in input string for type " + type.name());
        }
        return offset;
    }

    private static long rounded(long micros, int precision) {
        return precision == 0
                ? micros
                : (Long) TypeModifiers.apply(Types.TIMESTAMP, micros, precision, true);
    }

    private static SqlException invalid(String message) {
        return new SqlException(SqlState.INVALID_DATETIME_FORMAT, message);
    }

    private SqlException outOfRange() {
        return new SqlException(
                SqlState.DATETIME_FIELD_OVERFLOW,
                "date/time field value out of range: \"" + text + "\"");
    }

    private static DateAssembly assemble(String text, List<Node> nodes, boolean strict) {
        DateAssembly parts = new DateAssembly(text, DateInput.read(text, nodes, strict));
        parts.calendar();
        parts.check();
        parts.clock();
        return parts;
    }

    private void clock() {
        int hour = in.secondsOfDay / 3600;
        int minute = in.secondsOfDay / 60 % 60;
        int second = in.secondsOfDay % 60;
        second = in.second != 0 ? in.second : second;
        minute = in.minute != 0 ? in.minute : minute;
        hour = in.hour != 0 ? in.hour : hour;
        if (in.clock12) {
            if (hour < 1 || hour > 12) {
                throw invalid("hour \"" + hour + "\" is invalid for the 12-hour clock")
                        .withHint("Use the 24-hour clock, or give an hour between 1 and 12.");
            }
            hour = hour % 12 + (in.pm != 0 ? 12 : 0);
        }
        long fraction = in.millis * 1000L + in.micros;
        if (hour < 0
                || hour >= 24
                || minute < 0
                || minute >= 60
                || second < 0
                || second >= 60
                || fraction < 0
                || fraction >= DateTimes.MICROS_PER_SECOND) {
            throw outOfRange();
        }
        micros = (hour * 3600L + minute * 60L + second) * DateTimes.MICROS_PER_SECOND + fraction;
    }

    private void setDate(int[] date) {
        year = date[0];
        month = date[1];
        day = date[2];
        hasYear = true;
        hasMonth = true;
        hasDay = true;
    }

    private void years() {
        int century = in.bc != 0 ? -in.century : in.century;
        if (in.year != 0) {
            if (in.century != 0 && in.yearDigits <= 2) {
                year = in.year % 100;
                if (year == 0) {
                    year = century * 100 + (century >= 0 ? 0 : 1);
                } else {
                    year =
                            century >= 0
                                    ? year + (century - 1) * 100
                                    : (century + 1) * 100 - year + 1;
                }
            } else {
                year = in.bc != 0 ? -in.year : in.year;
                year += year < 0 ? 1 : 0;
            }
            hasYear = true;
        } else if (in.century != 0) {
            year = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
            hasYear = true;
        }
    }

    private void calendar() {
        years();
        if (in.julian != 0) {
            setDate(JulianDays.date(in.julian));
        }
        int dayOfYear = in.dayOfYear;
        if (in.week != 0) {
            if (in.isIso()) {
                int monday = JulianDays.ofWeek(year, in.week);
                int weekday = in.dayOfWeek == 0 ? 0 : in.dayOfWeek == 1 ? 6 : in.dayOfWeek - 2;
                setDate(JulianDays.date(monday + weekday));
            } else {
                dayOfYear = (in.week - 1) * 7 + 1;
            }
        }
        int dayOfMonth = in.weekOfMonth != 0 ? (in.weekOfMonth - 1) * 7 + 1 : in.day;
        if (dayOfMonth != 0) {
            day = dayOfMonth;
            hasDay = true;
        }
        if (in.month != 0) {
            month = in.month;
            hasMonth = true;
        }
        if (dayOfYear != 0 && (month <= 1 || day <= 1)) {
            ofDayOfYear(dayOfYear);
        }
    }

    private void ofDayOfYear(int dayOfYear) {
        if (year == 0 && in.bc == 0) {
            throw invalid("cannot calculate day of year without year information");
        }
        if (in.isIso()) {
            setDate(JulianDays.date(JulianDays.ofWeek(year, 1) - 1 + dayOfYear));
            return;
        }
        int i = 1;
        while (i <= 12 && dayOfYear > before(i)) {
            i++;
        }
        if (month <= 1) {
            month = i;
        }
        if (day <= 1) {
            day = dayOfYear - before(i - 1);
        }
        hasMonth = true;
        hasDay = true;
    }

    private boolean isLeap() {
        return Math.floorMod(year, 4) == 0
                && (Math.floorMod(year, 100) != 0 || Math.floorMod(year, 400) == 0);
    }

    /** Days of the year up to the end of a month. */
    private int before(int months) {
        return DAYS_BEFORE[months] + (months >= 2 && isLeap() ? 1 : 0);
    }

    private void check() {
        boolean wrong = hasMonth && (month < 1 || month > 12);
        wrong |= hasDay && (day < 1 || day > 31);
        if (!wrong && hasYear && hasMonth && hasDay) {
            wrong = day > before(month) - before(month - 1);
        }
        if (wrong) {
            throw outOfRange();
        }
    }

    private Long date() {
        boolean inside = year > -4713 || (year == -4713 && month >= 11);
        if (!inside || year >= 5_874_898) {
            throw outOfDateRange();
        }
        long days = JulianDays.of(year, month, day) + DateTimes.DATE_MIN;
        if (days < DateTimes.DATE_MIN || days >= DateTimes.DATE_END) {
            throw outOfDateRange();
        }
        return days;
    }

    private SqlException outOfDateRange() {
        return new SqlException(
                SqlState.DATETIME_FIELD_OVERFLOW, "date out of range: \"" + text + "\"");
    }

    private long local() {
        if (year < -4713 || year > 294_276) {
            throw SqlErrors.timestampOutOfRange();
        }
        long days = JulianDays.of(year, month, day) + DateTimes.DATE_MIN;
        return DateTimes.checkTimestamp(days * DateTimes.MICROS_PER_DAY + micros);
    }

    private @Nullable Integer offset() {
        if (in.zoneSign == 0) {
            return null;
        }
        if (in.zoneHour < 0
                || in.zoneHour > ZONE_HOURS_MAX
                || in.zoneMinute < 0
                || in.zoneMinute >= 60) {
            throw outOfRange();
        }
        return in.zoneSign * (in.zoneHour * 3600 + in.zoneMinute * 60);
    }
}
