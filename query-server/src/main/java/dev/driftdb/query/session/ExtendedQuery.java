package dev.driftdb.query.session;

import dev.driftdb.pgwire.message.BackendMessage;
import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.pgwire.server.PgSink;
import dev.driftdb.query.ast.CursorStatement;
import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The extended query protocol of a session: its prepared statements and portals. */
final class ExtendedQuery {
    private static final short[] ALL_TEXT = {};
    private static final int PORTALS_MAX = 10_000;

    private final Session session;
    private final PreparedStatements prepared;
    private final Cursors cursors;
    private final Statements statements;
    private final Answers answers;
    private final Map<String, Portal> portals = new HashMap<>();

    /** How many messages Execute came since the last Sync. */
    private int executions;

    /** The first of them. */
    private @Nullable Execution first;

    /** The only one, whose transaction lost a race and which is to be run again. */
    private @Nullable Execution again;

    /**
     * An Execute whose implicit transaction the next Sync commits.
     *
     * @param mark where its answer begins
     */
    private record Execution(Portal portal, int rowsMax, long mark) {}

    ExtendedQuery(
            Session session,
            PreparedStatements prepared,
            Cursors cursors,
            Statements statements,
            Answers answers) {
        this.session = session;
        this.prepared = prepared;
        this.cursors = cursors;
        this.statements = statements;
        this.answers = answers;
    }

    void parse(String statement, String sql, int[] parameterTypes, PgSink out) {
        session.beginActivity(sql);
        Map<Integer, SqlType> types = types(parameterTypes);
        PlannedStatement shared = findShared(sql, types);
        PlannedStatement planned = shared == null ? parse(sql, types) : shared;
        statements.checkNotFailed(planned.statement());
        PlannedStatement.Plan plan = planned.isQuery() ? plan(planned) : null;
        if (shared == null
                && sql.length() <= StatementCache.TEXT_LENGTH_MAX
                && (planned.isQuery() || SimpleQuery.isControl(planned.statement()))) {
            session.databaseOf().statements().put(key(sql, types), planned);
        }
        if (statement.isEmpty()) {
            prepared.closeIfThere(statement);
        }
        prepared.put(statement, new PreparedStatement(planned, plan));
        out.send(new BackendMessage.ParseComplete());
    }

    private @Nullable SqlType type(int oid) {
        SqlType type = Types.findByOid(oid);
        if (type != null || oid == 0) {
            return type;
        }
        try (StatementContext context = session.peek()) {
            SqlType found = context.catalog().findType(oid);
            return found == null ? null : found.base();
        }
    }

    private Map<Integer, SqlType> types(int[] oids) {
        Map<Integer, SqlType> types = new HashMap<>();
        for (int i = 0; i < oids.length; i++) {
            SqlType type = type(oids[i]);
            if (oids[i] != 0 && type == null) {
                throw new SqlException(
                        SqlState.UNDEFINED_OBJECT, "type with OID " + oids[i] + " does not exist");
            }
            if (type != null && !type.equals(Types.UNKNOWN)) {
                types.put(i + 1, type);
            }
        }
        return types;
    }

