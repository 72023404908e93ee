package dev.driftdb.materializer.replica;

import static dev.driftdb.materializer.testing.Tables.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.RocksTableState;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The topology without a broker; its records come from a driver of Kafka Streams. */
class ReplicaTopologyTest {
    private static final String TOPIC = "driftdb.test.log";

    @TempDir Path directory;
    private final BatchEnds ends = new BatchEnds();
    private RocksTableState state;
    private Waiters waiters;
    private LogProcessor processor;
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> log;

    @BeforeEach
    void open() {
        state = new RocksTableState(directory.resolve("state"), ReplicaSettings.small());
        waiters = new Waiters(state.appliedOffset());
        processor = new LogProcessor(state, waiters, LogSync.BY_BROKER);
        Properties config = new Properties();
        config.put("application.id", "test");
        config.put("bootstrap.servers", "none:1");
        config.put("state.dir", directory.resolve("streams").toString());
        driver =
                new TopologyTestDriver(
                        ReplicaTopology.of(TOPIC, new RocksStateStore(state, processor), ends),
                        config);
        log =
                driver.createInputTopic(
                        TOPIC,
                        new ByteArraySerializer(),
                        new ByteArraySerializer(),
                        Instant.ofEpochMilli(5000),
                        Duration.ZERO);
    }

    @AfterEach
    void close() {
        driver.close();
        state.close();
    }

    private void pipe(LogRecord record) {
        log.pipeInput(key(record), LogCodec.encode(record));
    }

    private static byte[] key(LogRecord record) {
        return ByteBuffer.allocate(16)
                .putLong(record.id().getMostSignificantBits())
                .putLong(record.id().getLeastSignificantBits())
                .array();
    }

    private void polled(long lastOffset) {
        BatchEnds.Interceptor interceptor = new BatchEnds.Interceptor();
        interceptor.configure(Map.of(BatchEnds.CONFIG, ends));
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        Object key = new byte[0];
        Object value = new byte[0];
        interceptor.onConsume(
                new ConsumerRecords<>(
                        Map.of(
                                partition,
                                List.of(
                                        new ConsumerRecord<>(TOPIC, 0, lastOffset, key, value),
                                        new ConsumerRecord<>(
                                                TOPIC, 0, lastOffset + 1, null, value))),
                        Map.of()));
        interceptor.close();
    }

    @Test
    void records_of_the_log_become_rows() {
        LogRecord.TransactionEntry entry = entry(Tables.put(1, 10L, 1L));
        CompletableFuture<Outcome> outcome = waiters.outcomeOf(entry.id());
        CompletableFuture<Void> reached = waiters.awaitOffset(1);
        pipe(createTable());
        assertThat(outcome).isNotDone();
        pipe(entry);
        assertThat(outcome.join()).isEqualTo(new Outcome.Committed(1, 5000));
        assertThat(reached).isCompleted();
        assertThat(waiters.awaitOffset(0)).isCompleted();
        try (ReadView view = state.latest()) {
            assertThat(Tables.rows(view, STORAGE)).containsExactly("1,10,1@1");
            assertThat(view.offsetAt(5000)).isEqualTo(1);
            assertThat(view.offsetAt(4999)).isEqualTo(-1);
        }
    }

    /** Not through the driver, which commits, and so ends the batch, after every record. */
    @Test
    void outcomes_come_when_the_whole_poll_is_visible() {
        LogRecord.TransactionEntry first = createTable();
        LogRecord.TransactionEntry second = entry(Tables.put(1, 10L, 1L));
        CompletableFuture<Outcome> outcome = waiters.outcomeOf(first.id());
        polled(1);
        processor.process(0, 5000, LogCodec.encode(first));
        assertThat(ends.isEnd(0)).isFalse();
        assertThat(outcome).isNotDone();
        assertThat(state.appliedOffset()).isEqualTo(-1);
        processor.process(1, 5000, LogCodec.encode(second));
        assertThat(ends.isEnd(1)).isTrue();
        processor.endBatch();
        assertThat(outcome).isCompleted();
        assertThat(state.appliedOffset()).isEqualTo(1);
    }

    @Test
    void a_record_of_a_newer_format_stops_the_replica() {
        pipe(createTable());
        CompletableFuture<Void> later = waiters.awaitOffset(7);
        byte[] unknown = {LogCodec.FORMAT_VERSION + 1, 0, 0};
        assertThatThrownBy(() -> log.pipeInput(new byte[16], unknown))
                .hasStackTraceContaining("the replica has stopped")
                .hasStackTraceContaining("offset 1");
        assertThat(later).isCompletedExceptionally();
        assertThat(processor.failure()).isCompleted();
        assertThat(state.appliedOffset()).isZero();
    }

    @Test
    void nobody_waits_for_a_forgotten_outcome() {
        LogRecord.TransactionEntry entry = createTable();
        CompletableFuture<Outcome> outcome = waiters.outcomeOf(entry.id());
        waiters.forget(entry.id());
        pipe(entry);
        assertThat(outcome).isNotDone();
    }
}
