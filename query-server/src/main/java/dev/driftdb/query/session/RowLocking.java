package dev.driftdb.query.session;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.query.lock.Departure;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Rows and keys as one statement locks them, and what it reads under its locks: the newest rows,
 * those included that are on their way into the log. For the session's thread only.
 */
final class RowLocking {
    /**
     * New rows of one table whose keys a transaction locks, so that others who insert the same keys
     * wait. What it inserts besides is decided by its preconditions alone: a bulk load must not
     * fill the server's memory with locks that nobody asks for.
     */
    static final int LOCKED_INSERTS_MAX = 10_000;

    private final Transaction transaction;
    private final ReadView view;
    private final int command;
    private final LockWait lockWait;
    private final NewestRows newest;

    /**
     * @param view the statement's own
     */
    RowLocking(Transaction transaction, ReadView view, int command, LockWait lockWait) {
        this.transaction = transaction;
        this.view = view;
        this.command = command;
        this.lockWait = lockWait;
        this.newest = new NewestRows(transaction, view);
    }

    /** The newest state; good until the next call, and not to be closed. */
    ReadView newestView() {
        return newest.view();
    }

    /** {@link TableAccess#lock}. */
    @Nullable StoredRow lock(TableDef table, Bytes key, RowLockStrength strength, RowWait wait) {
        OwnTable own = transaction.table(table.storageId());
        if (OwnTable.isProvisional(key)) {
            return ownVersion(own, key);
        }
        OwnRow mine = own.find(key);
        if (mine == null || mine.newest == null) {
            boolean known = strength != RowLockStrength.UPDATE && own.isLocked(key);
            return known || acquireRow(table, key, strength, wait)
                    ? readLocked(table, own, key, strength)
                    : null;
        }
        // What we have inserted nobody else can see; what we have changed is locked for a change.
        boolean known = mine.base == null || strength != RowLockStrength.UPDATE;
        return known || acquireRow(table, key, strength, wait) ? ownVersion(own, key) : null;
    }

    private static @Nullable StoredRow ownVersion(OwnTable own, Bytes key) {
        OwnRow mine = own.find(key);
        byte[] row = mine == null || mine.newest == null ? null : mine.newest.row();
        return row == null ? null : new StoredRow(TableAccess.OWN, row);
    }

    /** False if others have it and that is no reason to wait. */
    private boolean acquireRow(TableDef table, Bytes key, RowLockStrength strength, RowWait wait) {
        LockTarget.Row target = new LockTarget.Row(table.id(), key);
        if (transaction.locks.tryLock(transaction.lockOwner, target, strength.mode())) {
            return true;
        }
        switch (wait) {
            case SKIP_LOCKED -> {
                return false;
            }
            case NO_WAIT ->
                    throw new SqlException(
                            SqlState.LOCK_NOT_AVAILABLE,
                            "could not obtain lock on row in relation \"" + table.name() + "\"");
            case WAIT -> acquire(target, strength.mode());
        }
        return true;
    }

    void acquire(LockTarget target, LockMode mode) {
        lockWait.acquire(transaction.locks, transaction.lockOwner, target, mode);
    }

    /**
     * The newest committed version of a row whose lock we hold; it cannot change on this server,
     * unless the lock is a weak one.
     */
    private @Nullable StoredRow readLocked(
            TableDef table, OwnTable own, Bytes key, RowLockStrength strength) {
        if (own.isLocked(key)) {
            return own.lockedRow(key);
        }
        if (transaction.lockOwner.follows()) {
            InFlight.Version inFlight = readInFlight(table, key);
            if (inFlight != null) {
                own.lock(key, inFlight);
                return inFlight.row();
            }
        }
        StoredRow row = newest.get(own.storageId, key);
        if (transaction.isolation() != Isolation.READ_COMMITTED) {
            StoredRow seen = view.get(own.storageId, key);
            long seenOffset = seen == null ? Precondition.ABSENT : seen.offset();
            long newOffset = row == null ? Precondition.ABSENT : row.offset();
            if (seen != null && seenOffset != newOffset) {
                throw new SqlException(
                        SqlState.SERIALIZATION_FAILURE,
                        row == null
                                ? "could not serialize access due to concurrent delete"
                                : "could not serialize access due to concurrent update");
            }
        }
        if (strength.compareTo(RowLockStrength.NO_KEY_UPDATE) >= 0) {
            transaction.countLock();
            own.lock(key, row);
        }
        return row;
    }

    /** The row of one whose lock we have taken over before it was through the log, null if none. */
    private InFlight.@Nullable Version readInFlight(TableDef table, Bytes key) {
        Departure before =
                transaction.locks.departedBefore(
                        transaction.lockOwner, new LockTarget.Row(table.id(), key));
        if (!(before instanceof InFlight predecessor)) {
            return null;
        }
        if (predecessor.isDoomed()) {
            // Else failures would be handed on for as long as somebody follows.
            lockWait.await(predecessor.outcome());
            return null;
        }
        InFlight.Version version = predecessor.after(table.storageId(), key);
        if (version != null) {
            transaction.follow(predecessor);
        }
        return version;
    }

    /** Takes the lock of a row, waiting for it. */
    void acquireRow(TableDef table, Bytes key) {
        acquireRow(table, key, RowLockStrength.UPDATE, RowWait.WAIT);
    }

    /**
     * The newest row under a key, our own included. If there is none, the key is locked for us; if
     * there is one, whoever has locked it for a change has ended.
     */
    byte @Nullable [] newest(TableDef table, Bytes key) {
        OwnTable own = transaction.table(table.storageId());
        OwnRow mine = own.find(key);
        if (mine != null && mine.newest != null) {
            return mine.newest.row();
        }
        if (own.isLocked(key)) {
            StoredRow locked = own.lockedRow(key);
            return locked == null || own.emptiedBy <= command ? null : locked.row();
        }
        LockTarget.Row target = new LockTarget.Row(table.id(), key);
        boolean locks = locksInserted(own, target);
        if (locks) {
            acquire(target, RowLockStrength.UPDATE.mode());
        }
        StoredRow row = newest.get(own.storageId, key);
        if (row == null) {
            return null;
        }
        if (own.emptiedBy <= command) {
            own.lock(key, row);
            return null;
        }
        if (locks) {
            transaction.locks.release(transaction.lockOwner, target, RowLockStrength.UPDATE.mode());
        }
        return row.row();
    }

    /** Whether what is going to be inserted is locked for it first: unless that is much already. */
    boolean locksInserted(OwnTable own, LockTarget target) {
        return own.inserted < LOCKED_INSERTS_MAX
                || !transaction.locks.mayTake(
                        transaction.lockOwner, target, RowLockStrength.UPDATE.mode());
    }
}
