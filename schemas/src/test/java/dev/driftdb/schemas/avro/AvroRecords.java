package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Rows as Avro's generic records: the plain way, which {@link AvroRowWriter} must agree with byte
 * for byte.
 */
final class AvroRecords {
    private AvroRecords() {}

    /**
     * A row as a record.
     *
     * @param schema {@link AvroSchemas#row} of this definition
     * @param values by column number - 1, as {@link dev.driftdb.schemas.row.RowCodec} decodes them
     */
    static GenericRecord row(Schema schema, TableDef table, @Nullable Object[] values) {
        return record(schema, table.visibleColumns(), values);
    }

    /**
     * The key of a row of a table with a primary key.
     *
     * @param schema {@link AvroSchemas#key} of this definition
     * @param values the row's, by column number - 1
     */
    static GenericRecord key(Schema schema, TableDef table, @Nullable Object[] values) {
        return record(schema, AvroSchemas.keyColumns(table), values);
    }

    /** The key of a row of a table without a primary key, from the bytes of its row id. */
    static GenericRecord rowIdKey(Schema schema, Bytes rowId) {
        ByteBuffer bytes = ByteBuffer.wrap(rowId.array());
        GenericRecord key = new GenericData.Record(schema);
        key.put(AvroSchemas.ROW_ID_OFFSET, bytes.getLong());
        key.put(AvroSchemas.ROW_ID_ORDINAL, bytes.getInt());
        return key;
    }

    private static GenericRecord record(
            Schema schema, List<ColumnDef> columns, @Nullable Object[] values) {
        Map<Integer, String> names = AvroSchemas.fieldNames(columns);
        Map<String, String> unrepresentable = new LinkedHashMap<>();
        GenericRecord record = new GenericData.Record(schema);
        for (ColumnDef column : columns) {
            Object value = values[column.number() - 1];
            if (value == null) {
                continue;
            }
            String name = AvroSchemas.nameOf(names, column);
            Object avro =
                    column.type().isArray()
                            ? array(column, (SqlArray) value)
                            : scalar(column.type(), column.typmod(), value);
            if (avro == null) {
                unrepresentable.put(
                        name, TextFormat.format(column.type(), value, FormatSettings.UTC));
            } else {
                record.put(name, avro);
            }
        }
        if (schema.getField(AvroSchemas.UNREPRESENTABLE) != null) {
            record.put(AvroSchemas.UNREPRESENTABLE, unrepresentable);
        } else if (!unrepresentable.isEmpty()) {
            throw new IllegalStateException("no Avro form for " + unrepresentable);
        }
        return record;
    }

    private static @Nullable Object array(ColumnDef column, SqlArray array) {
        if (array.dimensions() > 1
                || (array.dimensions() == 1 && array.lowerBounds().getFirst() != 1)) {
            return null;
        }
        List<@Nullable Object> elements = new ArrayList<>();
        for (Object element : array.values()) {
            Object avro =
                    element == null ? null : scalar(array.element(), column.typmod(), element);
            if (element != null && avro == null) {
                return null;
            }
            elements.add(avro);
        }
        return elements;
    }

    /** A value as its Avro schema wants it; null if Avro has no form for it. */
    private static @Nullable Object scalar(SqlType type, int typmod, Object value) {
        return switch (type.storage()) {
            case BOOLEAN, FLOAT4, FLOAT8 -> value;
            case LONG, ENUM -> integer(type, (Long) value);
            case NUMERIC -> {
                AvroSchemas.Decimal decimal = AvroSchemas.decimal(type, typmod);
                yield decimal == null ? value.toString() : decimal(decimal, (Numeric) value);
            }
            case BYTES -> ByteBuffer.wrap(((Bytes) value).array());
            case UUID, TEXT -> value.toString();
            case INTERVAL, TIMETZ, JSONB, ARRAY, ROW, NONE ->
                    TextFormat.format(type, value, FormatSettings.UTC);
        };
    }

    private static @Nullable Object decimal(AvroSchemas.Decimal type, Numeric value) {
        if (!value.isFinite()) {
            return null;
        }
        BigDecimal decimal = value.decimal().setScale(type.scale(), RoundingMode.UNNECESSARY);
        return ByteBuffer.wrap(decimal.unscaledValue().toByteArray());
    }

    private static @Nullable Object integer(SqlType type, long value) {
        boolean infinite = value == Long.MAX_VALUE || value == Long.MIN_VALUE;
        if (type.equals(Types.INT2) || type.equals(Types.INT4)) {
            return (int) value;
        } else if (type.equals(Types.DATE)) {
            return infinite ? null : (int) (value + AvroRows.EPOCH_DAYS);
        } else if (type.equals(Types.TIMESTAMP) || type.equals(Types.TIMESTAMPTZ)) {
            // The last years of PostgreSQL's calendar lie beyond Avro's.
            return infinite || value > Long.MAX_VALUE - AvroRows.EPOCH_MICROS
                    ? null
                    : value + AvroRows.EPOCH_MICROS;
        }
        return value;
    }
}
