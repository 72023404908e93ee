package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.Comparator;
import java.util.List;

/** Distances in RANGE frames: PostgreSQL's in_range support functions. */
public final class RangeFrames {
    private RangeFrames() {}

    /** Whether a value lies on the wanted side of another one that is moved by an offset. */
    @FunctionalInterface
    public interface InRange {
        /**
         * {@code value <= base - offset} with {@code subtract} and {@code less}; {@code +} without
         * the one, {@code >=} without the other.
         *
         * @throws SqlException 22013 for a negative offset
         */
        boolean test(
                Object value,
                Object base,
                Object offset,
                boolean subtract,
                boolean less,
                EvalContext context);
    }

    /** The types of offsets that values of a type can be moved by; empty for none. */
    public static List<SqlType> offsetTypes(SqlType column) {
        return switch (column.name()) {
            case "int2", "int4" -> List.of(Types.INT8, Types.INT2, Types.INT4);
            case "int8" -> List.of(Types.INT8);
            case "float4", "float8" -> List.of(Types.FLOAT8);
            case "numeric" -> List.of(Types.NUMERIC);
            case "date", "timestamp", "timestamptz", "time", "timetz", "interval" ->
                    List.of(Types.INTERVAL);
            default -> List.of();
        };
    }

    /** The test for a type that {@link #offsetTypes} knows. */
    public static InRange of(SqlType column) {
        return switch (column.name()) {
            case "int2", "int4", "int8" -> RangeFrames::integers;
            case "float4", "float8" -> RangeFrames::floats;
            case "numeric" -> RangeFrames::numerics;
            case "date" -> RangeFrames::dates;
            case "timestamp" -> RangeFrames::timestamps;
            case "timestamptz" -> RangeFrames::instants;
            case "time" -> RangeFrames::times;
            case "timetz" -> RangeFrames::timesWithZone;
            case "interval" -> RangeFrames::intervals;
            default -> throw new IllegalStateException("no offsets for type " + column.name());
        };
    }

    private static SqlException invalidSize() {
        return new SqlException(
                SqlState.INVALID_PRECEDING_OR_FOLLOWING_SIZE,
                "invalid preceding or following size in window function");
    }

    private static boolean isOnSide(int comparison, boolean less) {
        return less ? comparison <= 0 : comparison >= 0;
    }

    private static boolean integers(
            Object value,
            Object base,
            Object offset,
            boolean subtract,
            boolean less,
            EvalContext c) {
        long from = (Long) base;
        long distance = (Long) offset;
        if (distance < 0) {
            throw invalidSize();
        }
        long moved = subtract ? from - distance : from + distance;
        boolean wrapped = subtract ? moved > from : moved < from;
        // Beyond the last integer: every value is before it, or after it.
        return wrapped ? subtract != less : isOnSide(Long.compare((Long) value, moved), less);
    }

    private static boolean floats(
            Object value,
            Object base,
            Object offset,
            boolean subtract,
            boolean less,
            EvalContext c) {
        double at = ((Number) value).doubleValue();
        double from = ((Number) base).doubleValue();
        double distance = (Double) offset;
        if (Double.isNaN(distance) || distance < 0) {
            throw invalidSize();
        }
        if (Double.isNaN(at)) {
            return Double.isNaN(from) || !less;
        }
        if (Double.isNaN(from)) {
            return less;
        }
        if (Double.isInfinite(distance) && Double.isInfinite(from) && subtract == from > 0) {
            return true;
        }
        double moved = subtract ? from - distance : from + distance;
        return less ? at <= moved : at >= moved;
    }

    private static boolean numerics(
            Object value,
            Object base,
            Object offset,
            boolean subtract,
            boolean less,
            EvalContext c) {
        Numeric at = (Numeric) value;
        Numeric from = (Numeric) base;
        Numeric distance = (Numeric) offset;
        if (distance.isNaN() || NumericMath.sign(distance) < 0) {
            throw invalidSize();
        }
        if (at.isNaN()) {
            return from.isNaN() || !less;
        }
        if (from.isNaN()) {
            return less;
        }
        if (!distance.isFinite() && !from.isFinite() && subtract == NumericMath.sign(from) > 0) {
            return true;
        }
        Numeric moved =
                subtract ? NumericMath.subtract(from, distance) : NumericMath.add(from, distance);
        return isOnSide(at.compareTo(moved), less);
    }

    private static final Comparator<Object> INTERVALS = ValueOrder.of(Types.INTERVAL);
    private static final Comparator<Object> TIMES_WITH_ZONE = ValueOrder.of(Types.TIMETZ);
    private static final Interval NONE = new Interval(0, 0, 0);

    private static Interval distance(Object offset, boolean subtract) {
        Interval distance = (Interval) offset;
        if (INTERVALS.compare(distance, NONE) < 0) {
            throw invalidSize();
        }
        return subtract ? IntervalMath.negate(distance) : distance;
    }

    private static boolean dates(
            Object value,
            Object base,
            Object offset,
            boolean subtract,
            boolean less,
            EvalContext c) {
        return timestamps(
                DateTimes.dateToTimestamp((Long) value),
                DateTimes.dateToTimestamp((Long) base),
                offset,
                subtract,
                less,
                c);
    }

    private static boolean timestamps(
            Object value,
            Object base,
            Object offset,
            boolean subtract,
            boolean less,
            EvalContext c) {
        long moved = DateTimes.plus((Long) base, distance(offset, subtract));
        return isOnSide(Long.compare((Long) value, moved), less);
    }

    private static boolean instants(
            Object value,
            Object base,
            Object offset,
            boolean subtract,
            boolean less,
            EvalContext c) {
        long moved = DateTimes.plus((Long) base, distance(offset, subtract), c.format().zone());
        return isOnSide(Long.compare((Long) value, moved), less);
    }

    /** Months and days of the offset do not count, as where an interval is added to a time. */
    private static long micros(Object offset) {
        long micros = ((Interval) offset).micros();
        if (micros < 0) {
            throw invalidSize();
        }
        return micros;
    }

    private static boolean times(
            Object value,
            Object base,
            Object offset,
            boolean subtract,
            boolean less,
            EvalContext c) {
        return integers(value, base, micros(offset), subtract, less, c);
    }

    private static boolean timesWithZone(
            Object value,
            Object base,
            Object offset,
            boolean subtract,
            boolean less,
            EvalContext c) {
        long micros = micros(offset);
        TimeTz from = (TimeTz) base;
        long moved = subtract ? from.micros() - micros : from.micros() + micros;
        if (!subtract && moved < from.micros()) {
            return less;
        }
        return isOnSide(
                TIMES_WITH_ZONE.compare(value, new TimeTz(moved, from.offsetSeconds())), less);
    }

    private static boolean intervals(
            Object value,
            Object base,
            Object offset,
            boolean subtract,
            boolean less,
            EvalContext c) {
        Interval moved = IntervalMath.add((Interval) base, distance(offset, subtract));
        return isOnSide(INTERVALS.compare(value, moved), less);
    }
}
