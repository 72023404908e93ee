package dev.driftdb.query.server;

/** The node cannot start; the message says why and what to do, for a person to read. */
public final class StartException extends RuntimeException {
    public StartException(String message) {
        super(message);
    }

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
