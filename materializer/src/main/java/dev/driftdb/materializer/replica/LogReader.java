package dev.driftdb.materializer.replica;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads parts of a log's topic, each with a consumer of its own. Safe for any thread. */
final class LogReader {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);

    /** What comes with one fetch. */
    private static final int FETCHED_BYTES = 4 << 20;

    private final TopicPartition log;
    private final Map<String, Object> config;

    LogReader(String topic, Map<String, Object> clientConfig) {
        log = new TopicPartition(topic, 0);
        config = new HashMap<>(clientConfig);
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCHED_BYTES);
    }

    /** The first offset that is still there. */
    long beginning() {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
            return consumer.beginningOffsets(List.of(log), TIMEOUT).getOrDefault(log, 0L);
        }
    }

    /** {@link ReplaySource#read}. */
    void read(long from, long to, ReplaySource.Sink sink, Runnable checkStop) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
            consumer.assign(List.of(log));
            consumer.seek(log, from);
            while (consumer.position(log, TIMEOUT) <= to) {
                checkStop.run();
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() > to) {
                        return;
                    }
                    sink.record(record.offset(), record.timestamp(), record.value());
                }
            }
        }
    }
}
