package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.DATE;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INTERVAL;
import static dev.driftdb.schemas.type.Types.TIME;
import static dev.driftdb.schemas.type.Types.TIMESTAMP;
import static dev.driftdb.schemas.type.Types.TIMESTAMPTZ;
import static dev.driftdb.schemas.type.Types.TIMETZ;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.9, table 9.32: the operators on dates, times and intervals. */
final class DateTimeOperators {
    private DateTimeOperators() {}

    static void define(Definitions d) {
        dates(d);
        d.commutative(
                "+", TIMESTAMP, INTERVAL, TIMESTAMP, (Long t, Interval i) -> DateTimes.plus(t, i));
        d.op(
                "-",
                TIMESTAMP,
                INTERVAL,
                TIMESTAMP,
                (Long t, Interval i) -> DateTimes.plus(t, IntervalMath.negate(i)));
        d.op("-", TIMESTAMP, TIMESTAMP, INTERVAL, (Long a, Long b) -> difference(a, b));
        d.op("-", TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL, (Long a, Long b) -> difference(a, b));
        zoned(d);
        times(d);
        intervals(d);
    }

    private static void dates(Definitions d) {
        d.commutative("+", DATE, INT4, DATE, (Long date, Long n) -> addDays(date, n));
        d.op("-", DATE, INT4, DATE, (Long date, Long n) -> addDays(date, -n));
        d.op(
                "-",
                DATE,
                DATE,
                INT4,
                (Long a, Long b) -> {
                    if (DateTimes.isInfinite(a) || DateTimes.isInfinite(b)) {
                        throw new SqlException(
                                SqlState.DATETIME_FIELD_OVERFLOW, "cannot subtract infinite dates");
                    }
                    return a - b;
                });
        d.commutative(
                "+",
                DATE,
                INTERVAL,
                TIMESTAMP,
                (Long date, Interval i) -> DateTimes.plus(DateTimes.dateToTimestamp(date), i));
        d.op(
                "-",
                DATE,
                INTERVAL,
                TIMESTAMP,
                (Long date, Interval i) ->
                        DateTimes.plus(DateTimes.dateToTimestamp(date), IntervalMath.negate(i)));
        d.commutative(
                "+",
                DATE,
                TIME,
                TIMESTAMP,
                (Long date, Long time) ->
                        DateTimes.isInfinite(date)
                                ? date
                                : (Long) (DateTimes.dateToTimestamp(date) + time));
        d.commutative(
                "+",
                DATE,
                TIMETZ,
                TIMESTAMPTZ,
                (Long date, TimeTz time) ->
                        DateTimes.isInfinite(date)
                                ? date
                                : (Long)
                                        DateTimes.checkTimestamp(
                                                DateTimes.dateToTimestamp(date)
                                                        + time.micros()
                                                        - time.offsetSeconds()
                                                                * DateTimes.MICROS_PER_SECOND));
    }

    private static Long addDays(long date, long n) {
        return DateTimes.isInfinite(date) ? date : DateTimes.checkDate(date + n);
    }

    private static Interval difference(long a, long b) {
        if (DateTimes.isInfinite(a) || DateTimes.isInfinite(b)) {
            throw new SqlException(
                    SqlState.DATETIME_FIELD_OVERFLOW, "cannot subtract infinite timestamps");
        }
        long micros = a - b;
        return new Interval(
                0, (int) (micros / DateTimes.MICROS_PER_DAY), micros % DateTimes.MICROS_PER_DAY);
    }

    private static void zoned(Definitions d) {
        d.define("timestamptz_pl_interval", TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL)
                .stable()
                .eval((a, c) -> shift(a[0], (Interval) Objects.requireNonNull(a[1]), c));
        d.operator("+", TIMESTAMPTZ, INTERVAL, d.scalars.getLast());
        d.define("interval_pl_timestamptz", TIMESTAMPTZ, INTERVAL, TIMESTAMPTZ)
                .stable()
                .eval((a, c) -> shift(a[1], (Interval) Objects.requireNonNull(a[0]), c));
        d.operator("+", INTERVAL, TIMESTAMPTZ, d.scalars.getLast());
        d.define("timestamptz_mi_interval", TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL)
                .stable()
                .eval((a, c) ->
                        shift(
                                a[0],
                                IntervalMath.negate((Interval) Objects.requireNonNull(a[1])),
                                c));
        d.operator("-", TIMESTAMPTZ, INTERVAL, d.scalars.getLast());
    }

    private static Long shift(@Nullable Object instant, Interval interval, EvalContext context) {
        return DateTimes.plus(
                (Long) Objects.requireNonNull(instant), interval, context.format().zone());
    }

    private static void times(Definitions d) {
        d.commutative("+", TIME, INTERVAL, TIME, (Long t, Interval i) -> wrap(t + i.micros()));
        d.op("-", TIME, INTERVAL, TIME, (Long t, Interval i) -> wrap(t - i.micros()));
        d.op("-", TIME, TIME, INTERVAL, (Long a, Long b) -> new Interval(0, 0, a - b));
        d.commutative(
                "+",
                TIMETZ,
                INTERVAL,
                TIMETZ,
                (TimeTz t, Interval i) ->
                        new TimeTz(wrap(t.micros() + i.micros()), t.offsetSeconds()));
        d.op(
                "-",
                TIMETZ,
                INTERVAL,
                TIMETZ,
                (TimeTz t, Interval i) ->
                        new TimeTz(wrap(t.micros() - i.micros()), t.offsetSeconds()));
    }

    private static Long wrap(long micros) {
        return Math.floorMod(micros, DateTimes.MICROS_PER_DAY);
    }

    private static void intervals(Definitions d) {
        SqlType i = INTERVAL;
        d.op("+", i, i, i, IntervalMath::add);
        d.op("-", i, i, i, IntervalMath::subtract);
        d.prefix("-", i, i, IntervalMath::negate);
        d.prefix("+", i, i, (Interval a) -> a);
        d.commutative("*", i, FLOAT8, i, (Interval a, Double f) -> IntervalMath.multiply(a, f));
        d.op("/", i, FLOAT8, i, (Interval a, Double f) -> IntervalMath.divide(a, f));
    }
}
