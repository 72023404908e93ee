package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.DATE;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INTERVAL;
import static dev.driftdb.schemas.type.Types.NUMERIC;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TIME;
import static dev.driftdb.schemas.type.Types.TIMESTAMP;
import static dev.driftdb.schemas.type.Types.TIMESTAMPTZ;
import static dev.driftdb.schemas.type.Types.TIMETZ;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.IntervalText;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.time.temporal.JulianFields;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** extract, date_part and date_trunc. */
final class DateFields {
    private static final Set<String> TRUNCATION_UNKNOWN =
            Set.of("epoch", "dow", "isodow", "doy", "isoyear", "julian");

    private DateFields() {}

    /** A field's value; null for an infinite time's field that does not grow. */
    @FunctionalInterface
    private interface Fields {
        @Nullable Numeric get(String field, Object value, ZoneId zone);
    }

    static void define(Definitions d) {
        part(d, DATE, DateFields::ofDate);
        part(d, TIMESTAMP, (field, v, _) -> ofTimestamp(field, (Long) v, null, TIMESTAMP));
        part(d, TIMESTAMPTZ, (field, v, zone) -> ofTimestamp(field, (Long) v, zone, TIMESTAMPTZ));
        part(d, TIME, (field, v, _) -> ofTime(field, (Long) v, null, TIME));
        part(
                d,
                TIMETZ,
                (field, v, _) -> {
                    TimeTz time = (TimeTz) v;
                    return ofTime(field, time.micros(), time.offsetSeconds(), TIMETZ);
                });
        part(d, INTERVAL, (field, v, _) -> ofInterval(field, (Interval) v));
        d.fn(
                "date_trunc",
                TEXT,
                TIMESTAMP,
                TIMESTAMP,
                (String unit, Long t) -> truncate(unit, t, TIMESTAMP));
        d.define("date_trunc", TIMESTAMPTZ, TEXT, TIMESTAMPTZ)
                .stable()
                .eval((a, c) ->
                        truncate(
                                SystemFunctions.text(a, 0),
                                SystemFunctions.number(a, 1),
                                c.format().zone()));
        d.define("date_trunc", TIMESTAMPTZ, TEXT, TIMESTAMPTZ, TEXT)
                .eval((a, _) ->
                        truncate(
                                SystemFunctions.text(a, 0),
                                SystemFunctions.number(a, 1),
                                DateTimeFunctions.zone(SystemFunctions.text(a, 2))));
        d.fn(
                "date_trunc",
                TEXT,
                INTERVAL,
                INTERVAL,
                (String unit, Interval v) -> truncate(unit, v));
    }

    private static void part(Definitions d, SqlType type, Fields fields) {
        d.define("extract", NUMERIC, TEXT, type)
                .stable()
                .eval((a, c) -> field(a, type, fields, c.format().zone()));
        d.define("date_part", FLOAT8, TEXT, type)
                .stable()
                .eval((a, c) -> {
                    Numeric value = field(a, type, fields, c.format().zone());
                    return value == null ? null : Casts.toDouble(value);
                });
    }

    private static @Nullable Numeric field(
            @Nullable Object[] a, SqlType type, Fields fields, ZoneId zone) {
        String word = SystemFunctions.text(a, 0).toLowerCase(Locale.ROOT);
        String unit = IntervalText.unitOf(word);
        Object value = Objects.requireNonNull(a[1]);
        if (unit == null || unit.equals(word)) {
            return fields.get(word, value, zone);
        }
        try {
            return fields.get(unit, value, zone);
        } catch (SqlException e) {
            // Errors name the unit as it is written.
            throw e.state() == SqlState.FEATURE_NOT_SUPPORTED ? notSupported(word, type) : e;
        }
    }

    private static SqlException notSupported(String field, SqlType type) {
        return new SqlException(
                SqlState.FEATURE_NOT_SUPPORTED,
                "unit \"" + field + "\" not supported for type " + type.sqlName());
    }

