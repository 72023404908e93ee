package dev.driftdb.ingest.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.ServerSocketFactory;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.Tuple2;

/**
 * One KRaft node, controller and broker in one, listening on 127.0.0.1 with its data in a
 * directory. The data outlives it: a new instance on the same directory and port is the same
 * cluster again, and any Kafka client on this machine can use it.
 *
 * <p>It is assembled from Kafka's own parts and not started as {@code KafkaRaftServer}, for two
 * reasons: the controller's socket is bound before its port is written into the settings, so no
 * other process can take it in between; and a fault of Kafka is told to a {@link FaultListener}
 * where it would otherwise halt this process with every session in it.
 *
 * <p>Starting takes about 2.5 s, stopping 0.4 s. Start and close from one thread; everything else
 * is safe for any.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);

    /** Hears of a broker that can no longer work. Called on a thread of Kafka's. */
    @FunctionalInterface
    public interface FaultListener {
        void onFault(String what, @Nullable Throwable cause);
    }

    private static final String HOST = "127.0.0.1";
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final String BROKER = "PLAINTEXT";
    private static final String CONTROLLER = "CONTROLLER";
    private static final int NODE_ID = 1;

    /** Held while a broker uses the directory. */
    private static final String LOCK_FILE = "driftdb.lock";

    private static final int CONTROLLER_BACKLOG = 50;

    /** The cleaner's map of keys: enough for the small compacted topics of a single node. */
    private static final int CLEANER_BYTES = 2 * 1024 * 1024;

    /**
     * How long the controller waits for a broker that vanished. After a crash the next start waits
     * this long for its own former self: 7 s in all with 3 s here, 14 s with Kafka's default.
     */
    private static final int BROKER_SESSION_TIMEOUT_MS = 3_000;

    /** Well under half of the session timeout, or a loaded machine fences its own broker. */
    private static final int GROUP_RETENTION_MINUTES = 10 * 365 * 24 * 60;

    private static final int BROKER_HEARTBEAT_MS = 500;

    /** Those of this process, whose listeners hear of it when Kafka wants to end the process. */
    private static final Set<EmbeddedKafka> RUNNING = ConcurrentHashMap.newKeySet();

    private static final int MIB = 1 << 20;

    private final Path directory;
    private final int wantedPort;
    private final FaultListener faults;
    private final Map<String, String> overrides;
    private volatile @Nullable Running running;

    /** After a crash the broker checks what it has not flushed; so that is never much. */
    private static final int FLUSH_MS = 10_000;

    private record Running(
            BrokerServer broker, ControllerServer controller, int port, FileChannel lock) {}

    /**
     * @param directory where the data is and stays; made if missing
     * @param port the port of the broker, to be given again at the next start so that clients find
     *     it; 0 for any free one
     * @param faults told of a fault that Kafka cannot go on from
     */
    public EmbeddedKafka(Path directory, int port, FaultListener faults) {
        this(directory, port, faults, Map.of());
    }

    /**
     * @param overrides broker settings by their Kafka names that win over the ones chosen here
     */
    public EmbeddedKafka(
            Path directory, int port, FaultListener faults, Map<String, String> overrides) {
        this.directory = directory.toAbsolutePath();
        this.wantedPort = port;
        this.faults = faults;
        this.overrides = Map.copyOf(overrides);
    }

    /**
     * Returns when the broker takes requests.
     *
     * @throws IOException if the directory cannot be used, or the port or the directory is taken by
     *     another process
     */
    public void start() throws IOException {
        if (running != null) {
            throw new IllegalStateException("the broker runs already");
        }
        Files.createDirectories(directory);
        Exit.setHaltProcedure((status, message) -> halted(message));
        FileChannel lock = lockDirectory();
        ServerSocketChannel controllerSocket = ServerSocketChannel.open();
        try {
            controllerSocket.bind(
                    new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0),
                    CONTROLLER_BACKLOG);
            controllerSocket.configureBlocking(false);
            running = assemble(controllerSocket, lock);
            RUNNING.add(this);
        } catch (Exception e) { // Formatter.run() declares it
            controllerSocket.close();
            lock.close();
            throw failedToStart(e);
        }
        LOG.info("embedded Kafka on {} with its data in {}", bootstrapServers(), directory);
    }

    /**
     * Kafka locks its directories too, but a node that is broker and controller opens its metadata
     * log before it does, and ruins that of a running owner.
     */
    private FileChannel lockDirectory() throws IOException {
        FileChannel channel =
                FileChannel.open(
                        directory.resolve(LOCK_FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("another broker of this process has {}", directory, e);
        }
        channel.close();
        throw failedToStart(new IOException("another broker uses the directory"));
    }

    private IOException failedToStart(Exception cause) {
        return new IOException(
                "the embedded Kafka broker could not start with its data in "
                        + directory
                        + (wantedPort == 0 ? "" : " on port " + wantedPort)
                        + ": "
                        + cause.getMessage(),
                cause);
    }

    private Running assemble(ServerSocketChannel controllerSocket, FileChannel lock)
            throws Exception {
        format();
        KafkaConfig config = new KafkaConfig(settings(controllerSocket), false);
        Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> loaded =
                KafkaRaftServer.initializeLogDirs(config, LOG, "");
        String clusterId = loaded._1().clusterId().orElseThrow();
        Metrics metrics = Server.initializeMetrics(config, Time.SYSTEM, clusterId);
        ServerSocketFactory sockets =
                (listener, address, backlog, receiveBytes) ->
                        listener.equals(CONTROLLER)
                                ? controllerSocket
                                : ServerSocketFactory.INSTANCE.openServerSocket(
                                        listener, address, backlog, receiveBytes);
        SharedServer shared =
                new SharedServer(
                        config,
                        loaded._1(),
                        Time.SYSTEM,
                        metrics,
                        CompletableFuture.completedFuture(
                                QuorumConfig.parseVoterConnections(config.quorumConfig().voters())),
                        QuorumConfig.parseBootstrapServers(
                                config.quorumConfig().bootstrapServers()),
                        this::faultHandler,
                        sockets);
        BrokerServer broker = new BrokerServer(shared);
        ControllerServer controller =
                new ControllerServer(shared, KafkaRaftServer.configSchema(), loaded._2());
        try {
            controller.startup();
            broker.startup();
            return new Running(
                    broker, controller, broker.boundPort(ListenerName.normalised(BROKER)), lock);
        } catch (RuntimeException e) {
            // Each part stops what it had started; the first failure is the one to tell.
            stop(broker, controller);
            throw e;
        }
    }

    private void format() throws Exception {
        if (Files.exists(directory.resolve("meta.properties"))) {
            return;
        }
        try (PrintStream silent =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(silent)
                    .setNodeId(NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName(CONTROLLER)
                    .setMetadataLogDirectory(directory.toString())
                    .addDirectory(directory.toString())
                    .setIgnoreFormatted(true)
                    .run();
        }
    }

    private Map<String, String> settings(ServerSocketChannel controllerSocket) throws IOException {
        int controllerPort = ((InetSocketAddress) controllerSocket.getLocalAddress()).getPort();
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("log.dirs", directory.toString());
        settings.put("inter.broker.listener.name", BROKER);
        settings.put(
                "listeners",
                BROKER + "://" + HOST + ":" + wantedPort + "," + CONTROLLER + "://" + HOST + ":0");
        settings.put("controller.listener.names", CONTROLLER);
        settings.put(
                "listener.security.protocol.map",
                BROKER + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        // May differ at every start: static voters are not stored.
        settings.put("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        for (String topic :
                new String[] {
                    "offsets.topic", "transaction.state.log", "share.coordinator.state.topic"
                }) {
            settings.put(topic + ".replication.factor", "1");
            settings.put(topic + ".num.partitions", "1");
        }
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        // How far the changelog is published is a group's position: it must outlive a long stop.
        settings.put("offsets.retention.minutes", Integer.toString(GROUP_RETENTION_MINUTES));
        // A misspelt topic must be an error to its producer, not a place where events vanish.
        settings.put("auto.create.topics.enable", "false");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(CLEANER_BYTES));
        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "1");
        settings.put("log.flush.interval.ms", Integer.toString(FLUSH_MS));
        settings.put("log.flush.scheduler.interval.ms", Integer.toString(FLUSH_MS));
        settings.put("broker.session.timeout.ms", Integer.toString(BROKER_SESSION_TIMEOUT_MS));
        settings.put("broker.heartbeat.interval.ms", Integer.toString(BROKER_HEARTBEAT_MS));
        settings.putAll(overrides);
        return settings;
    }

    /**
     * Kafka halts its process when no log directory can be written any more, without a word of why
     * on its way out. Called on a thread of Kafka's, which ends with it.
     */
    private static void halted(@Nullable String message) {
        for (EmbeddedKafka broker : RUNNING) {
            broker.faults.onFault(
                    message != null
                            ? message
                            : "it cannot write to "
                                    + broker.directory
                                    + ", where "
                                    + broker.directory.toFile().getUsableSpace() / MIB
                                    + " MiB are free",
                    null);
        }
        throw new IllegalStateException("Kafka has halted");
    }

    private FaultHandler faultHandler(String name, boolean fatal, Runnable action) {
        return (message, cause) -> {
            action.run();
            String what = name + ": " + message;
            if (fatal) {
                LOG.error("embedded Kafka failed: {}", what, cause);
                faults.onFault(what, cause);
            } else {
                LOG.warn("embedded Kafka: {}", what, cause);
            }
            return new FaultHandlerException(what, cause);
        };
    }

    /** What clients connect to, {@code 127.0.0.1:port}. */
    public String bootstrapServers() {
        return HOST + ":" + port();
    }

    /**
     * Syncs a topic's only partition to disk: whatever could be read from it before the call
     * survives a power failure after it. Much cheaper than the broker's own flush, which syncs the
     * indexes too, although they are made anew after a crash.
     */
    public TopicSync syncOf(String topic) {
        return new TopicSync(this, new TopicPartition(topic, 0));
    }

    UnifiedLog log(TopicPartition partition) {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the broker does not run");
        }
        Option<UnifiedLog> log = now.broker().replicaManager().getLog(partition);
        if (log.isEmpty()) {
            throw new IllegalStateException("the broker has no partition " + partition);
        }
        return log.get();
    }

    /** The port that the broker listens on. */
    public int port() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the broker does not run");
        }
        return now.port();
    }

    /** Stops the broker; the data stays. Waits until every file is closed. */
    @Override
    public void close() {
        Running last = running;
        running = null;
        RUNNING.remove(this);
        if (last != null) {
            try (FileChannel _ = last.lock()) {
                stop(last.broker(), last.controller());
            } catch (IOException e) {
                LOG.warn("cannot release the lock of {}", directory, e);
            }
        }
    }

    private static void stop(BrokerServer broker, ControllerServer controller) {
        // The broker first: its controlled shutdown asks the controller, and without it the next
        // start would wait for the old session.
        try {
            broker.shutdown();
        } finally {
            controller.shutdown();
        }
        broker.awaitShutdown();
        controller.awaitShutdown();
    }
}
