package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.DATE;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INTERVAL;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TIME;
import static dev.driftdb.schemas.type.Types.TIMESTAMP;
import static dev.driftdb.schemas.type.Types.TIMESTAMPTZ;
import static dev.driftdb.schemas.type.Types.TIMETZ;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.TimeTz;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.9 Date/Time Functions and Operators; fields are in DateFields. */
final class DateTimeFunctions {
    private static final Instant EPOCH_2000 = Instant.parse("2000-01-01T00:00:00Z");

    private DateTimeFunctions() {}

    static void define(Definitions d) {
        clocks(d);
        making(d);
        ages(d);
        zones(d);
        other(d);
    }

    /** Microseconds since 2000-01-01 UTC, now. */
    static long clock() {
        return ChronoUnit.MICROS.between(EPOCH_2000, Instant.now());
    }

    private static void clocks(Definitions d) {
        moment(d, "now", EvalContext::transactionTimestamp);
        moment(d, "transaction_timestamp", EvalContext::transactionTimestamp);
        moment(d, "statement_timestamp", EvalContext::statementTimestamp);
        d.define("clock_timestamp", TIMESTAMPTZ).changing().eval((_, _) -> clock());
        d.define("timeofday", TEXT)
                .changing()
                .eval((_, c) -> DateTimes.formatTimestampTz(clock(), c.format().zone()));
        d.define("current_date", DATE).stable().eval((_, c) -> DateTimes.timestampToDate(local(c)));
        current(d, "current_timestamp", TIMESTAMPTZ, EvalContext::transactionTimestamp);
        current(d, "localtimestamp", TIMESTAMP, DateTimeFunctions::local);
        current(d, "localtime", TIME, c -> Casts.timeOf(local(c)));
        for (SqlType[] arguments : new SqlType[][] {{}, {INT4}}) {
            d.define("current_time", TIMETZ, arguments)
                    .stable()
                    .eval((a, c) -> {
                        ZoneId zone = c.format().zone();
                        int offset = DateTimes.offsetSeconds(c.transactionTimestamp(), zone);
                        TimeTz now = new TimeTz(Casts.timeOf(local(c)), offset);
                        return a.length == 0
                                ? now
                                : TypeModifiers.apply(TIMETZ, now, precision(a), true);
                    });
        }
    }

    private static int precision(@Nullable Object[] a) {
        return (int) Math.min(6, SystemFunctions.number(a, 0));
    }

    private static void moment(Definitions d, String name, ToLongFunction<EvalContext> f) {
        d.define(name, TIMESTAMPTZ).stable().eval((_, c) -> f.applyAsLong(c));
    }

    private static void current(
            Definitions d, String name, SqlType type, ToLongFunction<EvalContext> f) {
        d.define(name, type).stable().eval((_, c) -> f.applyAsLong(c));
        d.define(name, type, INT4)
                .stable()
                .eval((a, c) -> TypeModifiers.apply(type, f.applyAsLong(c), precision(a), true));
    }

    private static long local(EvalContext context) {
        return DateTimes.instantToLocal(context.transactionTimestamp(), context.format().zone());
    }

    private static void making(Definitions d) {
        d.define("make_date", DATE, INT4, INT4, INT4)
                .eval((a, _) -> date(number(a, 0), number(a, 1), number(a, 2)));
        d.define("make_time", TIME, INT4, INT4, FLOAT8)
                .eval((a, _) -> time(number(a, 0), number(a, 1), real(a, 2)));
        d.define("make_timestamp", TIMESTAMP, INT4, INT4, INT4, INT4, INT4, FLOAT8)
                .eval((a, _) -> timestamp(a));
        d.define("make_timestamptz", TIMESTAMPTZ, INT4, INT4, INT4, INT4, INT4, FLOAT8)
                .stable()
                .eval((a, c) -> DateTimes.localToInstant(timestamp(a), c.format().zone()));
        d.define("make_timestamptz", TIMESTAMPTZ, INT4, INT4, INT4, INT4, INT4, FLOAT8, TEXT)
                .eval((a, _) ->
                        DateTimes.localToInstant(
                                timestamp(a), isoZone(SystemFunctions.text(a, 6))));
        d.define("make_interval", INTERVAL, INT4, INT4, INT4, INT4, INT4, INT4, FLOAT8)
                .defaults(7)
                .eval((a, _) -> interval(a));
        d.fn("to_timestamp", FLOAT8, TIMESTAMPTZ, (Double seconds) -> fromEpoch(seconds));
    }

