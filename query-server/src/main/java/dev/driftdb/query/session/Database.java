package dev.driftdb.query.session;

import dev.driftdb.ingest.CommitLog;
import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.query.catalog.SystemRelations;
import dev.driftdb.query.define.IndexKeys;
import dev.driftdb.query.execute.spill.TemporaryFiles;
import dev.driftdb.query.expr.EvalContext.SessionInfo;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.lock.Locks;
import dev.driftdb.query.optimize.Planner;
import dev.driftdb.query.parse.SqlParser;
import dev.driftdb.query.retention.AutomaticVacuum;
import dev.driftdb.query.retention.HistoryRetention;
import dev.driftdb.query.statistics.AutomaticAnalysis;
import dev.driftdb.query.statistics.StatisticsStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One database as one server has it: its log, its replica, and what the server's sessions share.
 * Safe for any thread.
 */
public final class Database implements AutoCloseable {
    /** Microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL's timestamps begin. */
    public static final long EPOCH_2000_MICROS = 946_684_800_000_000L;

    private final String name;
    private final CommitLog log;
    private final Replica replica;
    private final FunctionCatalog functions;
    private final SystemRelations systemRelations;
    private final Clock clock;
    private final Limits limits;
    private final String nodeTag;

    private final SqlParser parser = new SqlParser();
    private final Planner planner = new Planner();
    private final Locks locks = new Locks(this::nowMicros);
    private final IndexKeys indexKeys = new IndexKeys();
    private final StatementCache statements = new StatementCache();
    private final TransactionMemory transactionMemory = TransactionMemory.ofHeap();
    private final Commits commits;
    private final Sequences sequences;
    private final StatisticsStore statistics;
    private final AutomaticAnalysis analysis;
    private final AutomaticVacuum vacuum;
    private final @Nullable TemporaryFiles temporaryFiles;
    private final Map<Integer, Session> sessions = new ConcurrentHashMap<>();

    /**
     * Bounds of one server.
     *
     * @param commitTimeout how long a commit waits for its outcome
     * @param queryBytesMax memory of all operators of one running statement
     * @param historyRetention of tables that say nothing else
     */
    public record Limits(
            Duration commitTimeout, long queryBytesMax, HistoryRetention historyRetention) {
        public static final Limits DEFAULT =
                new Limits(Duration.ofSeconds(60), 512L << 20, HistoryRetention.FOREVER);
    }

    public Database(
            String name,
            CommitLog log,
            Replica replica,
            FunctionCatalog functions,
            SystemRelations systemRelations,
            Clock clock,
            Limits limits) {
        this(name, log, replica, functions, systemRelations, clock, limits, "", null, null);
    }

    /**
     * @param statisticsFile where statistics are kept; null for nowhere
     * @param temporaryFiles null where nothing can be spilled
     * @param nodeId the same after every start of a node; tells whose temporary objects are whose
     */
    public Database(
            String name,
            CommitLog log,
            Replica replica,
            FunctionCatalog functions,
            SystemRelations systemRelations,
            Clock clock,
            Limits limits,
            String nodeId,
            @Nullable Path statisticsFile,
            @Nullable TemporaryFiles temporaryFiles) {
        this.nodeTag = "%08x".formatted(nodeId.hashCode());
        this.name = name;
        this.log = log;
        this.replica = replica;
        this.functions = functions;
        this.systemRelations = systemRelations;
        this.clock = clock;
        this.limits = limits;
        this.commits = new Commits(log, replica, limits.commitTimeout());
        this.sequences = new Sequences(replica, commits);
        this.temporaryFiles = temporaryFiles;
        this.statistics = new StatisticsStore(replica, statisticsFile);
        this.analysis = new AutomaticAnalysis(replica, statistics, this::isBusy, this::nowMicros);
        this.vacuum = new AutomaticVacuum(replica, limits.historyRetention(), clock);
        analysis.start();
        vacuum.start();
    }

    public String name() {
        return name;
    }

    public CommitLog log() {
        return log;
    }

    public Replica replica() {
        return replica;
    }

    public FunctionCatalog functions() {
        return functions;
    }

    public SystemRelations systemRelations() {
        return systemRelations;
    }

    public SqlParser parser() {
        return parser;
    }

    Planner planner() {
        return planner;
    }

    IndexKeys indexKeys() {
        return indexKeys;
    }

    Locks locks() {
        return locks;
    }

    StatementCache statements() {
        return statements;
    }

    Commits commits() {
        return commits;
    }

    TransactionMemory transactionMemory() {
        return transactionMemory;
    }

    Sequences sequences() {
        return sequences;
    }

    @Nullable TemporaryFiles temporaryFiles() {
        return temporaryFiles;
    }

    StatisticsStore statistics() {
        return statistics;
    }

    /** Whether sessions run statements now. */
    private boolean isBusy() {
        return sessions.values().stream().anyMatch(s -> s.info().state().equals("active"));
    }

    Limits limits() {
        return limits;
    }

    /** Names the node in the names of its sessions' temporary schemas. */
    String nodeTag() {
        return nodeTag;
    }

    /** Drops the temporary objects of sessions that ended with an earlier process of this node. */
    public void dropLeftTemporaryObjects() {
        TemporaryObjects.dropLeft(this);
    }

    Clock clock() {
        return clock;
    }

    /** Microseconds since 2000-01-01 UTC. */
    long nowMicros() {
        java.time.Instant now = clock.instant();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000 - EPOCH_2000_MICROS;
    }

    void enter(Session session) {
        if (session.processId() == Session.INTERNAL) {
            return;
        }
        sessions.put(session.processId(), session);
    }

    void leave(Session session) {
        sessions.remove(session.processId(), session);
    }

    List<SessionInfo> sessionInfos() {
        return sessions.values().stream().map(Session::info).toList();
    }

    boolean cancel(int processId) {
        Session session = sessions.get(processId);
        if (session != null) {
            session.cancel();
        }
        return session != null;
    }

    public int sessionCount() {
        return sessions.size();
    }

    @Override
    public void close() {
        vacuum.close();
        analysis.close();
        statistics.close();
        sequences.close();
        commits.close();
    }
}
