package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The binary format of every type, as PostgreSQL's send and receive functions do it. Stateless;
 * safe for any thread.
 */
public final class BinaryFormat {
    private static final int NUMERIC_NEGATIVE = 0x4000;
    private static final int NUMERIC_NAN = 0xC000;
    private static final int NUMERIC_INFINITY = 0xD000;
    private static final int NUMERIC_NEGATIVE_INFINITY = 0xF000;
    private static final BigInteger BASE = BigInteger.valueOf(10_000);

    private BinaryFormat() {}

    public static byte[] encode(SqlType type, Object value) {
        if (type.isDomain()) {
            return encode(type.base(), value);
        }
        return switch (type.storage()) {
            case BOOLEAN -> new byte[] {(byte) ((Boolean) value ? 1 : 0)};
            case LONG -> encodeLong(type, (Long) value);
            case ENUM ->
                    TextFormat.enumeration(type)
                            .label((Long) value)
                            .getBytes(StandardCharsets.UTF_8);
            case FLOAT4 -> ByteBuffer.allocate(4).putFloat((Float) value).array();
            case FLOAT8 -> ByteBuffer.allocate(8).putDouble((Double) value).array();
            case NUMERIC -> encodeNumeric((Numeric) value);
            case TEXT -> encodeText(type, (String) value);
            case BYTES -> ((Bytes) value).array().clone();
            case INTERVAL -> {
                Interval interval = (Interval) value;
                yield ByteBuffer.allocate(16)
                        .putLong(interval.micros())
                        .putInt(interval.days())
                        .putInt(interval.months())
                        .array();
            }
            case TIMETZ -> {
                TimeTz time = (TimeTz) value;
                // The wire counts seconds west of UTC.
                yield ByteBuffer.allocate(12)
                        .putLong(time.micros())
                        .putInt(-time.offsetSeconds())
                        .array();
            }
            case UUID -> {
                UUID uuid = (UUID) value;
                yield ByteBuffer.allocate(16)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .array();
            }
            case JSONB -> {
                byte[] text = ((Jsonb) value).text().getBytes(StandardCharsets.UTF_8);
                yield ByteBuffer.allocate(text.length + 1).put((byte) 1).put(text).array();
            }
            case ARRAY -> encodeArray((SqlArray) value);
            case ROW -> encodeRow((SqlRow) value);
            case NONE -> new byte[0];
        };
    }

    /**
     * @throws dev.driftdb.schemas.error.SqlException 22P03 or 08P01 for bytes that are no such
     *     value
     */
    public static Object decode(SqlType type, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Object value;
        try {
            value = decode(type, in);
        } catch (BufferUnderflowException _) {
            throw new SqlException(
                    SqlState.PROTOCOL_VIOLATION, "insufficient data left in message");
        }
        if (in.hasRemaining()) {
            throw invalid("incorrect binary data format");
        }
        return value;
    }

    private static Object decode(SqlType type, ByteBuffer in) {
        if (type.isDomain()) {
            return decode(type.base(), in);
        }
        return switch (type.storage()) {
            case BOOLEAN -> in.get() != 0;
            case LONG -> decodeLong(type, in);
            case ENUM -> TextFormat.parseEnum(type, utf8(in));
            case FLOAT4 -> in.getFloat();
            case FLOAT8 -> in.getDouble();
            case NUMERIC -> decodeNumeric(in);
            case TEXT -> decodeText(type, in);
            case BYTES -> Bytes.wrap(rest(in));
            case INTERVAL -> {
                long micros = in.getLong();
                int days = in.getInt();
                yield new Interval(in.getInt(), days, micros);
            }
            case TIMETZ -> {
                long micros = in.getLong();
                int west = in.getInt();
                if (micros < 0 || micros > DateTimes.MICROS_PER_DAY) {
                    throw outOfRange("time out of range");
                }
                if (Math.abs((long) west) >= 16 * 3600) {
                    throw new SqlException(
                            SqlState.INVALID_TIME_ZONE_DISPLACEMENT,
                            "time zone displacement out of range");
                }
                yield new TimeTz(micros, -west);
            }
            case UUID -> new UUID(in.getLong(), in.getLong());
            case JSONB -> {
                int version = in.get();
                if (version != 1) {
                    throw invalid("unsupported jsonb version number " + version);
                }
                yield Json.parse(utf8(in), "json").toJsonb();
            }
            case ARRAY -> decodeArray(type, in);
            case ROW -> decodeRow(type, in);
            case NONE -> throw SqlException.notSupported("binary input of type " + type.sqlName());
        };
    }

