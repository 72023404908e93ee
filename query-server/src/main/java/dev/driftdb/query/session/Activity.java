package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a session is doing and whether it should stop. Set by the session's thread; {@link #cancel}
 * and the accessors may be called by any.
 */
final class Activity {
    private static final long NO_DEADLINE = 0;

    private volatile String sql = "";
    private volatile boolean running;
    private volatile boolean cancelRequested;
    private volatile @Nullable Long startMicros;
    private volatile long deadlineNanos = NO_DEADLINE;

    /** Completed to have a suspended message handled once more; null while none is suspended. */
    private volatile @Nullable CompletableFuture<Void> suspended;

    /**
     * Forgets a cancel that came too late for what ran before. A message that was suspended goes on
     * instead.
     *
     * @param timeoutMs statement_timeout; 0 for none
     */
    void begin(String text, long nowMicros, long timeoutMs) {
        if (suspended != null) {
            suspended = null;
            return;
        }
        sql = text;
        cancelRequested = false;
        startMicros = nowMicros;
        deadlineNanos = timeoutMs == 0 ? NO_DEADLINE : System.nanoTime() + timeoutMs * 1_000_000;
        running = true;
    }

    /**
     * The message is given up for now, to be handled once more.
     *
     * @return completes with the given future, or when the statement is cancelled
     */
    CompletableFuture<Void> suspend(CompletableFuture<?> until) {
        CompletableFuture<Void> wake = new CompletableFuture<>();
        suspended = wake;
        var _ = until.whenComplete((result, failure) -> wake.complete(null));
        if (cancelRequested) {
            wake.complete(null);
        }
        return wake;
    }

    void end() {
        running = false;
        suspended = null;
        deadlineNanos = NO_DEADLINE;
    }

    void cancel() {
        if (running) {
            cancelRequested = true;
            CompletableFuture<Void> wake = suspended;
            if (wake != null) {
                wake.complete(null);
            }
        }
    }

    /** 57014 once for a cancel, once for a timeout. */
    void checkCanceled() {
        if (cancelRequested) {
            cancelRequested = false;
            throw new SqlException(
                    SqlState.QUERY_CANCELED, "canceling statement due to user request");
        }
        long deadline = deadlineNanos;
        if (deadline != NO_DEADLINE && System.nanoTime() - deadline > 0) {
            deadlineNanos = NO_DEADLINE;
            throw new SqlException(
                    SqlState.QUERY_CANCELED, "canceling statement due to statement timeout");
        }
    }

    boolean isRunning() {
        return running;
    }

    String sql() {
        return sql;
    }

    /** When the newest message with SQL came, null before the first. */
    @Nullable Long startMicros() {
        return startMicros;
    }
}
