package dev.driftdb.materializer.replica;

import org.jspecify.annotations.Nullable;

/** The replica has stopped: what was waited for will not come from it. */
public final class ReplicaFailedException extends RuntimeException {
    public ReplicaFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
