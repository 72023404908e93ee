package dev.driftdb.materializer.resolve;

import dev.driftdb.materializer.state.CatalogRows;
import dev.driftdb.materializer.state.IndexEntry;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.materializer.state.TableState;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogCodec;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the changes of one committed entry: rows, their history, index entries, the catalog.
 *
 * <p>An update moves the old version into the history under its own offset; a deletion also leaves
 * a mark at the deleting offset. Rows of dropped tables stay: the past still reads them.
 */
public final class Applier {
    /** Row ids that a rekey gives start here, above those of rows the same entry appends. */
    static final int REKEY_ORDINAL_FIRST = 1 << 30;

    private final TableState state;
    private final long offset;

    /** The catalog before the entry: what its index entries were made with. */
    private final Catalog before;

    private final IndexChanges indexes = new IndexChanges();
    private final List<CatalogObject> written = new ArrayList<>();
    private final List<Integer> dropped = new ArrayList<>();
    private final Set<Integer> builtIndexes = new HashSet<>();
    private final Set<Integer> droppedIndexes = new HashSet<>();
    private final Set<Integer> truncated = new HashSet<>();
    private Bytes appended = Bytes.EMPTY;
    private int rekeyed;
    private int changedRows;

    private Applier(TableState state, long offset) {
        this.state = state;
        this.offset = offset;
        this.before = state.catalog();
    }

    /**
     * @return how many rows changed
     * @throws IllegalStateException if the changes contradict the state: a writer's fault
     */
    public static int apply(List<Change> changes, long offset, TableState state) {
        Applier applier = new Applier(state, offset);
        for (Change change : changes) {
            applier.apply(change);
        }
        applier.finish();
        return applier.changedRows;
    }

    private void apply(Change change) {
        switch (change) {
            case Change.Put(int storageId, Change.Kind _, Bytes key, Bytes row) ->
                    put(storageId, key, row.array());
            case Change.Append(int storageId, int ordinal, Bytes row) -> {
                appended = KeyCodec.rowId(offset, ordinal);
                put(storageId, appended, row.array());
            }
            case Change.Delete(int storageId, Bytes key) -> delete(storageId, key);
            case Change.Truncate(int storageId) -> truncate(storageId);
            case Change.BuildIndex(int indexId) -> buildIndex(indexId);
            case Change.Rekey(int tableId, int from, int to) -> rekey(tableId, from, to);
            case Change.AddEntry(int indexId, Bytes columns, Bytes rowKey, boolean unique) ->
                    indexes.add(new IndexEntry(indexId, columns, rowOf(rowKey), unique));
            case Change.RemoveEntry(int indexId, Bytes columns, Bytes rowKey, boolean unique) ->
                    indexes.remove(new IndexEntry(indexId, columns, rowKey, unique));
        }
    }

    /** The row that an entry stands for: the one just appended if it names none. */
    private Bytes rowOf(Bytes rowKey) {
        return rowKey.length() == 0 ? appended : rowKey;
    }

    private void finish() {
        catalog();
        indexes.applyTo(state);
        droppedIndexes.forEach(state::dropIndex);
    }

    /** The catalog with this entry's definitions so far. */
    private Catalog catalog() {
        if (!written.isEmpty() || !dropped.isEmpty()) {
            state.setCatalog(state.catalog().with(offset, written, dropped));
            written.clear();
            dropped.clear();
        }
        return state.catalog();
    }

    private void put(int storageId, Bytes key, byte[] row) {
        StoredRow old = state.row(storageId, key);
        if (old != null) {
            removeEntries(storageId, key, old);
            keepVersion(storageId, key, old);
        } else if (truncated.contains(storageId)) {
            state.forgetDeletion(storageId, key, offset);
        }
        state.putRow(storageId, key, offset, row);
        changedRows++;
        if (storageId == SystemStorage.CATALOG) {
            written.add(CatalogCodec.decode(row));
        } else {
            addEntries(catalog().findTableByStorage(storageId), key, row);
        }
    }

    private void delete(int storageId, Bytes key) {
        StoredRow old = state.row(storageId, key);
        if (storageId == SystemStorage.CATALOG) {
            dropObject(key, old);
        }
        if (old != null) {
            deleteRow(storageId, key, old);
        }
    }

    private void deleteRow(int storageId, Bytes key, StoredRow old) {
        changedRows++;
        removeEntries(storageId, key, old);
        keepVersion(storageId, key, old);
        state.keepDeletion(storageId, key, offset);
        state.removeRow(storageId, key, offset);
    }

    private void keepVersion(int storageId, Bytes key, StoredRow old) {
        // A version that this very entry wrote was never seen by anyone.
        if (old.offset() < offset) {
            state.keepVersion(storageId, key, old);
        }
    }

    private void dropObject(Bytes key, @Nullable StoredRow old) {
        CatalogObject object =
                old == null ? CatalogRows.findBuiltIn(key) : CatalogCodec.decode(old.row());
        if (object == null) {
            return;
        }
        if (old == null) {
            state.keepDeletion(SystemStorage.CATALOG, key, offset);
        }
        catalog();
        dropped.add(object.id());
        if (object instanceof IndexDef index) {
            droppedIndexes.add(index.id());
        }
    }

