package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.TextFormat;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of other services to values of a table's columns. The way out is {@link AvroRowWriter}.
 * Safe for any thread.
 */
public final class AvroRows {
    /** Days from 1970-01-01 to 2000-01-01, the zero of SQL dates. */
    static final long EPOCH_DAYS = 10_957;

    /** Microseconds from 1970-01-01 to 2000-01-01, the zero of SQL timestamps. */
    static final long EPOCH_MICROS = EPOCH_DAYS * 86_400_000_000L;

    private AvroRows() {}

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
