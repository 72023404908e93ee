package dev.driftdb.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.ingest.CommitLog.OutcomeUnknownException;
import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.Chunk;
import dev.driftdb.schemas.log.LogRecord.Metadata;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.schemas.type.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class KafkaCommitLogTest {
    private static final int THREADS = 16;
    private static final int ENTRIES_PER_THREAD = 200;

    @Test
    void an_entry_is_read_back_under_its_offset_with_its_id_as_key() throws Exception {
        String topic = freshTopic();
        TransactionEntry entry = entry(0, 100);
        try (CommitLog log = open(topic)) {
            assertThat(log.endOffset()).isZero();
            assertThat(log.append(List.of(entry)).get().offset()).isZero();
            assertThat(log.endOffset()).isEqualTo(1);
        }
        ConsumerRecord<byte[], byte[]> record = SharedBroker.readAll(topic).getFirst();
        assertThat(LogCodec.decode(record.value())).isEqualTo(entry);
        assertThat(record.key()).isEqualTo(KafkaCommitLog.keyOf(entry.id()));
        assertThat(record.key()).hasSize(16);
    }

    @Test
    void chunks_lie_before_their_entry_in_order_and_the_future_has_the_offset_of_the_entry()
            throws Exception {
        String topic = freshTopic();
        UUID id = UUID.randomUUID();
        List<LogRecord> records = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            records.add(new Chunk(id, i, List.of(), changes(50_000)));
        }
        records.add(new TransactionEntry(id, metadata(), List.of(), changes(10), 3));
        try (CommitLog log = open(topic)) {
            assertThat(log.append(records).get().offset()).isEqualTo(3);
        }
        assertThat(SharedBroker.readAll(topic))
                .extracting(record -> LogCodec.decode(record.value()))
                .containsExactlyElementsOf(records);
    }

    @Test
    void sixteen_threads_get_the_offsets_their_entries_have() throws Exception {
        String topic = freshTopic();
        Map<Long, UUID> idByOffset = new ConcurrentHashMap<>();
        try (CommitLog log = open(topic);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            Callable<Void> session =
                    () -> {
                        long last = -1;
                        for (int i = 0; i < ENTRIES_PER_THREAD; i++) {
                            TransactionEntry entry = entry(0, 100);
                            long offset = log.append(List.of(entry)).get().offset();
                            assertThat(offset).isGreaterThan(last);
                            last = offset;
                            idByOffset.put(offset, entry.id());
                        }
                        return null;
                    };
            List<Future<Void>> sessions = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                sessions.add(threads.submit(session));
            }
            for (Future<Void> each : sessions) {
                each.get();
            }
            assertThat(log.endOffset()).isEqualTo(THREADS * ENTRIES_PER_THREAD);
        }
        assertThat(idByOffset).hasSize(THREADS * ENTRIES_PER_THREAD);
        for (ConsumerRecord<byte[], byte[]> record : SharedBroker.readAll(topic)) {
            assertThat(LogCodec.decode(record.value()).id())
                    .isEqualTo(idByOffset.get(record.offset()));
        }
    }

    @Test
    void a_reopened_log_goes_on_after_its_end() throws Exception {
        String topic = freshTopic();
        try (CommitLog log = open(topic)) {
            log.append(List.of(entry(0, 1))).get();
        }
        try (CommitLog log = open(topic)) {
            assertThat(log.append(List.of(entry(0, 1))).get().offset()).isEqualTo(1);
        }
    }

    @Test
    void a_record_larger_than_the_topic_takes_is_54000_and_the_log_stays_usable() throws Exception {
        String topic = freshTopic();
        try (CommitLog log = open(topic)) {
            assertThatThrownBy(
                            () -> log.append(List.of(entry(0, LogTopic.MESSAGE_BYTES_MAX))).get())
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            SqlException.class,
                            e -> assertThat(e.state()).isEqualTo(SqlState.PROGRAM_LIMIT_EXCEEDED));
            assertThat(log.append(List.of(entry(0, 1))).get().offset()).isZero();
        }
    }

    @Test
    void whatever_happens_to_the_broker_an_acknowledged_entry_is_there_and_a_refused_one_is_not(
            @TempDir Path directory) throws Exception {
        EmbeddedKafka broker = new EmbeddedKafka(directory, 0, (what, cause) -> {});
        broker.start();
        int port = broker.port();
        TopicNames names = new TopicNames("gone");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            LogTopic.ensure(admin, names, LogTopic.Settings.DURABLE);
        }
        Set<UUID> acknowledged = ConcurrentHashMap.newKeySet();
        Set<UUID> refused = ConcurrentHashMap.newKeySet();
        Set<UUID> unknown = ConcurrentHashMap.newKeySet();
        CountDownLatch underWay = new CountDownLatch(THREADS);
        try (CommitLog log =
                        new KafkaCommitLog(
                                new KafkaCommitLog.Settings(
                                        broker.bootstrapServers(),
                                        names.log(),
                                        Duration.ofSeconds(1),
                                        Map.of()));
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < THREADS; i++) {
                threads.execute(
                        () -> appendUntilFailure(log, underWay, acknowledged, refused, unknown));
            }
            underWay.await();
            broker.close();
        }
        assertThat(refused.size() + unknown.size()).isEqualTo(THREADS);
        try (EmbeddedKafka again = new EmbeddedKafka(directory, port, (what, cause) -> {})) {
            again.start();
            Set<UUID> inLog = new HashSet<>();
            SharedBroker.readAll(again.bootstrapServers(), names.log())
                    .forEach(record -> inLog.add(LogCodec.decode(record.value()).id()));
            assertThat(inLog).containsAll(acknowledged).noneMatch(refused::contains);
            inLog.removeAll(acknowledged);
            assertThat(inLog).allMatch(unknown::contains);
        }
    }

    private static void appendUntilFailure(
            CommitLog log,
            CountDownLatch underWay,
            Set<UUID> acknowledged,
            Set<UUID> refused,
            Set<UUID> unknown) {
        while (true) {
            TransactionEntry entry = entry(0, 100);
            try {
                log.append(List.of(entry)).join();
                acknowledged.add(entry.id());
                underWay.countDown();
            } catch (CompletionException e) {
                boolean certain = e.getCause() instanceof SqlException;
                assertThat(certain || e.getCause() instanceof OutcomeUnknownException).isTrue();
                (certain ? refused : unknown).add(entry.id());
                return;
            }
        }
    }

    @Test
    void a_broker_that_was_never_there_leaves_no_doubt_that_nothing_was_appended()
            throws Exception {
        try (CommitLog log =
                new KafkaCommitLog(
                        new KafkaCommitLog.Settings(
                                "127.0.0.1:1",
                                "driftdb.none.log",
                                Duration.ofMillis(300),
                                Map.of()))) {
            assertThatThrownBy(() -> log.append(List.of(entry(0, 1))).get())
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            SqlException.class,
                            e -> assertThat(e.state()).isEqualTo(SqlState.INSUFFICIENT_RESOURCES));
        }
    }

    private static String freshTopic() {
        return LogTopic.ensure(
                        SharedBroker.admin(), SharedBroker.freshNames(), LogTopic.Settings.DURABLE)
                .name();
    }

    private static CommitLog open(String topic) {
        return new KafkaCommitLog(
                KafkaCommitLog.Settings.of(SharedBroker.bootstrapServers(), topic));
    }

    private static TransactionEntry entry(int chunks, int rowBytes) {
        return new TransactionEntry(
                UUID.randomUUID(), metadata(), List.of(), changes(rowBytes), chunks);
    }

    private static Metadata metadata() {
        return new Metadata("sql", "driftdb", "test", "INSERT", null);
    }

    private static List<Change> changes(int rowBytes) {
        return List.of(
                new Change.Put(
                        16384,
                        Change.Kind.INSERT,
                        Bytes.wrap(new byte[] {1}),
                        Bytes.wrap(new byte[rowBytes])));
    }
}
