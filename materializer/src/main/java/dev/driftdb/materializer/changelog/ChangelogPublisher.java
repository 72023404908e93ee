package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.log.TopicNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes every committed change of the tables whose option {@code changelog} is not off. All
 * nodes run one; the group protocol gives the log's only partition to one of them, which is the
 * active one.
 *
 * <p>Exactly once: the records of one poll of the log and the progress in the log are one Kafka
 * transaction, so that a restart goes on where the last committed one ended, and a publisher that
 * was replaced without knowing is fenced. Consumers must read with {@code
 * isolation.level=read_committed}; a record is visible some 20 ms after its commit, under load some
 * 100 ms.
 *
 * <p>The rows come from the local replica, so the publisher never runs ahead of it. A failure is
 * logged and tried again until it goes away; nothing is skipped.
 */
public final class ChangelogPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChangelogPublisher.class);

    private static final Duration POLL = Duration.ofMillis(200);

    /** Entries of the log in one Kafka transaction at the most. */
    private static final int POLL_RECORDS_MAX = 1000;

    /**
     * After each transaction the publisher rests, for a multiple of the time that it took: a
     * transaction of Kafka costs the same for one entry and for hundreds, and sessions need the
     * processor. A full poll means that it lags, and then it does not rest.
     */
    private static final int REST_FACTOR = 4;

    private static final Duration REST_MIN = Duration.ofMillis(100);
    private static final Duration REST_MAX = Duration.ofMillis(500);

    /** A stopped publisher's place waits this long for its return. */
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final TopicNames names;
    private final Admin admin;
    private final Map<String, Object> clientProperties;
    private final Replica replica;
    private final SchemaRegistry registry;
    private final TopicPartition log;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;
    private volatile long publishedOffset = -1;
    private volatile @Nullable String failure;

    /**
     * Starts at once.
     *
     * @param nodeId this node's name in the group, the same after a restart
     * @param clientProperties settings for Kafka's clients, bootstrap.servers among them
     */
    public ChangelogPublisher(
            String nodeId,
            TopicNames names,
            Admin admin,
            Map<String, Object> clientProperties,
            Replica replica,
            SchemaRegistry registry) {
        this.names = names;
        this.admin = admin;
        this.clientProperties = Map.copyOf(clientProperties);
        this.replica = replica;
        this.registry = registry;
        this.log = new TopicPartition(names.log(), 0);
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.put(
                ConsumerConfig.GROUP_ID_CONFIG, "driftdb." + names.database() + ".changelog");
        properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, nodeId);
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) SESSION_TIMEOUT.toMillis());
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
        this.consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.thread = Thread.ofPlatform().name("driftdb-changelog").start(this::run);
    }

    /** The last offset of the log that this node has dealt with; -1 before the first. */
    public long publishedOffset() {
        return publishedOffset;
    }

    /** Why publishing does not go on at this moment; null while it does. */
    public @Nullable String failure() {
        return failure;
    }

    private void run() {
        PublisherSession session = null;
        try {
            consumer.subscribe(List.of(log.topic()));
            while (stopped.getCount() > 0) {
                try {
                    session = step(session);
                    failure = null;
                } catch (WakeupException e) {
                    LOG.debug("woken up to stop", e);
                } catch (RuntimeException e) {
                    failure = e.toString();
                    LOG.error("the changelog stands at offset {}: {}", publishedOffset, failure, e);
                    if (session != null) {
                        session.abandon();
                        session = null;
                    }
                    boolean stop =
                            stopped.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
                    LOG.debug("tries again: {}", !stop);
                }
            }
        } catch (InterruptedException e) {
            LOG.info("the changelog publisher was interrupted");
        } finally {
            if (session != null) {
                session.abandon();
            }
            consumer.close();
        }
    }

    private @Nullable PublisherSession step(@Nullable PublisherSession session)
            throws InterruptedException {
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
        if (!consumer.assignment().contains(log)) {
            if (session != null) {
                session.abandon();
            }
            return null;
        }
        if (session == null) {
            // What was polled is read again from the committed progress.
            PublisherSession opened =
                    PublisherSession.open(
                            names,
                            admin,
                            clientProperties,
                            replica,
                            registry,
                            consumer,
                            log,
                            new Pacing(stopped));
            publishedOffset = opened.publishedOffset();
            LOG.info("the changelog goes on after offset {}", publishedOffset);
            return opened;
        }
        List<ConsumerRecord<byte[], byte[]>> records = polled.records(log);
        if (!records.isEmpty()) {
            long startNanos = System.nanoTime();
            session.publish(records);
            publishedOffset = session.publishedOffset();
            if (records.size() < POLL_RECORDS_MAX) {
                rest(System.nanoTime() - startNanos);
            }
        }
        return session;
    }

    private void rest(long busyNanos) throws InterruptedException {
        long nanos = Math.clamp(busyNanos * REST_FACTOR, REST_MIN.toNanos(), REST_MAX.toNanos());
        boolean stop = stopped.await(nanos, TimeUnit.NANOSECONDS);
        LOG.trace("rested, stop = {}", stop);
    }

    /** Stops; what is not published yet will be by the next publisher. */
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
    }
}
