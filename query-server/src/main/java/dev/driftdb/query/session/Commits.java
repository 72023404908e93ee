package dev.driftdb.query.session;

import dev.driftdb.ingest.CommitLog;
import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Appends entries and waits until this server's replica has said what became of them. Safe for any
 * thread.
 */
final class Commits {
    private final CommitLog log;
    private final Replica replica;
    private final Duration timeout;

    /**
     * @param timeout how long a commit waits for the log and the replica before its outcome is
     *     reported as unknown
     */
    Commits(CommitLog log, Replica replica, Duration timeout) {
        this.log = log;
        this.replica = replica;
        this.timeout = timeout;
    }

    /**
     * The outcome, or 08007 when it could not be learnt in time: the entry may still take effect.
     */
    Outcome commit(TransactionEntry entry) {
        List<LogRecord> records = Chunker.split(entry);
        CompletableFuture<Outcome> outcome = replica.outcomeOf(entry.id());
        var _ =
                log.append(records)
                        .whenComplete((offset, failure) -> {
                            Throwable cause =
                                    failure instanceof CompletionException wrapped
                                                    && wrapped.getCause() != null
                                            ? wrapped.getCause()
                                            : failure;
                            // Only a record that was refused for itself is surely not in the log.
                            if (cause instanceof SqlException refused) {
                                outcome.completeExceptionally(refused);
                            }
                        });
        try {
            return outcome.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw unknown(entry, "no outcome within " + timeout.toSeconds() + " s");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SqlException refused) {
                throw refused;
            }
            throw unknown(entry, String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown(entry, "the server is shutting down");
        } finally {
            replica.forget(entry.id());
        }
    }

    private static SqlException unknown(TransactionEntry entry, String why) {
        return new SqlException(
                        SqlState.TRANSACTION_RESOLUTION_UNKNOWN,
                        "the outcome of transaction " + entry.id() + " is unknown: " + why)
                .withHint(
                        "It may have taken effect or still do so. Ask for it later: SELECT * FROM"
                                + " driftdb.log WHERE transaction_id = '"
                                + entry.id()
                                + "'.");
    }
}
