package dev.driftdb.query.define;

import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.TextFormat;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The keys that rows have in one index. Rows are arrays by column number - 1. Immutable; good for
 * the definitions it was made from.
 */
public final class IndexKey {
    private final IndexDef index;
    private final TableDef table;
    private final @Nullable ComputedIndex computed;

    IndexKey(IndexDef index, TableDef table, @Nullable ComputedIndex computed) {
        this.index = index;
        this.table = table;
        this.computed = computed;
    }

    @SuppressWarnings("ReferenceEquality") // definitions are immutable: the same one is enough
    boolean isOf(IndexDef otherIndex, TableDef otherTable) {
        return index == otherIndex && table == otherTable;
    }

    /** Null if the index has no entry for the row. */
    public @Nullable Bytes of(@Nullable Object[] row, ExecutionContext context) {
        if (computed != null && !computed.admits(row, context)) {
            return null;
        }
        KeyCodec.Writer writer = new KeyCodec.Writer();
        for (int i = 0; i < index.columns().size(); i++) {
            IndexDef.IndexColumn column = index.columns().get(i);
            writer.add(
                    column.type(table),
                    value(row, i, context),
                    column.descending(),
                    column.nullsFirst());
        }
        return writer.toBytes();
    }

    /** Of a stored row; null if the index has no entry for it. */
    public @Nullable Bytes of(byte[] row, ExecutionContext context) {
        return computed != null
                ? of(RowCodec.decode(table.columns(), row), context)
                : plain(index, table, row);
    }

    /** The key of a stored row in an index that is not {@link IndexDef#computed()}. */
    public static Bytes plain(IndexDef index, TableDef table, byte[] row) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        for (IndexDef.IndexColumn column : index.columns()) {
            writer.add(
                    column.type(table),
                    RowCodec.decodeColumn(table.column(column.number()), row),
                    column.descending(),
                    column.nullsFirst());
        }
        return writer.toBytes();
    }

    private @Nullable Object value(@Nullable Object[] row, int i, ExecutionContext context) {
        int number = index.columns().get(i).number();
        return computed == null || number != 0 ? row[number - 1] : computed.value(i, row, context);
    }

    /**
     * Whether no other row is equal to it: a NULL in a unique index whose NULLs are distinct, or a
     * row that the index leaves out.
     */
    public boolean neverConflicts(@Nullable Object[] row, ExecutionContext context) {
        if (computed != null && !computed.admits(row, context)) {
            return true;
        }
        return index.nullsDistinct() && hasNull(row, context);
    }

    /** {@link #neverConflicts} of a stored row in an index that is not computed. */
    public static boolean plainNeverConflicts(IndexDef index, TableDef table, byte[] row) {
        if (index.nullsDistinct()) {
            for (IndexDef.IndexColumn column : index.columns()) {
                if (RowCodec.decodeColumn(table.column(column.number()), row) == null) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the index has NULL in one of its columns for the row. */
    public boolean hasNull(@Nullable Object[] row, ExecutionContext context) {
        for (int i = 0; i < index.columns().size(); i++) {
            if (value(row, i, context) == null) {
                return true;
            }
        }
        return false;
    }

    /** (a, b)=(1, x) */
    public String text(@Nullable Object[] row, ExecutionContext context) {
        StringJoiner names = new StringJoiner(", ", "(", ")");
        StringJoiner texts = new StringJoiner(", ", "(", ")");
        for (int i = 0; i < index.columns().size(); i++) {
            IndexDef.IndexColumn column = index.columns().get(i);
            IndexDef.IndexExpression expression = column.expression();
            Object value = value(row, i, context);
            names.add(
                    expression == null ? table.column(column.number()).name() : expression.shown());
            texts.add(
                    value == null
                            ? "null"
                            : TextFormat.format(column.type(table), value, FormatSettings.UTC));
        }
        return names + "=" + texts;
    }
}
