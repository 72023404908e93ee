package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.define.IndexKey;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tables as one statement sees and changes them: its view, and its transaction's own rows on top.
 */
final class TransactionTables implements TableAccess, AutoCloseable {
    /** A power of two. */
    private static final int CANCEL_CHECK_ROWS = 1_024;

    private final Transaction transaction;
    private final ReadView view;
    private final Catalog catalog;
    private final int command;
    private final LockWait lockWait;

    /** What the transaction follows and the view does not show, in the log's order. */
    private final List<InFlight> unseen;

    private final Map<Long, ReadView> pastViews = new HashMap<>();

    /** The statement that evaluates what indexes compute. */
    private @Nullable StatementContext context;

    private boolean uniqueAfterStatement;
    private final RowLocking locked;
    private final KeyHolders keyHolders;

    /**
     * @param view opened after {@code unseen} was asked for
     * @param unseen {@link Transaction#unseen}: what the transaction follows
     */
    TransactionTables(
            Transaction transaction,
            List<InFlight> unseen,
            ReadView view,
            Catalog catalog,
            int command,
            LockWait lockWait) {
        this.transaction = transaction;
        this.unseen = unseen;
        this.view = view;
        this.catalog = catalog;
        this.command = command;
        this.lockWait = lockWait;
        this.locked = new RowLocking(transaction, view, command, lockWait);
        this.keyHolders = new KeyHolders(this, transaction);
    }

    /** One row of this statement may take a key that another gives up later. */
    void checkUniqueAfterStatement() {
        uniqueAfterStatement = true;
    }

    void evaluateIn(StatementContext statement) {
        context = statement;
    }

    StatementContext context() {
        if (context == null) {
            throw new IllegalStateException("tables without a statement");
        }
        return context;
    }

    IndexKey keys(IndexDef index, TableDef table) {
        StatementContext in = context();
        IndexKey known = in.engine().indexKeys().find(table, index);
        return known != null ? known : in.engine().indexKeys().of(in.definitions(), table, index);
    }

    /** Whether an earlier statement of the transaction has emptied a table. */
    boolean isEmptied(TableDef table) {
        OwnTable own = transaction.findTable(table.storageId());
        return own != null && own.emptiedBy < command;
    }

    /** The same statement's tables under a catalog that the statement itself has changed. */
    TransactionTables withCatalog(Catalog changed) {
        return withCatalog(changed, command);
    }

    /**
     * @param asCommand what earlier commands of the transaction have written is seen
     */
    TransactionTables withCatalog(Catalog changed, int asCommand) {
        TransactionTables tables =
                new TransactionTables(transaction, unseen, view, changed, asCommand, lockWait);
        if (context != null) {
            tables.evaluateIn(context);
        }
        return tables;
    }

    // ---- reading ----

    @Override
    public @Nullable StoredRow get(TableDef table, Bytes key) {
        readRange(table, new KeyRange(key, KeyCodec.after(key)));
        OwnTable own = transaction.findTable(table.storageId());
        if (own != null) {
            OwnRow mine = own.find(key);
            OwnRow.Version version = mine == null ? null : mine.visibleTo(command);
            if (version != null) {
                return version.row() == null ? null : new StoredRow(OWN, version.row());
            }
            if (own.emptiedBy < command) {
                return null;
            }
        }
        for (int i = unseen.size() - 1; i >= 0; i--) {
            OwnRow theirs = unseen.get(i).written(table.storageId(), key);
            if (theirs != null) {
                byte[] row = theirs.bytes();
                return row == null ? null : new StoredRow(IN_FLIGHT, row);
            }
        }
        return view.get(table.storageId(), key);
    }

    /** Whether the view does not show all that the transaction follows. */
    boolean lacksPredecessors() {
        return !unseen.isEmpty();
    }

    /** Only rows under keys can be read through those that the transaction follows. */
    private void requireAllSeen() {
        if (lacksPredecessors()) {
            throw new StaleViewException();
        }
    }

    @Override
    public RowCursor scan(TableDef table, KeyRange range, boolean reverse) {
        requireAllSeen();
        readRange(table, range);
        OwnTable own = transaction.findTable(table.storageId());
        if (own == null) {
            return view.scan(table.storageId(), range, reverse);
        }
        RowCursor base =
                own.emptiedBy < command ? null : view.scan(table.storageId(), range, reverse);
        return new MergedCursor(base, own, own.in(range, reverse), command, reverse);
    }

    @Override
    public boolean hasIndexes() {
        return view.hasIndexes();
    }

    @Override
    public RowCursor scanIndex(TableDef table, IndexDef index, KeyRange range, boolean reverse) {
        requireAllSeen();
        readRange(table, KeyRange.ALL);
        return openIndex(view, command, table, index, range, reverse);
    }