    private void truncate(int storageId) {
        truncated.add(storageId);
        TableDef table = before.findTableByStorage(storageId);
        if (table != null) {
            for (IndexDef index : before.indexesOf(table.id())) {
                if (index.computed()) {
                    removeAllEntries(index.id());
                }
            }
        }
        try (RowCursor rows = state.rows(storageId)) {
            while (rows.next()) {
                deleteRow(
                        storageId,
                        Bytes.wrap(rows.key()),
                        new StoredRow(rows.offset(), rows.row()));
            }
        }
    }

    private void buildIndex(int indexId) {
        if (!(catalog().find(indexId) instanceof IndexDef index) || index.primary()) {
            throw new IllegalStateException(
                    "entry " + offset + " builds index " + indexId + ", which is not there");
        }
        TableDef table = table(index.tableId());
        if (index.computed()) {
            throw new IllegalStateException(
                    "entry "
                            + offset
                            + " builds index "
                            + indexId
                            + ", whose entries it must bring");
        }
        if (before.find(indexId) != null) {
            removeAllEntries(indexId);
        }
        builtIndexes.add(indexId);
        try (RowCursor rows = state.rows(table.storageId())) {
            while (rows.next()) {
                indexes.add(IndexChanges.entry(index, table, Bytes.wrap(rows.key()), rows.row()));
            }
        }
    }

    private void removeAllEntries(int indexId) {
        try (TableState.EntryCursor entries = state.entries(indexId)) {
            while (entries.next()) {
                indexes.remove(entries.entry());
            }
        }
    }

    private void rekey(int tableId, int fromStorageId, int toStorageId) {
        TableDef table = table(tableId);
        if (fromStorageId == toStorageId) {
            throw new IllegalStateException(
                    "entry " + offset + " stores table " + tableId + " where it is already");
        }
        List<SqlType> types = new ArrayList<>();
        for (int number : table.keyColumns()) {
            types.add(table.column(number).type());
        }
        try (RowCursor rows = state.rows(fromStorageId)) {
            while (rows.next()) {
                byte[] row = rows.row();
                Bytes oldKey = Bytes.wrap(rows.key());
                deleteRow(fromStorageId, oldKey, new StoredRow(rows.offset(), row));
                // The table is no longer found by this storage, so its newest entries are not yet
                // removed.
                if (rows.offset() == offset) {
                    removeEntries(catalog().indexesOf(tableId), table, oldKey, row);
                } else {
                    removeEntries(builtIndexes(table), table, oldKey, row);
                }
                Bytes key =
                        table.hasPrimaryKey()
                                ? primaryKey(table, types, row)
                                : KeyCodec.rowId(offset, REKEY_ORDINAL_FIRST + rekeyed++);
                if (state.row(toStorageId, key) != null) {
                    throw new IllegalStateException(
                            "two rows of table "
                                    + tableId
                                    + " have the key "
                                    + key
                                    + ": the entry's preconditions should have refused it");
                }
                state.putRow(toStorageId, key, offset, row);
                addEntries(table, key, row);
            }
        }
    }

    private static Bytes primaryKey(TableDef table, List<SqlType> types, byte[] row) {
        List<Object> values = new ArrayList<>();
        for (int number : table.keyColumns()) {
            Object value = RowCodec.decodeColumn(table.column(number), row);
            if (value == null) {
                throw new IllegalStateException(
                        "NULL in the key of table " + table.id() + ": preconditions let it pass");
            }
            values.add(value);
        }
        return KeyCodec.key(types, values);
    }

    private TableDef table(int tableId) {
        TableDef table = catalog().findTable(tableId);
        if (table == null) {
            throw new IllegalStateException(
                    "entry " + offset + " changes table " + tableId + ", which is not there");
        }
        return table;
    }

    private void addEntries(@Nullable TableDef table, Bytes key, byte[] row) {
        if (table == null) {
            return;
        }
        for (IndexDef index : catalog().indexesOf(table.id())) {
            if (!index.primary() && !index.computed()) {
                indexes.add(IndexChanges.entry(index, table, key, row));
            }
        }
    }

    /**
     * A row written before this entry has the entries that the catalog before it says, whatever the
     * entry has altered meanwhile, and those of indexes that the entry has built.
     */
    private void removeEntries(int storageId, Bytes key, StoredRow old) {
        if (storageId == SystemStorage.CATALOG) {
            return;
        }
        Catalog now = catalog();
        TableDef table = now.findTableByStorage(storageId);
        if (old.offset() == offset) {
            if (table != null) {
                removeEntries(now.indexesOf(table.id()), table, key, old.row());
            }
            return;
        }
        TableDef tableBefore = before.findTableByStorage(storageId);
        if (tableBefore != null) {
            removeEntries(before.indexesOf(tableBefore.id()), tableBefore, key, old.row());
        }
        if (table != null) {
            removeEntries(builtIndexes(table), table, key, old.row());
        }
    }

    /** The indexes of a table that this entry has built so far. */
    private List<IndexDef> builtIndexes(TableDef table) {
        if (builtIndexes.isEmpty()) {
            return List.of();
        }
        return catalog().indexesOf(table.id()).stream()
                .filter(index -> builtIndexes.contains(index.id()))
                .toList();
    }

    private void removeEntries(List<IndexDef> defs, TableDef table, Bytes key, byte[] row) {
        for (IndexDef index : defs) {
            if (!index.primary() && !index.computed()) {
                IndexEntry entry = IndexChanges.entry(index, table, key, row);
                indexes.remove(entry);
            }
        }
    }
}
