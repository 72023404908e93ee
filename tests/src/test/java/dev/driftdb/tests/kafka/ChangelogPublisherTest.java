package dev.driftdb.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.ingest.CommitLog;
import dev.driftdb.ingest.KafkaCommitLog;
import dev.driftdb.ingest.LogTopic;
import dev.driftdb.ingest.SchemaRegistryTopic;
import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.materializer.changelog.ChangelogPublisher;
import dev.driftdb.materializer.replica.KafkaReplica;
import dev.driftdb.materializer.replica.LogFeed;
import dev.driftdb.materializer.state.CatalogRows;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.schemas.avro.AvroWire;
import dev.driftdb.schemas.catalog.CatalogCodec;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.Metadata;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Types;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The publisher with a real broker, log and replica. */
@Timeout(120)
class ChangelogPublisherTest {
    private static final int TABLE = 16384;
    private static final List<ColumnDef> COLUMNS =
            List.of(ColumnDef.of(1, "id", Types.INT8), ColumnDef.of(2, "v", Types.TEXT));
    private static final int LARGE_ROWS = 40;
    private static final int LARGE_ROW_BYTES = 100_000;

    @TempDir Path directory;

    private final TopicNames names = new TopicNames("shop");
    private final String topic = names.changelog("public", "t");
    private EmbeddedKafka broker;
    private Map<String, Object> client;
    private Admin admin;
    private CommitLog log;
    private KafkaReplica replica;
    private SchemaRegistryTopic registry;

    @BeforeEach
    void open() throws Exception {
        broker = new EmbeddedKafka(directory.resolve("kafka"), 0, (what, cause) -> {});
        broker.start();
        client = Map.of("bootstrap.servers", broker.bootstrapServers());
        admin = Admin.create(client);
        LogTopic logTopic = LogTopic.ensure(admin, names, LogTopic.Settings.DURABLE);
        log =
                new KafkaCommitLog(
                        KafkaCommitLog.Settings.of(broker.bootstrapServers(), logTopic.name()));
        replica =
                new KafkaReplica(
                        broker.bootstrapServers(),
                        Map.of(),
                        logTopic.name(),
                        directory.resolve("state"),
                        ReplicaSettings.small(),
                        LogFeed.OF_A_CLUSTER);
        replica.start();
        registry = new SchemaRegistryTopic(admin, names, client);
        commit(
                new Change.Put(
                        SystemStorage.CATALOG,
                        Change.Kind.INSERT,
                        CatalogRows.key(TABLE),
                        Bytes.wrap(CatalogCodec.encode(table()))));
    }

    @AfterEach
    void close() {
        registry.close();
        replica.close();
        log.close();
        admin.close();
        broker.close();
    }

    private ChangelogPublisher start(String node) {
        return new ChangelogPublisher(node, names, admin, client, replica, registry);
    }

    @Test
    void committed_changes_are_published_once_in_order_over_a_restart() throws Exception {
        try (ChangelogPublisher publisher = start("node1")) {
            commit(put(1, "a"), put(2, "b"));
            commit(put(1, "c"));
            rejected(put(1, "never"));
            await(publisher, commit(delete(2)));
        }
        assertThat(changelog())
                .containsExactly(
                        "{\"id\": 1} c null -> a 1",
                        "{\"id\": 2} c null -> b 2",
                        "{\"id\": 1} u a -> c 1",
                        "{\"id\": 2} d b -> null 1");
        long end;
        try (ChangelogPublisher publisher = start("node1")) {
            end = commit(put(3, "d"));
            await(publisher, end);
        }
        assertThat(changelog()).hasSize(5).last().isEqualTo("{\"id\": 3} c null -> d 1");
    }

    @Test
    void one_of_two_publishers_is_active_and_the_other_takes_over_without_a_gap() throws Exception {
        ChangelogPublisher second;
        try (ChangelogPublisher first = start("node1")) {
            await(first, commit(put(1, "a")));
            second = start("node2");
            long last = 0;
            for (int i = 2; i <= 20; i++) {
                last = commit(put(i, "x"));
            }
            await(first, second, last);
        }
        try (second) {
            await(second, commit(put(100, "z")));
        }
        assertThat(changelog()).hasSize(21).doesNotHaveDuplicates();
    }

    @Test
    void a_transaction_in_chunks_is_published_as_one() throws Exception {
        Change[] changes = new Change[LARGE_ROWS];
        for (int i = 0; i < LARGE_ROWS; i++) {
            changes[i] = put(i, "x".repeat(LARGE_ROW_BYTES));
        }
        try (ChangelogPublisher publisher = start("node1")) {
            await(publisher, commit(changes));
        }
        List<ConsumerRecord<byte[], byte[]>> records = read();
        assertThat(records).hasSize(LARGE_ROWS);
        GenericRecord last =
                Objects.requireNonNull(AvroWire.decode(records.getLast().value(), registry));
        assertThat(((GenericRecord) last.get("source")).get("position"))
                .isEqualTo((long) LARGE_ROWS);
    }

    private static TableDef table() {
        return new TableDef(
                TABLE, SchemaDef.PUBLIC, "t", 10, TABLE, COLUMNS, List.of(1), List.of(), Map.of());
    }

    private static Bytes key(long id) {
        return KeyCodec.key(List.of(Types.INT8), List.of(id));
    }

    private static Change put(long id, String v) {
        return new Change.Put(
                TABLE,
                Change.Kind.INSERT,
                key(id),
                Bytes.wrap(RowCodec.encode(COLUMNS, new Object[] {id, v})));
    }

    private static Change delete(long id) {
        return new Change.Delete(TABLE, key(id));
    }

    private long commit(Change... changes) throws Exception {
        return append(List.of(), changes);
    }

    private void rejected(Change... changes) throws Exception {
        append(List.of(new Precondition.RowVersion(TABLE, key(1), 999)), changes);
    }

    private long append(List<Precondition> preconditions, Change... changes) throws Exception {
        List<LogRecord> records =
                Chunker.split(
                        new TransactionEntry(
                                UUID.randomUUID(),
                                new Metadata("sql", "driftdb", "test", "INSERT", null),
                                preconditions,
                                List.of(changes),
                                0));
        return log.append(records).get().offset();
    }

    private static void await(ChangelogPublisher publisher, long offset) {
        await(publisher, publisher, offset);
    }

    private static void await(ChangelogPublisher one, ChangelogPublisher other, long offset) {
        while (Math.max(one.publishedOffset(), other.publishedOffset()) < offset) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private List<String> changelog() {
        List<String> lines = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : read()) {
            GenericRecord value = Objects.requireNonNull(AvroWire.decode(record.value(), registry));
            lines.add(
                    AvroWire.decode(record.key(), registry)
                            + " "
                            + value.get("op")
                            + " "
                            + v(value.get("before"))
                            + " -> "
                            + v(value.get("after"))
                            + " "
                            + ((GenericRecord) value.get("transaction")).get("total_order"));
        }
        return lines;
    }

    private static String v(@Nullable Object row) {
        return row == null ? "null" : ((GenericRecord) row).get("v").toString();
    }

    private List<ConsumerRecord<byte[], byte[]>> read() {
        Map<String, Object> properties = new HashMap<>(client);
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
                consumer.poll(Duration.ofMillis(200)).forEach(all::add);
            }
            return all;
        }
    }
}
