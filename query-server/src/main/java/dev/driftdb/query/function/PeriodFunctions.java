package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.INTERVAL;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TIME;
import static dev.driftdb.schemas.type.Types.TIMESTAMP;
import static dev.driftdb.schemas.type.Types.TIMESTAMPTZ;
import static dev.driftdb.schemas.type.Types.TIMETZ;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.ValueOrder;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** OVERLAPS of two periods, and steps of an interval in a time zone that is named. */
final class PeriodFunctions {
    private static final String OVERLAPS = "overlaps";

    private PeriodFunctions() {}

    /** A point in time moved by an interval. */
    @FunctionalInterface
    private interface Shift {
        Object by(Object start, Interval length, EvalContext context);
    }

    static void define(Definitions d) {
        Comparator<Object> timesWithZone = ValueOrder.of(TIMETZ);
        d.define(OVERLAPS, BOOL, TIMETZ, TIMETZ, TIMETZ, TIMETZ)
                .nullable()
                .eval((a, _) -> overlaps(a[0], a[1], a[2], a[3], timesWithZone));
        periods(
                d,
                TIME,
                (start, length, _) -> {
                    long micros = (Long) start + length.micros() % DateTimes.MICROS_PER_DAY;
                    return Math.floorMod(micros, DateTimes.MICROS_PER_DAY);
                });
        periods(d, TIMESTAMP, (start, length, _) -> DateTimes.plus((Long) start, length));
        periods(
                d,
                TIMESTAMPTZ,
                (start, length, c) -> DateTimes.plus((Long) start, length, c.format().zone()));
        steps(d);
    }

    /** Each of the two periods is given by its ends or by its start and length. */
    private static void periods(Definitions d, SqlType type, Shift shift) {
        Comparator<Object> order = ValueOrder.of(type);
        for (SqlType first : new SqlType[] {type, INTERVAL}) {
            for (SqlType second : new SqlType[] {type, INTERVAL}) {
                d.define(OVERLAPS, BOOL, type, first, type, second)
                        .nullable()
                        .stable()
                        .eval((a, c) ->
                                overlaps(
                                        a[0],
                                        end(a[0], a[1], first, shift, c),
                                        a[2],
                                        end(a[2], a[3], second, shift, c),
                                        order));
            }
        }
    }

    private static @Nullable Object end(
            @Nullable Object start,
            @Nullable Object end,
            SqlType type,
            Shift shift,
            EvalContext context) {
        if (!type.equals(INTERVAL)) {
            return end;
        }
        return start == null || end == null ? null : shift.by(start, (Interval) end, context);
    }

    /**
     * Ends may come in any order; a period without its end may be as short as its start. NULL where
     * the answer depends on an end that is not known.
     */
    private static @Nullable Boolean overlaps(
            @Nullable Object a1,
            @Nullable Object a2,
            @Nullable Object b1,
            @Nullable Object b2,
            Comparator<Object> order) {
        Object start = least(a1, a2, order);
        Object otherStart = least(b1, b2, order);
        if (start == null || otherStart == null) {
            return null;
        }
        Object end = a1 == null || a2 == null ? null : greatest(a1, a2, order);
        Object otherEnd = b1 == null || b2 == null ? null : greatest(b1, b2, order);
        int first = order.compare(start, otherStart);
        if (first == 0) {
            return (end == null || otherEnd == null) ? null : true;
        }
        Object earlierEnd = first < 0 ? end : otherEnd;
        Object laterEnd = first < 0 ? otherEnd : end;
        Object laterStart = first < 0 ? otherStart : start;
        if (earlierEnd == null) {
            return null;
        }
        if (order.compare(laterStart, earlierEnd) < 0) {
            return true;
        }
        return laterEnd == null ? null : false;
    }

    private static @Nullable Object least(
            @Nullable Object a, @Nullable Object b, Comparator<Object> order) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return order.compare(a, b) <= 0 ? a : b;
    }

    private static Object greatest(Object a, Object b, Comparator<Object> order) {
        return order.compare(a, b) >= 0 ? a : b;
    }

    private static void steps(Definitions d) {
        d.define("date_add", TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL)
                .stable()
                .eval((a, c) -> DateTimes.plus(instant(a), interval(a), c.format().zone()));
        d.define("date_add", TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL, TEXT)
                .eval((a, _) -> DateTimes.plus(instant(a), interval(a), zone(a)));
        d.define("date_subtract", TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL)
                .stable()
                .eval((a, c) ->
                        DateTimes.plus(
                                instant(a), IntervalMath.negate(interval(a)), c.format().zone()));
        d.define("date_subtract", TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL, TEXT)
                .eval((a, _) ->
                        DateTimes.plus(instant(a), IntervalMath.negate(interval(a)), zone(a)));
    }

    private static long instant(@Nullable Object[] a) {
        return SystemFunctions.number(a, 0);
    }

    private static Interval interval(@Nullable Object[] a) {
        return (Interval) Objects.requireNonNull(a[1]);
    }

    private static ZoneId zone(@Nullable Object[] a) {
        return DateTimeFunctions.zone(SystemFunctions.text(a, 2));
    }
}
