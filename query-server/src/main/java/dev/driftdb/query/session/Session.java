package dev.driftdb.query.session;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.execute.ExecutablePlan;
import dev.driftdb.query.expr.EvalContext.SessionInfo;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client's session: its settings, its transaction, its sequences' last values. Runs statements;
 * what they mean beyond queries is in {@link Statements}. One thread at a time, but {@link #cancel}
 * and {@link #info} may come from any.
 */
public final class Session implements AutoCloseable {
    /** The process id of a session that no connection has. */
    static final int INTERNAL = 0;

    /** How often an autocommitted statement is run again after a lost race. */
    private static final int RERUNS_MAX = 10;

    /** A larger transaction is not made an entry where nothing may wait. */
    private static final int BRIEF_COMMIT_BYTES_MAX = 64 << 10;

    private enum State {
        IDLE,
        /** A transaction that ends with the statement (or the Sync). */
        IMPLICIT,
        /** Between BEGIN and COMMIT. */
        EXPLICIT,
        /** Between BEGIN and ROLLBACK, after an error. */
        FAILED
    }

    private final Database database;
    private final String user;
    private final int processId;
    private final String clientAddress;
    private final int clientPort;
    private final long startMicros;
    private final SessionSettings settings;
    private final @Nullable Long connectionAsOf;
    private final Consumer<Notice> notices;

    /** What search_path names, as long as neither it nor the catalog changes. */
    private record SearchPath(List<String> setting, Catalog catalog, List<String> resolved) {}

    private @Nullable SearchPath searchPath;
    private State state = State.IDLE;
    private @Nullable Transaction transaction;
    private final SequenceValues sequenceValues = new SequenceValues();
    private final Activity activity = new Activity();
    private final Random random = new Random();
    private final LockWait lockWait;
    private final TemporaryObjects temporary = new TemporaryObjects(this);

    /** The entry of the transaction, once it is on its way into the log. */
    private @Nullable PendingCommit pendingCommit;

    private volatile @Nullable Long transactionStart;

    /**
     * @param processId {@link #INTERNAL} for a session of the server itself, which no client sees
     * @param connectionAsOf the point that the connection's database name gave, null for now
     * @param report told of parameters that the client wants to know
     * @param notices told of notices for the client
     */
    public Session(
            Database database,
            String user,
            int processId,
            String clientAddress,
            int clientPort,
            @Nullable Long connectionAsOf,
            BiConsumer<String, String> report,
            Consumer<Notice> notices) {
        this.database = database;
        this.user = user;
        this.processId = processId;
        this.clientAddress = clientAddress;
        this.clientPort = clientPort;
        this.connectionAsOf = connectionAsOf;
        this.notices = notices;
        this.startMicros = database.nowMicros();
        this.settings = new SessionSettings(report);
        this.lockWait = new LockWait(activity, settings);
        settings.publish("session_authorization", user);
        database.enter(this);
    }

    Database databaseOf() {
        return database;
    }

    /** Behind random() and setseed(). */
    Random random() {
        return random;
    }

    String user() {
        return user;
    }

    public int processId() {
        return processId;
    }

    void notice(String message) {
        notices.accept(new Notice("NOTICE", SqlState.SUCCESSFUL_COMPLETION, message));
    }

    void info(String message) {
        notices.accept(new Notice("INFO", SqlState.SUCCESSFUL_COMPLETION, message));
    }

    /** False: where a statement or a commit would wait, it throws {@link MustWait} instead. */
    void mayWait(boolean allowed) {
        lockWait.allow(allowed);
    }

    void warn(SqlState warning, String message) {
        notices.accept(new Notice("WARNING", warning, message));
    }

    /** What a client is told besides its answers. */
    public record Notice(String severity, SqlState state, String message) {}

    SessionSettings settings() {
        return settings;
    }

    TemporaryObjects temporary() {
        return temporary;
    }

    void searchPathChanged() {
        searchPath = null;
    }

    /** One statement at a time defines on a server. */
    void lockDefinitions(Transaction now) {
        database.locks()
                .lock(
                        now.lockOwner,
                        Definitions.LOCK,
                        settings.lockTimeoutMs(),
                        this::checkCanceled);
    }

    /** What currval() and lastval() answer. */
    SequenceValues sequenceValues() {
        return sequenceValues;
    }

    /** A value of the startup message. */
    public void startWith(String name, String value) {
        settings.startWith(name, value);
    }

    /** All reported parameters with their values, for the start of the connection. */
    public Map<String, String> reportedSettings() {
        Map<String, String> reported = new HashMap<>();
        for (SettingDef def : SettingDef.all().values()) {
            if (def.reported()) {
                reported.put(def.name(), settings.get(def.name()));
            }
        }
        return reported;
    }

    @Nullable String settingValue(String name) {
        Transaction now = transaction;
        if (now != null && name.equalsIgnoreCase("transaction_isolation")) {
            return now.isolation().sqlName();
        }
        if (now != null && name.equalsIgnoreCase("transaction_read_only")) {
            return now.readOnly() ? "on" : "off";
        }
        return settings.find(name);
    }

    /** The schemas that names are looked up in, "$user" resolved. */
    @SuppressWarnings("ReferenceEquality") // both are replaced as a whole when they change
    List<String> searchPath() {
        List<String> path = settings.searchPath();
        Catalog catalog = database.replica().catalog();
        SearchPath known = searchPath;
        if (known == null || known.setting != path || known.catalog != catalog) {
            known = new SearchPath(path, catalog, resolve(path, catalog));
            searchPath = known;
        }
        return known.resolved;
    }

    private List<String> resolve(List<String> path, Catalog catalog) {
        List<String> resolved = new ArrayList<>();
        String own = temporary.schemaName();
        if (own != null && !path.contains(TemporarySchemas.ALIAS)) {
            resolved.add(own);
        }
        for (String name : path) {
            if (name.equals(TemporarySchemas.ALIAS)) {
                if (own != null) {
                    resolved.add(own);
                }
            } else if (!name.equals("$user")) {
                resolved.add(name);
            } else if (catalog.findSchema(user) != null) {
                resolved.add(user);
            }
        }
        return resolved;
    }

    // ---- transactions ----

    boolean inExplicitTransaction() {
        return state == State.EXPLICIT || state == State.FAILED;
    }

    public char transactionStatus() {
        return switch (state) {
            case IDLE, IMPLICIT -> 'I';
            case EXPLICIT -> 'T';
            case FAILED -> 'E';
        };
    }

    /** The transaction of the next statement; an implicit one begins if there is none. */
    Transaction transaction() {
        Transaction now = transaction;
        if (now == null) {
            now = begin(State.IMPLICIT);
        }
        return now;
    }

    private Transaction begin(State next) {
        long micros = database.nowMicros();
        Transaction started =
                new Transaction(
                        database.replica(),
                        database.locks(),
                        processId,
                        settings.defaultIsolation(),
                        settings.defaultReadOnly(),
                        connectionAsOf,
                        micros);
        transaction = started;
        transactionStart = micros;
        state = next;
        settings.begin();
        applyAsOfSetting(started);
        return started;
    }

    /** SET driftdb.as_of: every transaction from then on reads the past. */
    private void applyAsOfSetting(Transaction started) {
        String point = settings.asOf();
        if (!point.isBlank() && connectionAsOf == null) {
            try (StatementContext context = peek()) {
                started.configure(null, null, new TimePoints(context).offsetOf(point));
            }
        }
    }

    /** BEGIN: an implicit transaction that is already running becomes an explicit one. */
    Transaction beginExplicit() {
        Transaction now = transaction == null ? begin(State.EXPLICIT) : transaction;
        state = State.EXPLICIT;
        return now;
    }

    /**
     * Ends the transaction by committing; a failed one is rolled back.
     *
     * @return false if it was rolled back
     */
    boolean commit() {
        Transaction ending = transaction;
        if (ending == null) {
            return true;
        }
        if (state == State.FAILED) {
            rollback();
            return false;
        }
        boolean committed = false;
        boolean over = true;
        try {
            if (pendingCommit == null) {
                checkAtCommit(ending);
            }
            write(ending);
            committed = true;
        } catch (MustWait e) {
            over = false;
            throw e;
        } finally {
            if (over) {
                finish(ending, committed);
            }
        }
        return true;
    }

    // ---- constraints that are not checked row by row ----

    /** Checks and actions that a statement has left, until nothing is left. */
    void checkAfterStatement(Transaction now, Catalog catalog) {
        if (!now.checks.hasAfterStatement()) {
            return;
        }
        if (!lockWait.isAllowed() && now.checks.hasActions()) {
            throw MustWait.onThread();
        }
        while (now.checks.hasAfterStatement()) {
            check(now, catalog, now.checks.takeAfterStatement());
        }
    }

    private void check(Transaction now, Catalog catalog, List<ConstraintChecks.Check> checks) {
        if (checks.isEmpty()) {
            return;
        }
        // What others have committed counts at every isolation level.
        TransactionTables tables =
                new TransactionTables(
                        now, database.replica().latest(), catalog, now.nextCommand(), lockWait);
        try (StatementContext context =
                new StatementContext(
                        this,
                        now,
                        tables,
                        catalog,
                        database.nowMicros(),
                        new HashMap<>(),
                        new Object[0])) {
            new ReferentialIntegrity(context).check(checks);
        }
    }

    /** All checks of a transaction of one step. */
    void checkAll(Transaction now, Catalog catalog) {
        checkAfterStatement(now, catalog);
        check(now, catalog, now.checks.takeAtCommit(constraint -> true));
    }

    private void checkAtCommit(Transaction ending) {
        boolean onCommit = temporary.actsAtCommit() && ending.hasChanges();
        if (!ending.checks.hasAtCommit() && !onCommit) {
            return;
        }
        if (!lockWait.isAllowed()) {
            throw MustWait.onThread();
        }
        Catalog catalog = ending.catalogOver(database.replica().catalog());
        check(ending, catalog, ending.checks.takeAtCommit(constraint -> true));
        if (onCommit) {
            temporary.atCommit(ending, catalog);
        }
    }

    /** SET CONSTRAINTS … IMMEDIATE: what was deferred until now is checked. */
    void checkImmediate(Transaction now) {
        Catalog catalog = now.catalogOver(database.replica().catalog());
        check(now, catalog, now.checks.takeAtCommit(now.checks::isImmediate));
    }

    private void write(Transaction ending) {
        if (pendingCommit == null) {
            pendingCommit = append(ending);
        }
        if (pendingCommit == null) {
            return;
        }
        switch (database.commits().await(pendingCommit, lockWait.isAllowed())) {
            case Outcome.Committed done -> {
                ending.sequences().keySet().forEach(database.sequences()::forget);
                settings.publish("driftdb.offset", Long.toString(done.offset()));
            }
            case Outcome.Rejected rejected ->
                    throw ConstraintErrors.lostRace(
                            ending.catalogOver(database.replica().catalog()), rejected.failed());
        }
    }

    /** Null if the transaction changed nothing. */
    private @Nullable PendingCommit append(Transaction ending) {
        if (!ending.hasChanges()) {
            return null;
        }
        if (!lockWait.isAllowed()
                && (ending.bytes() > BRIEF_COMMIT_BYTES_MAX || ending.defines())) {
            throw MustWait.onThread();
        }
        Catalog base = database.replica().catalog();
        LogRecord.Metadata metadata =
                new LogRecord.Metadata(
                        "sql", user, settings.applicationName(), ending.tags(), null);
        LogRecord.TransactionEntry entry;
        try (LazyContext evaluation = new LazyContext(this)) {
            entry =
                    new EntryBuilder(ending, ending.catalogOver(base), evaluation)
                            .build(UUID.randomUUID(), metadata);
        }
        return entry == null ? null : database.commits().begin(entry);
    }

    void rollback() {
        Transaction ending = transaction;
        if (ending != null) {
            finish(ending, false);
        }
    }

    private void finish(Transaction ending, boolean committed) {
        if (pendingCommit != null) {
            database.commits().forget(pendingCommit);
            pendingCommit = null;
        }
        ending.end();
        transaction = null;
        transactionStart = null;
        state = State.IDLE;
        settings.end(committed);
    }

    /** The end of a simple query string or a Sync: commits what has no COMMIT of its own. */
    public void endImplicit() {
        if (state == State.IMPLICIT) {
            commit();
        }
    }

    /** An error was reported: an explicit transaction is failed, an implicit one rolled back. */
    public void failed() {
        if (state == State.IMPLICIT) {
            rollback();
        } else if (state == State.EXPLICIT) {
            state = State.FAILED;
            transaction().failed();
        }
    }

    /** Whether a read may have to wait for the log. */
    boolean mayWaitToRead() {
        return settings.linearizable();
    }

    void recovered() {
        state = State.EXPLICIT;
    }

    /** 25P02 for everything but the ways out of a failed transaction. */
    void checkNotFailed() {
        if (state == State.FAILED) {
            throw new SqlException(
                    SqlState.IN_FAILED_SQL_TRANSACTION,
                    "current transaction is aborted, commands ignored until end of transaction block");
        }
    }

    // ---- statements ----

    /** Opens a statement of the current transaction. */
    StatementContext open(Map<Integer, SqlType> parameterTypes, @Nullable Object[] parameters) {
        return open(transaction(), parameterTypes, parameters);
    }

    /** A look at the newest state (or the transaction's) that does not count as a statement. */
    StatementContext peek() {
        Transaction now = transaction;
        Transaction reader =
                now != null
                        ? now
                        : new Transaction(
                                database.replica(),
                                database.locks(),
                                processId,
                                Isolation.READ_COMMITTED,
                                true,
                                null,
                                database.nowMicros());
        return open(reader, reader.command(), new HashMap<>(), new Object[0]);
    }

    /** A statement's plan if it stands for the newest state, found without opening that. */
    PlannedStatement.@Nullable Plan knownPlan(PlannedStatement planned) {
        Transaction now = transaction;
        boolean newest =
                now == null
                        ? connectionAsOf == null && settings.asOf().isBlank()
                        : now.readsNewest() && !now.defines();
        return newest && !settings.linearizable()
                ? planned.planFor(
                        database.replica().catalog(), searchPath(), database.statistics().version())
                : null;
    }

    /** Opens a step of a transaction that is not the session's own. */
    StatementContext open(Transaction other) {
        return open(other, other.nextCommand(), new HashMap<>(), new Object[0]);
    }

    private StatementContext open(
            Transaction now, Map<Integer, SqlType> parameterTypes, @Nullable Object[] parameters) {
        return open(now, now.nextCommand(), parameterTypes, parameters);
    }

    private StatementContext open(
            Transaction now,
            int command,
            Map<Integer, SqlType> parameterTypes,
            @Nullable Object[] parameters) {
        awaitConsistency();
        ReadView view = now.openView();
        Catalog catalog = now.catalogOver(view.catalog());
        TransactionTables tables = new TransactionTables(now, view, catalog, command, lockWait);
        return new StatementContext(
                this, now, tables, catalog, database.nowMicros(), parameterTypes, parameters);
    }

    private void awaitConsistency() {
        if (settings.linearizable()) {
            database.replica().awaitOffset(database.log().endOffset() - 1).join();
        }
    }

    /**
     * Runs a query or a data-modifying statement. A SELECT's rows are computed as they are pulled;
     * any other statement has run when this returns.
     *
     * @param values the parameters by position, in the classes of the plan's parameter types
     */
    Result run(
            PlannedStatement planned, Function<PlannedStatement.Plan, @Nullable Object[]> values) {
        checkNotFailed();
        StatementContext context = open(new HashMap<>(), new Object[0]);
        int before = context.transaction().undoSize();
        boolean opened = false;
        try {
            PlannedStatement.Plan plan = planned.plan(context);
            context.setParameters(values.apply(plan));
            ExecutablePlan executable = plan.executable();
            if (!executable.readOnly()) {
                context.transaction().checkWritable(Tags.of(planned.statement()));
                context.transaction().tag(Tags.of(planned.statement()));
            }
            QueryRows rows =
                    new QueryRows(executable.open(context), context, Tags.of(planned.statement()));
            if (executable.readOnly()) {
                opened = true;
                return new Result.Rows(executable.columns(), rows);
            }
            Result result = finished(executable, rows);
            checkAfterStatement(context.transaction(), context.catalog());
            return result;
        } catch (MustWait e) {
            // It runs once more from its beginning; the locks that it has taken it keeps.
            context.transaction().rollbackTo(before);
            context.transaction().checks.forgetStatement();
            throw e;
        } finally {
            if (!opened) {
                context.close();
            }
        }
    }

    private static Result finished(ExecutablePlan executable, QueryRows rows) {
        List<@Nullable Object[]> returned = new ArrayList<>();
        for (Object[] row = rows.next(); row != null; row = rows.next()) {
            returned.add(row.clone());
        }
        String tag = rows.tag();
        rows.closeExecution();
        return executable.columns().isEmpty()
                ? new Result.Command(tag)
                : new Result.Rows(executable.columns(), new ListRows(returned, tag));
    }

    /**
     * Runs a statement in a transaction of its own, again if it lost a race against another server.
     * Only outside of a transaction, and only what answers nothing before it has committed.
     */
    Result autocommit(java.util.function.Supplier<Result> statement) {
        for (int run = 1; ; run++) {
            Result result = statement.get();
            boolean pending =
                    result instanceof Result.Rows rows && rows.source() instanceof QueryRows;
            if (pending || !(result instanceof Result.Rows || result instanceof Result.Command)) {
                return result;
            }
            try {
                endImplicit();
                return result;
            } catch (SqlException e) {
                if (e.state() != SqlState.SERIALIZATION_FAILURE || run == RERUNS_MAX) {
                    throw e;
                }
            }
        }
    }

    /** The text of a regclass, regtype… value: the name of what it refers to. */
    String nameOf(SqlType type, Object value) {
        try (StatementContext context = peek()) {
            CastDef toText = database.functions().cast(type, Types.TEXT);
            return toText == null
                    ? String.valueOf(value)
                    : (String) toText.body().apply(value, -1, true, context);
        }
    }

    // ---- activity ----

    /** A message with SQL begins. */
    public void beginActivity(String sql) {
        activity.begin(sql, database.nowMicros(), settings.statementTimeoutMs());
    }

    public void endActivity() {
        activity.end();
    }

    public void cancel() {
        activity.cancel();
    }

    void checkCanceled() {
        activity.checkCanceled();
    }

    SessionInfo info() {
        return new SessionInfo(
                processId,
                user,
                database.name(),
                settings.applicationName(),
                clientAddress,
                clientPort,
                startMicros,
                transactionStart,
                activity.startMicros(),
                activity.isRunning() ? "active" : idleState(),
                activity.sql());
    }

    private String idleState() {
        return switch (state) {
            case IDLE, IMPLICIT -> "idle";
            case EXPLICIT -> "idle in transaction";
            case FAILED -> "idle in transaction (aborted)";
        };
    }

    @Override
    public void close() {
        rollback();
        temporary.end();
        database.leave(this);
    }
}
