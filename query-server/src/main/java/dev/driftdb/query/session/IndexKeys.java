package dev.driftdb.query.session;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/** The key that a row has in an index. */
final class IndexKeys {
    private IndexKeys() {}

    static Bytes of(IndexDef index, TableDef table, @Nullable Object[] values) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        for (IndexDef.IndexColumn column : index.columns()) {
            writer.add(
                    table.column(column.number()).type(),
                    values[column.number() - 1],
                    column.descending(),
                    column.nullsFirst());
        }
        return writer.toBytes();
    }

    static Bytes of(IndexDef index, TableDef table, byte[] row) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        for (IndexDef.IndexColumn column : index.columns()) {
            ColumnDef definition = table.column(column.number());
            writer.add(
                    definition.type(),
                    RowCodec.decodeColumn(definition, row),
                    column.descending(),
                    column.nullsFirst());
        }
        return writer.toBytes();
    }

    /** A NULL in a unique index whose NULLs are distinct: no other row is equal to it. */
    static boolean neverConflicts(IndexDef index, @Nullable Object[] values) {
        if (!index.nullsDistinct()) {
            return false;
        }
        for (IndexDef.IndexColumn column : index.columns()) {
            if (values[column.number() - 1] == null) {
                return true;
            }
        }
        return false;
    }
}
