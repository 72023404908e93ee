package dev.driftdb.schemas.row;

import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One non-null value inside a key: docs/formats/keys.md, "Values". Stateless. */
final class KeyFormat {
    /** After a zero byte: this zero belongs to the text, which goes on. */
    private static final int ESCAPED_ZERO = 0xff;

    /** After a zero byte: the text ends here. Below ESCAPED_ZERO, so a prefix sorts first. */
    private static final int END = 0x01;

    private static final int NUMERIC_NEGATIVE_INFINITY = 1;
    private static final int NUMERIC_NEGATIVE = 2;
    private static final int NUMERIC_ZERO = 3;
    private static final int NUMERIC_POSITIVE = 4;
    private static final int NUMERIC_INFINITY = 5;
    private static final int NUMERIC_NAN = 6;

    private static final int ARRAY_END = 0;
    private static final int ARRAY_VALUE = 1;
    private static final int ARRAY_NULL = 2;

    private KeyFormat() {}

    static void write(ByteSink sink, SqlType type, Object value) {
        if (type.isDomain()) {
            write(sink, type.base(), value);
            return;
        }
        switch (type.storage()) {
            case ENUM -> sink.int64((Long) value ^ Long.MIN_VALUE);
            case BOOLEAN -> sink.int8((Boolean) value ? 1 : 0);
            case LONG ->
                    // A pg_lsn is the one unsigned integer of 64 bits.
                    sink.int64(
                            type.equals(Types.PG_LSN)
                                    ? (Long) value
                                    : (Long) value ^ Long.MIN_VALUE);
            case FLOAT4 -> writeDouble(sink, (Float) value);
            case FLOAT8 -> writeDouble(sink, (Double) value);
            case NUMERIC -> writeNumeric(sink, (Numeric) value);
            case TEXT -> {
                if (!KeyCodec.isKeyable(type)) {
                    throw notKeyable(type);
                }
                String text = (String) value;
                writeText(sink, type.equals(Types.BPCHAR) ? withoutTrailingBlanks(text) : text);
            }
            case BYTES -> writeEscaped(sink, ((Bytes) value).array());
            case INTERVAL -> {
                Interval interval = (Interval) value;
                sink.int64(interval.estimatedDays() ^ Long.MIN_VALUE);
                sink.int64(interval.estimatedMicros());
            }
            case TIMETZ -> {
                TimeTz time = (TimeTz) value;
                sink.int64((time.micros() - time.offsetSeconds() * 1_000_000L) ^ Long.MIN_VALUE);
                // Of two equal instants the one further east comes first.
                sink.int32(-time.offsetSeconds() ^ Integer.MIN_VALUE);
            }
            case UUID -> {
                UUID uuid = (UUID) value;
                sink.int64(uuid.getMostSignificantBits());
                sink.int64(uuid.getLeastSignificantBits());
            }
            case ARRAY -> writeArray(sink, (SqlArray) value);
            case JSONB, ROW, NONE -> throw notKeyable(type);
        }
    }

    private static void writeDouble(ByteSink sink, double value) {
        // The sum with 0.0 makes -0 into 0; doubleToLongBits makes all NaNs one.
        long bits = Double.doubleToLongBits(value + 0.0);
        sink.int64(bits ^ (bits >> 63 | Long.MIN_VALUE));
    }

    private static void writeNumeric(ByteSink sink, Numeric value) {
        if (!value.isFinite()) {
            sink.int8(
                    value.isNaN()
                            ? NUMERIC_NAN
                            : value.equals(Numeric.INFINITY)
                                    ? NUMERIC_INFINITY
                                    : NUMERIC_NEGATIVE_INFINITY);
            return;
        }
        BigDecimal decimal = value.decimal();
        int signum = decimal.signum();
        if (signum == 0) {
            sink.int8(NUMERIC_ZERO);
            return;
        }
        sink.int8(signum > 0 ? NUMERIC_POSITIVE : NUMERIC_NEGATIVE);
        int start = sink.size();
        BigDecimal stripped = decimal.stripTrailingZeros();
        // The value is 0.d1d2d3... times 10 to the exponent, d1 not zero.
        sink.int32((stripped.precision() - stripped.scale()) ^ Integer.MIN_VALUE);
        String digits = stripped.unscaledValue().abs().toString();
        for (int i = 0; i < digits.length(); i += 2) {
            int high = digits.charAt(i) - '0';
            int low = i + 1 < digits.length() ? digits.charAt(i + 1) - '0' : 0;
            sink.int8(high * 10 + low + 1);
        }
        sink.int8(0);
        if (signum < 0) {
            sink.invert(start);
        }
    }

    private static void writeText(ByteSink sink, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || c >= 0x80) {
                writeEscaped(sink, text.getBytes(StandardCharsets.UTF_8));
                return;
            }
        }
        sink.utf8(text);
        sink.int8(0);
        sink.int8(END);
    }

    private static void writeEscaped(ByteSink sink, byte[] bytes) {
        for (byte b : bytes) {
            sink.int8(b);
            if (b == 0) {
                sink.int8(ESCAPED_ZERO);
            }
        }
        sink.int8(0);
        sink.int8(END);
    }

    private static String withoutTrailingBlanks(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end);
    }

    /** PostgreSQL's order: elements, number of elements, dimensions, lengths, lower bounds. */
    private static void writeArray(ByteSink sink, SqlArray array) {
        for (@Nullable Object value : array.values()) {
            if (value == null) {
                sink.int8(ARRAY_NULL);
            } else {
                sink.int8(ARRAY_VALUE);
                write(sink, array.element(), value);
            }
        }
        sink.int8(ARRAY_END);
        sink.int8(array.dimensions());
        for (int length : array.lengths()) {
            sink.int32(length ^ Integer.MIN_VALUE);
        }
        for (int lowerBound : array.lowerBounds()) {
            sink.int32(lowerBound ^ Integer.MIN_VALUE);
        }
    }

    private static IllegalStateException notKeyable(SqlType type) {
        return new IllegalStateException("type " + type + " has no ordered key");
    }
}