    RowCursor openIndex(
            ReadView at,
            int asCommand,
            TableDef table,
            IndexDef index,
            KeyRange range,
            boolean reverse) {
        OwnTable own = transaction.findTable(table.storageId());
        IndexKey keys = keys(index, table);
        OwnIndex ownIndex = own == null ? null : ownIndex(own, index, keys);
        boolean withoutBase =
                own != null
                        && (own.emptiedBy < asCommand || (ownIndex != null && ownIndex.complete));
        return new MergedIndexCursor(
                withoutBase ? null : at.scanIndex(index.id(), range, reverse),
                at,
                own,
                table.storageId(),
                ownIndex == null
                        ? Collections.emptyIterator()
                        : ownIndex.in(range, reverse).iterator(),
                row -> keys.of(row, context()),
                asCommand,
                reverse);
    }

    /** The entries of our rows, made when they are wanted first; null if there are no such rows. */
    private @Nullable OwnIndex ownIndex(OwnTable own, IndexDef index, IndexKey keys) {
        OwnIndex known = own.findIndex(index.id());
        if (known != null || !own.hasRows()) {
            return known;
        }
        OwnIndex made = own.index(index.id());
        long[] size = {0};
        transaction.onUndo(() -> {
            own.dropIndex(index.id());
            transaction.forgetBytes(size[0]);
        });
        int seen = 0;
        for (Iterable<OwnRow> rows : List.of(own.keyed(), own.appended())) {
            for (OwnRow row : rows) {
                if ((++seen & (CANCEL_CHECK_ROWS - 1)) == 0) {
                    context().checkCanceled();
                }
                for (OwnRow.Version v = row.newest; v != null; v = v.previous()) {
                    Bytes key = v.row() == null ? null : keys.of(v.row(), context());
                    if (key != null && made.add(key, row.key)) {
                        long more = TransactionBytes.ofIndexEntry(key);
                        transaction.holdBytes(more);
                        size[0] += more;
                    }
                }
            }
        }
        return made;
    }

    @Override
    public ReadView viewAt(long offset) {
        return pastViews.computeIfAbsent(
                offset, at -> transaction.replica().asOf(at, () -> context().checkWaiting()));
    }

    /** What a SERIALIZABLE transaction reads must not change before its commit. */
    private void readRange(TableDef table, KeyRange range) {
        if (transaction.isolation() == Isolation.SERIALIZABLE
                && !transaction.readOnly()
                && catalog.versionOf(table.id()) != Catalog.UNCOMMITTED) {
            transaction.reads.add(table.storageId(), range, view.offset());
        }
    }

    // ---- writing ----

    @Override
    public Bytes insert(TableDef table, @Nullable Object[] values) {
        begin(table, "INSERT");
        byte[] row = RowCodec.encode(table.columns(), values);
        OwnTable own = transaction.table(table.storageId());
        OwnRow target;
        if (table.hasPrimaryKey()) {
            Bytes key = primaryKey(table, values);
            if (locked.newest(table, key) != null) {
                throw duplicate(table, primaryIndex(table), values);
            }
            target = own.row(key);
        } else {
            transaction.locks.identify(transaction.lockOwner);
            target = own.newRow();
        }
        checkUnique(table, target.key, values, null);
        transaction.write(own, target, row);
        own.inserted++;
        addIndexEntries(table, own, target.key, values);
        referencing(table, target.key, null, values);
        return target.key;
    }

    /**
     * {@link #insert} of a row that was there before: in a table without a primary key under the
     * row id that it had. The key is locked, and there is no row.
     */
    void insertAgain(TableDef table, Bytes key, @Nullable Object[] values) {
        if (table.hasPrimaryKey()) {
            insert(table, values);
            return;
        }
        begin(table, "INSERT");
        OwnTable own = transaction.table(table.storageId());
        OwnRow target = target(own, key);
        checkUnique(table, key, values, null);
        transaction.write(own, target, RowCodec.encode(table.columns(), values));
        own.inserted++;
        addIndexEntries(table, own, key, values);
        referencing(table, key, null, values);
    }

    /** Stores a row of a table whose rows all move to a new storage: it refers to what it did. */
    void rewrite(TableDef table, @Nullable Object[] values) {
        begin(table, "ALTER TABLE");
        OwnTable own = transaction.table(table.storageId());
        OwnRow target;
        if (table.hasPrimaryKey()) {
            Bytes key = primaryKey(table, values);
            OwnRow known = own.find(key);
            if (known != null && known.newest != null && known.newest.row() != null) {
                throw duplicate(table, primaryIndex(table), values);
            }
            target = own.row(key);
        } else {
            target = own.newRow();
        }
        checkUnique(table, target.key, values, null);
        transaction.write(own, target, RowCodec.encode(table.columns(), values));
        addIndexEntries(table, own, target.key, values);
    }

