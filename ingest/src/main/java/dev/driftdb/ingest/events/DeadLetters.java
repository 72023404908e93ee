package dev.driftdb.ingest.events;

import dev.driftdb.ingest.Topics;
import dev.driftdb.schemas.log.TopicNames;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The dead letter topic: key and value of a record as they came, its own headers, and why it is
 * here in headers of ours. A record may be here twice after a crash; its source position tells.
 */
final class DeadLetters implements AutoCloseable {
    static final String TABLE = "driftdb.table";
    static final String REASON = "driftdb.reason";
    static final String SQLSTATE = "driftdb.sqlstate";
    static final String SOURCE_TOPIC = "driftdb.source.topic";
    static final String SOURCE_PARTITION = "driftdb.source.partition";
    static final String SOURCE_OFFSET = "driftdb.source.offset";

    /** A letter is a record that fitted its own topic, and headers. */
    private static final int MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;

    DeadLetters(Admin admin, TopicNames names, Map<String, Object> clientProperties) {
        this.topic = names.deadLetter();
        Topics.ensure(
                admin,
                topic,
                1,
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.RETENTION_MS_CONFIG,
                        "-1",
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(MESSAGE_BYTES_MAX)));
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MESSAGE_BYTES_MAX);
        this.producer =
                new KafkaProducer<>(
                        properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Returns when the letter is safe. */
    void put(
            ConsumerRecord<byte[], byte[]> record,
            TopicNames.TableName table,
            String sqlState,
            String reason)
            throws InterruptedException {
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(topic, 0, record.key(), record.value());
        for (Header header : record.headers()) {
            letter.headers().add(header);
        }
        header(letter, TABLE, table.schema() + "." + table.table());
        header(letter, REASON, reason);
        header(letter, SQLSTATE, sqlState);
        header(letter, SOURCE_TOPIC, record.topic());
        header(letter, SOURCE_PARTITION, Integer.toString(record.partition()));
        header(letter, SOURCE_OFFSET, Long.toString(record.offset()));
        try {
            producer.send(letter).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot write to \"" + topic + "\"", e.getCause());
        }
    }

    private static void header(ProducerRecord<byte[], byte[]> letter, String name, String value) {
        letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        producer.close();
    }
}
