package dev.driftdb.query.server;

import dev.driftdb.ingest.KafkaCommitLog;
import dev.driftdb.ingest.LogTopic;
import dev.driftdb.ingest.UnsafeLogTopicException;
import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.materializer.progress.ProgressWatch;
import dev.driftdb.materializer.replica.KafkaReplica;
import dev.driftdb.materializer.replica.LogFeed;
import dev.driftdb.materializer.replica.LogSync;
import dev.driftdb.materializer.replica.ReplicaFailedException;
import dev.driftdb.materializer.replica.StateAheadOfLogException;
import dev.driftdb.materializer.snapshot.Snapshots;
import dev.driftdb.materializer.snapshot.store.SnapshotStore;
import dev.driftdb.materializer.snapshot.store.SnapshotStores;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.UnusableStateException;
import dev.driftdb.pgwire.server.PgServer;
import dev.driftdb.pgwire.server.PgServerSettings;
import dev.driftdb.query.catalog.BuiltinSystemRelations;
import dev.driftdb.query.execute.spill.TemporaryFiles;
import dev.driftdb.query.parse.SqlParser;
import dev.driftdb.query.session.Database;
import dev.driftdb.schemas.log.TopicNames;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running DriftDB: HTTP, broker (unless there is a cluster), log, replica, sessions, topics,
 * SQL. Parts start in this order and stop in the reverse. Used by the thread that started it.
 */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final Deque<AutoCloseable> parts;
    private final CompletableFuture<String> fatal;
    private final String bootstrapServers;
    private final String durability;
    private final Database database;
    private final PgServer sql;
    private final HttpAdmin http;

    /** The parts are stopped by {@link #start} if one of them does not start. */
    private Node(ServerConfig config, Deque<AutoCloseable> parts) throws IOException {
        this.parts = parts;
        this.fatal = new CompletableFuture<>();
        // The first parse in a process is slow: no client waits for it.
        Thread.ofVirtual().start(() -> new SqlParser().warmUp());
        DataDirectory data = keep(DataDirectory.open(config.dataDirectory()));
        ProgressWatch progress = new ProgressWatch();
        http =
                keep(
                        HttpAdmin.start(
                                new InetSocketAddress(config.listenAddress(), config.httpPort()),
                                progress));
        String cluster = config.bootstrapServers();
        EmbeddedKafka broker = null;
        if (cluster == null) {
            broker = startBroker(config, data);
            cluster = broker.bootstrapServers();
        }
        bootstrapServers = cluster;
        TopicNames topics = new TopicNames(config.database());
        LogTopic.Settings logSettings = logSettings(config, broker != null);
        durability = ensureLog(config, topics, logSettings);
        Snapshots snapshots = keep(snapshots(config.past(), data));
        KafkaReplica replica =
                keep(
                        new KafkaReplica(
                                clientProperties(config),
                                topics.log(),
                                data.state(),
                                ReplicaSettings.defaults(),
                                logFeed(broker, topics, logSettings),
                                snapshots,
                                progress));
        var _ =
                replica.failure()
                        .thenAccept(cause ->
                                fatal.complete("the replica stopped: " + cause.getMessage()));
        replica.start();
        KafkaCommitLog log =
                keep(
                        new KafkaCommitLog(
                                new KafkaCommitLog.Settings(
                                        bootstrapServers,
                                        topics.log(),
                                        config.commitTimeout(),
                                        config.kafkaProperties())));
        log.connect();
        BuiltinSystemRelations relations = new BuiltinSystemRelations();
        database =
                keep(
                        new Database(
                                config.database(),
                                log,
                                replica,
                                relations.functions(),
                                relations,
                                Clock.systemUTC(),
                                new Database.Limits(
                                        config.commitTimeout(),
                                        config.queryBytesMax(),
                                        config.past().retention()),
                                data.nodeId(),
                                data.statistics(),
                                new TemporaryFiles(data.temporary())));
        database.dropLeftTemporaryObjects();
        TopicServices services =
                keep(new TopicServices(topics, clientProperties(config), data.nodeId(), database));
        http.ready(new HealthSource(database, services, fatal));
        sql =
                keep(
                        PgServer.start(
                                new InetSocketAddress(config.listenAddress(), config.port()),
                                PgServerSettings.defaults()
                                        .withMaxConnections(config.maxConnections())
                                        .withMessageBytesMax(config.messageBytesMax()),
                                new SessionBackend(database)));
    }

    /**
     * Returns when the node answers.
     *
     * @throws StartException if it cannot start for a reason that a person can mend
     */
    public static Node start(ServerConfig config) {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return new Node(config, parts);
        } catch (UnsafeLogTopicException
                | StateAheadOfLogException
                | UnusableStateException
                | ReplicaFailedException e) {
            stop(parts);
            throw new StartException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            stop(parts);
            throw new StartException("cannot start: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            stop(parts);
            throw e;
        }
    }

    private <T extends AutoCloseable> T keep(T part) {
        parts.push(part);
        return part;
    }

    private EmbeddedKafka startBroker(ServerConfig config, DataDirectory data) throws IOException {
        EmbeddedKafka broker =
                keep(
                        new EmbeddedKafka(
                                data.kafka(),
                                config.kafkaPort(),
                                (name, cause) ->
                                        fatal.complete("the embedded Kafka failed: " + name)));
        broker.start();
        return broker;
    }

    private static Snapshots snapshots(PastConfig past, DataDirectory data) throws IOException {
        String own = past.snapshots();
        try {
            List<SnapshotStore> others = new ArrayList<>();
            for (String location : past.restoreFrom()) {
                others.add(SnapshotStores.open(location));
            }
            return new Snapshots(
                    SnapshotStores.open(own == null ? data.snapshots().toString() : own),
                    others,
                    past.policy(),
                    data.checkpoint(),
                    Clock.systemUTC());
        } catch (IllegalArgumentException e) {
            throw new StartException("no place for snapshots: " + e.getMessage(), e);
        }
    }

    private static LogTopic.Settings logSettings(ServerConfig config, boolean brokerIsHere) {
        if (config.relaxedDurability()) {
            return LogTopic.Settings.RELAXED;
        }
        return brokerIsHere ? LogTopic.Settings.SYNCED_BY_REPLICA : LogTopic.Settings.DURABLE;
    }

    private static LogFeed logFeed(
            @Nullable EmbeddedKafka broker, TopicNames topics, LogTopic.Settings settings) {
        if (broker == null) {
            return LogFeed.OF_A_CLUSTER;
        }
        return LogFeed.ofOwnBroker(
                settings.syncedByReplica() ? broker.syncOf(topics.log())::sync : LogSync.BY_BROKER);
    }

    private String ensureLog(ServerConfig config, TopicNames topics, LogTopic.Settings settings) {
        try (Admin admin = Admin.create(clientProperties(config))) {
            return LogTopic.ensure(admin, topics, settings).durability();
        }
    }

    private Map<String, Object> clientProperties(ServerConfig config) {
        Map<String, Object> properties = new HashMap<>(config.kafkaProperties());
        properties.put("bootstrap.servers", bootstrapServers);
        return properties;
    }

    public int port() {
        return sql.boundPort();
    }

    public int httpPort() {
        return http.port();
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** How an acknowledged commit is kept safe, as a sentence. */
    public String durability() {
        return durability;
    }

    public Database database() {
        return database;
    }

    /** Completes with the reason when the node cannot go on. */
    public CompletableFuture<String> fatal() {
        return fatal;
    }

    @Override
    public void close() {
        stop(parts);
    }

    private static void stop(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("stopping {} failed", part.getClass().getSimpleName(), e);
            }
        }
    }
}
