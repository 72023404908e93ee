package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.IntervalText;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Applies type modifiers: varchar(n), char(n), numeric(p,s), timestamp(p), interval fields. */
final class TypeModifiers {
    /** PostgreSQL's header size, added to lengths in a type modifier. */
    private static final int HEADER = 4;

    private static final Set<SqlType> MODIFIED =
            Set.of(
                    Types.VARCHAR,
                    Types.BPCHAR,
                    Types.NUMERIC,
                    Types.TIME,
                    Types.TIMETZ,
                    Types.TIMESTAMP,
                    Types.TIMESTAMPTZ,
                    Types.INTERVAL);

    private TypeModifiers() {}

    /** Whether a modifier of this type (or of its elements) means anything. */
    static boolean hasModifiers(SqlType type) {
        return MODIFIED.contains(type.isArray() ? type.element() : type);
    }

    static Object apply(SqlType type, Object value, int typmod, boolean explicit) {
        if (typmod < 0) {
            return value;
        }
        if (type.isArray()) {
            SqlArray array = (SqlArray) value;
            SqlType element = type.element();
            if (!MODIFIED.contains(element)) {
                return value;
            }
            List<@Nullable Object> items = new ArrayList<>(array.values().size());
            for (Object item : array.values()) {
                items.add(item == null ? null : apply(element, item, typmod, explicit));
            }
            return new SqlArray(element, array.lengths(), array.lowerBounds(), items);
        }
        return switch (type.name()) {
            case "varchar" -> varchar((String) value, typmod - HEADER, explicit);
            case "bpchar" -> bpchar((String) value, typmod - HEADER, explicit);
            case "numeric" -> numeric((Numeric) value, typmod - HEADER);
            case "time" -> Math.min(round((Long) value, typmod), DateTimes.MICROS_PER_DAY);
            case "timetz" -> {
                TimeTz time = (TimeTz) value;
                yield new TimeTz(round(time.micros(), typmod), time.offsetSeconds());
            }
            case "timestamp", "timestamptz" ->
                    DateTimes.isInfinite((Long) value)
                            ? value
                            : (Object) DateTimes.checkTimestamp(round((Long) value, typmod));
            case "interval" -> interval((Interval) value, typmod);
            default -> value;
        };
    }

    private static String varchar(String value, int length, boolean explicit) {
        if (value.length() <= length || value.codePointCount(0, value.length()) <= length) {
            return value;
        }
        int end = value.offsetByCodePoints(0, length);
        // Blanks may always be cut; anything else only when the cast is written.
        if (!explicit && !value.substring(end).isBlank()) {
            throw tooLong("character varying(" + length + ")");
        }
        return value.substring(0, end);
    }

    private static String bpchar(String value, int length, boolean explicit) {
        int count = value.codePointCount(0, value.length());
        if (count <= length) {
            return value + " ".repeat(length - count);
        }
        int end = value.offsetByCodePoints(0, length);
        if (!explicit && !ValueOrder.stripBlanks(value.substring(end)).isEmpty()) {
            throw tooLong("character(" + length + ")");
        }
        return value.substring(0, end);
    }

    private static SqlException tooLong(String type) {
        return new SqlException(
                SqlState.STRING_DATA_RIGHT_TRUNCATION, "value too long for type " + type);
    }

    private static Numeric numeric(Numeric value, int modifier) {
        int precision = modifier >> 16 & 0xFFFF;
        // The scale is a signed number of 11 bits.
        int scale = ((modifier & 0x7FF) ^ 1024) - 1024;
        if (value.isNaN()) {
            return value;
        }
        if (value.isFinite()) {
            BigDecimal rounded = value.decimal().setScale(scale, RoundingMode.HALF_UP);
            if (rounded.signum() == 0
                    || rounded.precision() - rounded.scale() <= precision - scale) {
                return Numeric.of(scale < 0 ? rounded.setScale(0) : rounded);
            }
        }
        SqlException overflow =
                new SqlException(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow");
        String field = "A field with precision " + precision + ", scale " + scale;
        throw overflow.withDetail(
                value.isFinite()
                        ? field
                                + " must round to an absolute value less than "
                                + (precision == scale ? "1." : "10^" + (precision - scale) + ".")
                        : field + " cannot hold an infinite value.");
    }

    /** Rounds microseconds to this many digits of a second, halves away from zero. */
    private static long round(long micros, int digits) {
        if (digits >= 6) {
            return micros;
        }
        long unit = 1;
        for (int i = digits; i < 6; i++) {
            unit *= 10;
        }
        long half = unit / 2;
        return micros >= 0 ? (micros + half) / unit * unit : -((-micros + half) / unit * unit);
    }

    private static Interval interval(Interval value, int typmod) {
        int range = typmod >> 16 & IntervalText.FULL_RANGE;
        int precision = typmod & 0xFFFF;
        int months = value.months();
        int days = value.days();
        long micros = value.micros();
        if (range != IntervalText.FULL_RANGE) {
            // The lowest field decides: all below it is cut off.
            if ((range & IntervalText.SECOND) != 0) {
                // Everything stays.
            } else if ((range & IntervalText.MINUTE) != 0) {
                micros -= micros % 60_000_000L;
            } else if ((range & IntervalText.HOUR) != 0) {
                micros -= micros % 3_600_000_000L;
            } else if ((range & IntervalText.DAY) != 0) {
                micros = 0;
            } else {
                days = 0;
                micros = 0;
                months -= (range & IntervalText.MONTH) != 0 ? 0 : months % 12;
            }
        }
        return new Interval(months, days, round(micros, Math.min(precision, 6)));
    }
}
