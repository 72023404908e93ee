package dev.driftdb.ingest.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class EmbeddedKafkaTest {
    private static final String TOPIC = "greetings";

    @TempDir Path directory;

    @Test
    void stock_clients_find_their_records_again_after_a_restart_on_the_same_port()
            throws Exception {
        List<String> faults = new ArrayList<>();
        int port;
        try (EmbeddedKafka broker =
                new EmbeddedKafka(directory, 0, (what, cause) -> faults.add(what))) {
            broker.start();
            port = broker.port();
            Map<String, Object> properties = Map.of("bootstrap.servers", "127.0.0.1:" + port);
            try (Admin admin = Admin.create(properties);
                    KafkaProducer<String, String> producer =
                            new KafkaProducer<>(
                                    properties, new StringSerializer(), new StringSerializer())) {
                admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
                producer.send(new ProducerRecord<>(TOPIC, "k", "hello")).get();
            }
        }
        try (EmbeddedKafka broker =
                new EmbeddedKafka(directory, port, (what, cause) -> faults.add(what))) {
            broker.start();
            assertThat(broker.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
            assertThat(read("127.0.0.1:" + port)).containsExactly("hello");
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void a_taken_port_or_directory_is_an_error_that_names_it_and_leaves_the_owner_running()
            throws Exception {
        try (EmbeddedKafka owner = new EmbeddedKafka(directory, 0, (what, cause) -> {})) {
            owner.start();
            Path other = directory.resolveSibling(directory.getFileName() + "-other");
            EmbeddedKafka samePort = new EmbeddedKafka(other, owner.port(), (what, cause) -> {});
            assertThatThrownBy(samePort::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("on port " + owner.port());
            EmbeddedKafka sameDirectory = new EmbeddedKafka(directory, 0, (what, cause) -> {});
            assertThatThrownBy(sameDirectory::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(directory.toString());
            try (Admin admin =
                    Admin.create(Map.of("bootstrap.servers", owner.bootstrapServers()))) {
                assertThat(admin.describeCluster().nodes().get()).hasSize(1);
            }
        }
    }

    private static List<String> read(String bootstrapServers) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", bootstrapServers);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        properties, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<String> values = new ArrayList<>();
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }
}