    @Override
    public @Nullable Bytes findConflict(
            TableDef table, @Nullable Object[] values, @Nullable IndexDef index) {
        transaction.arbitrate(table.storageId());
        int locksBefore = transaction.locks.held(transaction.lockOwner);
        for (IndexDef candidate : catalog.indexesOf(table.id())) {
            if (!candidate.unique()
                    || (index != null && index.id() != candidate.id())
                    || catalog.deferrableConstraint(candidate.id()) != null) {
                continue;
            }
            Bytes found =
                    candidate.primary()
                            ? primaryConflict(table, values)
                            : keyHolders.of(table, candidate, values);
            if (found != null) {
                // The keys looked at are not going to be ours.
                transaction.releaseLocks(locksBefore);
                requireVisible(table, found);
                return found;
            }
        }
        return null;
    }

    private @Nullable Bytes primaryConflict(TableDef table, @Nullable Object[] values) {
        Bytes key = primaryKey(table, values);
        return locked.newest(table, key) == null ? null : key;
    }

    /** ON CONFLICT may not depend on a row that the transaction's one view does not show. */
    private void requireVisible(TableDef table, Bytes key) {
        if (transaction.isolation() == Isolation.READ_COMMITTED) {
            return;
        }
        OwnRow mine = transaction.table(table.storageId()).find(key);
        if ((mine == null || mine.newest == null) && view.get(table.storageId(), key) == null) {
            throw new SqlException(
                    SqlState.SERIALIZATION_FAILURE,
                    "could not serialize access due to concurrent update");
        }
    }

    @Override
    public void update(
            TableDef table, Bytes key, @Nullable Object[] oldValues, @Nullable Object[] newValues) {
        begin(table, "UPDATE");
        OwnTable own = transaction.table(table.storageId());
        Bytes newKey = table.hasPrimaryKey() ? primaryKey(table, newValues) : key;
        if (!OwnTable.isProvisional(key)
                && (!newKey.equals(key) || changesUniqueKey(table, oldValues, newValues))) {
            locked.acquireRow(table, key);
        }
        OwnRow target = target(own, key);
        referenced(table, oldValues, newValues);
        @Nullable Object[] before = oldValues;
        OwnRow.Version gone = null;
        if (!newKey.equals(key)) {
            if (locked.newest(table, newKey) != null) {
                throw duplicate(table, primaryIndex(table), newValues);
            }
            transaction.write(own, target, null);
            gone = target.newest;
            target = own.row(newKey);
            oldValues = null;
        }
        checkUnique(table, newKey, newValues, oldValues);
        transaction.write(own, target, RowCodec.encode(table.columns(), newValues));
        if (gone != null) {
            own.moved(gone, target);
            OwnRow.Version left = gone;
            transaction.onUndo(() -> own.forgetMove(left));
        }
        addIndexEntries(table, own, newKey, newValues);
        // A check that waits for the old key's row finds none: the new one needs its own.
        referencing(table, newKey, newKey.equals(key) ? before : null, newValues);
    }

