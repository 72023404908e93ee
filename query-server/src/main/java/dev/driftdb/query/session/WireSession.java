package dev.driftdb.query.session;

import dev.driftdb.pgwire.message.BackendMessage;
import dev.driftdb.pgwire.message.FrontendMessage;
import dev.driftdb.pgwire.server.PgSession;
import dev.driftdb.pgwire.server.PgSink;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A session behind the PostgreSQL protocol. One thread at a time, but {@link #cancel} from any. */
public final class WireSession implements PgSession {
    private final Session session;
    private final Answers answers;
    private final SimpleQuery simple;
    private final ExtendedQuery extended;

    public WireSession(Session session) {
        this.session = session;
        PreparedStatements prepared = new PreparedStatements();
        Cursors cursors = session.cursors();
        Statements statements = new Statements(session, prepared, cursors);
        answers = new Answers(session);
        simple = new SimpleQuery(session, statements, answers);
        extended = new ExtendedQuery(session, prepared, cursors, statements, answers);
    }

    public static BackendMessage noticeOf(Session.Notice notice) {
        return WireErrors.of(notice);
    }

    // ---- simple query ----

    @Override
    public void query(String sql, PgSink out) {
        answering(() -> {
            extended.closePortals();
            simple.run(sql, out);
        });
    }

    // ---- COPY FROM STDIN ----

    @Override
    public boolean isCopyingIn() {
        return answers.isCopyingIn();
    }

    @Override
    public void copyData(byte[] data, PgSink out) {
        answering(() -> answers.copyIn().accept(data));
    }

    @Override
    public void copyDone(PgSink out) {
        answering(() -> {
            String tag = answers.copyIn().finish();
            answers.endCopyIn();
            if (simple.endsWithCopy()) {
                session.block().endImplicit();
            }
            out.send(new BackendMessage.CommandComplete(tag));
            simple.goOnAfterCopy(out);
        });
    }

    @Override
    public void copyFail(String reason, PgSink out) {
        throw WireErrors.of(
                new SqlException(SqlState.QUERY_CANCELED, "COPY from stdin failed: " + reason));
    }

    // ---- extended query ----

    @Override
    public void parse(String statement, String sql, int[] parameterTypes, PgSink out) {
        answering(() -> extended.parse(statement, sql, parameterTypes, out));
    }

    @Override
    public void bind(
            String portal,
            String statement,
            short[] parameterFormats,
            List<byte @Nullable []> parameters,
            short[] resultFormats,
            PgSink out) {
        answering(() ->
                extended.bind(portal, statement, parameterFormats, parameters, resultFormats, out));
    }

    @Override
    public void describeStatement(String statement, PgSink out) {
        answering(() -> extended.describeStatement(statement, out));
    }

    @Override
    public void describePortal(String portal, PgSink out) {
        answering(() -> extended.describePortal(portal, out));
    }

    @Override
    public void execute(String portal, int rowsMax, PgSink out) {
        answering(() -> extended.execute(portal, rowsMax, out));
    }

    @Override
    public void closeStatement(String statement, PgSink out) {
        extended.closeStatement(statement, out);
    }

    @Override
    public void closePortal(String portal, PgSink out) {
        extended.closePortal(portal, out);
    }

    @Override
    public void sync(PgSink out) {
        answering(() -> {
            extended.sync(out);
            session.endActivity();
        });
    }

    // ---- state ----

    /** What a session throws becomes what the wire sends. */
    private static void answering(Runnable action) {
        try {
            action.run();
        } catch (SqlException e) {
            throw WireErrors.of(e);
        }
    }

    @Override
    public void failed() {
        simple.abandon();
        answers.endCopyIn();
        extended.closePortals();
        extended.forgetExecutions();
        session.block().failed();
        session.endActivity();
    }

    @Override
    public char transactionStatus() {
        return session.block().status();
    }

    /**
     * A few rows read or changed by their keys, BEGIN and COMMIT, and the messages around them: all
     * that a short transaction consists of.
     */
    @Override
    public boolean runsQuickly(FrontendMessage message) {
        if (answers.isCopyingIn() || session.mayWaitToRead()) {
            return false;
        }
        return switch (message) {
            case FrontendMessage.Query query -> simple.runsQuickly(query.sql());
            case FrontendMessage.Parse parse ->
                    extended.isKnown(parse.sql(), parse.parameterTypes());
            case FrontendMessage.Bind _, FrontendMessage.Close _, FrontendMessage.Sync _ -> true;
            case FrontendMessage.Describe describe ->
                    switch (describe.target()) {
                        case STATEMENT -> extended.isPlannedStatement(describe.name());
                        case PORTAL -> extended.isPlannedPortal(describe.name());
                    };
            case FrontendMessage.Execute execute -> extended.isBriefPortal(execute.portal());
            default -> false;
        };
    }

    @Override
    public void mayWait(boolean allowed) {
        session.mayWait(allowed);
    }

    @Override
    public @Nullable IdleLimit idleLimit() {
        boolean inTransaction = session.block().isExplicit();
        long ms =
                inTransaction
                        ? session.settings().idleInTransactionTimeoutMs()
                        : session.settings().idleTimeoutMs();
        if (ms == 0) {
            return null;
        }
        SqlException ending =
                inTransaction
                        ? new SqlException(
                                SqlState.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                                "terminating connection due to idle-in-transaction timeout")
                        : new SqlException(
                                SqlState.IDLE_SESSION_TIMEOUT,
                                "terminating connection due to idle-session timeout");
        return new IdleLimit(Duration.ofMillis(ms), WireErrors.of(ending));
    }

    @Override
    public void cancel() {
        session.cancel();
    }

    @Override
    public void close() {
        answers.endCopyIn();
        extended.closePortals();
        session.cursors().close(null);
        session.close();
    }
}
