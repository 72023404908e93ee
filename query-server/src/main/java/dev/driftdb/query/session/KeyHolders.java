package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.define.IndexKey;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.Bytes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which rows have the keys of unique indexes in the newest state, the transaction's own rows
 * included, and how others are kept from changing that.
 */
final class KeyHolders {
    private final TransactionTables tables;
    private final Transaction transaction;

    KeyHolders(TransactionTables tables, Transaction transaction) {
        this.tables = tables;
        this.transaction = transaction;
    }

    /** Who has a key of a unique index. */
    enum Holder {
        NONE,
        COMMITTED,
        OWN
    }

    /** The row that has these values' key in a unique index now; the key is locked for us. */
    @Nullable Bytes of(TableDef table, IndexDef index, @Nullable Object[] values) {
        IndexKey keys = tables.keys(index, table);
        Bytes indexKey = keys.of(values, tables.context());
        if (indexKey == null || keys.neverConflicts(values, tables.context())) {
            return null;
        }
        LockTarget.Key target = new LockTarget.Key(index.id(), indexKey);
        if (tables.locked().locksInserted(transaction.table(table.storageId()), target)) {
            tables.locked().acquire(target, LockMode.EXCLUSIVE);
        }
        while (true) {
            Bytes found;
            try (RowCursor rows = openNewest(table, index, indexKey)) {
                found = rows.next() ? Bytes.copyOf(rows.key()) : null;
            }
            if (found == null || !isBeingTakenAway(table, found)) {
                return found;
            }
        }
    }

    /** Whether another transaction may delete a row or change its key; it has ended then. */
    private boolean isBeingTakenAway(TableDef table, Bytes key) {
        OwnRow mine = transaction.table(table.storageId()).find(key);
        if (mine != null && mine.newest != null) {
            return false;
        }
        LockTarget.Row row = new LockTarget.Row(table.id(), key);
        LockMode mode = RowLockStrength.KEY_SHARE.mode();
        if (transaction.locks.mayTake(transaction.lockOwner, row, mode)) {
            return false;
        }
        tables.locked().acquire(row, mode);
        transaction.locks.release(transaction.lockOwner, row, mode);
        return true;
    }

    /**
     * Locks the row that has a key of a unique index, as far as it must not lose it.
     *
     * @return who has the key; a row that another transaction has not committed yet does not count
     */
    Holder lockHolder(TableDef table, IndexDef index, Bytes key) {
        while (true) {
            Bytes row = index.primary() ? key : rowOf(table, index, key);
            if (row == null) {
                return Holder.NONE;
            }
            LockTarget.Row target = new LockTarget.Row(table.id(), row);
            LockMode mode = RowLockStrength.KEY_SHARE.mode();
            if (!OwnTable.isProvisional(row)
                    && !transaction.locks.tryLock(transaction.lockOwner, target, mode)) {
                if (holder(table, index, key) == Holder.NONE) {
                    return Holder.NONE;
                }
                tables.locked().acquire(target, mode);
            }
            if (index.primary() || Objects.equals(row, rowOf(table, index, key))) {
                Holder holder = holder(table, index, key);
                return holder == Holder.COMMITTED && !isSeen(table, row) ? Holder.NONE : holder;
            }
        }
    }

    /** What must hold in the log so that a committed row has the key of a unique index. */
    Precondition isStill(TableDef table, IndexDef index, Bytes key) {
        OwnDefinitions.Definition own = transaction.definitions.get(index.id());
        if (own == null || own.baseVersion() >= 0) {
            return new Precondition.KeyExists(index.id(), true, key);
        }
        // No replica knows an index that comes with this transaction.
        Bytes row = index.primary() ? key : rowOf(table, index, key);
        if (row == null) {
            throw new IllegalStateException("nobody has the key " + key);
        }
        StoredRow stored = tables.locked().newestView().get(table.storageId(), row);
        return new Precondition.RowVersion(
                table.storageId(), row, stored == null ? Precondition.ABSENT : stored.offset());
    }

    /** Whether the one view of a transaction that has one shows a row. */
    private boolean isSeen(TableDef table, Bytes key) {
        if (transaction.readsNewest()) {
            return true;
        }
        ReadView seen = transaction.openView(tables.context()::checkCanceled);
        boolean there = seen.get(table.storageId(), key) != null;
        transaction.release(seen);
        return there;
    }

    private @Nullable Bytes rowOf(TableDef table, IndexDef index, Bytes key) {
        try (RowCursor rows = openNewest(table, index, key)) {
            return rows.next() ? Bytes.copyOf(rows.key()) : null;
        }
    }

    /** Who has a key now, all that this transaction has written included. */
    Holder holder(TableDef table, IndexDef index, Bytes key) {
        OwnTable own = transaction.findTable(table.storageId());
        if (index.primary()) {
            OwnRow mine = own == null ? null : own.find(key);
            if (mine != null && mine.newest != null) {
                return mine.newest.row() == null ? Holder.NONE : Holder.OWN;
            }
            boolean there =
                    (own == null || own.emptiedBy == Integer.MAX_VALUE)
                            && tables.locked().newestView().get(table.storageId(), key) != null;
            return there ? Holder.COMMITTED : Holder.NONE;
        }
        try (RowCursor rows = openNewest(table, index, key)) {
            if (!rows.next()) {
                return Holder.NONE;
            }
            OwnRow mine = own == null ? null : own.find(Bytes.copyOf(rows.key()));
            return mine != null && mine.newest != null ? Holder.OWN : Holder.COMMITTED;
        }
    }

    /** How many rows have these values' key in an index now; the key is locked for us. */
    int holders(TableDef table, IndexDef index, @Nullable Object[] values) {
        Bytes key = tables.keys(index, table).of(values, tables.context());
        if (key == null) {
            return 0;
        }
        tables.locked().acquire(new LockTarget.Key(index.id(), key), LockMode.EXCLUSIVE);
        int count = 0;
        try (RowCursor rows = openNewest(table, index, key)) {
            while (rows.next()) {
                count++;
            }
        }
        return count;
    }

    private RowCursor openNewest(TableDef table, IndexDef index, Bytes key) {
        return tables.openIndex(
                tables.locked().newestView(),
                Integer.MAX_VALUE,
                table,
                index,
                KeyRange.prefix(key),
                false);
    }
}