    private static long number(@Nullable Object[] a, int index) {
        return SystemFunctions.number(a, index);
    }

    private static double real(@Nullable Object[] a, int index) {
        return (Double) Objects.requireNonNull(a[index]);
    }

    private static long date(long year, long month, long day) {
        try {
            if (year == 0) {
                throw new DateTimeException("there is no year 0");
            }
            // Year -1 is 1 BC, which ISO counts as year 0.
            int isoYear = Math.toIntExact(year < 0 ? year + 1 : year);
            return DateTimes.checkDate(
                    DateTimes.fromDate(LocalDate.of(isoYear, (int) month, (int) day)));
        } catch (DateTimeException | ArithmeticException _) {
            throw new SqlException(
                    SqlState.DATETIME_FIELD_OVERFLOW,
                    "date field value out of range: "
                            + String.format("%d-%02d-%02d", year, month, day));
        }
    }

    private static long time(long hour, long minute, double second) {
        long micros = Math.round(second * DateTimes.MICROS_PER_SECOND);
        long total = (hour * 3600 + minute * 60) * DateTimes.MICROS_PER_SECOND + micros;
        boolean valid =
                hour >= 0
                        && minute >= 0
                        && minute < 60
                        && micros >= 0
                        && micros <= 60 * DateTimes.MICROS_PER_SECOND
                        && total <= DateTimes.MICROS_PER_DAY;
        if (!valid) {
            throw new SqlException(
                    SqlState.DATETIME_FIELD_OVERFLOW,
                    "time field value out of range: "
                            + String.format("%d:%02d:%s", hour, minute, trimmed(second)));
        }
        return total;
    }

    private static String trimmed(double second) {
        String text = second == Math.rint(second) ? Long.toString((long) second) : second + "";
        return text.length() == 1 ? "0" + text : text;
    }

    private static long timestamp(@Nullable Object[] a) {
        long days = date(number(a, 0), number(a, 1), number(a, 2));
        return DateTimes.checkTimestamp(
                DateTimes.dateToTimestamp(days) + time(number(a, 3), number(a, 4), real(a, 5)));
    }

    private static Interval interval(@Nullable Object[] a) {
        long[] n = new long[6];
        for (int i = 0; i < Math.min(a.length, n.length); i++) {
            n[i] = number(a, i);
        }
        double seconds = a.length > 6 ? real(a, 6) : 0;
        if (Double.isNaN(seconds) || Double.isInfinite(seconds)) {
            throw SqlErrors.intervalOutOfRange();
        }
        try {
            long micros =
                    Math.addExact(
                            Math.multiplyExact(n[4] * 3600 + n[5] * 60, 1_000_000L),
                            Math.round(seconds * DateTimes.MICROS_PER_SECOND));
            // PostgreSQL lets the counts of months and days wrap around.
            return new Interval((int) (n[0] * 12 + n[1]), (int) (n[2] * 7 + n[3]), micros);
        } catch (ArithmeticException _) {
            throw SqlErrors.intervalOutOfRange();
        }
    }

