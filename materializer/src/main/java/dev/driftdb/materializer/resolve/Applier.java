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
import dev.driftdb.schemas.log.LogRecord;
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
 * Carries out the changes of one committed entry: rows, their history, index entries, the catalog.
 *
 * <p>An update moves the old version into the history under its own offset; a deletion also leaves
 * a mark at the deleting offset. Rows of dropped tables stay: the past still reads them. What is
 * forgotten leaves nothing.
 *
 * <p>A large entry is written in parts that nobody sees before the last; after a crash it goes on
 * where the last written part ended.
 */
public final class Applier {
    /** Row ids that a rekey gives start here, above those of rows the same entry appends. */
    static final int REKEY_ORDINAL_FIRST = 1 << 30;

    private final TableState state;
    private long offset;
    private EntryParts parts;

    /** Of the catalog before the entry: what its index entries were made with. */
    private CatalogIndexes before;

    /** Of the catalog with the entry's definitions so far. */
    private CatalogIndexes now;

    private final List<CatalogObject> written = new ArrayList<>();
    private final List<Integer> dropped = new ArrayList<>();
    private final Set<Integer> builtIndexes = new HashSet<>();
    private final Set<Integer> droppedIndexes = new HashSet<>();
    private final Set<Integer> truncated = new HashSet<>();

    /**
     * Unique entries that others have replaced before they were removed: rows that exchange a value
     * do that. None is left when the entry ends.
     */
    private final Set<IndexEntry> displaced = new LinkedHashSet<>();

    private Bytes appended = Bytes.EMPTY;
    private int rekeyed;
    private int changedRows;

    /** For all entries of a log, one after the other, on one thread. */
    public Applier(TableState state) {
        this.state = state;
        parts = EntryParts.none(state);
        now = new CatalogIndexes(state.catalog());
        before = now;
    }

    /**
     * @param entry whose chunks, if it has any, are all there
     * @return how many rows changed
     * @throws IllegalStateException if the changes contradict the state: a writer's fault
     */
    public int apply(LogRecord.TransactionEntry entry, long entryOffset) {
        begin(entry, entryOffset);
        for (int record = 0; record <= entry.chunkCount(); record++) {
            List<Change> changes =
                    record == entry.chunkCount()
                            ? entry.changes()
                            : state.chunk(entry.id(), record).changes();
            int number = 0;
            for (Change change : changes) {
                parts.at(record, number++);
                if (parts.isApplied()) {
                    noteApplied(change);
                } else {
                    apply(change);
                }
            }
        }
        finish();
        return changedRows;
    }

    /**
     * Whether an entry may change so much that it is written in parts. What was pending before it
     * must be written then.
     */
    public static boolean writesParts(LogRecord.TransactionEntry entry) {
        return EntryParts.isLarge(entry);
    }

    private void begin(LogRecord.TransactionEntry entry, long entryOffset) {
        parts = new EntryParts(entry, entryOffset, state);
        offset = entryOffset;
        rekeyed = parts.rekeyedBefore();
        changedRows = parts.changedRowsBefore();
        if (now.catalog != state.catalog()) {
            now = new CatalogIndexes(state.catalog());
        }
        before = now;
        written.clear();
        dropped.clear();
        builtIndexes.clear();
        droppedIndexes.clear();
        truncated.clear();
        displaced.clear();
        appended = Bytes.EMPTY;
    }

    /** What later changes must know of one that an earlier run has applied. */
    private void noteApplied(Change change) {
        switch (change) {
            case Change.Put(int storageId, Change.Kind _, Bytes _, Bytes row) -> {
                if (storageId == SystemStorage.CATALOG) {
                    written.add(CatalogCodec.decode(row.array()));
                }
            }
            case Change.Append append -> appended = KeyCodec.rowId(offset, append.ordinal());
            case Change.Delete(int storageId, Bytes key) -> {
                if (storageId == SystemStorage.CATALOG) {
                    for (CatalogObject object : catalog().objects()) {
                        if (CatalogRows.key(object.id()).equals(key)) {
                            drop(object);
                        }
                    }
                }
            }
            case Change.Truncate truncate -> truncated.add(truncate.storageId());
            case Change.BuildIndex build -> builtIndexes.add(build.indexId());
            case Change.Rekey _, Change.AddEntry _, Change.RemoveEntry _, Change.Forget _ -> {}
        }
    }

