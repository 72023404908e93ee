package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The Avro schemas of a table's rows and keys, made from its definition alone: the same definition
 * gives the same schema on every node.
 *
 * <p>smallint and integer are int; bigint and oid long; real float; double precision double;
 * numeric(p,s) decimal over bytes; numeric without a precision string, because Avro's decimal needs
 * a fixed scale; date date; time time-micros; timestamp local-timestamp-micros; timestamptz
 * timestamp-micros; uuid a uuid string; bytea bytes; a one-dimensional array an array; everything
 * else a string in PostgreSQL's text form. Each field carries {@value #TYPE_PROPERTY} with the SQL
 * type, and {@value #NAME_PROPERTY} where the column's name is none in Avro.
 *
 * <p>A column that may be NULL is a union of null and its type with default null. So is a column
 * whose type has values that Avro lacks (NaN in numeric(p,s), infinite dates and timestamps, arrays
 * of several dimensions), even if it is NOT NULL: such a value is null in its field, and its text
 * stands in the map {@value #UNREPRESENTABLE} under the field's name.
 */
public final class AvroSchemas {
    /** Field property: the column's SQL type as SQL shows it. */
    public static final String TYPE_PROPERTY = "driftdbType";

    /** Field property: the column's name, where the field's differs. */
    public static final String NAME_PROPERTY = "driftdbName";

    /** The field of values that Avro has no form for: field name to PostgreSQL text. */
    public static final String UNREPRESENTABLE = "driftdb_unrepresentable";

    /** The fields of the key of a table without a primary key. */
    public static final String ROW_ID_OFFSET = "row_offset";

    public static final String ROW_ID_ORDINAL = "row_ordinal";

    private static final int TYPMOD_HEADER = 4;
    private static final int SCALE_MASK = 0x7ff;

    private AvroSchemas() {}

    /** The row of a table: record {@code driftdb.<schema>.<table>.Value}. */
    public static Schema row(String schemaName, TableDef table) {
        return record(namespace(schemaName, table), "Value", table.visibleColumns());
    }

    /**
     * The key of a row: record {@code driftdb.<schema>.<table>.Key} of the primary key's columns,
     * or of {@value #ROW_ID_OFFSET} and {@value #ROW_ID_ORDINAL} where there is none.
     */
    public static Schema key(String schemaName, TableDef table) {
        if (!table.hasPrimaryKey()) {
            return SchemaBuilder.record("Key")
                    .namespace(namespace(schemaName, table))
                    .fields()
                    .requiredLong(ROW_ID_OFFSET)
                    .requiredInt(ROW_ID_ORDINAL)
                    .endRecord();
        }
        return record(namespace(schemaName, table), "Key", keyColumns(table));
    }

    /** The primary key's columns in key order. */
    static List<ColumnDef> keyColumns(TableDef table) {
        return table.keyColumns().stream().map(table::column).toList();
    }

    /** The Avro namespace of everything about a table. */
    public static String namespace(String schemaName, TableDef table) {
        return "driftdb." + sanitize(schemaName) + "." + sanitize(table.name());
    }

    private static Schema record(String namespace, String name, List<ColumnDef> columns) {
        Map<Integer, String> names = fieldNames(columns);
        List<Schema.Field> fields = new ArrayList<>();
        boolean total = true;
        for (ColumnDef column : columns) {
            Schema type = type(column);
            boolean partial = hasUnrepresentable(column);
            total &= !partial;
            Schema.Field field =
                    partial || !column.notNull()
                            ? new Schema.Field(
                                    nameOf(names, column),
                                    nullable(type),
                                    null,
                                    Schema.Field.NULL_DEFAULT_VALUE)
                            : new Schema.Field(nameOf(names, column), type, null, (Object) null);
            field.addProp(TYPE_PROPERTY, sqlType(column));
            if (!field.name().equals(column.name())) {
                field.addProp(NAME_PROPERTY, column.name());
            }
            fields.add(field);
        }
        if (!total) {
            fields.add(
                    new Schema.Field(
                            UNREPRESENTABLE,
                            Schema.createMap(Schema.create(Schema.Type.STRING)),
                            "Values without a form in Avro, as text by field name",
                            Map.of()));
        }
        return Schema.createRecord(name, null, namespace, false, fields);
    }

    /**
     * The field name of each column by number: the column's own name if Avro allows it, other
     * characters as {@code _}, with a number behind it where that meets another.
     */
    static Map<Integer, String> fieldNames(List<ColumnDef> columns) {
        Map<Integer, String> names = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>();
        taken.add(UNREPRESENTABLE);
        // Names that need no change come first, so that none of them has to give way.
        for (ColumnDef column : columns) {
            if (sanitize(column.name()).equals(column.name()) && taken.add(column.name())) {
                names.put(column.number(), column.name());
            }
        }
        for (ColumnDef column : columns) {
            if (!names.containsKey(column.number())) {
                String base = sanitize(column.name());
                String name = base;
                for (int n = 2; !taken.add(name); n++) {
                    name = base + "_" + n;
                }
                names.put(column.number(), name);
            }
        }
        return names;
    }

    static String nameOf(Map<Integer, String> names, ColumnDef column) {
        String name = names.get(column.number());
        if (name == null) {
            throw new IllegalStateException("no field for column " + column.name());
        }
        return name;
    }

    private static String sanitize(String name) {
        StringBuilder sanitized = new StringBuilder(name.length());
        name.codePoints()
                .forEach(c -> {
                    boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                    boolean digit = c >= '0' && c <= '9';
                    if (digit && sanitized.isEmpty()) {
                        sanitized.append('_');
                    }
                    sanitized.append(letter || digit ? (char) c : '_');
                });
        return sanitized.isEmpty() ? "_" : sanitized.toString();
    }

    private static Schema nullable(Schema type) {
        return Schema.createUnion(Schema.create(Schema.Type.NULL), type);
    }

    /** The type of a column's values, without null. */
    private static Schema type(ColumnDef column) {
        SqlType type = column.type().base();
        if (type.isArray()) {
            return Schema.createArray(nullable(scalar(type.element(), column.typmod())));
        }
        return scalar(type, column.typmod());
    }

    private static Schema scalar(SqlType declared, int typmod) {
        SqlType type = declared.base();
        return switch (type.storage()) {
            case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
            case LONG -> integer(type);
            case FLOAT4 -> Schema.create(Schema.Type.FLOAT);
            case FLOAT8 -> Schema.create(Schema.Type.DOUBLE);
            case NUMERIC -> {
                Decimal decimal = decimal(type, typmod);
                yield decimal == null
                        ? Schema.create(Schema.Type.STRING)
                        : logical(
                                Schema.Type.BYTES,
                                LogicalTypes.decimal(decimal.precision(), decimal.scale()));
            }
            case BYTES -> Schema.create(Schema.Type.BYTES);
            case UUID -> logical(Schema.Type.STRING, LogicalTypes.uuid());
            // A label is a string, so that a new one changes no schema.
            case TEXT, ENUM, INTERVAL, TIMETZ, JSONB, ARRAY, ROW, NONE ->
                    Schema.create(Schema.Type.STRING);
        };
    }

    private static Schema integer(SqlType type) {
        if (type.equals(Types.INT2) || type.equals(Types.INT4)) {
            return Schema.create(Schema.Type.INT);
        } else if (type.equals(Types.DATE)) {
            return logical(Schema.Type.INT, LogicalTypes.date());
        } else if (type.equals(Types.TIME)) {
            return logical(Schema.Type.LONG, LogicalTypes.timeMicros());
        } else if (type.equals(Types.TIMESTAMP)) {
            return logical(Schema.Type.LONG, LogicalTypes.localTimestampMicros());
        } else if (type.equals(Types.TIMESTAMPTZ)) {
            return logical(Schema.Type.LONG, LogicalTypes.timestampMicros());
        }
        return Schema.create(Schema.Type.LONG);
    }

    private static Schema logical(Schema.Type type, LogicalType logicalType) {
        return logicalType.addToSchema(Schema.create(type));
    }

    record Decimal(int precision, int scale) {}

    /** Precision and scale that an Avro decimal can have, or null. */
    static @Nullable Decimal decimal(SqlType type, int typmod) {
        if (!type.equals(Types.NUMERIC) || typmod < TYPMOD_HEADER) {
            return null;
        }
        int precision = (typmod - TYPMOD_HEADER) >> 16 & 0xffff;
        int scale = (typmod - TYPMOD_HEADER) & SCALE_MASK;
        // PostgreSQL allows numeric(2,5) and, as 11 bits with a sign, numeric(5,-2); Avro neither.
        return scale <= precision ? new Decimal(precision, scale) : null;
    }

    /** Whether values of the column may have to stand in {@link #UNREPRESENTABLE}. */
    static boolean hasUnrepresentable(ColumnDef column) {
        SqlType type = column.type().base();
        return type.isArray()
                || type.equals(Types.DATE)
                || type.equals(Types.TIMESTAMP)
                || type.equals(Types.TIMESTAMPTZ)
                || decimal(type, column.typmod()) != null;
    }

    private static String sqlType(ColumnDef column) {
        String name = column.type().sqlName();
        Decimal decimal = decimal(column.type(), column.typmod());
        return decimal == null
                ? name
                : String.format(
                        Locale.ROOT, "%s(%d,%d)", name, decimal.precision(), decimal.scale());
    }

    /** Columns by the field names that stand for them: the field's own and the column's. */
    static Map<String, ColumnDef> columnsByField(List<ColumnDef> columns) {
        Map<Integer, String> names = fieldNames(columns);
        Map<String, ColumnDef> byField = new HashMap<>();
        for (ColumnDef column : columns) {
            byField.put(nameOf(names, column), column);
        }
        return byField;
    }
}
