package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.RowReader;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows of one definition of a table from their bytes into Avro binary, in the schemas of
 * {@link AvroSchemas}. What depends on the definition alone is worked out once. Owned by one
 * thread.
 */
public final class AvroRowWriter {
    /** How a value that is not null becomes Avro. */
    private enum Kind {
        BOOLEAN,
        INT,
        LONG,
        DATE,
        TIMESTAMP,
        FLOAT,
        DOUBLE,
        DECIMAL,
        BYTES,
        /** A string: what {@code toString} says. */
        STRING,
        /** A string: PostgreSQL's text form. */
        TEXT_FORM
    }

    private record Form(Kind kind, SqlType type, AvroSchemas.@Nullable Decimal decimal) {
        static Form of(SqlType type, int typmod) {
            if (type.isDomain()) {
                return of(type.base(), typmod);
            }
            AvroSchemas.Decimal decimal = AvroSchemas.decimal(type, typmod);
            Kind kind =
                    switch (type.storage()) {
                        case BOOLEAN -> Kind.BOOLEAN;
                        case LONG -> integer(type);
                        case FLOAT4 -> Kind.FLOAT;
                        case FLOAT8 -> Kind.DOUBLE;
                        case NUMERIC -> decimal == null ? Kind.STRING : Kind.DECIMAL;
                        case BYTES -> Kind.BYTES;
                        case UUID, TEXT -> Kind.STRING;
                        case ENUM, INTERVAL, TIMETZ, JSONB, ARRAY, ROW, NONE -> Kind.TEXT_FORM;
                    };
            return new Form(kind, type, decimal);
        }

        private static Kind integer(SqlType type) {
            if (type.equals(Types.INT2) || type.equals(Types.INT4)) {
                return Kind.INT;
            } else if (type.equals(Types.DATE)) {
                return Kind.DATE;
            } else if (type.equals(Types.TIMESTAMP) || type.equals(Types.TIMESTAMPTZ)) {
                return Kind.TIMESTAMP;
            }
            return Kind.LONG;
        }
    }

    /**
     * @param form of the column's type; of its elements if it is an array
     * @param nullable whether the field is a union with null
     */
    private record Field(ColumnDef column, String name, boolean nullable, Form form) {}

    /** A value without a form in Avro. */
    private record Unrepresentable(String field, String text) {}

    private final List<Field> fields = new ArrayList<>();
    private final List<Unrepresentable> unrepresentable = new ArrayList<>();
    private final RowReader reader = new RowReader();

    /** Whether the record ends with the map of unrepresentable values. */
    private final boolean partial;

    private AvroRowWriter(List<ColumnDef> columns) {
        Map<Integer, String> names = AvroSchemas.fieldNames(columns);
        boolean anyPartial = false;
        for (ColumnDef column : columns) {
            SqlType type = column.type().base();
            boolean columnPartial = AvroSchemas.hasUnrepresentable(column);
            anyPartial |= columnPartial;
            fields.add(
                    new Field(
                            column,
                            AvroSchemas.nameOf(names, column),
                            columnPartial || !column.notNull(),
                            Form.of(type.isArray() ? type.element() : type, column.typmod())));
        }
        partial = anyPartial;
    }

    /** For records of {@link AvroSchemas#row}. */
    public static AvroRowWriter row(TableDef table) {
        return new AvroRowWriter(table.visibleColumns());
    }

    /** For records of {@link AvroSchemas#key} of a table with a primary key. */
    public static AvroRowWriter key(TableDef table) {
        return new AvroRowWriter(AvroSchemas.keyColumns(table));
    }

    /**
     * @param row {@link dev.driftdb.schemas.row.RowCodec} bytes of the whole row
     * @throws IllegalStateException if a column that is never NULL is NULL
     */
    public void write(AvroBuffer out, byte[] row) {
        reader.reset(row);
        unrepresentable.clear();
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.get(i);
            Object value = reader.value(field.column());
            if (!field.nullable()) {
                if (value == null || !value(out, field, value)) {
                    throw new IllegalStateException(
                            "no Avro form for " + value + " in column " + field.name());
                }
            } else if (value == null) {
                out.branch(0);
            } else {
                nullable(out, field, value);
            }
        }
        if (partial) {
            map(out);
        }
    }

    private void nullable(AvroBuffer out, Field field, Object value) {
        int start = out.size();
        out.branch(1);
        if (!value(out, field, value)) {
            out.truncate(start);
            out.branch(0);
            unrepresentable.add(
                    new Unrepresentable(
                            field.name(),
                            TextFormat.format(field.column().type(), value, FormatSettings.UTC)));
        }
    }

    private void map(AvroBuffer out) {
        if (!unrepresentable.isEmpty()) {
            out.int64(unrepresentable.size());
            for (Unrepresentable each : unrepresentable) {
                out.string(each.field());
                out.string(each.text());
            }
        }
        out.int64(0);
    }

    /** False, and anything written, for a value that Avro has no form for. */
    private static boolean value(AvroBuffer out, Field field, Object value) {
        return field.column().type().base().isArray()
                ? array(out, field, (SqlArray) value)
                : scalar(out, field.form(), value);
    }

    private static boolean array(AvroBuffer out, Field field, SqlArray array) {
        if (array.dimensions() > 1
                || (array.dimensions() == 1 && array.lowerBounds().getFirst() != 1)) {
            return false;
        }
        Form form =
                array.element().equals(field.form().type())
                        ? field.form()
                        : Form.of(array.element(), field.column().typmod());
        List<@Nullable Object> elements = array.values();
        if (!elements.isEmpty()) {
            out.int64(elements.size());
            for (Object element : elements) {
                out.branch(element == null ? 0 : 1);
                if (element != null && !scalar(out, form, element)) {
                    return false;
                }
            }
        }
        out.int64(0);
        return true;
    }

    private static boolean scalar(AvroBuffer out, Form form, Object value) {
        switch (form.kind()) {
            case BOOLEAN -> out.bool((Boolean) value);
            case INT -> out.int32(((Long) value).intValue());
            case LONG -> out.int64((Long) value);
            case DATE -> {
                long days = (Long) value;
                if (infinite(days)) {
                    return false;
                }
                out.int32((int) (days + AvroRows.EPOCH_DAYS));
            }
            case TIMESTAMP -> {
                long micros = (Long) value;
                // The last years of PostgreSQL's calendar lie beyond Avro's.
                if (infinite(micros) || micros > Long.MAX_VALUE - AvroRows.EPOCH_MICROS) {
                    return false;
                }
                out.int64(micros + AvroRows.EPOCH_MICROS);
            }
            case FLOAT -> out.float32((Float) value);
            case DOUBLE -> out.float64((Double) value);
            case DECIMAL -> {
                AvroSchemas.Decimal decimal = form.decimal();
                Numeric numeric = (Numeric) value;
                if (decimal == null || !numeric.isFinite()) {
                    return false;
                }
                BigDecimal scaled =
                        numeric.decimal().setScale(decimal.scale(), RoundingMode.UNNECESSARY);
                out.bytes(scaled.unscaledValue().toByteArray());
            }
            case BYTES -> out.bytes((Bytes) value);
            case STRING -> out.string(value.toString());
            case TEXT_FORM -> out.string(TextFormat.format(form.type(), value, FormatSettings.UTC));
        }
        return true;
    }

    private static boolean infinite(long value) {
        return value == Long.MAX_VALUE || value == Long.MIN_VALUE;
    }
}
