package dev.driftdb.query.session;

import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.log.Precondition;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a session's transaction gets into the log: what was deferred is checked, its entry is
 * appended, the outcome awaited. For the session's thread only.
 */
final class TransactionCommit {
    /** A larger transaction is not made an entry where nothing may wait. */
    private static final int BRIEF_COMMIT_BYTES_MAX = 64 << 10;

    private final Session session;
    private final Database database;
    private final LockWait lockWait;

    /** The entry of the transaction, once it is on its way into the log. */
    private @Nullable PendingCommit pending;

    private boolean lostRace;

    TransactionCommit(Session session, LockWait lockWait) {
        this.session = session;
        this.database = session.databaseOf();
        this.lockWait = lockWait;
    }

    /**
     * Returns when the transaction has taken effect.
     *
     * @throws MustWait where nothing may wait; the same again later goes on from there
     */
    void carryOut(Transaction ending) {
        lostRace = false;
        if (pending == null) {
            check(ending);
            pending = append(ending);
            if (pending != null) {
                ending.depart(pending.transactionId(), pending.outcome());
            }
        }
        if (pending == null) {
            awaitPredecessors(ending);
            return;
        }
        switch (database.commits().await(pending, lockWait.isAllowed())) {
            case Outcome.Committed done -> {
                ending.sequences().keySet().forEach(database.sequences()::forget);
                session.settings().publish("driftdb.offset", Long.toString(done.offset()));
            }
            case Outcome.Rejected rejected -> throw lost(ending, rejected.failed());
        }
    }

    private SqlException lost(Transaction ending, @Nullable Precondition failed) {
        lostRace = true;
        try (LazyContext evaluation = new LazyContext(session)) {
            return new LostRace(
                            ending, ending.catalogOver(database.replica().catalog()), evaluation)
                    .error(failed);
        }
    }

    /** Whether what was committed last had no effect because others came before it. */
    boolean hasLostRace() {
        return lostRace;
    }

    private void check(Transaction ending) {
        TemporaryObjects temporary = session.temporary();
        boolean onCommit = temporary.actsAtCommit() && ending.hasChanges();
        if (!ending.checks.hasAtCommit() && !onCommit) {
            return;
        }
        if (!lockWait.isAllowed()) {
            throw MustWait.onThread();
        }
        Catalog catalog = ending.catalogOver(database.replica().catalog());
        session.dueChecks().atCommit(ending, catalog);
        if (onCommit) {
            temporary.atCommit(ending, catalog);
        }
    }

    /** What a client has read must be in the log before it is told that it has committed. */
    private void awaitPredecessors(Transaction ending) {
        try {
            session.awaitPredecessors(ending);
        } catch (SqlException e) {
            lostRace |= e.state() == SqlState.SERIALIZATION_FAILURE;
            throw e;
        }
    }

    /** Null if the transaction changed nothing. */
    private @Nullable PendingCommit append(Transaction ending) {
        if (!ending.hasChanges()) {
            return null;
        }
        if (!lockWait.isAllowed()
                && (ending.bytes() > BRIEF_COMMIT_BYTES_MAX || ending.defines())) {
            throw MustWait.onThread();
        }
        Catalog base = database.replica().catalog();
        Precondition outdated = ending.definitions.findOutdated(base);
        if (outdated != null) {
            throw lost(ending, outdated);
        }
        LogRecord.Metadata metadata =
                new LogRecord.Metadata(
                        "sql",
                        session.user(),
                        session.settings().applicationName(),
                        ending.tags(),
                        null);
        UUID id = UUID.randomUUID();
        LogRecord.TransactionEntry entry = entry(id, metadata, ending, base);
        if (entry == null) {
            return null;
        }
        if (entry.chunkCount() > 0) {
            // It does not queue behind those that it follows.
            awaitPredecessors(ending);
        }
        return database.commits().begin(entry);
    }

    /**
     * The transaction's entry, its chunks in the log before it. Not the whole of a large
     * transaction is made at once.
     */
    private LogRecord.@Nullable TransactionEntry entry(
            UUID id, LogRecord.Metadata metadata, Transaction ending, Catalog base) {
        ChunkedAppend chunks =
                new ChunkedAppend(
                        database.log(),
                        () -> {
                            if (!lockWait.isAllowed()) {
                                throw MustWait.onThread();
                            }
                            session.checkCanceled();
                        });
        try (LazyContext evaluation = new LazyContext(session)) {
            Chunker chunker = new Chunker(id, metadata, chunks::append);
            new EntryBuilder(ending, ending.catalogOver(base), evaluation, session::checkCanceled)
                    .build(chunker);
            LogRecord.TransactionEntry entry = chunker.hasChanges() ? chunker.end() : null;
            chunks.await();
            return entry;
        } catch (RuntimeException e) {
            chunks.abandon(id, metadata);
            throw e;
        }
    }

    /** The transaction is over, whatever has become of its entry. */
    void forget() {
        if (pending != null) {
            database.commits().forget(pending);
            pending = null;
        }
    }
}