    private static SqlException invalid(String message) {
        return new SqlException(SqlState.INVALID_BINARY_REPRESENTATION, message);
    }

    private static SqlException outOfRange(String message) {
        return new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, message);
    }

    private static byte[] encodeLong(SqlType type, long value) {
        if (type.equals(Types.DATE) && DateTimes.isInfinite(value)) {
            return intBytes(value > 0 ? Integer.MAX_VALUE : Integer.MIN_VALUE);
        }
        return switch (type.length()) {
            case 2 -> ByteBuffer.allocate(2).putShort((short) value).array();
            case 4 -> intBytes((int) value);
            default -> ByteBuffer.allocate(8).putLong(value).array();
        };
    }

    private static byte[] intBytes(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static Long decodeLong(SqlType type, ByteBuffer in) {
        return switch (type.name()) {
            case "int2" -> (long) in.getShort();
            case "int4" -> (long) in.getInt();
            case "int8", "pg_lsn" -> in.getLong();
            case "date" -> {
                int days = in.getInt();
                yield days == Integer.MAX_VALUE
                        ? DateTimes.INFINITY
                        : days == Integer.MIN_VALUE
                                ? DateTimes.NEGATIVE_INFINITY
                                : DateTimes.checkDate(days);
            }
            case "time" -> {
                long micros = in.getLong();
                if (micros < 0 || micros > DateTimes.MICROS_PER_DAY) {
                    throw outOfRange("time out of range");
                }
                yield micros;
            }
            case "timestamp", "timestamptz" -> DateTimes.checkTimestamp(in.getLong());
            // oid, xid and the reg* types are unsigned.
            default -> Integer.toUnsignedLong(in.getInt());
        };
    }

    private static byte[] encodeText(SqlType type, String value) {
        if (type.equals(Types.CHAR)) {
            return new byte[] {(byte) (value.isEmpty() ? 0 : value.charAt(0))};
        }
        if (type.equals(Types.TID)) {
            int comma = value.indexOf(',');
            long block = Long.parseLong(value.substring(1, comma));
            int offset = Integer.parseInt(value.substring(comma + 1, value.length() - 1));
            return ByteBuffer.allocate(6).putInt((int) block).putShort((short) offset).array();
        }
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return type.equals(Types.JSONPATH)
                ? ByteBuffer.allocate(text.length + 1).put((byte) 1).put(text).array()
                : text;
    }

    private static String decodeText(SqlType type, ByteBuffer in) {
        if (type.equals(Types.CHAR)) {
            int b = in.get() & 0xFF;
            return b == 0 ? "" : String.valueOf((char) b);
        }
        if (type.equals(Types.TID)) {
            long block = Integer.toUnsignedLong(in.getInt());
            return "(" + block + "," + Short.toUnsignedInt(in.getShort()) + ")";
        }
        if (type.equals(Types.JSONPATH)) {
            int version = in.get();
            if (version != 1) {
                throw invalid("unsupported jsonpath version number: " + version);
            }
            return JsonPath.parse(utf8(in)).text();
        }
        String text = utf8(in);
        if (type.equals(Types.JSON)) {
            Json.check(text);
        }
        return type.equals(Types.NAME) ? TextFormat.truncateName(text) : text;
    }

    private static String utf8(ByteBuffer in) {
        try {
            CharBuffer chars = StandardCharsets.UTF_8.newDecoder().decode(in);
            if (chars.chars().anyMatch(c -> c == 0)) {
                throw new SqlException(
                        SqlState.CHARACTER_NOT_IN_REPERTOIRE,
                        "invalid byte sequence for encoding \"UTF8\": 0x00");
            }
            return chars.toString();
        } catch (CharacterCodingException _) {
            throw new SqlException(
                    SqlState.CHARACTER_NOT_IN_REPERTOIRE,
                    "invalid byte sequence for encoding \"UTF8\"");
        }
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return bytes;
    }

    /** int16 digits | int16 weight | int16 sign | int16 scale | digits of base 10000. */
    private static byte[] encodeNumeric(Numeric value) {
        if (!value.isFinite()) {
            int sign =
                    value.isNaN()
                            ? NUMERIC_NAN
                            : value.equals(Numeric.INFINITY)
                                    ? NUMERIC_INFINITY
                                    : NUMERIC_NEGATIVE_INFINITY;
            return written(numericHeader(0, 0, sign, 0));
        }
        BigDecimal decimal = value.decimal();
        int scale = decimal.scale();
        // Whole groups of four digits after the point.
        int groups = (scale + 3) / 4;
        BigInteger rest =
                decimal.unscaledValue().abs().multiply(BigInteger.TEN.pow(groups * 4 - scale));
        List<Short> digits = new ArrayList<>();
        while (rest.signum() != 0) {
            BigInteger[] parts = rest.divideAndRemainder(BASE);
            digits.add(parts[1].shortValue());
            rest = parts[0];
        }
        int weight = digits.size() - groups - 1;
        int skip = 0;
        while (skip < digits.size() && digits.get(skip) == 0) {
            skip++;
        }
        int count = digits.size() - skip;
        ByteBuffer out =
                numericHeader(
                        count,
                        count == 0 ? 0 : weight,
                        decimal.signum() < 0 ? NUMERIC_NEGATIVE : 0,
                        scale);
        for (int i = digits.size() - 1; i >= skip; i--) {
            out.putShort(digits.get(i));
        }
        return written(out);
    }

    @SuppressWarnings("ByteBufferBackingArray") // allocated in numericHeader
    private static byte[] written(ByteBuffer out) {
        return out.array();
    }

    private static ByteBuffer numericHeader(int count, int weight, int sign, int scale) {
        return ByteBuffer.allocate(8 + count * 2)
                .putShort((short) count)
                .putShort((short) weight)
                .putShort((short) sign)
                .putShort((short) scale);
    }

    private static Numeric decodeNumeric(ByteBuffer in) {
        int count = Short.toUnsignedInt(in.getShort());
        int weight = in.getShort();
        int sign = Short.toUnsignedInt(in.getShort());
        int scale = Short.toUnsignedInt(in.getShort());
        switch (sign) {
            case NUMERIC_NAN -> {
                return Numeric.NAN;
            }
            case NUMERIC_INFINITY -> {
                return Numeric.INFINITY;
            }
            case NUMERIC_NEGATIVE_INFINITY -> {
                return Numeric.NEGATIVE_INFINITY;
            }
            case 0, NUMERIC_NEGATIVE -> {
                // A finite number, below.
            }
            default -> throw invalid("invalid sign in external \"numeric\" value");
        }
        if (in.remaining() < count * 2) {
            throw new BufferUnderflowException();
        }
        StringBuilder text = new StringBuilder(count * 4 + 1).append('0');
        for (int i = 0; i < count; i++) {
            int digit = in.getShort();
            if (digit < 0 || digit >= 10_000) {
                throw invalid("invalid digit in external \"numeric\" value");
            }
            DateTimes.pad(text, digit, 4);
        }
        BigDecimal value =
                new BigDecimal(new BigInteger(text.toString()), (count - 1 - weight) * 4)
                        .setScale(scale, java.math.RoundingMode.DOWN);
        return Numeric.of(sign == NUMERIC_NEGATIVE ? value.negate() : value);
    }

    /** int32 dimensions | int32 has nulls | int32 element oid | (length, lower bound)… | items. */
    private static byte[] encodeArray(SqlArray array) {
        List<byte @Nullable []> items = new ArrayList<>();
        int size = 12 + array.dimensions() * 8;
        boolean nulls = false;
        for (Object value : array.values()) {
            byte[] item = value == null ? null : encode(array.element(), value);
            nulls |= item == null;
            size += 4 + (item == null ? 0 : item.length);
            items.add(item);
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putInt(array.dimensions()).putInt(nulls ? 1 : 0).putInt(array.element().oid());
        for (int d = 0; d < array.dimensions(); d++) {
            out.putInt(array.lengths().get(d)).putInt(array.lowerBounds().get(d));
        }
        items.forEach(item -> putItem(out, item));
        return out.array();
    }

    private static void putItem(ByteBuffer out, byte @Nullable [] item) {
        if (item == null) {
            out.putInt(-1);
        } else {
            out.putInt(item.length).put(item);
        }
    }

    private static SqlArray decodeArray(SqlType type, ByteBuffer in) {
        int dimensions = in.getInt();
        if (dimensions < 0 || dimensions > SqlArray.DIMENSIONS_MAX) {
            throw invalid("invalid number of dimensions: " + dimensions);
        }
        int flags = in.getInt();
        if (flags != 0 && flags != 1) {
            throw invalid("invalid array flags");
        }
        int oid = in.getInt();
        SqlType element = type.element();
        if (oid != element.oid()) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "binary data has array element type "
                            + oid
                            + " instead of expected "
                            + element.oid());
        }
        List<Integer> lengths = new ArrayList<>();
        List<Integer> lower = new ArrayList<>();
        long count = dimensions == 0 ? 0 : 1;
        for (int d = 0; d < dimensions; d++) {
            int length = in.getInt();
            if (length < 0) {
                throw invalid("invalid array length");
            }
            lengths.add(length);
            lower.add(in.getInt());
            count *= length;
            if (count * 4 > in.capacity()) {
                throw new BufferUnderflowException();
            }
        }
        List<@Nullable Object> values = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            values.add(item(element, in));
        }
        return count == 0
                ? SqlArray.of(element, values)
                : new SqlArray(element, lengths, lower, values);
    }

    private static @Nullable Object item(SqlType type, ByteBuffer in) {
        int length = in.getInt();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return decode(type, bytes);
    }

    /** int32 fields | (int32 oid | int32 length | bytes)…. */
    private static byte[] encodeRow(SqlRow row) {
        List<byte @Nullable []> items = new ArrayList<>();
        int size = 4;
        for (int i = 0; i < row.values().size(); i++) {
            Object value = row.values().get(i);
            byte[] item = value == null ? null : encode(row.types().get(i), value);
            size += 8 + (item == null ? 0 : item.length);
            items.add(item);
        }
        ByteBuffer out = ByteBuffer.allocate(size).putInt(items.size());
        for (int i = 0; i < items.size(); i++) {
            out.putInt(row.types().get(i).oid());
            putItem(out, items.get(i));
        }
        return out.array();
    }

    private static SqlRow decodeRow(SqlType rowType, ByteBuffer in) {
        if (rowType.definition() instanceof UserType.Composite composite) {
            return decodeRow(composite, in);
        }
        int count = in.getInt();
        if (count < 0 || count > in.remaining()) {
            throw new BufferUnderflowException();
        }
        List<SqlType> types = new ArrayList<>();
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int oid = in.getInt();
            SqlType type = Types.findByOid(oid);
            if (type == null) {
                throw invalid("no type has oid " + oid);
            }
            types.add(type);
            values.add(item(type, in));
        }
        return new SqlRow(types, values);
    }

    private static SqlRow decodeRow(UserType.Composite composite, ByteBuffer in) {
        List<UserType.Attribute> attributes = composite.visible();
        int count = in.getInt();
        if (count != attributes.size()) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "wrong number of columns: " + count + ", expected " + attributes.size());
        }
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SqlType type = attributes.get(i).type();
            int oid = in.getInt();
            if (oid != type.oid()) {
                throw new SqlException(
                        SqlState.DATATYPE_MISMATCH,
                        "binary data has type "
                                + oid
                                + " instead of expected "
                                + type.oid()
                                + " ("
                                + type.sqlName()
                                + ") in record column "
                                + (i + 1));
            }
            values.add(item(type, in));
        }
        return composite.row(values);
    }
}
