package dev.driftdb.query.session;

import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Outcome;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An entry on its way through the log, whose outcome this server's replica will say. */
final class PendingCommit {
    private final TransactionEntry entry;
    private final CompletableFuture<Outcome> outcome;
    private final Duration timeout;
    private final long deadlineNanos;

    /**
     * @param outcome completed by the replica, or exceptionally when the entry is surely not in the
     *     log
     * @param timeout how long the outcome may take before it is reported as unknown
     */
    PendingCommit(TransactionEntry entry, CompletableFuture<Outcome> outcome, Duration timeout) {
        this.entry = entry;
        this.outcome = outcome;
        this.timeout = timeout;
        this.deadlineNanos = System.nanoTime() + timeout.toNanos();
    }

    UUID transactionId() {
        return entry.id();
    }

    TransactionEntry entry() {
        return entry;
    }

    CompletableFuture<Outcome> outcome() {
        return outcome;
    }

    /**
     * The outcome, or 08007 when it could not be learnt in time: the entry may still take effect.
     *
     * @param mayWait false: {@link MustWait} as long as it is not there
     */
    Outcome await(boolean mayWait) {
        long leftNanos = Math.max(0, deadlineNanos - System.nanoTime());
        if (!mayWait && !outcome.isDone() && leftNanos > 0) {
            throw MustWait.until(outcome, Duration.ofNanos(leftNanos));
        }
        try {
            return outcome.get(leftNanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw unknown("no outcome within " + timeout.toSeconds() + " s");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SqlException refused) {
                throw refused;
            }
            throw unknown(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown("the server is shutting down");
        }
    }

    private SqlException unknown(String why) {
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
