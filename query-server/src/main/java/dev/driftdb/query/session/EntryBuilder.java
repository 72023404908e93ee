package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.define.IndexKey;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogCodec;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the log entry of a transaction: what it wrote, and what must hold at its place in the log
 * for that to be right.
 *
 * <p>Entries of indexes over expressions or of some rows are computed here and travel as changes.
 *
 * <p>Order of changes: emptied storages; rows of storages that are stored anew; definitions;
 * storing anew; all other rows; computed entries; new indexes. So each change meets the definitions
 * it was made under.
 */
final class EntryBuilder {
    private final Transaction transaction;
    private final Catalog catalog;
    private final Supplier<StatementContext> evaluation;
    private final List<Precondition> preconditions = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();

    /** Entries that computed indexes get; behind all that they lose. */
    private final List<Change> added = new ArrayList<>();

    private int ordinal;

    /**
     * @param catalog with the transaction's own definitions
     * @param evaluation evaluates what indexes compute; asked for only if there are such indexes
     */
    EntryBuilder(Transaction transaction, Catalog catalog, Supplier<StatementContext> evaluation) {
        this.transaction = transaction;
        this.catalog = catalog;
        this.evaluation = evaluation;
    }

    /** Null if the transaction changed nothing. */
    @Nullable TransactionEntry build(UUID id, LogRecord.Metadata metadata) {
        Set<Integer> rekeyed = new HashSet<>();
        for (Change change : transaction.structural) {
            if (change instanceof Change.Rekey rekey) {
                rekeyed.add(rekey.fromStorageId());
            }
        }
        for (OwnTable table : transaction.tables()) {
            if (table.emptiedBy != Integer.MAX_VALUE) {
                changes.add(new Change.Truncate(table.storageId));
            }
        }
        addRows(rekeyed, true);
        addDefinitions();
        addSequences();
        for (Change change : transaction.structural) {
            if (change instanceof Change.Rekey) {
                changes.add(change);
            }
        }
        addRows(rekeyed, false);
        changes.addAll(added);
        for (Change change : transaction.structural) {
            if (change instanceof Change.BuildIndex) {
                changes.add(change);
            }
        }
        if (changes.isEmpty()) {
            return null;
        }
        transaction.definitionsUsed.forEach((object, version) -> {
            if (transaction.definitions.get(object) == null) {
                preconditions.add(new Precondition.DefinitionUnchanged(object, version));
            }
        });
        preconditions.addAll(transaction.preconditions);
        preconditions.addAll(transaction.reads.preconditions());
        return new TransactionEntry(id, metadata, preconditions, changes, 0);
    }

    private void addDefinitions() {
        transaction
                .definitions
                .all()
                .forEach((id, definition) -> {
                    Bytes key = catalogKey(id);
                    CatalogObject object = definition.object();
                    long base = definition.baseVersion();
                    if (object == null && base < 0) {
                        return;
                    }
                    preconditions.add(
                            new Precondition.RowVersion(
                                    SystemStorage.CATALOG,
                                    key,
                                    base < 0 ? Precondition.ABSENT : base));
                    changes.add(
                            object == null
                                    ? new Change.Delete(SystemStorage.CATALOG, key)
                                    : new Change.Put(
                                            SystemStorage.CATALOG,
                                            base < 0 ? Change.Kind.INSERT : Change.Kind.UPDATE,
                                            key,
                                            Bytes.wrap(CatalogCodec.encode(object))));
                });
    }

    private void addSequences() {
        transaction
                .sequences()
                .forEach((id, state) -> {
                    if (catalog.find(id) instanceof SequenceDef) {
                        changes.add(
                                new Change.Put(
                                        SystemStorage.SEQUENCES,
                                        Change.Kind.UPDATE,
                                        catalogKey(id),
                                        Bytes.wrap(state.encode())));
                    }
                });
    }

    static Bytes catalogKey(int id) {
        return KeyCodec.key(id);
    }

    private void addRows(Set<Integer> rekeyed, boolean ofRekeyed) {
        for (OwnTable table : transaction.tables()) {
            if (rekeyed.contains(table.storageId) == ofRekeyed && !isDropped(table.storageId)) {
                addRows(table);
            }
        }
    }

    /** Rows of a table that the transaction dropped (or made and dropped) go nowhere. */
    private boolean isDropped(int storageId) {
        return storageId >= SystemStorage.FIRST_USER_ID
                && catalog.findTableByStorage(storageId) == null
                && transaction.structural.stream()
                        .noneMatch(c ->
                                c instanceof Change.Rekey rekey
                                        && rekey.fromStorageId() == storageId);
    }

    private void addRows(OwnTable own) {
        boolean emptied = own.emptiedBy != Integer.MAX_VALUE;
        TableDef table = catalog.findTableByStorage(own.storageId);
        boolean isNew = emptied || (table != null && storageIsNew(table, own));
        List<ComputedKeys> computed = table == null ? List.of() : computed(table);
        for (OwnRow row : own.keyed()) {
            if (row.newest == null) {
                continue;
            }
            boolean hadBase = row.base != null && !emptied;
            byte[] bytes = row.newest.row();
            if (bytes == null && !hadBase) {
                continue;
            }
            if (!isNew) {
                preconditions.add(
                        new Precondition.RowVersion(
                                own.storageId,
                                row.key,
                                row.base == null ? Precondition.ABSENT : row.base.offset()));
            }
            if (!computed.isEmpty()) {
                addEntries(computed, emptied, row, row.key);
            }
            changes.add(
                    bytes == null
                            ? new Change.Delete(own.storageId, row.key)
                            : new Change.Put(
                                    own.storageId,
                                    hadBase ? Change.Kind.UPDATE : Change.Kind.INSERT,
                                    row.key,
                                    Bytes.wrap(bytes)));
        }
        for (OwnRow row : own.appended()) {
            if (row.newest != null && row.newest.row() != null) {
                changes.add(
                        new Change.Append(own.storageId, ordinal++, Bytes.wrap(row.newest.row())));
                if (!computed.isEmpty()) {
                    // They stand for the row just appended, whose key the log decides.
                    addEntries(computed, true, row, Bytes.EMPTY);
                }
            }
        }
        for (ComputedKeys keys : computed) {
            if (keys.built() && !emptied) {
                addEntriesOfOthers(keys, own);
            }
        }
        if (table != null && !isNew) {
            addUniqueKeys(table, own);
        }
    }

