package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.message.BackendMessage.ErrorResponse;
import dev.driftdb.pgwire.message.BackendMessage.ReadyForQuery;
import dev.driftdb.pgwire.message.FrontendMessage;
import dev.driftdb.pgwire.message.FrontendMessage.Bind;
import dev.driftdb.pgwire.message.FrontendMessage.Close;
import dev.driftdb.pgwire.message.FrontendMessage.CopyData;
import dev.driftdb.pgwire.message.FrontendMessage.CopyDone;
import dev.driftdb.pgwire.message.FrontendMessage.CopyFail;
import dev.driftdb.pgwire.message.FrontendMessage.Describe;
import dev.driftdb.pgwire.message.FrontendMessage.Execute;
import dev.driftdb.pgwire.message.FrontendMessage.Flush;
import dev.driftdb.pgwire.message.FrontendMessage.FunctionCall;
import dev.driftdb.pgwire.message.FrontendMessage.Initial;
import dev.driftdb.pgwire.message.FrontendMessage.Parse;
import dev.driftdb.pgwire.message.FrontendMessage.PasswordMessage;
import dev.driftdb.pgwire.message.FrontendMessage.Query;
import dev.driftdb.pgwire.message.FrontendMessage.Sync;
import dev.driftdb.pgwire.message.FrontendMessage.Terminate;
import dev.driftdb.pgwire.message.FrontendMessage.Unreadable;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order of messages after start-up: which session method a message calls, when ReadyForQuery is
 * due, what is skipped after an error, and COPY input.
 *
 * <p>Knows no channel and no thread, only that it is called by one thread at a time.
 */
final class Conversation {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    private static final String PROTOCOL_VIOLATION = "08P01";
    private static final String QUERY_CANCELED = "57014";
    private static final int LOGGED_SQL_CHARS_MAX = 2_000;

    private final PgSession session;
    private final ChannelSink out;
    private final BooleanSupplier ending;

    /** An error in the extended protocol: nothing counts until Sync. */
    private boolean skippingToSync;

    private boolean copyingIn;
    private boolean copyOfExtendedQuery;
    private String latestSql = "";

    /** {@code ending}: the connection ends, and errors of a cancelled statement are not told. */
    Conversation(PgSession session, ChannelSink out, BooleanSupplier ending) {
        this.session = session;
        this.out = out;
        this.ending = ending;
    }

    /** After start-up. */
    void ready() {
        out.send(new ReadyForQuery(session.transactionStatus()));
    }

    /**
     * Handles one message and sends its answers, an ErrorResponse included.
     *
     * @return false: the conversation is over
     */
    boolean handle(FrontendMessage message) {
        try {
            if (copyingIn) {
                return handleInCopy(message);
            }
            if (skippingToSync && !endsSkipping(message)) {
                return true;
            }
            return dispatch(message);
        } catch (MustWait e) {
            throw e;
        } catch (Throwable t) {
            return answer(toPgError(t, message), message);
        }
    }

    /**
     * {@link #handle} where nothing may wait, for a message that runs quickly.
     *
     * @throws MustWait the message is to be handled once more
     */
    boolean handleWithoutWaiting(FrontendMessage message) {
        session.mayWait(false);
        try {
            return handle(message);
        } finally {
            session.mayWait(true);
        }
    }

    /** Whether the event loop may handle it. */
    boolean runsQuickly(FrontendMessage message) {
        if (copyingIn || message instanceof Terminate || message instanceof Unreadable) {
            return false;
        }
        try {
            return (skippingToSync && !endsSkipping(message)) || session.runsQuickly(message);
        } catch (RuntimeException e) {
            LOG.error("cannot tell whether it runs quickly: {}", describe(message), e);
            return false;
        }
    }

    private static boolean endsSkipping(FrontendMessage message) {
        return message instanceof Sync
                || message instanceof Terminate
                || (message instanceof Unreadable u && (u.fatal() || u.type() == 'S'));
    }

    private boolean dispatch(FrontendMessage message) {
        switch (message) {
            case Query query -> {
                latestSql = query.sql();
                session.query(query.sql(), out);
                startCopyOrGetReady();
            }
            case Parse parse -> {
                latestSql = parse.sql();
                session.parse(parse.statement(), parse.sql(), parse.parameterTypes(), out);
            }
            case Bind bind ->
                    session.bind(
                            bind.portal(),
                            bind.statement(),
                            bind.parameterFormats(),
                            bind.parameters(),
                            bind.resultFormats(),
                            out);
            case Describe describe -> {
                switch (describe.target()) {
                    case STATEMENT -> session.describeStatement(describe.name(), out);
                    case PORTAL -> session.describePortal(describe.name(), out);
                }
            }
            case Execute execute -> {
                session.execute(execute.portal(), Math.max(execute.rowsMax(), 0), out);
                if (session.isCopyingIn()) {
                    copyingIn = true;
                    copyOfExtendedQuery = true;
                    out.flush();
                }
            }
            case Close close -> {
                switch (close.target()) {
                    case STATEMENT -> session.closeStatement(close.name(), out);
                    case PORTAL -> session.closePortal(close.name(), out);
                }
            }
            case Sync sync -> {
                skippingToSync = false;
                session.sync(out);
                ready();
            }
            case Flush flush -> out.flush();
            case FunctionCall call ->
                    throw PgError.error(
                            "0A000", "function call message is not supported: use SELECT");
            // What is left of a COPY that has failed; the manual says to drop it.
            case CopyData data -> {}
            case CopyDone done -> {}
            case CopyFail fail -> {}
            case Terminate terminate -> {
                return false;
            }
            case Unreadable unreadable -> {
                if (unreadable.fatal() || !isCopyInput(unreadable)) {
                    throw unreadableError(unreadable);
                }
            }
            case PasswordMessage password ->
                    throw PgError.fatal(
                            PROTOCOL_VIOLATION, "password message without a password request");
            case Initial initial ->
                    throw new IllegalStateException("start-up message after start-up: " + initial);
        }
        return true;
    }

