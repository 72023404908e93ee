package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
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
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Rows to Avro records with the schemas of {@link AvroSchemas}, and records of other services to
 * values of a table's columns. Safe for any thread.
 */
public final class AvroRows {
    /** Days from 1970-01-01 to 2000-01-01, the zero of SQL dates. */
    static final long EPOCH_DAYS = 10_957;

    /** Microseconds from 1970-01-01 to 2000-01-01, the zero of SQL timestamps. */
    static final long EPOCH_MICROS = EPOCH_DAYS * 86_400_000_000L;

    private AvroRows() {}

    /**
     * A row as a record.
     *
     * @param schema {@link AvroSchemas#row} of this definition
     * @param values by column number - 1, as {@link dev.driftdb.schemas.row.RowCodec} decodes them
     */
    public static GenericRecord row(Schema schema, TableDef table, @Nullable Object[] values) {
        return record(schema, table.visibleColumns(), values);
    }

    /**
     * The key of a row of a table with a primary key.
     *
     * @param schema {@link AvroSchemas#key} of this definition
     * @param values the row's, by column number - 1
     */
    public static GenericRecord key(Schema schema, TableDef table, @Nullable Object[] values) {
        return record(schema, AvroSchemas.keyColumns(table), values);
    }

    /** The key of a row of a table without a primary key, from the bytes of its row id. */
    public static GenericRecord rowIdKey(Schema schema, Bytes rowId) {
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
            case LONG -> integer(type, (Long) value);
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
            return infinite ? null : (int) (value + EPOCH_DAYS);
        } else if (type.equals(Types.TIMESTAMP) || type.equals(Types.TIMESTAMPTZ)) {
            // The last years of PostgreSQL's calendar lie beyond Avro's.
            return infinite || value > Long.MAX_VALUE - EPOCH_MICROS ? null : value + EPOCH_MICROS;
        }
        return value;
    }

    /**
     * The values of a record that another service wrote: by column number, for the columns that it
     * has a field for. A column without a field is not in the map; a null field is there as null.
     *
     * <p>The fields may have other Avro types than {@link AvroSchemas} gives, as long as nothing is
     * lost: a long for an integer column, a string in PostgreSQL's text form for any.
     *
     * @throws SqlException 42703 for a field that no column has, 42804 for an Avro type that does
     *     not fit the column, 22003 and others for a value that does not
     */
    public static Map<Integer, @Nullable Object> values(TableDef table, GenericRecord record) {
        Map<String, ColumnDef> columns = AvroSchemas.columnsByField(table.visibleColumns());
        Map<Integer, @Nullable Object> values = new HashMap<>();
        for (Schema.Field field : record.getSchema().getFields()) {
            if (field.name().equals(AvroSchemas.UNREPRESENTABLE)) {
                continue;
            }
            ColumnDef column = columns.get(field.name());
            if (column == null) {
                throw new SqlException(
                        SqlState.UNDEFINED_COLUMN,
                        "table \""
                                + table.name()
                                + "\" has no column for field \""
                                + field.name()
                                + "\"");
            }
            values.put(
                    column.number(),
                    AvroValues.value(column, field.schema(), record.get(field.pos())));
        }
        if (record.hasField(AvroSchemas.UNREPRESENTABLE)
                && record.get(AvroSchemas.UNREPRESENTABLE) instanceof Map<?, ?> texts) {
            for (Map.Entry<?, ?> text : texts.entrySet()) {
                ColumnDef column = columns.get(text.getKey().toString());
                if (column == null) {
                    throw new SqlException(
                            SqlState.UNDEFINED_COLUMN,
                            "table \""
                                    + table.name()
                                    + "\" has no column for field \""
                                    + text.getKey()
                                    + "\"");
                }
                values.put(
                        column.number(),
                        TextFormat.parse(
                                column.type(),
                                String.valueOf(text.getValue()),
                                FormatSettings.UTC));
            }
        }
        return values;
    }
}
