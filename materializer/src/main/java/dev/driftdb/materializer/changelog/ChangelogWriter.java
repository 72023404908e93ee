package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.schemas.avro.AvroWire;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.log.TopicNames;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.jspecify.annotations.Nullable;

/**
 * Turns row changes into Kafka records inside the open Kafka transaction of one publisher. Owned by
 * the publisher's thread.
 */
final class ChangelogWriter {
    private record Format(Envelope envelope, String topic, int keyId, int valueId) {}

    private final TopicNames names;
    private final Admin admin;
    private final SchemaRegistry registry;
    private final KafkaProducer<byte[], byte[]> producer;

    /** By table id; replaced when the definition or the schema's name is another. */
    private final Map<Integer, Format> formats = new HashMap<>();

    private final Map<Integer, TableDef> formatOf = new HashMap<>();
    private final Map<Integer, Long> positionInTable = new HashMap<>();
    private long position;
    private volatile @Nullable Exception failure;

    ChangelogWriter(
            TopicNames names,
            Admin admin,
            SchemaRegistry registry,
            KafkaProducer<byte[], byte[]> producer) {
        this.names = names;
        this.admin = admin;
        this.registry = registry;
        this.producer = producer;
    }

    /** The next changes belong to another entry. */
    void beginEntry() {
        position = 0;
        positionInTable.clear();
    }

    void write(RowChange change, EntryInfo entry) {
        Exception failed = failure;
        if (failed != null) {
            throw new IllegalStateException("a record was not taken", failed);
        }
        Format format = format(change);
        position++;
        long inTable = positionInTable.merge(change.table().id(), 1L, Long::sum);
        byte[] value =
                AvroWire.encode(
                        format.valueId(),
                        format.envelope().value(change, entry, position, inTable));
        if (change.key() == null) {
            // Concerns all rows, so all partitions must hear of it at this place.
            for (PartitionInfo partition : producer.partitionsFor(format.topic())) {
                send(new ProducerRecord<>(format.topic(), partition.partition(), null, value));
            }
            return;
        }
        byte[] key =
                AvroWire.encode(
                        format.keyId(),
                        format.envelope().key(change.key(), Envelope.rowOf(change)));
        send(new ProducerRecord<>(format.topic(), key, value));
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        var _ =
                producer.send(
                        record,
                        (metadata, failed) -> {
                            if (failed != null) {
                                failure = failed;
                            }
                        });
    }

    private Format format(RowChange change) {
        TableDef table = change.table();
        String topic = names.changelog(change.schemaName(), table.name());
        Format known = formats.get(table.id());
        if (known != null
                && known.topic().equals(topic)
                && table.equals(formatOf.get(table.id()))) {
            return known;
        }
        ChangelogTopics.ensure(admin, topic, TableOptions.changelogPartitions(table));
        Envelope envelope = new Envelope(names.database(), change.schemaName(), table);
        Format format =
                new Format(
                        envelope,
                        topic,
                        registry.idOf(topic + "-key", envelope.keySchema()),
                        registry.idOf(topic + "-value", envelope.schema()));
        formats.put(table.id(), format);
        formatOf.put(table.id(), table);
        return format;
    }
}