    private static SqlException unsupported(String field, SqlType type) {
        boolean known =
                switch (field) {
                    case "microsecond",
                            "millisecond",
                            "second",
                            "minute",
                            "hour",
                            "day",
                            "week",
                            "month",
                            "quarter",
                            "year",
                            "decade",
                            "century",
                            "millennium",
                            "dow",
                            "isodow",
                            "doy",
                            "isoyear",
                            "epoch",
                            "julian",
                            "timezone",
                            "timezone_hour",
                            "timezone_minute" ->
                            true;
                    default -> false;
                };
        return known
                ? notSupported(field, type)
                : SqlErrors.invalidParameter(
                        "unit \"" + field + "\" not recognized for type " + type.sqlName());
    }

    private static Numeric decimal(long unscaled, int scale) {
        return Numeric.of(BigDecimal.valueOf(unscaled, scale));
    }

    private static @Nullable Numeric ofDate(String field, Object value, ZoneId zone) {
        long days = (Long) value;
        switch (field) {
            case "microsecond",
                    "millisecond",
                    "second",
                    "minute",
                    "hour",
                    "timezone",
                    "timezone_hour",
                    "timezone_minute" ->
                    throw unsupported(field, DATE);
            case "epoch" -> {
                if (!DateTimes.isInfinite(days)) {
                    return Numeric.of((days + DateTimes.EPOCH_DAYS) * 86_400);
                }
            }
            case "julian" -> {
                if (!DateTimes.isInfinite(days)) {
                    return Numeric.of(days - DateTimes.DATE_MIN);
                }
            }
            default -> {
                // As of the timestamp at midnight.
            }
        }
        if (DateTimes.isInfinite(days)) {
            return infinite(field, days, DATE);
        }
        Numeric result = calendar(field, DateTimes.toDate(days));
        if (result == null) {
            throw unsupported(field, DATE);
        }
        return result;
    }

    private static @Nullable Numeric infinite(String field, long value, SqlType type) {
        return switch (field) {
            case "year", "decade", "century", "millennium", "isoyear", "epoch", "julian" ->
                    value > 0 ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY;
            case "microsecond",
                    "millisecond",
                    "second",
                    "minute",
                    "hour",
                    "day",
                    "week",
                    "month",
                    "quarter",
                    "dow",
                    "isodow",
                    "doy",
                    "timezone",
                    "timezone_hour",
                    "timezone_minute" ->
                    null;
            default -> throw unsupported(field, type);
        };
    }

    private static @Nullable Numeric ofTimestamp(
            String field, long value, @Nullable ZoneId zone, SqlType type) {
        if (DateTimes.isInfinite(value)) {
            return infinite(field, value, type);
        }
        long local = zone == null ? value : DateTimes.instantToLocal(value, zone);
        Numeric ofClock = clock(field, Math.floorMod(local, DateTimes.MICROS_PER_DAY));
        if (ofClock != null) {
            return ofClock;
        }
        if (field.equals("epoch")) {
            // May pass the range of a long: 64 bits of microseconds and 30 years.
            return Numeric.of(
                    BigDecimal.valueOf(value, 6)
                            .add(BigDecimal.valueOf(DateTimes.EPOCH_DAYS * 86_400)));
        }
        if (field.equals("julian")) {
            long days = Math.floorDiv(local, DateTimes.MICROS_PER_DAY) - DateTimes.DATE_MIN;
            long micros = Math.floorMod(local, DateTimes.MICROS_PER_DAY);
            return NumericMath.add(
                    Numeric.of(days),
                    NumericMath.divide(Numeric.of(micros), Numeric.of(DateTimes.MICROS_PER_DAY)));
        }
        Numeric result = zone == null ? null : offset(field, DateTimes.offsetSeconds(value, zone));
        if (result == null) {
            result = calendar(field, DateTimes.toLocal(local).toLocalDate());
        }
        if (result == null) {
            throw unsupported(field, type);
        }
        return result;
    }

