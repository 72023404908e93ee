package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.schemas.avro.AvroBuffer;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.log.TopicNames;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.jspecify.annotations.Nullable;

/**
 * Turns row changes into Kafka records inside the open Kafka transaction of one publisher. Owned by
 * the publisher's thread.
 */
final class ChangelogWriter {
    private record Format(Envelope envelope, String topic, int keyId, int valueId) {}

    /** What is known of one table. */
    private static final class TableState {
        /** Its definition at its last change: compared only where it is another object. */
        PublishedTable table;

        Format format;

        /** The entry of its last change, and the change's place among the table's in it. */
        long entryNumber;

        long position;

        TableState(PublishedTable table, Format format) {
            this.table = table;
            this.format = format;
        }
    }

    private final TopicNames names;
    private final Admin admin;
    private final SchemaRegistry registry;
    private final Producer<byte[], byte[]> producer;
    private final AvroBuffer buffer = new AvroBuffer();
    private final Callback whenSent = this::sent;

    /** By table id. */
    private final Map<Integer, TableState> tables = new HashMap<>();

    private @Nullable EntryStamp entry;
    private long entryNumber;
    private long position;
    private volatile @Nullable Exception failure;

    ChangelogWriter(
            TopicNames names,
            Admin admin,
            SchemaRegistry registry,
            Producer<byte[], byte[]> producer) {
        this.names = names;
        this.admin = admin;
        this.registry = registry;
        this.producer = producer;
    }

    /** The next changes belong to another entry. */
    void beginEntry(EntryInfo info) {
        entry = EntryStamp.of(info, buffer);
        entryNumber++;
        position = 0;
    }

    void write(RowChange change) {
        Exception failed = failure;
        if (failed != null) {
            throw new IllegalStateException("a record was not taken", failed);
        }
        EntryStamp stamp = entry;
        if (stamp == null) {
            throw new IllegalStateException("no entry has begun");
        }
        TableState table = table(change.table());
        Format format = table.format;
        position++;
        table.position = table.entryNumber == entryNumber ? table.position + 1 : 1;
        table.entryNumber = entryNumber;
        buffer.begin(format.valueId());
        format.envelope().value(buffer, change, stamp, position, table.position);
        byte[] value = buffer.toByteArray();
        if (change.key() == null) {
            // Concerns all rows, so all partitions must hear of it at this place.
            for (PartitionInfo partition : producer.partitionsFor(format.topic())) {
                send(new ProducerRecord<>(format.topic(), partition.partition(), null, value));
            }
            return;
        }
        buffer.begin(format.keyId());
        format.envelope().key(buffer, change.key(), Envelope.rowOf(change));
        send(new ProducerRecord<>(format.topic(), buffer.toByteArray(), value));
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        var _ = producer.send(record, whenSent);
    }

    private void sent(@Nullable RecordMetadata metadata, @Nullable Exception failed) {
        if (failed != null) {
            failure = failed;
        }
    }

    /** The table with the format of this definition. */
    @SuppressWarnings("ReferenceEquality") // equal definitions are compared once, not per change
    private TableState table(PublishedTable table) {
        TableState known = tables.get(table.table().id());
        if (known == null) {
            known = new TableState(table, format(table));
            tables.put(table.table().id(), known);
        } else if (known.table != table) {
            // Types are equal by oid; what one that is not built in is made of may have changed.
            if (!known.table.equals(table) || hasUserTypes(table.table())) {
                known.format = format(table);
            }
            known.table = table;
        }
        return known;
    }

    private static boolean hasUserTypes(TableDef table) {
        return table.columns().stream().anyMatch(column -> column.type().definition() != null);
    }

    private Format format(PublishedTable published) {
        TableDef table = published.table();
        String topic = names.changelog(published.schemaName(), table.name());
        ChangelogTopics.ensure(admin, topic, TableOptions.changelogPartitions(table));
        Envelope envelope = new Envelope(names.database(), published.schemaName(), table);
        return new Format(
                envelope,
                topic,
                registry.idOf(topic + "-key", envelope.keySchema()),
                registry.idOf(topic + "-value", envelope.schema()));
    }
}
