package dev.driftdb.materializer.replica;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Who waits for outcomes and offsets. Safe for any thread. */
final class Waiters {
    /** Each is a session in its COMMIT, so more than this is a leak. */
    static final int OUTCOME_WAITERS_MAX = 100_000;

    static final int OFFSET_WAITERS_MAX = 100_000;

    private record OffsetWaiter(long offset, CompletableFuture<Void> future) {}

    private final ConcurrentHashMap<UUID, CompletableFuture<Outcome>> outcomes =
            new ConcurrentHashMap<>();
    private final PriorityQueue<OffsetWaiter> offsets =
            new PriorityQueue<>(Comparator.comparingLong(OffsetWaiter::offset));
    private volatile long applied;
    private volatile @Nullable ReplicaFailedException failure;

    Waiters(long applied) {
        this.applied = applied;
    }

    CompletableFuture<Outcome> outcomeOf(UUID transactionId) {
        if (outcomes.size() >= OUTCOME_WAITERS_MAX) {
            throw new SqlException(
                    SqlState.CONFIGURATION_LIMIT_EXCEEDED,
                    "more than " + OUTCOME_WAITERS_MAX + " transactions wait for their outcome");
        }
        CompletableFuture<Outcome> future =
                outcomes.computeIfAbsent(transactionId, id -> new CompletableFuture<>());
        ReplicaFailedException failed = failure;
        if (failed != null) {
            outcomes.remove(transactionId);
            future.completeExceptionally(failed);
        }
        return future;
    }

    void forget(UUID transactionId) {
        outcomes.remove(transactionId);
    }

    CompletableFuture<Void> awaitOffset(long offset) {
        if (offset <= applied) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> future = new CompletableFuture<>();
        synchronized (offsets) {
            ReplicaFailedException failed = failure;
            if (failed != null) {
                future.completeExceptionally(failed);
            } else if (offset <= applied) {
                future.complete(null);
            } else if (offsets.size() >= OFFSET_WAITERS_MAX) {
                throw new SqlException(
                        SqlState.CONFIGURATION_LIMIT_EXCEEDED,
                        "more than " + OFFSET_WAITERS_MAX + " readers wait for an offset");
            } else {
                offsets.add(new OffsetWaiter(offset, future));
            }
        }
        return future;
    }

    /** The outcomes of a batch that is visible now. */
    void complete(UUID transactionId, Outcome outcome) {
        CompletableFuture<Outcome> future = outcomes.remove(transactionId);
        if (future != null) {
            future.complete(outcome);
        }
    }

    void applied(long offset) {
        List<OffsetWaiter> reached = new ArrayList<>();
        synchronized (offsets) {
            applied = offset;
            while (!offsets.isEmpty() && offsets.peek().offset() <= offset) {
                reached.add(offsets.remove());
            }
        }
        reached.forEach(waiter -> waiter.future().complete(null));
    }

    void fail(ReplicaFailedException cause) {
        List<OffsetWaiter> left;
        synchronized (offsets) {
            if (failure != null) {
                return;
            }
            failure = cause;
            left = List.copyOf(offsets);
            offsets.clear();
        }
        left.forEach(waiter -> waiter.future().completeExceptionally(cause));
        for (UUID id : outcomes.keySet()) {
            CompletableFuture<Outcome> future = outcomes.remove(id);
            if (future != null) {
                future.completeExceptionally(cause);
            }
        }
    }
}
