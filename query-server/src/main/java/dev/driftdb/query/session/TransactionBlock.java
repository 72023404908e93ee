package dev.driftdb.query.session;

import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * The transaction that a session is in: one of a single statement, or of what comes between BEGIN
 * and COMMIT. For the session's thread only, but for {@link #startMicros} and {@link #activity}.
 */
final class TransactionBlock {
    private enum State {
        IDLE,
        /** A transaction that ends with the statement (or the Sync). */
        IMPLICIT,
        /** Between BEGIN and COMMIT. */
        EXPLICIT,
        /** Between BEGIN and ROLLBACK, after an error. */
        FAILED
    }

    private final Session session;
    private final TransactionCommit commit;
    private State state = State.IDLE;
    private @Nullable Transaction transaction;
    private volatile @Nullable Long startMicros;

    TransactionBlock(Session session, LockWait lockWait) {
        this.session = session;
        this.commit = new TransactionCommit(session, lockWait);
    }

    boolean isExplicit() {
        return state == State.EXPLICIT || state == State.FAILED;
    }

    /** As ReadyForQuery says it. */
    char status() {
        return switch (state) {
            case IDLE, IMPLICIT -> 'I';
            case EXPLICIT -> 'T';
            case FAILED -> 'E';
        };
    }

    /** What pg_stat_activity says of a session that runs nothing. */
    String activity() {
        return switch (state) {
            case IDLE, IMPLICIT -> "idle";
            case EXPLICIT -> "idle in transaction";
            case FAILED -> "idle in transaction (aborted)";
        };
    }

    /** When the transaction began, null while there is none. */
    @Nullable Long startMicros() {
        return startMicros;
    }

    /** The running transaction, null while there is none. */
    @Nullable Transaction running() {
        return transaction;
    }

    /** The transaction of the next statement; an implicit one begins if there is none. */
    Transaction transaction() {
        Transaction now = transaction;
        if (now == null) {
            now = begin(State.IMPLICIT);
        }
        return now;
    }

    private Transaction begin(State next) {
        Transaction started = make(session.settings().defaultIsolation());
        transaction = started;
        startMicros = started.startMicros;
        state = next;
        SessionSettings settings = session.settings();
        settings.begin();
        if (settings.hasUnusualModes()) {
            started.configure(settings.unusualModes());
        }
        applyAsOfSetting(started);
        return started;
    }

    /** One that sees what the next statement would, and is never the session's own. */
    Transaction look() {
        Transaction reader = make(Isolation.READ_COMMITTED).withoutEnd();
        applyAsOfSetting(reader);
        return reader;
    }

    private Transaction make(Isolation isolation) {
        Database database = session.databaseOf();
        return new Transaction(
                database.replica(),
                database.locks(),
                session.lockParty(),
                database.transactionMemory(),
                isolation,
                session.settings().defaultReadOnly(),
                session.connectionAsOf(),
                database.nowMicros());
    }

    /** SET driftdb.as_of: every transaction from then on reads the past. */
    private void applyAsOfSetting(Transaction started) {
        String point = session.settings().asOf();
        if (!point.isBlank() && session.connectionAsOf() == null) {
            try (StatementContext context = session.look(started)) {
                started.configure(
                        new Transaction.Modes(
                                null, null, null, new TimePoints(context).offsetOf(point)));
            }
        }
    }

    /** BEGIN: an implicit transaction that is already running becomes an explicit one. */
    Transaction beginExplicit() {
        Transaction now = transaction == null ? begin(State.EXPLICIT) : transaction;
        state = State.EXPLICIT;
        return now;
    }

    /**
     * The transaction between BEGIN and COMMIT.
     *
     * @param statement what is allowed only there
     */
    Transaction explicit(String statement) {
        if (!isExplicit()) {
            throw new SqlException(
                    SqlState.NO_ACTIVE_SQL_TRANSACTION,
                    statement + " can only be used in transaction blocks");
        }
        return transaction();
    }

    /**
     * Ends the transaction by committing; a failed one is rolled back.
     *
     * @return false if it was rolled back
     */
    boolean commit() {
        Transaction ending = transaction;
        if (ending == null) {
            return true;
        }
        if (state == State.FAILED) {
            rollback();
            return false;
        }
        boolean committed = false;
        boolean over = true;
        try {
            commit.carryOut(ending);
            committed = true;
        } catch (MustWait e) {
            over = false;
            throw e;
        } finally {
            if (over) {
                finish(ending, committed);
            }
        }
        return true;
    }

    void rollback() {
        Transaction ending = transaction;
        if (ending != null) {
            finish(ending, false);
        }
    }

    private void finish(Transaction ending, boolean committed) {
        commit.forget();
        ending.end();
        transaction = null;
        startMicros = null;
        state = State.IDLE;
        session.settings().end(committed);
    }

    /** The end of a simple query string or a Sync: commits what has no COMMIT of its own. */
    void endImplicit() {
        if (state == State.IMPLICIT) {
            commit();
        }
    }

    /** Whether the last commit had no effect because others came before it in the log. */
    boolean hasLostRace() {
        return commit.hasLostRace();
    }

    /** An error was reported: an explicit transaction is failed, an implicit one rolled back. */
    void failed() {
        if (state == State.IMPLICIT) {
            rollback();
        } else if (state == State.EXPLICIT) {
            state = State.FAILED;
            transaction().failed();
        }
    }

    /** A failed transaction has gone back to a savepoint. */
    void recovered() {
        state = State.EXPLICIT;
    }

    /** 25P02 for everything but the ways out of a failed transaction. */
    void checkNotFailed() {
        if (state == State.FAILED) {
            throw new SqlException(
                    SqlState.IN_FAILED_SQL_TRANSACTION,
                    "current transaction is aborted, commands ignored until end of transaction block");
        }
    }
}