    private static @Nullable Numeric offset(String field, int seconds) {
        return switch (field) {
            case "timezone" -> Numeric.of(seconds);
            case "timezone_hour" -> Numeric.of(seconds / 3600);
            case "timezone_minute" -> Numeric.of(seconds / 60 % 60);
            default -> null;
        };
    }

    private static @Nullable Numeric clock(String field, long micros) {
        return switch (field) {
            case "microsecond" -> Numeric.of(micros % 60_000_000);
            case "millisecond" -> decimal(micros % 60_000_000, 3);
            case "second" -> decimal(micros % 60_000_000, 6);
            case "minute" -> Numeric.of(micros / 60_000_000 % 60);
            case "hour" -> Numeric.of(micros / 3_600_000_000L);
            default -> null;
        };
    }

    private static @Nullable Numeric calendar(String field, LocalDate date) {
        int iso = date.getYear();
        // There is no year 0: the one before 1 is -1.
        int year = iso > 0 ? iso : iso - 1;
        return switch (field) {
            case "day" -> Numeric.of(date.getDayOfMonth());
            case "month" -> Numeric.of(date.getMonthValue());
            case "quarter" -> Numeric.of((date.getMonthValue() + 2) / 3);
            case "week" -> Numeric.of(date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case "year" -> Numeric.of(year);
            case "decade" -> Numeric.of(Math.floorDiv(iso, 10));
            case "century" -> Numeric.of(year > 0 ? (year + 99) / 100 : -((99 - year) / 100));
            case "millennium" ->
                    Numeric.of(year > 0 ? (year + 999) / 1000 : -((999 - year) / 1000));
            case "dow" -> Numeric.of(date.getDayOfWeek().getValue() % 7);
            case "isodow" -> Numeric.of(date.getDayOfWeek().getValue());
            case "doy" -> Numeric.of(date.getDayOfYear());
            case "isoyear" -> {
                int isoYear = date.get(IsoFields.WEEK_BASED_YEAR);
                yield Numeric.of(isoYear > 0 ? isoYear : isoYear - 1);
            }
            case "julian" -> Numeric.of(date.getLong(JulianFields.JULIAN_DAY));
            default -> null;
        };
    }

    private static Numeric ofTime(
            String field, long micros, @Nullable Integer offsetSeconds, SqlType type) {
        Numeric result = clock(field, micros);
        if (result == null && field.equals("epoch")) {
            long seconds = offsetSeconds == null ? 0 : offsetSeconds;
            result = decimal(micros - seconds * DateTimes.MICROS_PER_SECOND, 6);
        }
        if (result == null && offsetSeconds != null) {
            result = offset(field, offsetSeconds);
        }
        if (result == null) {
            throw unsupported(field, type);
        }
        return result;
    }

    private static Numeric ofInterval(String field, Interval value) {
        long micros = value.micros();
        return switch (field) {
            case "microsecond" -> Numeric.of(micros % 60_000_000);
            case "millisecond" -> decimal(micros % 60_000_000, 3);
            case "second" -> decimal(micros % 60_000_000, 6);
            case "minute" -> Numeric.of(micros / 60_000_000 % 60);
            case "hour" -> Numeric.of(micros / 3_600_000_000L);
            case "day" -> Numeric.of(value.days());
            case "month" -> Numeric.of(value.months() % 12);
            case "quarter" -> Numeric.of(value.months() % 12 / 3 + 1);
            case "year" -> Numeric.of(value.months() / 12);
            case "decade" -> Numeric.of(value.months() / 120);
            case "century" -> Numeric.of(value.months() / 1200);
            case "millennium" -> Numeric.of(value.months() / 12_000);
            case "epoch" -> {
                // A year has 365.25 days here, a month 30.
                long seconds =
                        value.months() / 12 * 31_557_600L
                                + value.months() % 12 * 2_592_000L
                                + value.days() * 86_400L;
                yield Numeric.of(BigDecimal.valueOf(seconds).add(BigDecimal.valueOf(micros, 6)));
            }
            default -> throw unsupported(field, INTERVAL);
        };
    }

    private static Long truncate(String unitText, long instant, ZoneId zone) {
        return DateTimes.localToInstant(
                truncate(unitText, DateTimes.instantToLocal(instant, zone), TIMESTAMPTZ), zone);
    }

    private static Long truncate(String unitText, long value, SqlType type) {
        String unit = unit(unitText);
        long step =
                switch (unit) {
                    case "microsecond" -> 1;
                    case "millisecond" -> 1000;
                    case "second" -> 1_000_000;
                    case "minute" -> 60_000_000;
                    case "hour" -> 3_600_000_000L;
                    case "day" -> DateTimes.MICROS_PER_DAY;
                    default -> 0;
                };
        if (DateTimes.isInfinite(value)) {
            return value;
        }
        if (step > 0) {
            return Math.floorDiv(value, step) * step;
        }
        LocalDateTime local = DateTimes.toLocal(value);
        LocalDate date = local.toLocalDate();
        LocalDate start =
                switch (unit) {
                    case "week" -> date.minusDays(date.getDayOfWeek().getValue() - 1L);
                    case "month" -> date.withDayOfMonth(1);
                    case "quarter" ->
                            LocalDate.of(date.getYear(), (date.getMonthValue() - 1) / 3 * 3 + 1, 1);
                    case "year" -> LocalDate.of(date.getYear(), 1, 1);
                    case "decade" -> LocalDate.of(Math.floorDiv(date.getYear(), 10) * 10, 1, 1);
                    case "century" -> yearGroup(date, 100);
                    case "millennium" -> yearGroup(date, 1000);
                    default -> throw notATruncation(unit, type);
                };
        return DateTimes.fromDate(start) * DateTimes.MICROS_PER_DAY;
    }

    /** Centuries and millennia start with the year 1. */
    private static LocalDate yearGroup(LocalDate date, int size) {
        return LocalDate.of(Math.floorDiv(date.getYear() - 1, size) * size + 1, 1, 1);
    }

    private static String unit(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        String unit = IntervalText.unitOf(word);
        return unit == null ? word : unit;
    }

    private static Interval truncate(String unitText, Interval value) {
        long micros = value.micros();
        int months = value.months();
        return switch (unit(unitText)) {
            case "microsecond" -> value;
            case "millisecond" -> cut(value, micros - micros % 1000);
            case "second" -> cut(value, micros - micros % 1_000_000);
            case "minute" -> cut(value, micros - micros % 60_000_000);
            case "hour" -> cut(value, micros - micros % 3_600_000_000L);
            case "day" -> cut(value, 0);
            case "month" -> new Interval(months, 0, 0);
            case "quarter" -> new Interval(months - months % 3, 0, 0);
            case "year" -> new Interval(months - months % 12, 0, 0);
            case "decade" -> new Interval(months - months % 120, 0, 0);
            case "century" -> new Interval(months - months % 1200, 0, 0);
            case "millennium" -> new Interval(months - months % 12_000, 0, 0);
            case "week" ->
                    throw notSupported(unitText.toLowerCase(Locale.ROOT), INTERVAL)
                            .withDetail("Months usually have fractional weeks.");
            default -> throw notATruncation(unit(unitText), INTERVAL);
        };
    }

    /** Some are fields to extract, but no units at all to cut at. */
    private static SqlException notATruncation(String unit, SqlType type) {
        return TRUNCATION_UNKNOWN.contains(unit)
                ? SqlErrors.invalidParameter(
                        "unit \"" + unit + "\" not recognized for type " + type.sqlName())
                : unsupported(unit, type);
    }

    private static Interval cut(Interval value, long micros) {
        return new Interval(value.months(), value.days(), micros);
    }
}