    private PlannedStatement parse(String sql, Map<Integer, SqlType> types) {
        List<ParsedStatement> parsed = session.databaseOf().parser().parse(sql);
        if (parsed.size() > 1) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "cannot insert multiple commands into a prepared statement");
        }
        ParsedStatement only =
                parsed.isEmpty()
                        ? new ParsedStatement(new Statement.Empty(), "", 0)
                        : parsed.getFirst();
        return new PlannedStatement(only, types);
    }

    private @Nullable PlannedStatement findShared(String sql, Map<Integer, SqlType> types) {
        return sql.length() > StatementCache.TEXT_LENGTH_MAX
                ? null
                : session.databaseOf().statements().find(key(sql, types));
    }

    private static StatementCache.Key key(String sql, Map<Integer, SqlType> types) {
        return new StatementCache.Text(sql, types);
    }

    /** Whether such a Parse finds its statement made. */
    boolean isKnown(String sql, int[] parameterTypes) {
        return parameterTypes.length == 0 && findShared(sql, Map.of()) != null;
    }

    private PlannedStatement.Plan plan(PlannedStatement planned) {
        PlannedStatement.Plan known = session.queries().knownPlan(planned);
        if (known != null) {
            return known;
        }
        try (StatementContext context = session.peek()) {
            return planned.plan(context);
        }
    }

    private PlannedStatement.Plan plan(PreparedStatement statement) {
        return statement.with(planned -> statement.same(plan(planned)));
    }

    void bind(
            String portal,
            String statement,
            short[] parameterFormats,
            List<byte @Nullable []> parameters,
            short[] resultFormats,
            PgSink out) {
        PreparedStatement bound = prepared.get(statement);
        if (portal.isEmpty()) {
            closeIfThere(portal);
        } else if (portals.containsKey(portal)) {
            throw new SqlException(
                    SqlState.DUPLICATE_CURSOR, "cursor \"" + portal + "\" already exists");
        }
        if (portals.size() >= PORTALS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a session may have at most " + PORTALS_MAX + " portals");
        }
        portals.put(portal, new Portal(bound, parameterFormats, parameters, resultFormats));
        out.send(new BackendMessage.BindComplete());
    }

    void describeStatement(String statement, PgSink out) {
        PreparedStatement described = prepared.get(statement);
        PlannedStatement planned = described.planned();
        List<Integer> oids = new ArrayList<>();
        @Nullable List<OutputColumn> columns;
        if (planned.isQuery()) {
            PlannedStatement.Plan plan = plan(described);
            plan.parameterTypes().forEach(type -> oids.add(type.oid()));
            columns = columnsOf(plan);
        } else {
            columns = columnsOf(described);
            PlannedStatement explained = Explanations.query(planned);
            if (explained != null) {
                plan(explained).parameterTypes().forEach(type -> oids.add(type.oid()));
            }
        }
        out.send(new BackendMessage.ParameterDescription(oids));
        sendDescription(columns, ALL_TEXT, out);
    }

    void describePortal(String name, PgSink out) {
        Portal portal = portal(name);
        sendDescription(columnsOf(portal.prepared()), portal.resultFormats(), out);
    }

    /** Null where no rows are answered; a row may be without columns. */
    private static @Nullable List<OutputColumn> columnsOf(PlannedStatement.Plan plan) {
        List<OutputColumn> columns = plan.executable().columns();
        return columns.isEmpty() && !plan.executable().readOnly() ? null : columns;
    }

    private @Nullable List<OutputColumn> columnsOf(PreparedStatement described) {
        if (described.planned().isQuery()) {
            return columnsOf(plan(described));
        }
        return switch (described.planned().statement()) {
            case SessionStatement.Show show when show.name().equals("all") ->
                    List.of(
                            OutputColumn.of("name", Types.TEXT),
                            OutputColumn.of("setting", Types.TEXT),
                            OutputColumn.of("description", Types.TEXT));
            case SessionStatement.Show show ->
                    List.of(OutputColumn.of(SettingDef.of(show.name()).name(), Types.TEXT));
            case Statement.Explain explain -> Explanations.columns(explain);
            case CursorStatement.Fetch fetch when !fetch.move() -> cursors.columns(fetch.cursor());
            case SessionStatement.Execute execute -> columnsOf(prepared.get(execute.name()));
            default -> null;
        };
    }

    private static void sendDescription(
            @Nullable List<OutputColumn> columns, short[] formats, PgSink out) {
        out.send(
                columns == null
                        ? new BackendMessage.NoData()
                        : new BackendMessage.RowDescription(RowEncoder.fields(columns, formats)));
    }

    void execute(String name, int rowsMax, PgSink out) {
        Portal portal = portal(name);
        if (executions == 0 && !session.block().isExplicit() && portal.result() == null) {
            first = new Execution(portal, rowsMax, out.mark());
        }
        session.beginActivity(portal.planned().text());
        if (portal.planned().statement() instanceof Statement.Empty) {
            out.send(new BackendMessage.EmptyQueryResponse());
            return;
        }
        Result result = portal.result();
        if (result == null) {
            result = run(portal);
            portal.started(result);
        }
        if (result instanceof Result.Rows rows) {
            sendRows(portal, rows, rowsMax, out);
        } else {
            answers.answer(result, false, out);
        }
        executions++;
        session.endActivity();
    }

    /**
     * Commits what has no COMMIT of its own. If that was one statement, which lost a race against
     * another server and whose answer was not sent yet, it is run again.
     */
    void sync(PgSink out) {
        if (!session.block().isExplicit()) {
            closePortals();
        }
        Execution rerun = again;
        if (rerun == null) {
            try {
                session.block().endImplicit();
            } catch (SqlException e) {
                rerun = executions == 1 && session.block().hasLostRace() ? first : null;
                if (rerun == null
                        || !rerun.portal().planned().isQuery()
                        || !out.rewind(rerun.mark())) {
                    throw e;
                }
                again = rerun;
            }
        }
        if (rerun != null) {
            runAgain(rerun, out);
        }
        forgetExecutions();
    }

    private void runAgain(Execution execution, PgSink out) {
        if (!session.mayWait()) {
            throw MustWait.onThread();
        }
        Portal portal = execution.portal().anew();
        Result result = session.queries().autocommit(() -> run(portal));
        portal.started(result);
        if (result instanceof Result.Rows rows) {
            sendRows(portal, rows, execution.rowsMax(), out);
        } else {
            answers.answer(result, false, out);
        }
        session.block().endImplicit();
    }

    /** The next Execute is the first of its Sync. */
    void forgetExecutions() {
        executions = 0;
        first = null;
        again = null;
    }

    private Result run(Portal portal) {
        PreparedStatement executed = portal.prepared();
        return executed.with(planned ->
                statements.run(
                        planned,
                        plan ->
                                ParameterValues.of(
                                        executed.same(plan).parameterTypes(),
                                        portal,
                                        answers.format())));
    }

    private void sendRows(Portal portal, Result.Rows rows, int rowsMax, PgSink out) {
        RowEncoder encoder =
                portal.encoder() == null
                        ? portal.encodeWith(
                                new RowEncoder(
                                        rows.columns(),
                                        portal.resultFormats(),
                                        answers.format(),
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

    void closeStatement(String statement, PgSink out) {
        prepared.closeIfThere(statement);
        out.send(new BackendMessage.CloseComplete());
    }

    void closePortal(String portal, PgSink out) {
        closeIfThere(portal);
        out.send(new BackendMessage.CloseComplete());
    }

    private void closeIfThere(String name) {
        Portal portal = portals.remove(name);
        if (portal != null) {
            portal.close();
        }
    }

    void closePortals() {
        portals.values().forEach(Portal::close);
        portals.clear();
    }

    // What may be done where nothing may wait.

    /** Whether its description needs no planning. */
    boolean isPlannedStatement(String name) {
        PreparedStatement found = prepared.find(name);
        return found != null && found.planned().isPlanned();
    }

    boolean isPlannedPortal(String name) {
        Portal portal = portals.get(name);
        return portal != null && portal.planned().isPlanned();
    }

    /** Whether nothing in it takes long. */
    boolean isBriefPortal(String name) {
        Portal portal = portals.get(name);
        if (portal == null) {
            return false;
        }
        PlannedStatement.Plan plan = session.queries().knownPlan(portal.planned());
        return plan != null
                ? portal.planned().isBrief(plan)
                : SimpleQuery.isControl(portal.planned().statement());
    }
}
