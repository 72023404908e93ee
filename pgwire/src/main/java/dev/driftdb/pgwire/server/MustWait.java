package dev.driftdb.pgwire.server;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a session instead of waiting where it may not ({@link PgSession#mayWait}). What the
 * message has done so far is undone, or will be gone on with when the same message is handled once
 * more. Carries no stack trace: it is not a fault.
 */
public final class MustWait extends RuntimeException {
    private final transient @Nullable CompletableFuture<?> until;
    private final transient @Nullable Duration atMost;

    private MustWait(@Nullable CompletableFuture<?> until, @Nullable Duration atMost) {
        super("must wait", null, false, false);
        this.until = until;
        this.atMost = atMost;
    }

    /** The message is to be handled by a thread that may wait. */
    public static MustWait onThread() {
        return new MustWait(null, null);
    }

    /** Handle the message once more when the future completes, in whichever way. */
    public static MustWait until(CompletableFuture<?> future) {
        return new MustWait(future, null);
    }

    /** As {@link #until(CompletableFuture)}, or when the time is up. */
    public static MustWait until(CompletableFuture<?> future, Duration atMost) {
        return new MustWait(future, atMost);
    }

    /** Null: on a thread that may wait. */
    @Nullable CompletableFuture<?> until() {
        return until;
    }

    /** Null: without limit. */
    @Nullable Duration atMost() {
        return atMost;
    }
}
