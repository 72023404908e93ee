package dev.driftdb.materializer.resolve;

import dev.driftdb.materializer.state.IndexEntry;
import dev.driftdb.materializer.state.TableState;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The index entries that one log entry removes and adds. All removals are done before all
 * additions, so two rows may exchange a unique value.
 */
final class IndexChanges {
    private final Set<IndexEntry> removals = new LinkedHashSet<>();
    private final Set<IndexEntry> additions = new LinkedHashSet<>();
    private final Set<IndexEntry> addedAndRemoved = new HashSet<>();

    /** The entry of a row in an index. */
    static IndexEntry entry(IndexDef index, TableDef table, Bytes rowKey, byte[] row) {
        List<SqlType> types = new ArrayList<>(index.columns().size());
        List<@Nullable Object> values = new ArrayList<>(index.columns().size());
        boolean hasNull = false;
        for (IndexDef.IndexColumn indexed : index.columns()) {
            ColumnDef column = table.column(indexed.number());
            Object value = RowCodec.decodeColumn(column, row);
            hasNull |= value == null;
            types.add(column.type());
            values.add(value);
        }
        boolean unique = index.unique() && !(hasNull && index.nullsDistinct());
        return new IndexEntry(index.id(), KeyCodec.indexKey(index, types, values), rowKey, unique);
    }

    void add(IndexEntry entry) {
        additions.add(entry);
    }

    /** An entry that is there before this log entry, or was added by it. */
    void remove(IndexEntry entry) {
        if (additions.remove(entry)) {
            addedAndRemoved.add(entry);
        }
        removals.add(entry);
    }

    void applyTo(TableState state) {
        for (IndexEntry entry : removals) {
            if (!additions.contains(entry)) {
                state.removeEntry(entry);
            }
        }
        for (IndexEntry entry : additions) {
            // An unchanged entry of an updated row is there already.
            if (!removals.contains(entry) || addedAndRemoved.contains(entry)) {
                state.putEntry(entry);
            }
        }
    }
}
