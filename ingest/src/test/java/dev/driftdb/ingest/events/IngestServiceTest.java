package dev.driftdb.ingest.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.ingest.CommitLog;
import dev.driftdb.ingest.KafkaCommitLog;
import dev.driftdb.ingest.LogTopic;
import dev.driftdb.ingest.SchemaRegistryTopic;
import dev.driftdb.ingest.SharedBroker;
import dev.driftdb.ingest.Topics;
import dev.driftdb.schemas.avro.AvroWire;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord.Metadata;
import dev.driftdb.schemas.log.LogRecord.SourcePosition;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.schemas.type.Bytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class IngestServiceTest {
    private static final int STORAGE = 16384;
    private static final Map<String, Object> CLIENT =
            Map.of("bootstrap.servers", SharedBroker.bootstrapServers());
    private static final Schema ROW =
            SchemaBuilder.record("Value")
                    .fields()
                    .requiredInt("id")
                    .requiredString("v")
                    .endRecord();
    private static final Schema KEY =
            SchemaBuilder.record("Key").fields().requiredInt("id").endRecord();

    private final TopicNames names = SharedBroker.freshNames();
    private final String topic = names.events("public", "t");
    private final AtomicInteger races = new AtomicInteger();
    private CommitLog log;
    private MiniReplica replica;
    private SchemaRegistryTopic registry;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeEach
    void open() {
        String logTopic =
                LogTopic.ensure(SharedBroker.admin(), names, LogTopic.Settings.DURABLE).name();
        log =
                new KafkaCommitLog(
                        KafkaCommitLog.Settings.of(SharedBroker.bootstrapServers(), logTopic));
        replica = new MiniReplica(SharedBroker.bootstrapServers(), logTopic);
        registry = new SchemaRegistryTopic(SharedBroker.admin(), names, CLIENT);
        producer =
                new KafkaProducer<>(CLIENT, new ByteArraySerializer(), new ByteArraySerializer());
        Topics.ensure(SharedBroker.admin(), topic, 2, Map.of());
    }

    @AfterEach
    void close() throws Exception {
        producer.close();
        registry.close();
        replica.close();
        log.close();
    }

    private IngestService start() {
        return new IngestService(
                "node1",
                names,
                SharedBroker.admin(),
                CLIENT,
                log,
                registry,
                () -> Set.of(new IngestTable("public", "t", 2)),
                this::convert,
                replica);
    }

    /** Rows whose v is "bad" violate a constraint; the first races are lost. */
    private EventToTransaction.Result convert(
            String schema,
            String table,
            UUID id,
            SourcePosition source,
            @Nullable GenericRecord key,
            @Nullable GenericRecord value) {
        Bytes rowKey = bytes(String.valueOf(id(value != null ? value : key)));
        if (value != null && value.get("v").toString().equals("bad")) {
            return new EventToTransaction.Result.Refused("23514", "violates check constraint");
        } else if (value != null && value.get("v").toString().equals("bug")) {
            throw new IllegalArgumentException("a bug");
        }
        long version = replica.version(rowKey);
        if (value == null && version == Precondition.ABSENT) {
            return new EventToTransaction.Result.Nothing();
        }
        if (races.getAndDecrement() > 0) {
            version = 1_000_000;
        }
        Change change =
                value == null
                        ? new Change.Delete(STORAGE, rowKey)
                        : new Change.Put(
                                STORAGE,
                                Change.Kind.INSERT,
                                rowKey,
                                bytes(value.get("v").toString()));
        return new EventToTransaction.Result.Entry(
                new TransactionEntry(
                        id,
                        new Metadata("ingest", "driftdb", "ingest", "INSERT", source),
                        List.of(new Precondition.RowVersion(STORAGE, rowKey, version)),
                        List.of(change),
                        0));
    }

    @Test
    void rows_become_entries_in_order_and_a_missing_value_deletes() throws Exception {
        put(0, 1, "a");
        put(0, 2, "b");
        put(0, 1, "c");
        put(1, 3, "d");
        delete(0, 2);
        try (IngestService _ = start()) {
            await(() -> replica.committed.get() == 5);
        }
        assertThat(row("1")).isEqualTo(bytes("c"));
        assertThat(row("3")).isEqualTo(bytes("d"));
        assertThat(replica.rows).hasSize(2);
    }

    @Test
    void what_cannot_be_applied_is_a_dead_letter_with_its_reason_and_stops_nothing()
            throws Exception {
        put(0, 1, "bad");
        byte[] noise = "{\"id\": 1}".getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(topic, 0, null, noise)).get();
        put(0, 2, "bug");
        put(0, 3, "good");
        try (IngestService _ = start()) {
            await(() -> replica.committed.get() == 1);
        }
        assertThat(replica.rows.keySet()).containsExactly(bytes("3"));
        List<ConsumerRecord<byte[], byte[]>> letters = SharedBroker.readAll(names.deadLetter());
        assertThat(letters).hasSize(3);
        assertThat(header(letters.get(0), DeadLetters.SQLSTATE)).isEqualTo("23514");
        assertThat(header(letters.get(0), DeadLetters.REASON)).contains("check constraint");
        assertThat(header(letters.get(0), DeadLetters.TABLE)).isEqualTo("public.t");
        assertThat(header(letters.get(0), DeadLetters.SOURCE_TOPIC)).isEqualTo(topic);
        assertThat(header(letters.get(1), DeadLetters.SQLSTATE)).isEqualTo("22P03");
        assertThat(header(letters.get(1), DeadLetters.SOURCE_OFFSET)).isEqualTo("1");
        assertThat(letters.get(1).value()).isEqualTo(noise);
        assertThat(header(letters.get(2), DeadLetters.SQLSTATE)).isEqualTo("XX000");
    }

    @Test
    void a_lost_race_is_tried_again_before_later_events_of_the_partition() throws Exception {
        races.set(3);
        put(0, 1, "first");
        put(0, 1, "second");
        try (IngestService _ = start()) {
            await(() -> replica.committed.get() == 2);
        }
        assertThat(row("1")).isEqualTo(bytes("second"));
        assertThat(log.endOffset()).isEqualTo(5);
    }

    @Test
    void an_event_that_loses_every_race_is_a_dead_letter() throws Exception {
        races.set(EventApplier.ATTEMPTS_MAX);
        put(0, 1, "unlucky");
        put(0, 2, "next");
        try (IngestService _ = start()) {
            await(() -> replica.committed.get() == 1);
        }
        assertThat(replica.rows.keySet()).containsExactly(bytes("2"));
        assertThat(
                        header(
                                SharedBroker.readAll(names.deadLetter()).getFirst(),
                                DeadLetters.SQLSTATE))
                .isEqualTo("40001");
    }

    @Test
    void a_restart_goes_on_where_it_stopped_and_repeated_events_have_no_effect() throws Exception {
        put(0, 1, "a");
        try (IngestService _ = start()) {
            await(() -> replica.committed.get() == 1);
        }
        put(0, 2, "b");
        try (IngestService _ = start()) {
            await(() -> replica.committed.get() == 2);
        }
        assertThat(log.endOffset()).isEqualTo(2);
        loseProgress();
        put(0, 3, "c");
        try (IngestService _ = start()) {
            await(() -> replica.committed.get() == 3);
        }
        assertThat(replica.rows).hasSize(3);
        assertThat(log.endOffset()).isEqualTo(5);
    }

    /** As if the group's offsets had not survived: the service's place is taken and set back. */
    private void loseProgress() {
        Map<String, Object> properties = new HashMap<>(CLIENT);
        properties.put("group.id", "driftdb." + names.database() + ".ingest");
        properties.put("group.instance.id", "node1");
        properties.put("enable.auto.commit", false);
        properties.put("auto.offset.reset", "earliest");
        properties.put("partition.assignment.strategy", List.of(CooperativeStickyAssignor.class));
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (consumer.assignment().isEmpty()) {
                consumer.poll(Duration.ofMillis(50));
            }
            consumer.commitSync(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(0)));
        }
    }

    private void put(int partition, int id, String v) throws Exception {
        GenericRecord row = new GenericRecordBuilder(ROW).set("id", id).set("v", v).build();
        byte[] value = AvroWire.encode(registry.idOf(topic + "-value", ROW), row);
        producer.send(new ProducerRecord<>(topic, partition, null, value)).get();
    }

    private void delete(int partition, int id) throws Exception {
        GenericRecord key = new GenericRecordBuilder(KEY).set("id", id).build();
        byte[] bytes = AvroWire.encode(registry.idOf(topic + "-key", KEY), key);
        producer.send(new ProducerRecord<>(topic, partition, bytes, null)).get();
    }

    private static @Nullable Object id(@Nullable GenericRecord record) {
        return record == null ? null : record.get("id");
    }

    private @Nullable Bytes row(String key) {
        MiniReplica.Row row = replica.rows.get(bytes(key));
        return row == null ? null : row.bytes();
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }
}