    private static long fromEpoch(double seconds) {
        if (Double.isInfinite(seconds)) {
            return seconds > 0 ? DateTimes.INFINITY : DateTimes.NEGATIVE_INFINITY;
        }
        double micros =
                Math.rint(
                        (seconds - DateTimes.EPOCH_DAYS * 86_400.0) * DateTimes.MICROS_PER_SECOND);
        if (!(micros >= DateTimes.TIMESTAMP_MIN && micros < DateTimes.TIMESTAMP_END)) {
            throw Double.isNaN(seconds)
                    ? new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, "timestamp cannot be NaN")
                    : new SqlException(
                            SqlState.DATETIME_FIELD_OVERFLOW,
                            "timestamp out of range: \"" + sixDigits(seconds) + "\"");
        }
        return (long) micros;
    }

    /** A number of many digits as C's %g shows it: 1e+30, 9.22434e+12. */
    private static String sixDigits(double value) {
        String text = String.format(Locale.ROOT, "%.5e", value);
        int exponent = text.indexOf('e');
        return new BigDecimal(text.substring(0, exponent)).stripTrailingZeros().toPlainString()
                + text.substring(exponent);
    }

    private static void ages(Definitions d) {
        d.fn("age", TIMESTAMP, TIMESTAMP, INTERVAL, (Long a, Long b) -> age(a, b));
        d.define("age", INTERVAL, TIMESTAMPTZ, TIMESTAMPTZ)
                .stable()
                .eval((a, c) ->
                        age(
                                DateTimes.instantToLocal(number(a, 0), c.format().zone()),
                                DateTimes.instantToLocal(number(a, 1), c.format().zone())));
        d.define("age", INTERVAL, TIMESTAMP)
                .stable()
                .eval((a, c) -> age(midnight(c), number(a, 0)));
        d.define("age", INTERVAL, TIMESTAMPTZ)
                .stable()
                .eval((a, c) ->
                        age(
                                midnight(c),
                                DateTimes.instantToLocal(number(a, 0), c.format().zone())));
    }

    private static long midnight(EvalContext context) {
        return DateTimes.timestampToDate(local(context)) * DateTimes.MICROS_PER_DAY;
    }

    /** Years, months and days between, counted as a person would (PostgreSQL's timestamp_age). */
    private static Interval age(long a, long b) {
        if (DateTimes.isInfinite(a) || DateTimes.isInfinite(b)) {
            throw SqlErrors.timestampOutOfRange();
        }
        if (a < b) {
            return IntervalMath.negate(age(b, a));
        }
        LocalDateTime later = DateTimes.toLocal(a);
        LocalDateTime earlier = DateTimes.toLocal(b);
        int months =
                (later.getYear() - earlier.getYear()) * 12
                        + later.getMonthValue()
                        - earlier.getMonthValue();
        int days = later.getDayOfMonth() - earlier.getDayOfMonth();
        long micros =
                Math.floorMod(a, DateTimes.MICROS_PER_DAY)
                        - Math.floorMod(b, DateTimes.MICROS_PER_DAY);
        if (micros < 0) {
            micros += DateTimes.MICROS_PER_DAY;
            days--;
        }
        if (days < 0) {
            // The borrowed month is the earlier one's.
            days += earlier.toLocalDate().lengthOfMonth();
            months--;
        }
        return new Interval(months, days, micros);
    }

    private static ZoneId zone(@Nullable Object[] a, int index) {
        return zone(SystemFunctions.text(a, index));
    }

    static ZoneId zone(String name) {
        ZoneId zone = DateTimes.findZone(name);
        if (zone == null) {
            throw SqlErrors.invalidParameter("time zone \"" + name + "\" not recognized");
        }
        return zone;
    }

    /** As make_timestamptz reads it: an offset is one of ISO 8601, east of Greenwich. */
    private static ZoneId isoZone(String name) {
        if (!name.isEmpty() && Character.isDigit(name.charAt(0))) {
            throw SqlErrors.invalidParameter(
                            "invalid input syntax for type numeric time zone: \"" + name + "\"")
                    .withHint("Numeric time zones must have \"-\" or \"+\" as first character.");
        }
        ZoneId offset = DateTimes.findOffset(name);
        if (offset != null) {
            return offset;
        }
        if (name.matches("[+-][0-9:]+")) {
            throw SqlErrors.invalidParameter("numeric time zone \"" + name + "\" out of range");
        }
        return zone(name);
    }

    private static ZoneId zone(Interval offset) {
        if (offset.months() != 0 || offset.days() != 0) {
            throw SqlErrors.invalidParameter(
                    "interval time zone \""
                            + TextFormat.format(INTERVAL, offset, FormatSettings.UTC)
                            + "\" must not include months or days");
        }
        return ZoneOffset.ofTotalSeconds((int) (offset.micros() / DateTimes.MICROS_PER_SECOND));
    }

    private static void zones(Definitions d) {
        d.fn(
                "timezone",
                TEXT,
                TIMESTAMP,
                TIMESTAMPTZ,
                (String z, Long t) -> DateTimes.localToInstant(t, zone(z)));
        d.fn(
                "timezone",
                TEXT,
                TIMESTAMPTZ,
                TIMESTAMP,
                (String z, Long t) -> DateTimes.instantToLocal(t, zone(z)));
        d.define("timezone", TIMETZ, TEXT, TIMETZ)
                .stable()
                .eval((a, c) -> {
                    TimeTz time = (TimeTz) Objects.requireNonNull(a[1]);
                    return shift(
                            time, DateTimes.offsetSeconds(c.transactionTimestamp(), zone(a, 0)));
                });
        d.fn(
                "timezone",
                INTERVAL,
                TIMESTAMP,
                TIMESTAMPTZ,
                (Interval z, Long t) -> DateTimes.localToInstant(t, zone(z)));
        d.fn(
                "timezone",
                INTERVAL,
                TIMESTAMPTZ,
                TIMESTAMP,
                (Interval z, Long t) -> DateTimes.instantToLocal(t, zone(z)));
        d.fn(
                "timezone",
                INTERVAL,
                TIMETZ,
                TIMETZ,
                (Interval z, TimeTz t) -> shift(t, DateTimes.offsetSeconds(0, zone(z))));
    }

    private static TimeTz shift(TimeTz time, int offset) {
        long micros = time.micros() + (offset - time.offsetSeconds()) * DateTimes.MICROS_PER_SECOND;
        return new TimeTz(Math.floorMod(micros, DateTimes.MICROS_PER_DAY), offset);
    }

    private static void other(Definitions d) {
        for (SqlType type : List.of(DATE, TIMESTAMP, TIMESTAMPTZ)) {
            d.fn("isfinite", type, BOOL, (Long v) -> !DateTimes.isInfinite(v));
        }
        d.fn("isfinite", INTERVAL, BOOL, (Interval _) -> true);
        d.fn("justify_hours", INTERVAL, INTERVAL, DateTimeFunctions::justifyHours);
        d.fn("justify_days", INTERVAL, INTERVAL, DateTimeFunctions::justifyDays);
        d.fn("justify_interval", INTERVAL, INTERVAL, DateTimeFunctions::justify);
        for (SqlType type : List.of(TIMESTAMP, TIMESTAMPTZ)) {
            d.fn("date_bin", INTERVAL, type, type, type, DateTimeFunctions::bin);
        }
    }

    private static Interval justifyHours(Interval value) {
        long days = value.days() + value.micros() / DateTimes.MICROS_PER_DAY;
        long micros = value.micros() % DateTimes.MICROS_PER_DAY;
        if (days > 0 && micros < 0) {
            micros += DateTimes.MICROS_PER_DAY;
            days--;
        } else if (days < 0 && micros > 0) {
            micros -= DateTimes.MICROS_PER_DAY;
            days++;
        }
        return checked(value.months(), days, micros);
    }

    private static Interval justifyDays(Interval value) {
        long months = (long) value.months() + value.days() / 30;
        long days = value.days() % 30;
        if (months > 0 && days < 0) {
            days += 30;
            months--;
        } else if (months < 0 && days > 0) {
            days -= 30;
            months++;
        }
        return checked(months, days, value.micros());
    }

    private static Interval justify(Interval value) {
        long days = value.days() + value.micros() / DateTimes.MICROS_PER_DAY;
        long micros = value.micros() % DateTimes.MICROS_PER_DAY;
        long months = value.months() + days / 30;
        days %= 30;
        if (months > 0 && (days < 0 || (days == 0 && micros < 0))) {
            days += 30;
            months--;
        } else if (months < 0 && (days > 0 || (days == 0 && micros > 0))) {
            days -= 30;
            months++;
        }
        if (days > 0 && micros < 0) {
            micros += DateTimes.MICROS_PER_DAY;
            days--;
        } else if (days < 0 && micros > 0) {
            micros -= DateTimes.MICROS_PER_DAY;
            days++;
        }
        return checked(months, days, micros);
    }

    private static Interval checked(long months, long days, long micros) {
        try {
            return new Interval(Math.toIntExact(months), Math.toIntExact(days), micros);
        } catch (ArithmeticException _) {
            throw SqlErrors.intervalOutOfRange();
        }
    }

    private static Long bin(Interval stride, Long at, Long origin) {
        if (DateTimes.isInfinite(at)) {
            return at;
        }
        if (DateTimes.isInfinite(origin)) {
            throw new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, "origin out of range");
        }
        if (stride.months() != 0) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "timestamps cannot be binned into intervals containing months or years");
        }
        long width = stride.days() * DateTimes.MICROS_PER_DAY + stride.micros();
        if (width <= 0) {
            throw new SqlException(
                    SqlState.DATETIME_FIELD_OVERFLOW, "stride must be greater than zero");
        }
        return origin + Math.floorDiv(at - origin, width) * width;
    }
}
