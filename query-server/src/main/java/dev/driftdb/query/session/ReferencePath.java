package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.query.define.ForeignKeyTypes;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the two tables of a foreign key find each other's rows. Values are compared as the referenced
 * columns' types: keys of both sides are bytes in the order of the referenced unique index.
 */
final class ReferencePath {
    final TableDef child;
    final Constraint.ForeignKey key;
    final TableDef parent;
    final IndexDef parentIndex;

    /** An index of the referencing table that begins with the key's columns; null for none. */
    final @Nullable IndexDef childIndex;

    /** Whether the referencing table's own key begins with the key's columns. */
    final boolean childKey;

    /** Positions in the foreign key's lists, in the order of the referenced index. */
    private final int[] order;

    private final @Nullable CastDef[] casts;

    ReferencePath(Catalog catalog, FunctionCatalog functions, Catalog.Reference reference) {
        child = reference.child();
        key = reference.key();
        TableDef found = catalog.findTable(key.parentTableId());
        IndexDef index = catalog.parentIndex(key);
        if (found == null || index == null) {
            throw new IllegalStateException("foreign key " + key.name() + " refers to nothing");
        }
        parent = found;
        parentIndex = index;
        order =
                index.columns().stream()
                        .mapToInt(column -> key.parentColumns().indexOf(column.number()))
                        .toArray();
        casts = new CastDef[order.length];
        boolean same = true;
        for (int i = 0; i < order.length; i++) {
            casts[i] =
                    ForeignKeyTypes.cast(
                            functions,
                            child.column(key.columns().get(i)).type(),
                            parent.column(key.parentColumns().get(i)).type());
            same &=
                    ForeignKeyTypes.haveSameKeys(
                            child.column(key.columns().get(i)).type(),
                            parent.column(key.parentColumns().get(i)).type());
        }
        childKey = same && begins(child.keyColumns());
        childIndex = same && !childKey ? findIndex(catalog) : null;
    }

    private boolean begins(List<Integer> numbers) {
        int count = key.columns().size();
        return numbers.size() >= count
                && Set.copyOf(numbers.subList(0, count)).equals(new HashSet<>(key.columns()));
    }

    private @Nullable IndexDef findIndex(Catalog catalog) {
        for (IndexDef index : catalog.indexesOf(child.id())) {
            // An index that this transaction has made has no entries in the log's state yet.
            if (!index.primary()
                    && !index.computed()
                    && catalog.versionOf(index.id()) != Catalog.UNCOMMITTED
                    && begins(
                            index.columns().stream().map(IndexDef.IndexColumn::number).toList())) {
                return index;
            }
        }
        return null;
    }

    int nulls(@Nullable Object[] childValues) {
        return (int) key.columns().stream().filter(n -> childValues[n - 1] == null).count();
    }

    /** The referenced key of a referencing row; null if one of its columns is NULL. */
    @Nullable Bytes keyOfChild(@Nullable Object[] childValues, EvalContext context) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        for (int i = 0; i < order.length; i++) {
            Object value = childValues[key.columns().get(order[i]) - 1];
            if (value == null) {
                return null;
            }
            CastDef cast = casts[order[i]];
            add(
                    writer,
                    parentIndex.columns().get(i),
                    parent,
                    cast == null ? value : cast.body().apply(value, -1, false, context));
        }
        return writer.toBytes();
    }

    /** The key of a referenced row; null if one of its columns is NULL. */
    @Nullable Bytes keyOfParent(@Nullable Object[] parentValues) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        for (IndexDef.IndexColumn column : parentIndex.columns()) {
            Object value = parentValues[column.number() - 1];
            if (value == null) {
                return null;
            }
            add(writer, column, parent, value);
        }
        return writer.toBytes();
    }

    private static void add(
            KeyCodec.Writer writer, IndexDef.IndexColumn column, TableDef table, Object value) {
        writer.add(
                table.column(column.number()).type(),
                value,
                column.descending(),
                column.nullsFirst());
    }

    /** Where the rows that refer to a row are, in {@link #childIndex} or the table's own key. */
    KeyRange childRange(@Nullable Object[] parentValues) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        List<IndexDef.IndexColumn> columns = new ArrayList<>();
        if (childIndex == null) {
            child.keyColumns().forEach(n -> columns.add(IndexDef.IndexColumn.ascending(n)));
        } else {
            columns.addAll(childIndex.columns());
        }
        for (IndexDef.IndexColumn column : columns.subList(0, key.columns().size())) {
            int number = key.parentColumns().get(key.columns().indexOf(column.number()));
            writer.add(
                    parent.column(number).type(),
                    parentValues[number - 1],
                    column.descending(),
                    column.nullsFirst());
        }
        return KeyRange.prefix(writer.toBytes());
    }
}
