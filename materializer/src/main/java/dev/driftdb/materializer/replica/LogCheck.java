package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.snapshot.LogRange;
import dev.driftdb.materializer.state.RocksTableState;
import dev.driftdb.materializer.state.UnfinishedEntry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Whether a state belongs to a log, asked before it is continued. A state written to disk can
 * survive a power loss that takes the end of a log; new entries at offsets already applied would
 * then be skipped in silence.
 */
final class LogCheck {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int UUID_BYTES = 16;

    private LogCheck() {}

    /**
     * @return what the log had when it was compared
     * @throws StateAheadOfLogException if they do not belong together
     */
    static LogRange check(RocksTableState state, String topic, Map<String, Object> clientConfig) {
        LogRange log = range(topic, clientConfig);
        String topicId = log.topicId();
        String known = state.topicId();
        if (known != null && !known.equals(topicId)) {
            throw refused(
                    state,
                    "it was folded from a topic "
                            + topic
                            + " with id "
                            + known
                            + ", the topic there now has id "
                            + topicId);
        }
        long applied = state.appliedOffset();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(clientConfig)) {
            long end = log.end();
            long beginning = log.beginning();
            if (applied >= end) {
                throw refused(
                        state,
                        "it has applied offset " + applied + ", but the log ends before " + end);
            }
            UnfinishedEntry unfinished = state.unfinished();
            if (unfinished != null && unfinished.offset() >= end) {
                throw refused(
                        state,
                        "it has a part of the entry at offset "
                                + unfinished.offset()
                                + ", but the log ends before "
                                + end);
            }
            if (applied < 0 && beginning > 0) {
                throw new StateAheadOfLogException(
                        "the log "
                                + topic
                                + " begins only at offset "
                                + beginning
                                + ": what was before is gone, and without it there is no state");
            }
            if (beginning > applied + 1) {
                throw refused(
                        state,
                        "it has applied offset "
                                + applied
                                + ", but the log begins only at "
                                + beginning);
            }
            if (applied >= beginning) {
                TopicPartition partition = new TopicPartition(topic, 0);
                consumer.assign(List.of(partition));
                consumer.seek(partition, applied);
                checkRecord(state, applied, first(consumer, applied));
            }
        }
        return log;
    }

    /** What the log has now. */
    static LogRange range(String topic, Map<String, Object> clientConfig) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<TopicPartition> log = List.of(partition);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(clientConfig)) {
            return new LogRange(
                    topicId(topic, clientConfig),
                    consumer.beginningOffsets(log, TIMEOUT).getOrDefault(partition, 0L),
                    consumer.endOffsets(log, TIMEOUT).getOrDefault(partition, 0L));
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> clientConfig) {
        Properties config = new Properties();
        config.putAll(clientConfig);
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        return new KafkaConsumer<>(config);
    }

    private static void checkRecord(
            RocksTableState state, long applied, ConsumerRecord<byte[], byte[]> record) {
        UUID found = idOf(record.key());
        if (record.offset() != applied || !state.lastTransactionId().equals(found)) {
            throw refused(
                    state,
                    "it applied transaction "
                            + state.lastTransactionId()
                            + " at offset "
                            + applied
                            + ", but the log has "
                            + found
                            + " at offset "
                            + record.offset());
        }
    }

    private static @Nullable UUID idOf(byte @Nullable [] key) {
        if (key == null || key.length != UUID_BYTES) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(key);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    private static ConsumerRecord<byte[], byte[]> first(
            KafkaConsumer<byte[], byte[]> consumer, long offset) {
        for (long waitedMs = 0; waitedMs < TIMEOUT.toMillis(); waitedMs += POLL.toMillis()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                return record;
            }
        }
        throw new IllegalStateException(
                "the log's record at offset " + offset + " cannot be read within " + TIMEOUT);
    }

    private static StateAheadOfLogException refused(RocksTableState state, String found) {
        return new StateAheadOfLogException(
                "the state in "
                        + state.directory()
                        + " does not belong to this log: "
                        + found
                        + ". If the log is the right one, delete that directory and start again:"
                        + " the state is rebuilt from the log");
    }

    private static String topicId(String topic, Map<String, Object> clientConfig) {
        try (Admin admin = Admin.create(clientConfig)) {
            TopicDescription description =
                    admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                            .get(topic);
            if (description == null) {
                throw new IllegalStateException("the log's topic " + topic + " is not there");
            }
            return description.topicId().toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking for topic " + topic, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "cannot find the log's topic " + topic + ": " + e.getMessage(), e);
        }
    }
}