    private boolean handleInCopy(FrontendMessage message) {
        switch (message) {
            case CopyData data -> session.copyData(data.data(), out);
            case CopyDone done -> {
                session.copyDone(out);
                if (copyOfExtendedQuery) {
                    copyingIn = session.isCopyingIn();
                } else {
                    startCopyOrGetReady();
                }
            }
            case CopyFail fail -> {
                session.copyFail(fail.reason(), out);
                throw new IllegalStateException("the session did not fail the COPY");
            }
            // Clients send them without knowing that their statement was a COPY.
            case Flush flush -> {}
            case Sync sync -> {}
            case Terminate terminate -> {
                return false;
            }
            case Unreadable unreadable -> throw unreadableError(unreadable);
            default ->
                    throw PgError.error(
                            PROTOCOL_VIOLATION,
                            "unexpected message "
                                    + message.getClass().getSimpleName()
                                    + " during COPY from stdin");
        }
        return true;
    }

    private void startCopyOrGetReady() {
        copyingIn = session.isCopyingIn();
        if (copyingIn) {
            copyOfExtendedQuery = false;
            out.flush();
        } else {
            ready();
        }
    }

    private static PgError unreadableError(Unreadable unreadable) {
        return unreadable.fatal()
                ? PgError.fatal(unreadable.sqlState(), unreadable.reason())
                : PgError.error(unreadable.sqlState(), unreadable.reason());
    }

    private static boolean isCopyInput(Unreadable unreadable) {
        return switch (unreadable.type()) {
            case 'd', 'c', 'f' -> true;
            default -> false;
        };
    }

    /** Sends an error and goes where the protocol goes after it. */
    private boolean answer(PgError error, FrontendMessage message) {
        try {
            out.abandonRow();
            if (ending.getAsBoolean()) {
                // That it was cancelled is said by the farewell; anything else is the truth about
                // the message, such as that an outcome is unknown.
                if (!QUERY_CANCELED.equals(error.response().sqlState())) {
                    out.send(completed(error.response()));
                }
                return false;
            }
            out.send(completed(error.response()));
            if (error.response().isFatal()) {
                return false;
            }
            boolean extended = copyingIn ? copyOfExtendedQuery : isOfExtendedQuery(message);
            if (copyingIn) {
                copyingIn = false;
                endCopy();
            }
            session.failed();
            if (extended) {
                skippingToSync = true;
                return true;
            }
            if (message instanceof Unreadable unreadable && unreadable.type() == 'S') {
                skippingToSync = false;
                session.sync(out);
            }
            ready();
            return true;
        } catch (PgError e) {
            LOG.debug("connection ends: {}", e.getMessage());
            return false;
        } catch (Throwable t) {
            LOG.error("connection ends: the session could not handle an error", t);
            return false;
        }
    }

    /** Sees to it that the session does not wait for CopyData after the COPY has failed. */
    private void endCopy() {
        if (session.isCopyingIn()) {
            try {
                session.copyFail("COPY from stdin failed", out);
            } catch (PgError e) {
                LOG.trace("the client was told another error", e);
            }
        }
    }

    /** Otherwise ReadyForQuery follows the error at once. */
    private static boolean isOfExtendedQuery(FrontendMessage message) {
        return switch (message) {
            case Query m -> false;
            case FunctionCall m -> false;
            case Sync m -> false;
            case Unreadable m -> m.type() != 'Q' && m.type() != 'F' && m.type() != 'S';
            default -> true;
        };
    }

    private PgError toPgError(Throwable t, FrontendMessage message) {
        return switch (t) {
            case PgError error -> error;
            case StackOverflowError e ->
                    PgError.error(
                            "54001",
                            "stack depth limit exceeded: the statement is nested too deep");
            case OutOfMemoryError e -> {
                LOG.error("out of memory in {}", describe(message), e);
                yield PgError.error("53200", "out of memory");
            }
            default -> {
                LOG.error("internal error in {}", describe(message), t);
                yield PgError.error("XX000", "internal error");
            }
        };
    }

    /** For the log; without the values of parameters. */
    private String describe(FrontendMessage message) {
        String sql =
                latestSql.length() <= LOGGED_SQL_CHARS_MAX
                        ? latestSql
                        : latestSql.substring(0, LOGGED_SQL_CHARS_MAX) + "…";
        return switch (message) {
            case Query query -> "Query: " + sql;
            case Parse parse -> "Parse: " + sql;
            case Bind bind -> "Bind of statement \"" + bind.statement() + "\", last parsed: " + sql;
            case Execute execute -> execute + ", last parsed: " + sql;
            default -> message.getClass().getSimpleName() + ", last parsed: " + sql;
        };
    }

    /** Clients rely on these four fields. */
    static ErrorResponse completed(ErrorResponse response) {
        Map<Character, String> fields = new HashMap<>(response.fields());
        String severity = fields.getOrDefault('S', fields.getOrDefault('V', "ERROR"));
        fields.putIfAbsent('S', severity);
        fields.putIfAbsent('V', severity);
        fields.putIfAbsent('C', "XX000");
        fields.putIfAbsent('M', "");
        return new ErrorResponse(fields);
    }
}
