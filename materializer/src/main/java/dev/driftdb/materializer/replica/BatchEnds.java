package dev.driftdb.materializer.replica;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Learns where each poll of the log ends, so that one poll is one write to the state: a processor
 * sees records one by one only. Polling and processing are the same thread.
 */
final class BatchEnds {
    /** Under this name the interceptor that Kafka makes finds its replica's object. */
    static final String CONFIG = "driftdb.batch.ends";

    private volatile long lastOffset = -1;

    /** Whether no record of this poll comes after; true as well when nothing is known. */
    boolean isEnd(long offset) {
        return offset >= lastOffset;
    }

    private void polled(List<? extends ConsumerRecord<?, ?>> records) {
        // Kafka Streams leaves out records without a key, so the last of those is not the end.
        for (ConsumerRecord<?, ?> record : records.reversed()) {
            if (record.key() != null) {
                lastOffset = record.offset();
                return;
            }
        }
    }

    /** Made by Kafka from its name. */
    public static final class Interceptor implements ConsumerInterceptor<Object, Object> {
        private BatchEnds ends = new BatchEnds();

        @Override
        public void configure(Map<String, ?> configs) {
            if (configs.get(CONFIG) instanceof BatchEnds configured) {
                ends = configured;
            }
        }

        @Override
        public ConsumerRecords<Object, Object> onConsume(ConsumerRecords<Object, Object> records) {
            for (TopicPartition partition : records.partitions()) {
                ends.polled(records.records(partition));
            }
            return records;
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

        @Override
        public void close() {}
    }
}
