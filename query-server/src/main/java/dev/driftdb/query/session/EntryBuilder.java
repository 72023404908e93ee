package dev.driftdb.query.session;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogCodec;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes the log entry of a transaction: what it wrote, and what must hold at its place in the log
 * for that to be right.
 *
 * <p>Order of changes: emptied storages; rows of storages that are stored anew; definitions;
 * storing anew; all other rows; new indexes. So each change meets the definitions it was made
 * under.
 */
final class EntryBuilder {
    private final Transaction transaction;
    private final Catalog catalog;
    private final List<Precondition> preconditions = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private int ordinal;

    /**
     * @param catalog with the transaction's own definitions
     */
    EntryBuilder(Transaction transaction, Catalog catalog) {
        this.transaction = transaction;
        this.catalog = catalog;
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
        for (Change change : transaction.structural) {
            if (change instanceof Change.Rekey) {
                changes.add(change);
            }
        }
        addRows(rekeyed, false);
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
        boolean isNew = emptied || (table != null && storageIsNew(table));
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
            }
        }
        if (table != null && !isNew) {
            addUniqueKeys(table, own);
        }
    }

    private boolean storageIsNew(TableDef table) {
        OwnDefinitions.Definition own = transaction.definitions.get(table.id());
        return own != null && own.baseVersion() < 0;
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
                    released.add(IndexKeys.of(index, table, row.base.row()));
                }
            }
            for (List<OwnRow> rows : List.of(List.copyOf(own.keyed()), own.appended())) {
                for (OwnRow row : rows) {
                    if (row.newest != null && row.newest.row() != null) {
                        Bytes key = IndexKeys.of(index, table, row.newest.row());
                        if (!released.contains(key) && mayConflict(index, table, row)) {
                            preconditions.add(new Precondition.KeyAbsent(index.id(), key));
                        }
                    }
                }
            }
        }
    }

    private static boolean mayConflict(IndexDef index, TableDef table, OwnRow row) {
        byte[] bytes = row.newest == null ? null : row.newest.row();
        return bytes != null
                && !IndexKeys.neverConflicts(
                        index, dev.driftdb.schemas.row.RowCodec.decode(table.columns(), bytes));
    }
}
