package dev.driftdb.ingest.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.ingest.SharedBroker;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.junit.jupiter.api.Test;

class TopicSyncTest {
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int RECORD_BYTES = 600_000;

    @Test
    void after_a_roll_the_segments_before_are_on_disk_too() throws Exception {
        String topic = SharedBroker.freshNames().log();
        SharedBroker.admin()
                .createTopics(
                        List.of(
                                new NewTopic(topic, 1, (short) 1)
                                        .configs(
                                                Map.of(
                                                        "segment.bytes",
                                                        Integer.toString(SEGMENT_BYTES)))))
                .all()
                .get();
        TopicSync sync = SharedBroker.broker().syncOf(topic);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", SharedBroker.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (int i = 0; i < 5; i++) {
                producer.send(new ProducerRecord<>(topic, new byte[RECORD_BYTES])).get();
                sync.sync();
                UnifiedLog log = SharedBroker.broker().log(new TopicPartition(topic, 0));
                assertThat(log.recoveryPoint())
                        .isGreaterThanOrEqualTo(log.activeSegment().baseOffset());
            }
            assertThat(SharedBroker.broker().log(new TopicPartition(topic, 0)).numberOfSegments())
                    .isGreaterThan(1);
        }
    }

    @Test
    void a_topic_that_is_not_there_is_an_error() {
        TopicSync sync = SharedBroker.broker().syncOf("nowhere");
        assertThatThrownBy(sync::sync)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nowhere");
    }
}