    // ---- indexes whose entries travel in the log ----

    /**
     * @param built by this transaction: no replica has entries of it yet
     */
    private record ComputedKeys(IndexDef index, TableDef table, IndexKey key, boolean built) {}

    private List<ComputedKeys> computed(TableDef table) {
        List<ComputedKeys> result = new ArrayList<>();
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (index.computed()) {
                OwnDefinitions.Definition own = transaction.definitions.get(index.id());
                result.add(
                        new ComputedKeys(
                                index,
                                table,
                                keys(index, table),
                                own != null && own.baseVersion() < 0));
            }
        }
        return result;
    }

    private IndexKey keys(IndexDef index, TableDef table) {
        StatementContext context = evaluation.get();
        return context.engine().indexKeys().of(context.definitions(), table, index);
    }

    /** Takes the entries that the old version has, and gives those that the new one has. */
    private void addEntries(
            List<ComputedKeys> computed, boolean withoutBase, OwnRow row, Bytes rowKey) {
        for (ComputedKeys keys : computed) {
            byte[] newest = row.newest == null ? null : row.newest.row();
            Change.AddEntry before =
                    withoutBase || row.base == null || keys.built()
                            ? null
                            : entry(keys, row.base.row(), rowKey);
            Change.AddEntry after = newest == null ? null : entry(keys, newest, rowKey);
            if (before != null && !before.equals(after)) {
                changes.add(
                        new Change.RemoveEntry(
                                before.indexId(),
                                before.columns(),
                                before.rowKey(),
                                before.unique()));
            }
            if (after != null && !after.equals(before)) {
                if (rowKey.length() == 0) {
                    changes.add(after);
                } else {
                    added.add(after);
                }
            }
        }
    }

    private Change.@Nullable AddEntry entry(ComputedKeys keys, byte[] row, Bytes rowKey) {
        StatementContext context = evaluation.get();
        @Nullable Object[] values = RowCodec.decode(keys.table().columns(), row);
        Bytes columns = keys.key().of(values, context);
        if (columns == null) {
            return null;
        }
        boolean unique = keys.index().unique() && !keys.key().neverConflicts(values, context);
        return new Change.AddEntry(keys.index().id(), columns, rowKey, unique);
    }

    /** Entries of rows that this transaction has not written, in an index that it has made. */
    private void addEntriesOfOthers(ComputedKeys keys, OwnTable own) {
        try (ReadView view = transaction.replica().latest();
                RowCursor rows = view.scan(own.storageId, KeyRange.ALL, false)) {
            while (rows.next()) {
                Bytes key = Bytes.copyOf(rows.key());
                OwnRow mine = own.find(key);
                if (mine == null || mine.newest == null) {
                    Change.AddEntry entry = entry(keys, rows.row(), key);
                    if (entry != null) {
                        added.add(entry);
                    }
                }
            }
        }
    }

    /** Nothing was ever stored there: the table is new, or its rows were stored anew. */
    private boolean storageIsNew(TableDef table, OwnTable own) {
        OwnDefinitions.Definition mine = transaction.definitions.get(table.id());
        return mine != null
                && (mine.baseVersion() < 0
                        || transaction.replica().catalog().findTableByStorage(own.storageId)
                                == null);
    }

    /**
     * A unique key that appears must be absent at our place in the log, unless a row that we
     * replace has it until then: that row's version stands for it.
     */
    private void addUniqueKeys(TableDef table, OwnTable own) {
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (!index.unique() || index.primary()) {
                continue;
            }
            Set<Bytes> released = new HashSet<>();
            for (OwnRow row : own.keyed()) {
                if (row.newest != null && row.base != null) {
                    Bytes key = key(index, table, row.base.row());
                    if (key != null) {
                        released.add(key);
                    }
                }
            }
            for (Iterable<OwnRow> rows : List.of(own.keyed(), own.appended())) {
                for (OwnRow row : rows) {
                    byte[] bytes = row.newest == null ? null : row.newest.row();
                    if (bytes != null && mayConflict(index, table, bytes)) {
                        Bytes key = key(index, table, bytes);
                        if (key != null && !released.contains(key)) {
                            preconditions.add(new Precondition.KeyAbsent(index.id(), key));
                        }
                    }
                }
            }
        }
    }

    private @Nullable Bytes key(IndexDef index, TableDef table, byte[] row) {
        return index.computed()
                ? keys(index, table).of(row, evaluation.get())
                : IndexKey.plain(index, table, row);
    }

    private boolean mayConflict(IndexDef index, TableDef table, byte[] row) {
        return index.computed()
                ? !keys(index, table)
                        .neverConflicts(RowCodec.decode(table.columns(), row), evaluation.get())
                : !IndexKey.plainNeverConflicts(index, table, row);
    }
}
