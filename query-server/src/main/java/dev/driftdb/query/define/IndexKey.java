package dev.driftdb.query.define;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.TextFormat;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The key of one row in an index, equal for rows that a unique index calls equal. */
record IndexKey(Bytes bytes, List<@Nullable Object> values) {
    static IndexKey of(IndexDef index, TableDef table, @Nullable Object[] row) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        @Nullable Object[] values = new Object[index.columns().size()];
        for (int i = 0; i < values.length; i++) {
            IndexDef.IndexColumn column = index.columns().get(i);
            values[i] = row[column.number() - 1];
            writer.add(
                    table.column(column.number()).type(),
                    values[i],
                    column.descending(),
                    column.nullsFirst());
        }
        return new IndexKey(writer.toBytes(), Arrays.asList(values));
    }

    boolean neverConflicts(IndexDef index) {
        return index.nullsDistinct() && values.contains(null);
    }

    /** (a, b)=(1, x) */
    String text(IndexDef index, TableDef table) {
        StringJoiner names = new StringJoiner(", ", "(", ")");
        StringJoiner texts = new StringJoiner(", ", "(", ")");
        for (int i = 0; i < values.size(); i++) {
            ColumnDef column = table.column(index.columns().get(i).number());
            Object value = values.get(i);
            names.add(column.name());
            texts.add(
                    value == null
                            ? "null"
                            : TextFormat.format(column.type(), value, FormatSettings.UTC));
        }
        return names + "=" + texts;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IndexKey key && bytes.equals(key.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.hashCode();
    }
}
