package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.progress.Progress;
import dev.driftdb.materializer.progress.ProgressWatch;
import dev.driftdb.materializer.snapshot.AutomaticSnapshots;
import dev.driftdb.materializer.snapshot.LogRange;
import dev.driftdb.materializer.snapshot.Snapshot;
import dev.driftdb.materializer.snapshot.Snapshots;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replica of a database: a Kafka Streams application whose only part is a global store fed by
 * the log. No consumer group, so nothing is rebalanced and a restart goes on at once.
 */
public final class KafkaReplica extends StateReplica {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaReplica.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    /** A broker that gathers records gathers so much at the most. */
    private static final int GATHERED_BYTES = 1 << 20;

    /** What comes with one fetch while the log is folded anew; a batch is written for each poll. */
    private static final int FETCHED_BYTES = 4 << 20;

    private static final int POLL_RECORDS_MAX = 4_000;

    /** How long the broker waits when a single record is read again. */
    private static final int RECORD_WAIT_MS = 10;

    private static final String TOPIC_START = "driftdb.";
    private static final String TOPIC_END = ".log";

    /** In the application's directory: states of the past, for a while. */
    private static final String REPLAYS = "replays";

    private final String topic;
    private final Path stateDirectory;
    private final Map<String, Object> clientConfig;
    private final String applicationId;
    private final KafkaStreams streams;
    private final ReplayedStates replays;
    private final @Nullable Snapshots snapshots;
    private final @Nullable AutomaticSnapshots automaticSnapshots;
    private final ProgressWatch watch;
    private boolean closed;

    /** Without snapshots. */
    public KafkaReplica(
            String bootstrapServers,
            Map<String, ?> clientProperties,
            String topic,
            Path stateDirectory,
            ReplicaSettings settings,
            LogFeed feed) {
        this(
                clientConfig(bootstrapServers, clientProperties),
                topic,
                stateDirectory,
                settings,
                feed,
                null,
                new ProgressWatch());
    }

    /**
     * Opens the state, or restores it from a snapshot; {@link #start} lets the log in.
     *
     * @param clientConfig for all Kafka clients: bootstrap.servers, security, timeouts
     * @param topic the log's topic, {@code driftdb.<database>.log}
     * @param stateDirectory where state is kept; may be deleted while no replica runs
     * @param feed how the log comes here
     * @param snapshots of this replica, null for none; not closed with it
     * @param watch is told of long work
     */
    public KafkaReplica(
            Map<String, Object> clientConfig,
            String topic,
            Path stateDirectory,
            ReplicaSettings settings,
            LogFeed feed,
            @Nullable Snapshots snapshots,
            ProgressWatch watch) {
        super(
                storeDirectory(stateDirectory, applicationId(topic)),
                settings,
                feed.sync(),
                noState -> restore(noState, snapshots, topic, clientConfig, watch));
        this.topic = topic;
        this.stateDirectory = stateDirectory;
        this.applicationId = applicationId(topic);
        this.clientConfig = Map.copyOf(clientConfig);
        this.snapshots = snapshots;
        this.watch = watch;
        this.automaticSnapshots =
                snapshots == null
                        ? null
                        : new AutomaticSnapshots(snapshots, state, Clock.systemUTC());
        replays =
                new ReplayedStates(
                        stateDirectory.resolve(applicationId).resolve(REPLAYS),
                        new LogSource(
                                new LogReader(topic, clientConfig), snapshots, state::topicId),
                        ReplayedStates.Limits.DEFAULT,
                        watch);
        state.setPastStates(replays);
        BatchEnds ends = new BatchEnds();
        streams =
                new KafkaStreams(
                        ReplicaTopology.of(topic, new RocksStateStore(state, processor), ends),
                        streamsConfig(ends, feed));
        streams.setUncaughtExceptionHandler(cause -> {
            readingFailed(cause);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    }

    private static Map<String, Object> clientConfig(
            String bootstrapServers, Map<String, ?> clientProperties) {
        Map<String, Object> config = new HashMap<>(clientProperties);
        config.put("bootstrap.servers", bootstrapServers);
        return config;
    }

    private static void restore(
            Path noState,
            @Nullable Snapshots snapshots,
            String topic,
            Map<String, Object> clientConfig,
            ProgressWatch watch) {
        if (snapshots != null) {
            snapshots.restore(LogCheck.range(topic, clientConfig), watch).into(noState);
        }
    }

    /** {@code driftdb-<database>-replica}. */
    private static String applicationId(String topic) {
        String database =
                topic.startsWith(TOPIC_START) && topic.endsWith(TOPIC_END)
                        ? topic.substring(TOPIC_START.length(), topic.length() - TOPIC_END.length())
                        : topic;
        return "driftdb-" + database + "-replica";
    }

    /**
     * Not where Kafka Streams keeps global stores: it deletes all there when the log ends before
     * what was read of it, and the state is what says so.
     */
    private static Path storeDirectory(Path stateDirectory, String applicationId) {
        Path application = stateDirectory.resolve(applicationId);
        Path directory = application.resolve(RocksStateStore.NAME);
        Path before = application.resolve("global").resolve(RocksStateStore.NAME);
        if (Files.exists(before) && !Files.exists(directory)) {
            try {
                Files.move(before, directory);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot move " + before + " to " + directory, e);
            }
        }
        return directory;
    }

    /** On the reading thread, which ends. */
    private void readingFailed(Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof InvalidOffsetException) {
                try {
                    LogCheck.check(state, topic, clientConfig);
                } catch (StateAheadOfLogException e) {
                    processor.stop("the log is not the one that was read", e);
                } catch (RuntimeException e) {
                    LOG.warn("cannot compare the state with the log", e);
                }
                break;
            }
        }
        processor.stop("reading the log failed", cause);
    }

