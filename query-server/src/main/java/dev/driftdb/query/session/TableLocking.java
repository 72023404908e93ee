package dev.driftdb.query.session;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.query.define.TableLookup;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.Locks;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;

/** LOCK TABLE. For the session's thread only. */
final class TableLocking {
    private final Session session;

    TableLocking(Session session) {
        this.session = session;
    }

    Result lock(TransactionStatement.LockTable statement) {
        Transaction transaction = session.block().explicit("LOCK TABLE");
        LockMode mode = LockMode.of(statement.mode());
        for (QualifiedName name : statement.tables()) {
            while (true) {
                TableDef table = find(name);
                if (!take(transaction, table, mode, statement.noWait())
                        || find(name).id() == table.id()) {
                    break;
                }
            }
        }
        return Result.done(statement);
    }

    private TableDef find(QualifiedName name) {
        try (StatementContext context = session.peek()) {
            return TableLookup.lockable(new Definitions(context, true, false), name);
        }
    }

    /**
     * @return whether it has waited
     */
    private boolean take(Transaction transaction, TableDef table, LockMode mode, boolean noWait) {
        LockTarget.Table target = new LockTarget.Table(table.id());
        if (mode.isWeak()) {
            TableLocks wanted = TableLocks.of(table.id(), mode);
            if (noWait) {
                if (transaction.locks.tryHold(session.lockParty(), wanted) != null) {
                    throw unavailable(table);
                }
                return false;
            }
            return session.lockTables(transaction, wanted);
        }
        Locks locks = transaction.locks;
        if (locks.tryLock(transaction.lockOwner, target, mode)) {
            return false;
        }
        if (noWait) {
            throw unavailable(table);
        }
        session.lockTable(transaction, target, mode);
        return true;
    }

    private static SqlException unavailable(TableDef table) {
        return new SqlException(
                SqlState.LOCK_NOT_AVAILABLE,
                "could not obtain lock on relation \"" + table.name() + "\"");
    }
}