    private void apply(Change change) {
        switch (change) {
            case Change.Put(int storageId, Change.Kind _, Bytes key, Bytes row) -> {
                put(storageId, key, row.array());
                parts.mayWrite(true, changedRows, rekeyed);
            }
            case Change.Append(int storageId, int ordinal, Bytes row) -> {
                appended = KeyCodec.rowId(offset, ordinal);
                put(storageId, appended, row.array());
                parts.mayWrite(true, changedRows, rekeyed);
            }
            case Change.Delete(int storageId, Bytes key) -> {
                delete(storageId, key);
                parts.mayWrite(true, changedRows, rekeyed);
            }
            case Change.Forget(int storageId, Bytes key) -> {
                forget(storageId, key);
                parts.mayWrite(true, changedRows, rekeyed);
            }
            case Change.Truncate(int storageId) -> truncate(storageId);
            case Change.BuildIndex(int indexId) -> buildIndex(indexId);
            case Change.Rekey(int tableId, int from, int to) -> rekey(tableId, from, to);
            case Change.AddEntry(int indexId, Bytes columns, Bytes rowKey, boolean unique) ->
                    addEntry(new IndexEntry(indexId, columns, rowOf(rowKey), unique));
            case Change.RemoveEntry(int indexId, Bytes columns, Bytes rowKey, boolean unique) ->
                    removeEntry(new IndexEntry(indexId, columns, rowKey, unique));
        }
    }

    private void addEntry(IndexEntry entry) {
        if (entry.unique()) {
            IndexEntry other = state.uniqueEntry(entry.indexId(), entry.columns());
            if (other != null && !other.rowKey().equals(entry.rowKey())) {
                displaced.add(other);
            }
        }
        state.putEntry(entry);
    }

    private void removeEntry(IndexEntry entry) {
        if (!displaced.isEmpty()) {
            displaced.remove(entry);
        }
        state.removeEntry(entry);
    }

    /** The row that an entry stands for: the one just appended if it names none. */
    private Bytes rowOf(Bytes rowKey) {
        return rowKey.length() == 0 ? appended : rowKey;
    }

    private void finish() {
        catalog();
        for (IndexEntry entry : displaced) {
            throw new IllegalStateException(
                    "two rows, one of them "
                            + entry.rowKey()
                            + ", have the key "
                            + entry.columns()
                            + " in unique index "
                            + entry.indexId()
                            + ": the entry's preconditions should have refused it");
        }
        droppedIndexes.forEach(state::dropIndex);
    }

    /** The catalog with this entry's definitions so far. */
    private Catalog catalog() {
        if (!written.isEmpty() || !dropped.isEmpty()) {
            state.setCatalog(state.catalog().with(offset, written, dropped));
            written.clear();
            dropped.clear();
            now = new CatalogIndexes(state.catalog());
        }
        return now.catalog;
    }

