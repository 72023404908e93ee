package dev.driftdb.query.session;

import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.schemas.catalog.Catalog;
import java.util.HashMap;
import java.util.List;

/**
 * Checks the constraints that are not checked row by row, when their time has come: after the
 * statement, at SET CONSTRAINTS … IMMEDIATE or at the commit. For the session's thread only.
 */
final class DueChecks {
    private final Session session;
    private final Database database;
    private final LockWait lockWait;

    DueChecks(Session session, LockWait lockWait) {
        this.session = session;
        this.database = session.databaseOf();
        this.lockWait = lockWait;
    }

    /** Checks and actions that a statement has left, until nothing is left. */
    void afterStatement(Transaction now, Catalog catalog) {
        if (!now.checks.hasAfterStatement()) {
            return;
        }
        if (!lockWait.isAllowed() && now.checks.hasActions()) {
            throw MustWait.onThread();
        }
        while (now.checks.hasAfterStatement()) {
            check(now, catalog, now.checks.takeAfterStatement());
        }
    }

    void atCommit(Transaction ending, Catalog catalog) {
        check(ending, catalog, ending.checks.takeAtCommit(constraint -> true));
    }

    /** All checks of a transaction of one step. */
    void all(Transaction now, Catalog catalog) {
        afterStatement(now, catalog);
        atCommit(now, catalog);
    }

    /** SET CONSTRAINTS … IMMEDIATE: what was deferred until now is checked. */
    void immediate(Transaction now) {
        Catalog catalog = now.catalogOver(database.replica().catalog());
        check(now, catalog, now.checks.takeAtCommit(now.checks::isImmediate));
    }

    private void check(Transaction now, Catalog catalog, List<ConstraintChecks.Check> checks) {
        if (checks.isEmpty()) {
            return;
        }
        session.awaitPredecessors(now);
        // What others have committed counts at every isolation level.
        TransactionTables tables =
                new TransactionTables(
                        now,
                        List.of(),
                        database.replica().latest(),
                        catalog,
                        now.nextCommand(),
                        lockWait);
        try (StatementContext context =
                new StatementContext(
                        session,
                        now,
                        tables,
                        catalog,
                        database.nowMicros(),
                        new HashMap<>(),
                        new Object[0])) {
            new ReferentialIntegrity(context).check(checks);
        }
    }
}
