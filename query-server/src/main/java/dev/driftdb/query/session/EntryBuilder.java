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
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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
    /** A power of two. */
    private static final int CANCEL_CHECK_ROWS = 1_024;

    private final Transaction transaction;
    private final Catalog catalog;
    private final Supplier<StatementContext> evaluation;
    private final Runnable checkCanceled;
    private @Nullable Chunker out;
    private int ordinal;
    private int rowsSeen;

    /**
     * @param catalog with the transaction's own definitions; the others are those it was made with
     * @param evaluation evaluates what indexes compute; asked for only if there are such indexes
     * @param checkCanceled called now and then; may throw
     */
    EntryBuilder(
            Transaction transaction,
            Catalog catalog,
            Supplier<StatementContext> evaluation,
            Runnable checkCanceled) {
        this.transaction = transaction;
        this.catalog = catalog;
        this.evaluation = evaluation;
        this.checkCanceled = checkCanceled;
    }

    private Chunker out() {
        if (out == null) {
            throw new IllegalStateException("nothing is built");
        }
        return out;
    }

    /** Hands everything on, one by one; no changes if the transaction changed nothing. */
    void build(Chunker to) {
        out = to;
        Set<Integer> rekeyed = new HashSet<>();
        for (Change change : transaction.structural) {
            if (change instanceof Change.Rekey rekey) {
                rekeyed.add(rekey.fromStorageId());
            }
        }
        for (OwnTable table : transaction.tables()) {
            if (table.emptiedBy != Integer.MAX_VALUE && isOfTable(table.storageId)) {
                to.add(new Change.Truncate(table.storageId));
            }
        }
        addRows(rekeyed, true);
        addDefinitions();
        addSequences();
        for (Change change : transaction.structural) {
            if (change instanceof Change.Rekey) {
                to.add(change);
            }
        }
        addRows(rekeyed, false);
        // Entries that computed indexes get come behind all that they lose.
        for (OwnTable table : transaction.tables()) {
            if (!isDropped(table.storageId)) {
                addComputed(table);
            }
        }
        for (Change change : transaction.structural) {
            if (change instanceof Change.BuildIndex(int indexId)
                    && catalog.find(indexId) instanceof IndexDef) {
                to.add(change);
            }
        }
        if (!to.hasChanges()) {
            return;
        }
        transaction.definitions.used().forEach(to::add);
        transaction.preconditions.forEach(to::add);
        transaction.reads.preconditions().forEach(to::add);
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
                    out().add(
                                    new Precondition.RowVersion(
                                            SystemStorage.CATALOG,
                                            key,
                                            base < 0 ? Precondition.ABSENT : base));
                    out().add(
                                    object == null
                                            ? new Change.Delete(SystemStorage.CATALOG, key)
                                            : new Change.Put(
                                                    SystemStorage.CATALOG,
                                                    base < 0
                                                            ? Change.Kind.INSERT
                                                            : Change.Kind.UPDATE,
                                                    key,
                                                    Bytes.wrap(CatalogCodec.encode(object))));
                });
    }

    private void addSequences() {
        transaction
                .sequences()
                .forEach((id, state) -> {
                    if (catalog.find(id) instanceof SequenceDef) {
                        out().add(
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

    /**
     * Whether a storage has, or had until this transaction stored them anew, rows of a table that
     * is there. Those of a dropped one stay: UNDROP TABLE brings back what others saw last.
     */
    private boolean isOfTable(int storageId) {
        TableDef committed = transaction.replica().catalog().findTableByStorage(storageId);
        return catalog.findTableByStorage(storageId) != null
                || (committed != null && catalog.findTable(committed.id()) != null);
    }

    private void addRows(OwnTable own) {
        boolean emptied = own.emptiedBy != Integer.MAX_VALUE;
        TableDef table = catalog.findTableByStorage(own.storageId);
        boolean isNew = emptied || (table != null && storageIsNew(table, own));
        List<ComputedKeys> computed = table == null ? List.of() : computed(table);
        Chunker to = out();
        for (OwnRow row : own.keyed()) {
            tick();
            if (row.newest == null) {
                continue;
            }
            boolean hadBase = row.base != null && !emptied;
            byte[] bytes = row.newest.row();
            if (bytes == null && !hadBase) {
                continue;
            }
            if (!isNew) {
                to.add(own.isStill(row.key, row.base));
            }
            if (!computed.isEmpty()) {
                removeEntries(computed, emptied, row);
            }
            to.add(
                    bytes == null
                            ? new Change.Delete(own.storageId, row.key)
                            : new Change.Put(
                                    own.storageId,
                                    hadBase ? Change.Kind.UPDATE : Change.Kind.INSERT,
                                    row.key,
                                    Bytes.wrap(bytes)));
        }
        for (OwnRow row : own.appended()) {
            tick();
            if (row.newest != null && row.newest.row() != null) {
                to.add(new Change.Append(own.storageId, ordinal++, Bytes.wrap(row.newest.row())));
                // They stand for the row just appended, whose key the log decides.
                for (ComputedKeys keys : computed) {
                    Change.AddEntry entry = entry(keys, row.newest.row(), Bytes.EMPTY);
                    if (entry != null) {
                        to.add(entry);
                    }
                }
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

    private void tick() {
        if ((++rowsSeen & (CANCEL_CHECK_ROWS - 1)) == 0) {
            checkCanceled.run();
        }
    }

    /** What the old version of a row has in an index, as far as this transaction has to say so. */
    private Change.@Nullable AddEntry before(ComputedKeys keys, boolean emptied, OwnRow row) {
        return emptied || row.base == null || keys.built()
                ? null
                : entry(keys, row.base.row(), row.key);
    }

    private Change.@Nullable AddEntry after(ComputedKeys keys, OwnRow row) {
        byte[] newest = row.newest == null ? null : row.newest.row();
        return newest == null ? null : entry(keys, newest, row.key);
    }

    /** Takes the entries that the old version has and the new one has not. */
    private void removeEntries(List<ComputedKeys> computed, boolean emptied, OwnRow row) {
        for (ComputedKeys keys : computed) {
            Change.AddEntry before = before(keys, emptied, row);
            if (before != null && !before.equals(after(keys, row))) {
                out().add(
                                new Change.RemoveEntry(
                                        before.indexId(),
                                        before.columns(),
                                        before.rowKey(),
                                        before.unique()));
            }
        }
    }

    /** Gives the entries that the new versions of a table's rows have and the old ones had not. */
    private void addComputed(OwnTable own) {
        TableDef table = catalog.findTableByStorage(own.storageId);
        boolean emptied = own.emptiedBy != Integer.MAX_VALUE;
        for (ComputedKeys keys : table == null ? List.<ComputedKeys>of() : computed(table)) {
            for (OwnRow row : own.keyed()) {
                tick();
                Change.AddEntry after = after(keys, row);
                if (after != null && !after.equals(before(keys, emptied, row))) {
                    out().add(after);
                }
            }
            if (keys.built() && !emptied) {
                addEntriesOfOthers(keys, own);
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
                tick();
                Bytes key = Bytes.copyOf(rows.key());
                OwnRow mine = own.find(key);
                if (mine == null || mine.newest == null) {
                    Change.AddEntry entry = entry(keys, rows.row(), key);
                    if (entry != null) {
                        out().add(entry);
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
                tick();
                if (row.newest != null && row.base != null) {
                    Bytes key = key(index, table, row.base.row());
                    if (key != null && !Objects.equals(key, newestKey(index, table, row))) {
                        released.add(key);
                    }
                }
            }
            for (Iterable<OwnRow> rows : List.of(own.keyed(), own.appended())) {
                for (OwnRow row : rows) {
                    tick();
                    byte[] bytes = row.newest == null ? null : row.newest.row();
                    if (bytes == null || !mayConflict(index, table, bytes)) {
                        continue;
                    }
                    Bytes key = key(index, table, bytes);
                    if (key != null && !released.contains(key) && !hadKey(index, table, row, key)) {
                        out().add(new Precondition.KeyAbsent(index.id(), key));
                    }
                }
            }
        }
    }

    private @Nullable Bytes newestKey(IndexDef index, TableDef table, OwnRow row) {
        byte[] bytes = row.bytes();
        return bytes == null ? null : key(index, table, bytes);
    }

    /** Whether the row that we replace has had the key: its version stands for it. */
    private boolean hadKey(IndexDef index, TableDef table, OwnRow row, Bytes key) {
        return row.base != null && Objects.equals(key, key(index, table, row.base.row()));
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
