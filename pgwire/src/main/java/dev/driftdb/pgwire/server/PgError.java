package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.message.BackendMessage.ErrorResponse;

/**
 * An error for the client, with the fields of its ErrorResponse. Severity FATAL or PANIC ends the
 * connection after it was sent. Carries no stack trace: it is an answer, not a fault.
 */
public final class PgError extends RuntimeException {
    private final transient ErrorResponse response;

    public PgError(ErrorResponse response) {
        super(response.message(), null, false, false);
        this.response = response;
    }

    public static PgError error(String sqlState, String message) {
        return new PgError(ErrorResponse.of("ERROR", sqlState, message));
    }

    /** Ends the connection. */
    public static PgError fatal(String sqlState, String message) {
        return new PgError(ErrorResponse.of("FATAL", sqlState, message));
    }

    public ErrorResponse response() {
        return response;
    }
}
