package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.message.FrontendMessage;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One session of the engine. All methods but {@link #cancel()} are called by one thread at a time,
 * in the order of the messages; they may block, but see {@link #mayWait}. They answer through the
 * sink.
 *
 * <p>The wire side keeps the order of messages, skips to Sync after an error in the extended query
 * protocol, and sends ReadyForQuery; the session keeps statements, portals and the transaction.
 * Methods throw {@link PgError} for an error that goes to the client; any other exception becomes
 * XX000 and is logged.
 */
public interface PgSession {
    /**
     * Simple query: every statement of the string in order. Sends RowDescription, DataRow,
     * CommandComplete, EmptyQueryResponse, and CopyInResponse/CopyOutResponse as they come, but
     * neither ReadyForQuery nor the ErrorResponse of what it throws.
     */
    void query(String sql, PgSink out);

    /** {@code parameterTypes}: oids, 0 for unspecified. Sends ParseComplete. */
    void parse(String statement, String sql, int[] parameterTypes, PgSink out);

    /**
     * Formats: none (all text), one for all, or one each; 0 text, 1 binary. A null parameter is
     * NULL. Sends BindComplete.
     */
    void bind(
            String portal,
            String statement,
            short[] parameterFormats,
            List<byte @Nullable []> parameters,
            short[] resultFormats,
            PgSink out);

    /** Sends ParameterDescription and RowDescription or NoData. */
    void describeStatement(String statement, PgSink out);

    /** Sends RowDescription or NoData. */
    void describePortal(String portal, PgSink out);

    /**
     * {@code rowsMax} 0 for all. Sends DataRow… and CommandComplete, PortalSuspended or
     * EmptyQueryResponse.
     */
    void execute(String portal, int rowsMax, PgSink out);

    /** Sends CloseComplete. */
    void closeStatement(String statement, PgSink out);

    void closePortal(String portal, PgSink out);

    /**
     * Ends the implicit transaction of the extended protocol: commits, or rolls back after an
     * error.
     */
    void sync(PgSink out);

    /** An error of this session was sent: an open transaction is failed from now on. */
    void failed();

    /** Input of COPY FROM STDIN after CopyInResponse was sent. */
    void copyData(byte[] data, PgSink out);

    /** CopyDone: sends CommandComplete and, in a simple query, goes on with its next statement. */
    void copyDone(PgSink out);

    /** CopyFail: throws 57014. */
    void copyFail(String reason, PgSink out);

    /** Whether it waits for CopyData. */
    boolean isCopyingIn();

    /** 'I' idle, 'T' in a transaction, 'E' in a failed transaction. */
    char transactionStatus();

    /**
     * Whether this message, the next one, takes a few microseconds unless it has to wait for
     * something: a lock, the log. It is then handled on the event loop that serves many
     * connections, which saves changes of thread. Asked right before, by the same thread. False is
     * always right.
     */
    default boolean runsQuickly(FrontendMessage message) {
        return false;
    }

    /**
     * False: until told otherwise, messages are handled where nothing may wait, and {@link
     * MustWait} is thrown instead. Only for messages of which {@link #runsQuickly} was true.
     */
    default void mayWait(boolean allowed) {}

    /**
     * How long the session may stay as it is without a message, and the error that it then ends
     * with.
     */
    record IdleLimit(Duration time, PgError ending) {}

    /** Null for no limit. Asked after each message that was answered. */
    default @Nullable IdleLimit idleLimit() {
        return null;
    }

    /** Interrupts the running statement, if there is one. Called by any thread. */
    void cancel();

    /** The connection is gone: roll back and release everything. */
    void close();
}
