package dev.driftdb.query.session;

import dev.driftdb.pgwire.message.BackendMessage;
import dev.driftdb.pgwire.message.FrontendMessage;
import dev.driftdb.pgwire.server.PgSession;
import dev.driftdb.pgwire.server.PgSink;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.parse.TokenShape;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A session behind the PostgreSQL protocol. One thread at a time, but {@link #cancel} from any. */
public final class WireSession implements PgSession {
    private static final short[] ALL_TEXT = {};
    private static final int PORTALS_MAX = 10_000;

    private final Session session;
    private final PreparedStatements prepared = new PreparedStatements();
    private final Cursors cursors = new Cursors();
    private final Statements statements;
    private final Map<String, Portal> portals = new HashMap<>();

    /**
     * The COPY that waits for the client's data, and the statements of its string that come after.
     */
    private @Nullable CopyFrom copyIn;

    private final ArrayDeque<ParsedStatement> rest = new ArrayDeque<>();
    private boolean copyInSimpleQuery;

    public WireSession(Session session) {
        this.session = session;
        this.statements = new Statements(session, prepared, cursors);
    }

    public static BackendMessage noticeOf(Session.Notice notice) {
        return WireErrors.of(notice);
    }

    // ---- simple query ----

    @Override
    public void query(String sql, PgSink out) {
        answering(() -> {
            session.beginActivity(sql);
            closePortals();
            rest.clear();
            TokenShape shape = SimpleStatements.shapeOf(sql);
            if (shape == null || !runShared(shape, out)) {
                rest.addAll(session.databaseOf().parser().parse(sql));
                if (rest.isEmpty()) {
                    out.send(new BackendMessage.EmptyQueryResponse());
                }
                runRest(rest.size() == 1, out);
            }
        });
    }

    /** False if the text has to be parsed for itself; nothing has been done then. */
    private boolean runShared(TokenShape shape, PgSink out) {
        try {
            PlannedStatement planned = SimpleStatements.find(session.databaseOf(), shape);
            runSimple(planned, plan -> SimpleStatements.values(shape, plan, format()), true, out);
        } catch (SimpleStatements.Misfit e) {
            return false;
        }
        session.endImplicit();
        session.endActivity();
        return true;
    }

    private void runRest(boolean only, PgSink out) {
        while (!rest.isEmpty()) {
            ParsedStatement next = rest.poll();
            runSimple(new PlannedStatement(next, Map.of()), plan -> new Object[0], only, out);
            if (copyIn != null) {
                copyInSimpleQuery = true;
                return;
            }
        }
        session.endImplicit();
        session.endActivity();
    }

    /**
     * @param only whether it is the only statement of its string: then it commits before it is
     *     answered, and a lost race can be run again
     */
    private void runSimple(
            PlannedStatement planned,
            Function<PlannedStatement.Plan, @Nullable Object[]> values,
            boolean only,
            PgSink out) {
        boolean last = only || rest.isEmpty();
        Result result;
        if (only && session.transactionStatus() == 'I' && planned.isQuery()) {
            result = session.autocommit(() -> statements.run(planned, values));
        } else {
            result = statements.run(planned, values);
        }
        answer(result, last, out);
    }

    /** Sends a whole result; the last of a string commits before its CommandComplete. */
    private void answer(Result result, boolean last, PgSink out) {
        switch (result) {
            case Result.Command command -> {
                if (last) {
                    session.endImplicit();
                }
                out.send(
                        command.tag().isEmpty()
                                ? new BackendMessage.EmptyQueryResponse()
                                : new BackendMessage.CommandComplete(command.tag()));
            }
            case Result.Rows rows -> {
                out.send(
                        new BackendMessage.RowDescription(
                                RowEncoder.fields(rows.columns(), ALL_TEXT)));
                RowEncoder encoder =
                        new RowEncoder(rows.columns(), ALL_TEXT, format(), session::nameOf);
                String tag;
                try (Result.RowSource source = rows.source()) {
                    for (Object[] row = source.next(); row != null; row = source.next()) {
                        encoder.send(row, out);
                    }
                    tag = source.tag();
                }
                if (last) {
                    session.endImplicit();
                }
                out.send(new BackendMessage.CommandComplete(tag));
            }
            case Result.CopyIn copy -> startCopyIn(copy, out);
            case Result.CopyOut copy -> {
                out.send(new BackendMessage.CopyOutResponse(false, copy.columnCount()));
                Iterator<byte[]> lines = copy.lines();
                while (lines.hasNext()) {
                    session.checkCanceled();
                    out.send(new BackendMessage.CopyData(lines.next()));
                }
                out.send(new BackendMessage.CopyDone());
                if (last) {
                    session.endImplicit();
                }
                out.send(new BackendMessage.CommandComplete("COPY " + copy.count().rows));
            }
        }
    }

    private FormatSettings format() {
        return session.settings().format(session.databaseOf().nowMicros());
    }

    // ---- COPY FROM STDIN ----

    private void startCopyIn(Result.CopyIn copy, PgSink out) {
        copyIn = copy.target();
        out.send(new BackendMessage.CopyInResponse(false, copy.target().columnCount()));
    }

    @Override
    public boolean isCopyingIn() {
        return copyIn != null;
    }

    private CopyFrom copy() {
        if (copyIn == null) {
            throw new SqlException(SqlState.PROTOCOL_VIOLATION, "there is no COPY to take data");
        }
        return copyIn;
    }

    @Override
    public void copyData(byte[] data, PgSink out) {
        answering(() -> copy().accept(data));
    }

    @Override
    public void copyDone(PgSink out) {
        answering(() -> {
            CopyFrom copy = copy();
            String tag = copy.finish();
            copyIn = null;
            copy.close();
            if (copyInSimpleQuery && rest.isEmpty()) {
                session.endImplicit();
            }
            out.send(new BackendMessage.CommandComplete(tag));
            if (copyInSimpleQuery) {
                copyInSimpleQuery = false;
                runRest(false, out);
            }
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
        answering(() -> {
            session.beginActivity(sql);
            List<ParsedStatement> parsed = session.databaseOf().parser().parse(sql);
            if (parsed.size() > 1) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "cannot insert multiple commands into a prepared statement");
            }
            Map<Integer, SqlType> types = new HashMap<>();
            for (int i = 0; i < parameterTypes.length; i++) {
                SqlType type = Types.findByOid(parameterTypes[i]);
                if (parameterTypes[i] != 0 && type == null) {
                    throw new SqlException(
                            SqlState.UNDEFINED_OBJECT,
                            "type with OID " + parameterTypes[i] + " does not exist");
                }
                if (type != null && !type.equals(Types.UNKNOWN)) {
                    types.put(i + 1, type);
                }
            }
            ParsedStatement only =
                    parsed.isEmpty()
                            ? new ParsedStatement(new Statement.Empty(), "", 0)
                            : parsed.getFirst();
            PlannedStatement planned = new PlannedStatement(only, types);
            if (planned.isQuery()) {
                session.checkNotFailed();
                plan(planned);
            }
            if (statement.isEmpty()) {
                prepared.closeIfThere(statement);
            }
            prepared.put(statement, planned);
            out.send(new BackendMessage.ParseComplete());
        });
    }

    private PlannedStatement.Plan plan(PlannedStatement planned) {
        try (StatementContext context = session.peek()) {
            return planned.plan(context);
        }
    }

    @Override
    public void bind(
            String portal,
            String statement,
            short[] parameterFormats,
            List<byte @Nullable []> parameters,
            short[] resultFormats,
            PgSink out) {
        answering(() -> {
            PlannedStatement planned = prepared.get(statement);
            if (portal.isEmpty()) {
                closePortalIfThere(portal);
            } else if (portals.containsKey(portal)) {
                throw new SqlException(
                        SqlState.DUPLICATE_CURSOR, "cursor \"" + portal + "\" already exists");
            }
            if (portals.size() >= PORTALS_MAX) {
                throw new SqlException(
                        SqlState.PROGRAM_LIMIT_EXCEEDED,
                        "a session may have at most " + PORTALS_MAX + " portals");
            }
            portals.put(portal, new Portal(planned, parameterFormats, parameters, resultFormats));
            out.send(new BackendMessage.BindComplete());
        });
    }

    @Override
    public void describeStatement(String statement, PgSink out) {
        answering(() -> {
            PlannedStatement planned = prepared.get(statement);
            List<Integer> oids = new ArrayList<>();
            List<OutputColumn> columns;
            if (planned.isQuery()) {
                PlannedStatement.Plan plan = plan(planned);
                plan.parameterTypes().forEach(type -> oids.add(type.oid()));
                columns = plan.executable().columns();
            } else {
                columns = columnsOf(planned);
            }
            out.send(new BackendMessage.ParameterDescription(oids));
            sendDescription(columns, ALL_TEXT, out);
        });
    }

    @Override
    public void describePortal(String name, PgSink out) {
        answering(() -> {
            Portal portal = portal(name);
            sendDescription(columnsOf(portal.planned()), portal.resultFormats(), out);
        });
    }

    private List<OutputColumn> columnsOf(PlannedStatement planned) {
        if (planned.isQuery()) {
            return plan(planned).executable().columns();
        }
        return switch (planned.statement()) {
            case Statement.Show show when show.name().equals("all") ->
                    List.of(
                            OutputColumn.of("name", Types.TEXT),
                            OutputColumn.of("setting", Types.TEXT),
                            OutputColumn.of("description", Types.TEXT));
            case Statement.Show show ->
                    List.of(OutputColumn.of(SettingDef.of(show.name()).name(), Types.TEXT));
            case Statement.Explain _ -> List.of(OutputColumn.of("QUERY PLAN", Types.TEXT));
            case Statement.Fetch fetch when !fetch.move() -> cursors.columns(fetch.cursor());
            case Statement.Execute execute -> columnsOf(prepared.get(execute.name()));
            default -> List.of();
        };
    }

    private static void sendDescription(List<OutputColumn> columns, short[] formats, PgSink out) {
        out.send(
                columns.isEmpty()
                        ? new BackendMessage.NoData()
                        : new BackendMessage.RowDescription(RowEncoder.fields(columns, formats)));
    }

    @Override
    public void execute(String name, int rowsMax, PgSink out) {
        answering(() -> {
            Portal portal = portal(name);
            session.beginActivity(portal.planned().text());
            if (portal.planned().statement() instanceof Statement.Empty) {
                out.send(new BackendMessage.EmptyQueryResponse());
                return;
            }
            Result result = portal.result();
            if (result == null) {
                result =
                        statements.run(
                                portal.planned(),
                                plan ->
                                        ParameterValues.of(
                                                plan.parameterTypes(), portal, format()));
                portal.started(result);
            }
            if (result instanceof Result.Rows rows) {
                sendRows(portal, rows, rowsMax, out);
            } else {
                answer(result, false, out);
            }
            session.endActivity();
        });
    }

    private void sendRows(Portal portal, Result.Rows rows, int rowsMax, PgSink out) {
        RowEncoder encoder =
                portal.encoder() == null
                        ? portal.encodeWith(
                                new RowEncoder(
                                        rows.columns(),
                                        portal.resultFormats(),
                                        format(),
                                        session::nameOf))
                        : portal.encoder();
        for (int sent = 0; rowsMax == 0 || sent < rowsMax; sent++) {
            @Nullable Object[] row = portal.isDone() ? null : rows.source().next();
            if (row == null) {
                String tag = portal.isDone() ? "SELECT 0" : rows.source().tag();
                portal.close();
                out.send(new BackendMessage.CommandComplete(tag));
                return;
            }
            encoder.send(row, out);
        }
        out.send(new BackendMessage.PortalSuspended());
    }

    private Portal portal(String name) {
        Portal portal = portals.get(name);
        if (portal == null) {
            throw new SqlException(
                    SqlState.INVALID_CURSOR_NAME, "portal \"" + name + "\" does not exist");
        }
        return portal;
    }

    @Override
    public void closeStatement(String statement, PgSink out) {
        prepared.closeIfThere(statement);
        out.send(new BackendMessage.CloseComplete());
    }

    @Override
    public void closePortal(String portal, PgSink out) {
        closePortalIfThere(portal);
        out.send(new BackendMessage.CloseComplete());
    }

    private void closePortalIfThere(String name) {
        Portal portal = portals.remove(name);
        if (portal != null) {
            portal.close();
        }
    }

    private void closePortals() {
        portals.values().forEach(Portal::close);
        portals.clear();
    }

    @Override
    public void sync(PgSink out) {
        answering(() -> {
            if (!session.inExplicitTransaction()) {
                closePortals();
            }
            session.endImplicit();
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
        rest.clear();
        copyInSimpleQuery = false;
        if (copyIn != null) {
            copyIn.close();
            copyIn = null;
        }
        closePortals();
        session.failed();
        session.endActivity();
    }

    @Override
    public char transactionStatus() {
        return session.transactionStatus();
    }

    /**
     * A point read waits for nothing, nor do the messages around it: Bind, Describe, Execute of it,
     * and a Sync with nothing to commit.
     */
    @Override
    public boolean runsQuickly(FrontendMessage message) {
        if (copyIn != null || session.mayWaitToRead()) {
            return false;
        }
        return switch (message) {
            case FrontendMessage.Bind bind -> prepared.isPointRead(bind.statement());
            case FrontendMessage.Execute execute -> isPointRead(portals.get(execute.portal()));
            case FrontendMessage.Describe describe ->
                    describe.target() == FrontendMessage.Target.PORTAL
                            && isPointRead(portals.get(describe.name()));
            case FrontendMessage.Sync _ -> session.nothingToCommit();
            default -> false;
        };
    }

    private static boolean isPointRead(@Nullable Portal portal) {
        return portal != null && portal.planned().isPointRead();
    }

    @Override
    public void cancel() {
        session.cancel();
    }

    @Override
    public void close() {
        if (copyIn != null) {
            copyIn.close();
            copyIn = null;
        }
        closePortals();
        cursors.close(null);
        session.close();
    }
}
