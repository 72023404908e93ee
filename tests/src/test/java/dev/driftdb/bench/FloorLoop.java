package dev.driftdb.bench;

import dev.driftdb.ingest.LogTopic;
import dev.driftdb.schemas.log.TopicNames;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The least that a commit can cost: a record appended to a topic with the log's own settings on the
 * same broker, flushed to disk with each append, and read back by a plain consumer. All threads
 * share one producer and one consumer, as the sessions of a node do.
 */
final class FloorLoop implements AutoCloseable {
    private static final int RECORD_BYTES = 200;

    /** As the log's producer has it. */
    private static final int BATCH_BYTES_MAX = 256 * 1024;

    private static final Duration POLL_MAX = Duration.ofMillis(100);
    private static final long ANSWER_TIMEOUT_S = 30;

    private final TopicPartition partition;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread reader;
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, CompletableFuture<Void>> awaited = new ConcurrentHashMap<>();
    private volatile boolean closed;

    FloorLoop(String bootstrapServers) {
        TopicNames names = new TopicNames("floor");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            LogTopic.ensure(admin, names, LogTopic.Settings.DURABLE);
        }
        partition = new TopicPartition(names.log(), 0);
        producer =
                new KafkaProducer<>(
                        Map.of(
                                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                bootstrapServers,
                                ProducerConfig.ACKS_CONFIG,
                                "all",
                                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                                true,
                                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                                1,
                                ProducerConfig.LINGER_MS_CONFIG,
                                0,
                                ProducerConfig.BATCH_SIZE_CONFIG,
                                BATCH_BYTES_MAX),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        consumer =
                new KafkaConsumer<>(
                        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        consumer.assign(List.of(partition));
        consumer.seekToEnd(List.of(partition));
        consumer.position(partition);
        reader = new Thread(this::read, "floor reader");
        reader.start();
    }

    /** One record there and back; any thread. */
    void appendAndRead() throws Exception {
        Long id = lastId.incrementAndGet();
        CompletableFuture<Void> read = new CompletableFuture<>();
        awaited.put(id, read);
        byte[] record = new byte[RECORD_BYTES];
        ByteBuffer.wrap(record).putLong(id);
        producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), null, record))
                .get(ANSWER_TIMEOUT_S, TimeUnit.SECONDS);
        read.get(ANSWER_TIMEOUT_S, TimeUnit.SECONDS);
    }

    private void read() {
        try {
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_MAX)) {
                    CompletableFuture<Void> read =
                            awaited.remove(ByteBuffer.wrap(record.value()).getLong());
                    if (read != null) {
                        read.complete(null);
                    }
                }
            }
        } catch (WakeupException e) {
            // Closed while waiting for records.
        } catch (KafkaException e) {
            awaited.values().forEach(read -> read.completeExceptionally(e));
        }
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        consumer.close();
        producer.close();
    }
}
