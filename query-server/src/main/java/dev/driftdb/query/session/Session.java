package dev.driftdb.query.session;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.expr.EvalContext.SessionInfo;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.LockParty;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's session: its settings, its transaction, its sequences' last values. Opens what
 * statements run in; what they do is in {@link Queries} and {@link Statements}. One thread at a
 * time, but {@link #cancel} and {@link #info} may come from any.
 */
public final class Session implements AutoCloseable {
    /** The process id of a session that no connection has. */
    static final int INTERNAL = 0;

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
    private final SequenceValues sequenceValues = new SequenceValues();
    private final Activity activity = new Activity();
    private final Random random = new Random();
    private final LockWait lockWait;
    private final LockParty lockParty;
    private final AdvisoryLocks advisory;
    private final TemporaryObjects temporary = new TemporaryObjects(this);
    private final TransactionBlock block;
    private final DueChecks dueChecks;
    private final Queries queries = new Queries(this);
    private final Cursors cursors = new Cursors();

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
        this.lockParty = database.locks().join(processId);
        this.advisory = new AdvisoryLocks(this, lockWait);
        this.block = new TransactionBlock(this, lockWait);
        this.dueChecks = new DueChecks(this, lockWait);
        settings.publish("session_authorization", user);
        database.enter(this);
    }

    /** A session of the server itself. */
    static Session internal(Database database) {
        return new Session(
                database, "driftdb", INTERNAL, "", -1, null, (name, value) -> {}, notice -> {});
    }

    Cursors cursors() {
        return cursors;
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

    int processId() {
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

    boolean mayWait() {
        return lockWait.isAllowed();
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

    TransactionBlock block() {
        return block;
    }

    DueChecks dueChecks() {
        return dueChecks;
    }

    Queries queries() {
        return queries;
    }

    /** The point that the connection's database name gave, null for now. */
    @Nullable Long connectionAsOf() {
        return connectionAsOf;
    }

    /** Whether a read may have to wait for the log. */
    boolean mayWaitToRead() {
        return settings.linearizable();
    }

    void searchPathChanged() {
        searchPath = null;
    }

    /** The session among those who hold locks. */
    LockParty lockParty() {
        return lockParty;
    }

    AdvisoryLocks advisory() {
        return advisory;
    }

    /**
     * Takes the locks of a statement on its tables.
     *
     * @return whether it has waited for one: then a view from before is too old
     */
    boolean lockTables(Transaction now, TableLocks wanted) {
        return lockWait.acquire(database.locks(), now.lockOwner, wanted);
    }

    /**
     * Waits until all that a transaction follows is visible.
     *
     * @return whether there was any: then a view from before is too old
     * @throws SqlException 40001 if one of them has come to nothing
     */
    boolean awaitPredecessors(Transaction now) {
        List<InFlight> unseen = now.unseen();
        for (InFlight predecessor : unseen) {
            lockWait.await(predecessor.outcome());
            if (!predecessor.hasCommitted()) {
                throw LostRace.predecessorFailed();
            }
        }
        return !unseen.isEmpty();
    }

    /** LOCK TABLE in a mode that statements do not take. */
    void lockTable(Transaction now, LockTarget.Table table, LockMode mode) {
        lockWait.acquire(database.locks(), now.lockOwner, table, mode);
    }

    /** One statement at a time defines on a server. */
    void lockDefinitions(Transaction now) {
        lockWait.acquire(database.locks(), now.lockOwner, Definitions.LOCK, LockMode.EXCLUSIVE);
    }

    /** SET: returns the canonical value. Going back to a savepoint takes it back. */
    String set(String name, @Nullable String value, boolean local) {
        Transaction now = block.running();
        if (now != null) {
            now.onUndo(settings.undoOf(name));
        }
        return settings.set(name, value, local);
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
        String lower = name.toLowerCase(Locale.ROOT);
        Transaction now = block.running();
        if (!lower.startsWith("transaction_")) {
            return settings.find(name);
        }
        if (now == null) {
            return settings.find("default_" + lower);
        }
        return switch (lower) {
            case "transaction_isolation" -> now.isolationName();
            case "transaction_read_only" -> now.readOnly() ? "on" : "off";
            case "transaction_deferrable" -> now.deferrable() ? "on" : "off";
            default -> settings.find(name);
        };
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

    // ---- statements ----

    /** Opens a statement of the current transaction. */
    StatementContext open() {
        awaitPredecessors(block.transaction());
        return openAtOnce();
    }

    /** As {@link #open}, but what the transaction follows may be missing in the view. */
    StatementContext openAtOnce() {
        return open(block.transaction());
    }

    /** Opens a step of a transaction, which need not be the session's own. */
    StatementContext open(Transaction now) {
        return open(now, now.nextCommand());
    }

    /** A look at what the next statement would see, which does not count as one. */
    StatementContext peek() {
        Transaction now = block.running();
        return look(now != null ? now : block.look());
    }

    /** The same of a transaction that need not be the session's own. */
    StatementContext look(Transaction now) {
        return open(now, now.command());
    }

    private StatementContext open(Transaction now, int command) {
        awaitConsistency();
        List<InFlight> unseen = now.unseen();
        ReadView view = now.openView(this::checkWaiting);
        Catalog catalog = now.catalogOver(view.catalog());
        TransactionTables tables =
                new TransactionTables(now, unseen, view, catalog, command, lockWait);
        return new StatementContext(
                this, now, tables, catalog, database.nowMicros(), new HashMap<>(), null);
    }

    private void awaitConsistency() {
        if (settings.linearizable()) {
            database.replica().awaitOffset(database.log().endOffset() - 1).join();
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
    void beginActivity(String sql) {
        activity.begin(sql, database.nowMicros(), settings.statementTimeoutMs());
    }

    void endActivity() {
        activity.end();
    }

    void cancel() {
        activity.cancel();
    }

    /** Called while a read waits for a state of the past to be made. */
    void checkWaiting() {
        checkCanceled();
        if (!mayWait()) {
            throw MustWait.onThread();
        }
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
                block.startMicros(),
                activity.startMicros(),
                activity.isRunning() ? "active" : block.activity(),
                activity.sql(),
                activity.isRunning() ? database.locks().waitEvent(lockParty) : null,
                lockParty.transactionId());
    }

    @Override
    public void close() {
        block.rollback();
        temporary.end();
        advisory.releaseAll();
        database.locks().leave(lockParty);
        database.leave(this);
    }
}
