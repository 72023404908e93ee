package dev.driftdb.schemas.row;

import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One non-null value as bytes inside a row: docs/formats/rows.md, "Values". Stateless. */
final class ValueFormat {
    private static final byte NUMERIC_FINITE = 0;
    private static final byte NUMERIC_NAN = 1;
    private static final byte NUMERIC_INFINITY = 2;
    private static final byte NUMERIC_NEGATIVE_INFINITY = 3;

    private ValueFormat() {}

    static void write(ByteSink sink, SqlType type, Object value) {
        switch (type.storage()) {
            case BOOLEAN -> sink.int8((Boolean) value ? 1 : 0);
            case LONG, ENUM -> sink.minimalLong((Long) value);
            case FLOAT4 -> sink.int32(Float.floatToRawIntBits((Float) value));
            case FLOAT8 -> sink.int64(Double.doubleToRawLongBits((Double) value));
            case NUMERIC -> writeNumeric(sink, (Numeric) value);
            case TEXT -> sink.utf8((String) value);
            case BYTES -> sink.raw(((Bytes) value).array());
            case INTERVAL -> {
                Interval interval = (Interval) value;
                sink.int64(interval.micros());
                sink.int32(interval.days());
                sink.int32(interval.months());
            }
            case TIMETZ -> {
                TimeTz time = (TimeTz) value;
                sink.int64(time.micros());
                sink.int32(time.offsetSeconds());
            }
            case UUID -> {
                UUID uuid = (UUID) value;
                sink.int64(uuid.getMostSignificantBits());
                sink.int64(uuid.getLeastSignificantBits());
            }
            case JSONB -> sink.utf8(((Jsonb) value).text());
            case ARRAY -> writeArray(sink, (SqlArray) value);
            case ROW -> writeRow(sink, type, (SqlRow) value);
            case NONE -> throw notStorable(type);
        }
    }

    static Object read(SqlType type, byte[] bytes, int from, int to) {
        return switch (type.storage()) {
            case BOOLEAN -> bytes[from] != 0;
            case LONG, ENUM -> readMinimalLong(bytes, from, to);
            case FLOAT4 -> Float.intBitsToFloat((int) ByteSink.INT.get(bytes, from));
            case FLOAT8 -> Double.longBitsToDouble((long) ByteSink.LONG.get(bytes, from));
            case NUMERIC -> readNumeric(bytes, from, to);
            case TEXT -> new String(bytes, from, to - from, StandardCharsets.UTF_8);
            case BYTES -> Bytes.wrap(Arrays.copyOfRange(bytes, from, to));
            case INTERVAL ->
                    new Interval(
                            (int) ByteSink.INT.get(bytes, from + 12),
                            (int) ByteSink.INT.get(bytes, from + 8),
                            (long) ByteSink.LONG.get(bytes, from));
            case TIMETZ ->
                    new TimeTz(
                            (long) ByteSink.LONG.get(bytes, from),
                            (int) ByteSink.INT.get(bytes, from + 8));
            case UUID ->
                    new UUID(
                            (long) ByteSink.LONG.get(bytes, from),
                            (long) ByteSink.LONG.get(bytes, from + 8));
            case JSONB -> new Jsonb(new String(bytes, from, to - from, StandardCharsets.UTF_8));
            case ARRAY -> readArray(type, bytes, from);
            case ROW -> readRow(type, bytes, from);
            case NONE -> throw notStorable(type);
        };
    }

