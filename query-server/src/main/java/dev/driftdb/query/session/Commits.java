package dev.driftdb.query.session;

import dev.driftdb.ingest.CommitLog;
import dev.driftdb.materializer.replica.AppendedRecord;
import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Appends entries and waits until this server's replica has said what became of them. Safe for any
 * thread.
 *
 * <p>Group commit: an entry is appended at once if no other is on its way; else it waits until
 * those are visible, and goes with all that have come meanwhile. A request to the broker costs the
 * same for one entry and for many, and a lone session never waits.
 */
final class Commits implements AutoCloseable {
    /** The outcomes of a group are told, and the next group is sent, by one thread. */
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("driftdb-commits").daemon().factory());

    /** What a replica applies of a large transaction in a second at least: 1 MiB. */
    private static final long APPLIED_BYTES_PER_SECOND_MIN = 1 << 20;

    private final CommitLog log;
    private final Replica replica;
    private final Duration timeout;

    /** Guards the two below. */
    private final Object lock = new Object();

    /** At most one for each session. */
    private List<PendingCommit> waiting = new ArrayList<>();

    private int onTheirWay;

    /**
     * @param timeout how long a commit waits for the log and the replica before its outcome is
     *     reported as unknown
     */
    Commits(CommitLog log, Replica replica, Duration timeout) {
        this.log = log;
        this.replica = replica;
        this.timeout = timeout;
    }

    /** Appends and waits: the outcome, or 08007 when it could not be learnt in time. */
    Outcome commit(TransactionEntry entry) {
        PendingCommit pending = begin(entry);
        try {
            return await(pending, true);
        } finally {
            forget(pending);
        }
    }

    /**
     * The outcome; 53000 if there was no time to append the entry, 08007 if it was appended and its
     * outcome could not be learnt in time: it may still take effect.
     *
     * @param mayWait false: {@link dev.driftdb.pgwire.server.MustWait} as long as it is not there
     */
    Outcome await(PendingCommit pending, boolean mayWait) {
        try {
            return pending.await(mayWait);
        } catch (SqlException e) {
            if (e.state() == SqlState.TRANSACTION_RESOLUTION_UNKNOWN && withdraw(pending)) {
                throw new SqlException(
                        SqlState.INSUFFICIENT_RESOURCES,
                        "the log did not take the transaction in time, which has no effect");
            }
            throw e;
        }
    }

    private boolean withdraw(PendingCommit pending) {
        synchronized (lock) {
            return waiting.remove(pending);
        }
    }

    /**
     * Sees to it that the entry is appended, and never waits. {@link #forget} it when its outcome
     * is known or wanted no more.
     *
     * @param entry fits one record; its chunks, if it has any, are in the log
     */
    PendingCommit begin(TransactionEntry entry) {
        PendingCommit pending =
                new PendingCommit(entry, replica.outcomeOf(entry.id()), timeoutOf(entry));
        if (entry.chunkCount() > 0) {
            // Others need not wait until so much is visible.
            var _ = append(pending);
            return pending;
        }
        synchronized (lock) {
            if (onTheirWay > 0) {
                waiting.add(pending);
                return pending;
            }
            onTheirWay = 1;
        }
        send(List.of(pending));
        return pending;
    }

    /**
     * The timeout is for a log and a replica that do nothing: this one may take its time for what
     * is much to apply.
     */
    private Duration timeoutOf(TransactionEntry entry) {
        long chunkBytes = (long) entry.chunkCount() * Chunker.RECORD_BYTES_TARGET;
        return timeout.plusSeconds(chunkBytes / APPLIED_BYTES_PER_SECOND_MIN);
    }

    /** In the order of their coming. */
    private void send(List<PendingCommit> commits) {
        Group group = new Group(commits.size());
        for (PendingCommit pending : commits) {
            var _ = append(pending).whenComplete((appended, failure) -> group.add(appended));
        }
        for (PendingCommit pending : commits) {
            var _ = pending.outcome().whenComplete((outcome, failure) -> arrived());
        }
    }

    /**
     * What was sent together; when all of it is acknowledged, the replica need not wait until it
     * has read it.
     */
    private final class Group {
        private final List<AppendedRecord> acknowledged = new ArrayList<>();
        private int missing;

        Group(int size) {
            missing = size;
        }

        /** By the log's thread; null for an entry that it has not taken. */
        synchronized void add(CommitLog.@Nullable Appended appended) {
            missing--;
            if (appended != null) {
                acknowledged.add(
                        new AppendedRecord(
                                appended.offset(), appended.timestampMs(), appended.record()));
            }
            if (missing == 0 && !acknowledged.isEmpty()) {
                acknowledged.sort(Comparator.comparingLong(AppendedRecord::offset));
                thread.execute(() -> replica.offer(acknowledged));
            }
        }
    }

    /** By the applying thread, or by whoever gives up an outcome. */
    private void arrived() {
        List<PendingCommit> next;
        synchronized (lock) {
            onTheirWay--;
            if (onTheirWay > 0 || waiting.isEmpty()) {
                return;
            }
            next = waiting;
            waiting = new ArrayList<>();
            onTheirWay = next.size();
        }
        List<PendingCommit> group = next;
        thread.execute(() -> send(group));
    }

    private CompletableFuture<CommitLog.Appended> append(PendingCommit pending) {
        CompletableFuture<CommitLog.Appended> appended;
        try {
            appended = log.append(List.of(pending.entry()));
        } catch (RuntimeException e) {
            // Never appended. It must not keep those that wait for it.
            pending.outcome().completeExceptionally(e);
            return CompletableFuture.failedFuture(e);
        }
        return appended.whenComplete((offset, failure) -> {
            Throwable cause =
                    failure instanceof CompletionException wrapped && wrapped.getCause() != null
                            ? wrapped.getCause()
                            : failure;
            // Only a record that was refused for itself is surely not in the log.
            if (cause instanceof SqlException refused) {
                pending.outcome().completeExceptionally(refused);
            }
        });
    }

    /** An entry that still waits is never appended; of any other the outcome is not heard. */
    void forget(PendingCommit pending) {
        replica.forget(pending.transactionId());
        CompletableFuture<Outcome> outcome = pending.outcome();
        if (!outcome.isDone() && !withdraw(pending)) {
            outcome.cancel(false);
        }
    }

    /** Returns when the last outcomes are told: the replica may be closed after it. */
    @Override
    public void close() {
        thread.close();
    }
}
