package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
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

    /**
     * Forgets a cancel that came too late for what ran before.
     *
     * @param timeoutMs statement_timeout; 0 for none
     */
    void begin(String text, long nowMicros, long timeoutMs) {
        sql = text;
        cancelRequested = false;
        startMicros = nowMicros;
        deadlineNanos = timeoutMs == 0 ? NO_DEADLINE : System.nanoTime() + timeoutMs * 1_000_000;
        running = true;
    }

    void end() {
        running = false;
        deadlineNanos = NO_DEADLINE;
    }

    void cancel() {
        if (running) {
            cancelRequested = true;
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