    static long readMinimalLong(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 0) {
            return 0;
        }
        if (to >= Long.BYTES) {
            // In a row the header comes before: one load that reaches back into it, then the sign.
            int shift = 64 - 8 * length;
            return ((long) ByteSink.LONG.get(bytes, to - Long.BYTES)) << shift >> shift;
        }
        long value = bytes[from];
        for (int i = from + 1; i < to; i++) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        return value;
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
        if (value.isCompact()) {
            sink.int8(NUMERIC_FINITE);
            sink.varint(value.scale());
            sink.minimalLong(value.unscaled());
            return;
        }
        BigDecimal decimal = value.decimal();
        sink.int8(NUMERIC_FINITE);
        sink.varint(decimal.scale());
        BigInteger unscaled = decimal.unscaledValue();
        if (unscaled.bitLength() < Long.SIZE) {
            sink.minimalLong(unscaled.longValue());
        } else {
            sink.raw(unscaled.toByteArray());
        }
    }

    private static Numeric readNumeric(byte[] bytes, int from, int to) {
        return switch (bytes[from]) {
            case NUMERIC_FINITE -> {
                int scale = readVarint(bytes, from + 1);
                int start = from + 1 + varintLength(scale);
                yield to - start <= Long.BYTES
                        ? Numeric.of(readMinimalLong(bytes, start, to), scale)
                        : Numeric.of(
                                new BigDecimal(new BigInteger(bytes, start, to - start), scale));
            }
            case NUMERIC_NAN -> Numeric.NAN;
            case NUMERIC_INFINITY -> Numeric.INFINITY;
            case NUMERIC_NEGATIVE_INFINITY -> Numeric.NEGATIVE_INFINITY;
            default -> throw new IllegalStateException("numeric of unknown kind " + bytes[from]);
        };
    }

    /** The scale of a finite numeric of one byte of scale whose digits fit a long; else -1. */
    static int compactScale(byte[] bytes, int from, int to) {
        return bytes[from] == NUMERIC_FINITE && bytes[from + 1] >= 0 && to - from - 2 <= Long.BYTES
                ? bytes[from + 1]
                : -1;
    }

    static long compactDigits(byte[] bytes, int from, int to) {
        return readMinimalLong(bytes, from + 2, to);
    }

    private static void writeArray(ByteSink sink, SqlArray array) {
        sink.int32(array.element().oid());
        sink.int8(array.dimensions());
        for (int i = 0; i < array.dimensions(); i++) {
            sink.int32(array.lengths().get(i));
            sink.int32(array.lowerBounds().get(i));
        }
        List<@Nullable Object> values = array.values();
        int bitmapBytes = bitmapBytes(values.size());
        int bitmap = sink.reserve(bitmapBytes);
        sink.zero(bitmap, bitmapBytes);
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i);
            if (value == null) {
                sink.setBit(bitmap, i);
                continue;
            }
            int lengthAt = sink.reserve(Integer.BYTES);
            write(sink, array.element(), value);
            sink.setInt32(lengthAt, sink.size() - lengthAt - Integer.BYTES);
        }
    }

    private static SqlArray readArray(SqlType type, byte[] bytes, int from) {
        int elementOid = (int) ByteSink.INT.get(bytes, from);
        SqlType array = type.base();
        SqlType element =
                array.definition() instanceof UserType.ArrayOf over
                        ? over.element()
                        : Types.byOid(elementOid);
        int dimensions = bytes[from + 4];
        int at = from + 5;
        int count = dimensions == 0 ? 0 : 1;
        List<Integer> lengths = new ArrayList<>(dimensions);
        List<Integer> lowerBounds = new ArrayList<>(dimensions);
        for (int i = 0; i < dimensions; i++) {
            int length = (int) ByteSink.INT.get(bytes, at);
            lengths.add(length);
            lowerBounds.add((int) ByteSink.INT.get(bytes, at + 4));
            count = Math.multiplyExact(count, length);
            at += 8;
        }
        int bitmap = at;
        at += bitmapBytes(count);
        @Nullable Object[] values = new @Nullable Object[count];
        for (int i = 0; i < count; i++) {
            if (!bit(bytes, bitmap, i)) {
                int end = at + Integer.BYTES + (int) ByteSink.INT.get(bytes, at);
                values[i] = read(element, bytes, at + Integer.BYTES, end);
                at = end;
            }
        }
        return new SqlArray(element, lengths, lowerBounds, Arrays.asList(values));
    }

    private static UserType.Composite composite(SqlType type) {
        UserType.Composite composite = type.composite();
        if (composite == null) {
            throw notStorable(type);
        }
        return composite;
    }

    private static void writeRow(ByteSink sink, SqlType type, SqlRow row) {
        List<UserType.Attribute> attributes = composite(type).attributes();
        sink.varint(attributes.size());
        int bitmapBytes = bitmapBytes(attributes.size());
        int bitmap = sink.reserve(bitmapBytes);
        sink.zero(bitmap, bitmapBytes);
        int field = 0;
        for (int i = 0; i < attributes.size(); i++) {
            UserType.Attribute attribute = attributes.get(i);
            Object value = attribute.dropped() ? null : row.values().get(field++);
            if (value == null) {
                sink.setBit(bitmap, i);
                continue;
            }
            int lengthAt = sink.reserve(Integer.BYTES);
            write(sink, attribute.type(), value);
            sink.setInt32(lengthAt, sink.size() - lengthAt - Integer.BYTES);
        }
    }

    private static SqlRow readRow(SqlType type, byte[] bytes, int from) {
        UserType.Composite composite = composite(type);
        int count = readVarint(bytes, from);
        int bitmap = from + varintLength(count);
        int at = bitmap + bitmapBytes(count);
        List<@Nullable Object> values = new ArrayList<>(composite.attributes().size());
        for (UserType.Attribute attribute : composite.attributes()) {
            int index = attribute.number() - 1;
            // An attribute added after the row was written is NULL in it.
            Object value = null;
            if (index < count && !bit(bytes, bitmap, index)) {
                int end = at + Integer.BYTES + (int) ByteSink.INT.get(bytes, at);
                if (!attribute.dropped()) {
                    value = read(attribute.type(), bytes, at + Integer.BYTES, end);
                }
                at = end;
            }
            if (!attribute.dropped()) {
                values.add(value);
            }
        }
        return composite.row(values);
    }

    static boolean bit(byte[] bytes, int bitmapStart, int bit) {
        return (bytes[bitmapStart + (bit >> 3)] >> (bit & 7) & 1) != 0;
    }

    static int bitmapBytes(int bits) {
        return (bits + 7) >> 3;
    }

    static int readVarint(byte[] bytes, int from) {
        int value = 0;
        int at = from;
        for (int shift = 0; shift < Integer.SIZE; shift += 7) {
            byte next = bytes[at++];
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalStateException("a varint of more than 5 bytes");
    }

    static int varintLength(int value) {
        return value == 0 ? 1 : (38 - Integer.numberOfLeadingZeros(value)) / 7;
    }

    private static IllegalStateException notStorable(SqlType type) {
        return new IllegalStateException("a value of type " + type + " cannot be stored");
    }
}
