package dev.driftdb.materializer.changelog;

import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads single chunks of the log again. Owned by the publisher's thread. */
final class ChunkReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final int POLLS_MAX = 30;

    private final TopicPartition partition;
    private final KafkaConsumer<byte[], byte[]> consumer;

    ChunkReader(TopicPartition partition, Map<String, Object> clientProperties) {
        this.partition = partition;
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        this.consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(List.of(partition));
    }

    /** The changes of the chunk at an offset. */
    List<Change> read(UUID transaction, long offset) {
        consumer.seek(partition, offset);
        for (int i = 0; i < POLLS_MAX; i++) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (record.offset() == offset
                        && LogCodec.decode(record.value()) instanceof LogRecord.Chunk chunk
                        && chunk.id().equals(transaction)) {
                    return chunk.changes();
                }
                throw new IllegalStateException(
                        "no chunk of transaction " + transaction + " at offset " + offset);
            }
        }
        throw new IllegalStateException("the log cannot be read at offset " + offset);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
