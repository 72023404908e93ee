package dev.driftdb.ingest.events;

import dev.driftdb.ingest.CommitLog;
import dev.driftdb.ingest.Topics;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.log.LogRecord.SourcePosition;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.schemas.log.TopicNames.TableName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the events of all tables with {@code ingest = on}. All nodes run it, and Kafka's group
 * protocol gives each partition to one of them.
 *
 * <p>Events of one partition are applied in order, one at a time: the log drops every event whose
 * position is not above the last one applied, so a later event must not overtake one that is to be
 * tried again. Partitions go side by side. A position is committed to Kafka when its event is in
 * the log and applied here, or in the dead letter topic; after a crash the rest comes again, and
 * what was applied is dropped by its position.
 *
 * <p>An event that cannot be applied never stops the others. A log that cannot be reached stops all
 * of them until it can.
 */
public final class IngestService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IngestService.class);

    /** Events taken from Kafka at a time. */
    private static final int POLL_RECORDS_MAX = 500;

    private static final Duration POLL = Duration.ofMillis(100);

    /** How often the catalog is asked for tables. */
    private static final Duration TABLES_REFRESH = Duration.ofSeconds(1);

    /** The pause after the log or Kafka failed. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    /** A stopped member's partitions wait this long for its return. */
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

    private final TopicNames names;
    private final Admin admin;
    private final Supplier<Set<IngestTable>> tables;
    private final DeadLetters deadLetters;
    private final EventApplier applier;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Map<String, Uuid> topicIds = new HashMap<>();
    private Set<IngestTable> subscribed = Set.of();
    private long nextRefreshNanos = System.nanoTime();
    private volatile @Nullable String failure;

    /**
     * Starts at once.
     *
     * @param nodeId this node's name in the group, the same after a restart
     * @param clientProperties settings for Kafka's clients, bootstrap.servers among them
     * @param tables the tables to ingest into at this moment
     */
    public IngestService(
            String nodeId,
            TopicNames names,
            Admin admin,
            Map<String, Object> clientProperties,
            CommitLog log,
            SchemaRegistry registry,
            Supplier<Set<IngestTable>> tables,
            EventToTransaction converter,
            OutcomeSource outcomes) {
        this.names = names;
        this.admin = admin;
        this.tables = tables;
        this.deadLetters = new DeadLetters(admin, names, clientProperties);
        this.applier = new EventApplier(log, converter, outcomes, registry, deadLetters);
        this.consumer =
                new KafkaConsumer<>(
                        consumerProperties(nodeId, names, clientProperties),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        this.thread = Thread.ofPlatform().name("driftdb-ingest").start(this::run);
    }

    private static Map<String, Object> consumerProperties(
            String nodeId, TopicNames names, Map<String, Object> clientProperties) {
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, "driftdb." + names.database() + ".ingest");
        properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, nodeId);
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) SESSION_TIMEOUT.toMillis());
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
        properties.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                List.of(CooperativeStickyAssignor.class));
        return properties;
    }

    /** Why events are not applied at this moment; null while they are. */
    public @Nullable String failure() {
        return failure;
    }

    private void run() {
        try {
            while (stopped.getCount() > 0) {
                try {
                    refreshTables();
                    if (subscribed.isEmpty()) {
                        failure = null;
                        pause(TABLES_REFRESH);
                    } else {
                        ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
                        if (!polled.isEmpty()) {
                            apply(polled);
                        }
                        failure = null;
                    }
                } catch (WakeupException e) {
                    LOG.debug("woken up to stop", e);
                } catch (RuntimeException e) {
                    failure = e.toString();
                    LOG.warn("ingest pauses and then tries again: {}", e.toString(), e);
                    pause(PAUSE_AFTER_FAILURE);
                }
            }
        } catch (InterruptedException e) {
            LOG.info("ingest was interrupted");
        } finally {
            consumer.close();
        }
    }

    private void pause(Duration duration) throws InterruptedException {
        boolean stop = stopped.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        LOG.trace("paused, stop = {}", stop);
    }

    private void refreshTables() {
        if (System.nanoTime() - nextRefreshNanos < 0) {
            return;
        }
        nextRefreshNanos = System.nanoTime() + TABLES_REFRESH.toNanos();
        Set<IngestTable> now = tables.get();
        if (now.equals(subscribed)) {
            return;
        }
        Set<String> topics = new TreeSet<>();
        for (IngestTable table : now) {
            String topic = names.events(table.schema(), table.table());
            topicIds.put(topic, Topics.ensure(admin, topic, table.partitions(), Map.of()));
            topics.add(topic);
        }
        if (topics.isEmpty()) {
            consumer.unsubscribe();
        } else {
            consumer.subscribe(topics);
        }
        subscribed = Set.copyOf(now);
        LOG.info("ingest reads {}", topics);
    }

    /** Takes all polled events to their end, and commits how far each partition came. */
    private void apply(ConsumerRecords<byte[], byte[]> polled) throws InterruptedException {
        Map<TopicPartition, Deque<EventApplier.Event>> waiting = new LinkedHashMap<>();
        Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
        for (TopicPartition partition : polled.partitions()) {
            TableName table = names.tableOfEvents(partition.topic());
            if (table == null) {
                throw new IllegalStateException("subscribed to " + partition.topic());
            }
            Deque<EventApplier.Event> events = new ArrayDeque<>();
            for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
                events.add(applier.new Event(table, source(record), record));
            }
            waiting.put(partition, events);
        }
        boolean finished = false;
        try {
            while (!waiting.isEmpty() && stopped.getCount() > 0) {
                round(waiting, done);
            }
            finished = waiting.isEmpty();
        } finally {
            if (!finished) {
                // What is left comes again with the next poll.
                waiting.forEach((partition, events) -> {
                    events.getFirst().abandon();
                    consumer.seek(partition, events.getFirst().offset());
                });
            }
            if (!done.isEmpty()) {
                consumer.commitSync(done);
            }
        }
    }

    /** The first event of each partition, all side by side. */
    private static void round(
            Map<TopicPartition, Deque<EventApplier.Event>> waiting,
            Map<TopicPartition, OffsetAndMetadata> done)
            throws InterruptedException {
        List<TopicPartition> started = new ArrayList<>();
        for (TopicPartition partition : List.copyOf(waiting.keySet())) {
            Deque<EventApplier.Event> events = waiting.getOrDefault(partition, new ArrayDeque<>());
            if (events.getFirst().start()) {
                advance(partition, events, waiting, done);
            } else {
                started.add(partition);
            }
        }
        for (TopicPartition partition : started) {
            Deque<EventApplier.Event> events = waiting.getOrDefault(partition, new ArrayDeque<>());
            if (events.getFirst().finish()) {
                advance(partition, events, waiting, done);
            }
        }
    }

    private static void advance(
            TopicPartition partition,
            Deque<EventApplier.Event> events,
            Map<TopicPartition, Deque<EventApplier.Event>> waiting,
            Map<TopicPartition, OffsetAndMetadata> done) {
        EventApplier.Event event = events.removeFirst();
        done.put(partition, new OffsetAndMetadata(event.offset() + 1));
        if (events.isEmpty()) {
            waiting.remove(partition);
        }
    }

    /** With the topic's id: offsets of a topic that was made anew start over, and are new. */
    private SourcePosition source(ConsumerRecord<byte[], byte[]> record) {
        Uuid id = topicIds.get(record.topic());
        return new SourcePosition(record.topic() + "@" + id, record.partition(), record.offset());
    }

    /** Stops after the events that are on their way. */
    @Override
    public void close() {
        stopped.countDown();
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            thread.interrupt();
        }
        deadLetters.close();
    }
}