    @SuppressWarnings("deprecation") // a switch that Kafka will drop when on is its only state
    private Properties streamsConfig(BatchEnds ends, LogFeed feed) {
        Properties config = new Properties();
        config.putAll(clientConfig);
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        config.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
        config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_GLOBAL_ENABLED_CONFIG, true);
        config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        String consumer = StreamsConfig.GLOBAL_CONSUMER_PREFIX;
        config.put(
                consumer + ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
                BatchEnds.Interceptor.class.getName());
        config.put(consumer + BatchEnds.CONFIG, ends);
        config.put(consumer + ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
        config.put(consumer + ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCHED_BYTES);
        if (!feed.fetchWait().isZero()) {
            config.put(consumer + ConsumerConfig.FETCH_MIN_BYTES_CONFIG, GATHERED_BYTES);
            config.put(
                    consumer + ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                    (int) feed.fetchWait().toMillis());
        }
        return config;
    }

    /**
     * Checks that state and log belong together and folds what the log has; returns when the
     * replica has caught up with the log's end of when it was called.
     *
     * @throws StateAheadOfLogException if they do not belong together
     * @throws ReplicaFailedException if an entry of the log cannot be applied
     */
    public void start() {
        LogRange log = LogCheck.check(state, topic, clientConfig);
        if (state.topicId() == null) {
            state.setTopicId(log.topicId());
        }
        long from = state.appliedOffset();
        long begin = System.nanoTime();
        try (ProgressWatch.Watched _ =
                watch.watch(() ->
                        new Progress(
                                "folding the log",
                                "entries",
                                from,
                                log.end() - 1,
                                state.appliedOffset(),
                                System.nanoTime() - begin))) {
            streams.start();
        } catch (RuntimeException e) {
            Throwable cause = failure().getNow(e);
            if (cause instanceof ReplicaFailedException failed) {
                throw failed;
            }
            throw processor.stop("the log cannot be read", e);
        }
        Throwable failed = failure().getNow(null);
        if (failed instanceof ReplicaFailedException stopped) {
            throw stopped;
        }
        LOG.info("{}", processor.progress());
        if (automaticSnapshots != null) {
            automaticSnapshots.start();
        }
    }

    @Override
    public @Nullable Snapshot takeSnapshot(Runnable checkCanceled) {
        if (snapshots == null) {
            throw SqlException.notSupported("a snapshot without a store");
        }
        try {
            return snapshots.take(state, checkCanceled);
        } catch (IOException | IllegalStateException e) {
            throw new SqlException(
                    SqlState.IO_ERROR, "the snapshot cannot be stored: " + e.getMessage());
        }
    }

    @Override
    public List<Snapshot> snapshots() {
        return snapshots == null ? List.of() : snapshots.all();
    }

    @Override
    public @Nullable LogRecord readRecord(long offset, Runnable checkCanceled) {
        List<LogRecord> found = new ArrayList<>(1);
        Map<String, Object> config = new HashMap<>(clientConfig);
        // A consumer that closes waits for its fetch of what comes next.
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, RECORD_WAIT_MS);
        try {
            new LogReader(topic, config)
                    .read(
                            offset,
                            offset,
                            (_, _, value) -> found.add(LogCodec.decode(value)),
                            checkCanceled);
        } catch (KafkaException e) {
            LOG.debug("the log cannot be read at offset {}", offset, e);
        }
        return found.isEmpty() ? null : found.getFirst();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (automaticSnapshots != null) {
            automaticSnapshots.close();
        }
        if (!streams.close(CLOSE_TIMEOUT)) {
            throw new IllegalStateException(
                    "the replica's thread does not end: its state stays open");
        }
        replays.close();
        closeState();
    }
}
