package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.jspecify.annotations.Nullable;

/**
 * Single Avro values of other services as values of a column's type. What an Avro value means is
 * told by the writer's schema, what it must become by the column; where the two do not meet without
 * loss it is refused.
 */
final class AvroValues {
    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private AvroValues() {}

    /**
     * @param schema the writer's schema of the field
     * @param value as Avro's generic reader gives it, without logical type conversions
     */
    static @Nullable Object value(ColumnDef column, Schema schema, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        Schema branch = branch(schema, value);
        SqlType columnType = column.type().base();
        if (columnType.isArray() && value instanceof List<?> elements) {
            SqlType element = columnType.element();
            List<@Nullable Object> values = new ArrayList<>();
            for (Object each : elements) {
                values.add(
                        each == null
                                ? null
                                : scalar(
                                        column,
                                        element,
                                        branch(branch.getElementType(), each),
                                        each));
            }
            return SqlArray.of(element, values);
        }
        return scalar(column, columnType, branch, value);
    }

    /** The branch of a union that a value belongs to. */
    private static Schema branch(Schema schema, Object value) {
        if (!schema.isUnion()) {
            return schema;
        }
        return schema.getTypes().get(GenericData.get().resolveUnion(schema, value));
    }

    private static Object scalar(ColumnDef column, SqlType declared, Schema schema, Object value) {
        SqlType type = declared.base();
        if (value instanceof CharSequence || schema.getType() == Schema.Type.ENUM) {
            return TextFormat.parse(type, value.toString(), FormatSettings.UTC);
        }
        LogicalType logical = schema.getLogicalType();
        return switch (type.storage()) {
            case BOOLEAN -> value instanceof Boolean ? value : mismatch(column, schema);
            case LONG ->
                    value instanceof Integer || value instanceof Long
                            ? integer(column, type, schema, ((Number) value).longValue())
                            : mismatch(column, schema);
            case FLOAT4 -> value instanceof Float ? value : mismatch(column, schema);
            case FLOAT8 ->
                    value instanceof Float || value instanceof Double || value instanceof Integer
                            ? (Object) ((Number) value).doubleValue()
                            : mismatch(column, schema);
            case NUMERIC -> numeric(column, schema, logical, value);
            case BYTES -> {
                byte[] bytes = bytes(value);
                yield bytes == null ? mismatch(column, schema) : Bytes.wrap(bytes);
            }
            case UUID -> {
                byte[] bytes = bytes(value);
                if (bytes == null || bytes.length != 16) {
                    yield mismatch(column, schema);
                }
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                yield new java.util.UUID(buffer.getLong(), buffer.getLong());
            }
            case TEXT, ENUM, INTERVAL, TIMETZ, JSONB, ARRAY, ROW, NONE -> mismatch(column, schema);
        };
    }

    private static Object integer(ColumnDef column, SqlType type, Schema schema, long value) {
        LogicalType logical = schema.getLogicalType();
        if (type.equals(Types.DATE)) {
            return logical instanceof LogicalTypes.Date
                    ? (Object) (value - AvroRows.EPOCH_DAYS)
                    : mismatch(column, schema);
        } else if (type.equals(Types.TIME)) {
            return time(column, schema, value);
        } else if (type.equals(Types.TIMESTAMP) || type.equals(Types.TIMESTAMPTZ)) {
            return timestamp(column, type, schema, value);
        } else if (logical != null) {
            // A date is not the number of its days.
            return mismatch(column, schema);
        }
        long min = Long.MIN_VALUE;
        long max = Long.MAX_VALUE;
        if (type.equals(Types.INT2)) {
            min = Short.MIN_VALUE;
            max = Short.MAX_VALUE;
        } else if (type.equals(Types.INT4)) {
            min = Integer.MIN_VALUE;
            max = Integer.MAX_VALUE;
        } else if (!type.equals(Types.INT8)) {
            min = 0;
            max = 0xffff_ffffL;
        }
        if (value < min || value > max) {
            throw new SqlException(
                            SqlState.NUMERIC_VALUE_OUT_OF_RANGE, type.sqlName() + " out of range")
                    .withColumn(column.name());
        }
        return value;
    }

    private static Object time(ColumnDef column, Schema schema, long value) {
        LogicalType logical = schema.getLogicalType();
        long micros;
        if (logical instanceof LogicalTypes.TimeMicros) {
            micros = value;
        } else if (logical instanceof LogicalTypes.TimeMillis) {
            micros = value * 1000;
        } else {
            return mismatch(column, schema);
        }
        if (micros < 0 || micros > MICROS_PER_DAY) {
            throw outOfRange(column, "time out of range");
        }
        return micros;
    }

    private static Object timestamp(ColumnDef column, SqlType type, Schema schema, long value) {
        LogicalType logical = schema.getLogicalType();
        boolean zoned = type.equals(Types.TIMESTAMPTZ);
        long micros;
        try {
            if (zoned
                    ? logical instanceof LogicalTypes.TimestampMicros
                    : logical instanceof LogicalTypes.LocalTimestampMicros) {
                micros = value;
            } else if (zoned
                    ? logical instanceof LogicalTypes.TimestampMillis
                    : logical instanceof LogicalTypes.LocalTimestampMillis) {
                micros = Math.multiplyExact(value, 1000L);
            } else {
                // An instant is no local time: which zone would it be in?
                return mismatch(column, schema);
            }
            return Math.subtractExact(micros, AvroRows.EPOCH_MICROS);
        } catch (ArithmeticException e) {
            throw outOfRange(column, "timestamp out of range");
        }
    }

    private static Object numeric(
            ColumnDef column, Schema schema, @Nullable LogicalType logical, Object value) {
        byte[] bytes = bytes(value);
        if (bytes != null && logical instanceof LogicalTypes.Decimal decimal) {
            return Numeric.of(new BigDecimal(new BigInteger(bytes), decimal.getScale()));
        } else if (logical == null && (value instanceof Integer || value instanceof Long)) {
            return Numeric.of(((Number) value).longValue());
        }
        // A double is refused: 0.1 is not 0.1 there.
        return mismatch(column, schema);
    }

    private static byte @Nullable [] bytes(Object value) {
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return value instanceof GenericFixed fixed ? fixed.bytes() : null;
    }

    private static SqlException outOfRange(ColumnDef column, String message) {
        return new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, message)
                .withColumn(column.name());
    }

    private static Object mismatch(ColumnDef column, Schema schema) {
        LogicalType logical = schema.getLogicalType();
        throw new SqlException(
                        SqlState.DATATYPE_MISMATCH,
                        "column \""
                                + column.name()
                                + "\" is of type "
                                + column.type().sqlName()
                                + ", but its field is Avro "
                                + (logical == null
                                        ? schema.getType().getName()
                                        : logical.getName()))
                .withColumn(column.name());
    }
}