    private void put(int storageId, Bytes key, byte[] row) {
        StoredRow old = state.row(storageId, key);
        if (old != null) {
            keepVersion(storageId, key, old);
        } else if (!truncated.isEmpty() && truncated.contains(storageId)) {
            state.forgetDeletion(storageId, key, offset);
        }
        state.putRow(storageId, key, offset, row);
        changedRows++;
        if (storageId == SystemStorage.CATALOG) {
            written.add(CatalogCodec.decode(row));
            return;
        }
        catalog();
        CatalogIndexes.Storage table = now.storage(storageId);
        if (old == null) {
            addEntries(table, key, row);
        } else if (now == before) {
            for (CatalogIndexes.RowIndex index : table.indexes()) {
                IndexEntry oldEntry = index.entry(key, old.row());
                IndexEntry entry = index.entry(key, row);
                if (!entry.equals(oldEntry)) {
                    removeEntry(oldEntry);
                    addEntry(entry);
                }
            }
        } else {
            removeEntries(storageId, key, old);
            addEntries(table, key, row);
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
        removeEntries(storageId, key, old);
        endRow(storageId, key, old);
    }

    private void endRow(int storageId, Bytes key, StoredRow old) {
        changedRows++;
        keepVersion(storageId, key, old);
        state.keepDeletion(storageId, key, offset);
        state.removeRow(storageId, key, offset);
    }

    private void forget(int storageId, Bytes key) {
        StoredRow old = state.row(storageId, key);
        if (old != null) {
            removeEntries(storageId, key, old);
            state.removeRow(storageId, key, offset);
        }
        changedRows++;
        state.forgetHistory(storageId, key, offset);
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
        drop(object);
    }

    private void drop(CatalogObject object) {
        catalog();
        dropped.add(object.id());
        if (object instanceof IndexDef index) {
            droppedIndexes.add(index.id());
        }
    }

    private void truncate(int storageId) {
        truncated.add(storageId);
        TableDef table = before.storage(storageId).table();
        if (table != null) {
            for (IndexDef index : before.catalog.indexesOf(table.id())) {
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
                parts.mayWrite(false, changedRows, rekeyed);
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
        // Entries of a part that was written before a crash come again; they are the same.
        if (before.catalog.find(indexId) != null) {
            removeAllEntries(indexId);
        }
        builtIndexes.add(indexId);
        addEntries(new CatalogIndexes.RowIndex(index, table), table.storageId());
    }

    private void removeAllEntries(int indexId) {
        try (TableState.EntryCursor entries = state.entries(indexId)) {
            while (entries.next()) {
                removeEntry(entries.entry());
                parts.mayWrite(false, changedRows, rekeyed);
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
                endRow(fromStorageId, Bytes.wrap(rows.key()), new StoredRow(rows.offset(), row));
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
                parts.mayWrite(false, changedRows, rekeyed);
            }
        }
        // One row's new key may be the old one of another, so entries are not replaced one by one.
        for (CatalogIndexes.RowIndex index : now.storage(toStorageId).indexes()) {
            removeAllEntries(index.id());
            addEntries(index, toStorageId);
        }
    }

    private void addEntries(CatalogIndexes.RowIndex index, int storageId) {
        try (RowCursor rows = state.rows(storageId)) {
            while (rows.next()) {
                addEntry(index.entry(Bytes.wrap(rows.key()), rows.row()));
                parts.mayWrite(false, changedRows, rekeyed);
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

    private void addEntries(CatalogIndexes.Storage table, Bytes key, byte[] row) {
        for (CatalogIndexes.RowIndex index : table.indexes()) {
            addEntry(index.entry(key, row));
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
        catalog();
        CatalogIndexes.Storage table = now.storage(storageId);
        if (old.offset() == offset) {
            removeEntries(table.indexes(), key, old.row());
            return;
        }
        removeEntries(before.storage(storageId).indexes(), key, old.row());
        if (!builtIndexes.isEmpty()) {
            removeEntries(built(table.indexes()), key, old.row());
        }
    }

    /** Those that this entry has built so far. */
    private List<CatalogIndexes.RowIndex> built(List<CatalogIndexes.RowIndex> indexes) {
        return indexes.stream().filter(index -> builtIndexes.contains(index.id())).toList();
    }

    private void removeEntries(List<CatalogIndexes.RowIndex> indexes, Bytes key, byte[] row) {
        for (CatalogIndexes.RowIndex index : indexes) {
            removeEntry(index.entry(key, row));
        }
    }
}