    /** Whether a key changes that a foreign key might refer to. */
    private boolean changesUniqueKey(
            TableDef table, @Nullable Object[] oldValues, @Nullable Object[] newValues) {
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (index.unique() && !index.primary() && !index.computed()) {
                for (IndexDef.IndexColumn column : index.columns()) {
                    int number = column.number();
                    if (!Objects.deepEquals(oldValues[number - 1], newValues[number - 1])) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    @Override
    public void delete(TableDef table, Bytes key, @Nullable Object[] oldValues) {
        begin(table, "DELETE");
        referenced(table, oldValues, null);
        OwnTable own = transaction.table(table.storageId());
        transaction.write(own, target(own, key), null);
    }

    @Override
    public @Nullable StoredRow lock(
            TableDef table, Bytes key, RowLockStrength strength, RowWait wait) {
        return locked.lock(table, key, strength, wait);
    }

    @Override
    public @Nullable StoredRow lockToRead(
            TableDef table, Bytes key, RowLockStrength strength, RowWait wait) {
        StoredRow row = locked.lock(table, key, strength, wait);
        if (row != null
                && row.offset() != OWN
                && catalog.versionOf(table.id()) != Catalog.UNCOMMITTED) {
            if (strength.keepsRow()) {
                transaction.require(transaction.table(table.storageId()).isStill(key, row));
            } else {
                transaction.require(new Precondition.KeyExists(table.storageId(), false, key));
            }
        }
        return row;
    }

    private OwnRow target(OwnTable own, Bytes key) {
        OwnRow known = own.find(key);
        if (known != null) {
            return known;
        }
        if (!own.isLocked(key)) {
            throw new IllegalStateException("a row is written that was not locked");
        }
        return own.row(key);
    }

    private void begin(TableDef table, String statement) {
        transaction.checkWritable(statement);
        transaction.definitions.use(catalog, table);
    }

    // ---- unique indexes ----

    /**
     * Refuses a row whose unique keys another row has; keys that did not change are not looked at.
     */
    private void checkUnique(
            TableDef table,
            Bytes rowKey,
            @Nullable Object[] values,
            @Nullable Object @Nullable [] oldValues) {
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (!index.unique() || index.primary()) {
                continue;
            }
            if (oldValues != null) {
                IndexKey keys = keys(index, table);
                if (Objects.equals(keys.of(oldValues, context()), keys.of(values, context()))) {
                    continue;
                }
            }
            Constraint.Unique deferrable = catalog.deferrableConstraint(index.id());
            if (deferrable != null || uniqueAfterStatement) {
                if (!keys(index, table).neverConflicts(values, context())) {
                    transaction.checks.add(
                            new ConstraintChecks.Duplicate(table, deferrable, index, values), true);
                }
                continue;
            }
            Bytes holder = keyHolders.of(table, index, values);
            if (holder != null && !holder.equals(rowKey)) {
                throw duplicate(table, index, values);
            }
        }
    }

    // ---- foreign keys ----

    /** Leaves a check for each foreign key of a row that is new or refers to something else. */
    private void referencing(
            TableDef table,
            Bytes key,
            @Nullable Object @Nullable [] before,
            @Nullable Object[] after) {
        for (Catalog.Reference reference : catalog.referencesFrom(table.id())) {
            if (before == null || differ(reference.key().columns(), before, after)) {
                transaction.checks.add(new ConstraintChecks.Referencing(reference, key), true);
            }
        }
    }

    /** Leaves what to do with the rows that refer to a row which goes or gets another key. */
    private void referenced(
            TableDef table, @Nullable Object[] before, @Nullable Object @Nullable [] after) {
        for (Catalog.Reference reference : catalog.referencesTo(table.id())) {
            Constraint.ForeignKey key = reference.key();
            if (after == null || differ(key.parentColumns(), before, after)) {
                Constraint.Action action = after == null ? key.onDelete() : key.onUpdate();
                transaction.checks.add(
                        new ConstraintChecks.Referenced(reference, before, after),
                        action == Constraint.Action.NO_ACTION);
            }
        }
    }

    private static boolean differ(
            List<Integer> columns, @Nullable Object[] before, @Nullable Object[] after) {
        for (int number : columns) {
            if (!Objects.deepEquals(before[number - 1], after[number - 1])) {
                return true;
            }
        }
        return false;
    }

    /** The bytes of a row that this transaction has written; null if it is gone. */
    byte @Nullable [] own(TableDef table, Bytes key) {
        OwnTable own = transaction.findTable(table.storageId());
        OwnRow row = own == null ? null : own.find(key);
        return row == null || row.newest == null ? null : row.newest.row();
    }

    private void addIndexEntries(
            TableDef table, OwnTable own, Bytes key, @Nullable Object[] values) {
        for (IndexDef index : catalog.indexesOf(table.id())) {
            OwnIndex entries = own.findIndex(index.id());
            if (entries != null) {
                Bytes indexKey = keys(index, table).of(values, context());
                if (indexKey != null) {
                    transaction.addIndexEntry(entries, indexKey, key);
                }
            }
        }
    }

    private IndexDef primaryIndex(TableDef table) {
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (index.primary()) {
                return index;
            }
        }
        throw new IllegalStateException("table " + table.name() + " has no primary index");
    }

    private static Bytes primaryKey(TableDef table, @Nullable Object[] values) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        for (int number : table.keyColumns()) {
            writer.add(table.column(number).type(), values[number - 1], false, false);
        }
        return writer.toBytes();
    }

    /** 23505 as PostgreSQL words it. */
    SqlException duplicate(TableDef table, IndexDef index, @Nullable Object[] values) {
        return ConstraintErrors.duplicateKey(catalog, table, index)
                .withDetail(
                        "Key " + keys(index, table).text(values, context()) + " already exists.");
    }

    @Override
    public void close() {
        pastViews.values().forEach(ReadView::close);
        transaction.releaseNewest();
        transaction.release(view);
    }

    KeyHolders keyHolders() {
        return keyHolders;
    }

    ReadView view() {
        return view;
    }

    RowLocking locked() {
        return locked;
    }
}
