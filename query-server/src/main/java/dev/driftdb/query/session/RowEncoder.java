package dev.driftdb.query.session;

import dev.driftdb.pgwire.message.BackendMessage.Field;
import dev.driftdb.pgwire.server.PgSink;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.type.BinaryFormat;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rows of one result in their wire formats. */
final class RowEncoder {
    private interface FieldEncoder {
        void encode(Object value, PgSink.RowWriter out);
    }

    private static final short TEXT = 0;
    private static final short BINARY = 1;

    private static final Set<SqlType> INTEGERS =
            Set.of(Types.INT2, Types.INT4, Types.INT8, Types.OID);

    /** Shown by name, which only the catalog knows. */
    private static final Set<SqlType> REFERENCES =
            Set.of(
                    Types.REGCLASS,
                    Types.REGTYPE,
                    Types.REGPROC,
                    Types.REGPROCEDURE,
                    Types.REGNAMESPACE,
                    Types.REGROLE);

    /** The name of an object that a reg… value refers to. */
    @FunctionalInterface
    interface ReferenceNames {
        String nameOf(SqlType type, Object value);
    }

    private final FieldEncoder[] encoders;

    /**
     * @param formats none (all text), one for all, or one each
     */
    RowEncoder(
            List<OutputColumn> columns,
            short[] formats,
            FormatSettings settings,
            ReferenceNames names) {
        encoders = new FieldEncoder[columns.size()];
        for (int i = 0; i < encoders.length; i++) {
            SqlType type = columns.get(i).type().base();
            encoders[i] = format(formats, i) == BINARY ? binary(type) : text(type, settings, names);
        }
    }

    static short format(short[] formats, int index) {
        return switch (formats.length) {
            case 0 -> TEXT;
            case 1 -> formats[0];
            default -> formats[index];
        };
    }

    private static FieldEncoder text(SqlType type, FormatSettings settings, ReferenceNames names) {
        if (INTEGERS.contains(type)) {
            return (value, out) -> out.textLong((Long) value);
        }
        if (type.storage() == Storage.TEXT && !type.equals(Types.CHAR)) {
            return (value, out) -> out.text((String) value);
        }
        if (REFERENCES.contains(type)) {
            return (value, out) -> out.text(names.nameOf(type, value));
        }
        return (value, out) -> out.text(TextFormat.format(type, value, settings));
    }

    private static FieldEncoder binary(SqlType type) {
        if (type.equals(Types.INT4)) {
            return (value, out) -> out.binaryInt(((Long) value).intValue());
        }
        if (type.equals(Types.INT8)) {
            return (value, out) -> out.binaryLong((Long) value);
        }
        if (type.equals(Types.INT2)) {
            return (value, out) -> out.binaryShort(((Long) value).shortValue());
        }
        return (value, out) -> out.field(BinaryFormat.encode(type, value));
    }

    void send(@Nullable Object[] row, PgSink out) {
        PgSink.RowWriter writer = out.beginRow(encoders.length);
        for (int i = 0; i < encoders.length; i++) {
            Object value = row[i];
            if (value == null) {
                writer.nullField();
            } else {
                encoders[i].encode(value, writer);
            }
        }
        out.endRow();
    }

    static List<Field> fields(List<OutputColumn> columns, short[] formats) {
        List<Field> fields = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            OutputColumn column = columns.get(i);
            // A client knows no type "unknown": PostgreSQL answers such columns as text.
            SqlType type = column.type().equals(Types.UNKNOWN) ? Types.TEXT : column.type().base();
            // As PostgreSQL does: a client is told the type below a domain.
            fields.add(
                    new Field(
                            column.name(),
                            column.tableId(),
                            (short) column.columnNumber(),
                            type.oid(),
                            (short) type.length(),
                            column.typmod(),
                            format(formats, i)));
        }
        return fields;
    }
}
