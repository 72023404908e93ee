package dev.driftdb.ingest;

import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.schemas.log.TopicNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * One broker for all test classes of a module run: starting one takes seconds. Tests stay apart by
 * taking a database name of their own, {@link #freshNames()}.
 */
public final class SharedBroker {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final EmbeddedKafka BROKER = startBroker();
    private static final Admin ADMIN =
            Admin.create(Map.of("bootstrap.servers", BROKER.bootstrapServers()));

    private SharedBroker() {}

    private static EmbeddedKafka startBroker() {
        try {
            Path directory = Files.createTempDirectory("driftdb-test-kafka");
            EmbeddedKafka broker =
                    new EmbeddedKafka(
                            directory,
                            0,
                            (what, cause) -> {
                                throw new AssertionError("broker fault: " + what, cause);
                            });
            broker.start();
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(() -> {
                                ADMIN.close();
                                broker.close();
                                deleteTree(directory);
                            }));
            return broker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void deleteTree(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static EmbeddedKafka broker() {
        return BROKER;
    }

    public static String bootstrapServers() {
        return BROKER.bootstrapServers();
    }

    public static Admin admin() {
        return ADMIN;
    }

    /** The topic names of a database that no other test uses. */
    public static TopicNames freshNames() {
        return new TopicNames("test" + DATABASES.incrementAndGet());
    }

    /** All records of a topic's partition 0 up to its present end. */
    public static List<ConsumerRecord<byte[], byte[]>> readAll(String topic) {
        return readAll(bootstrapServers(), topic);
    }

    static List<ConsumerRecord<byte[], byte[]>> readAll(String bootstrapServers, String topic) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", bootstrapServers);
        properties.put("isolation.level", "read_committed");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
            while (consumer.position(partition) < end) {
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofSeconds(1));
                polled.forEach(all::add);
            }
            return all;
        }
    }
}
