package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.TopicNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of the active publisher from one failure to the next. Owned by the publisher's thread.
 *
 * <p>Progress is the group's committed offset of the log: the offset to read on from, and in its
 * metadata the last published one. They differ while chunks lie before it whose entry has not come.
 */
final class PublisherSession implements CommittedChanges.Sink {
    private static final Logger LOG = LoggerFactory.getLogger(PublisherSession.class);

    /** Entries without anything to publish after which progress is committed all the same. */
    private static final long PROGRESS_OFFSETS = 10_000;

    /** How long the local replica may take to apply what the log has already. */
    private static final Duration APPLY_TIMEOUT = Duration.ofSeconds(30);

    /** The broker's largest: one transaction of ours may be one huge transaction of the log. */
    private static final Duration TRANSACTION_TIMEOUT = Duration.ofMinutes(15);

    /** Kafka's own 16 KiB make a request of every few dozen rows of a bulk load. */
    private static final int BATCH_BYTES = 128 << 10;

    private final Replica replica;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final TopicPartition log;
    private final KafkaProducer<byte[], byte[]> producer;
    private final ChangelogWriter writer;
    private final ChunkReader chunkReader;
    private final ChunkIndex chunks = new ChunkIndex();
    private final Pacing pacing;
    private final CommittedChanges changes;
    private long published;
    private long committed;
    private boolean inTransaction;

    private PublisherSession(
            Replica replica,
            KafkaConsumer<byte[], byte[]> consumer,
            TopicPartition log,
            KafkaProducer<byte[], byte[]> producer,
            ChangelogWriter writer,
            ChunkReader chunkReader,
            Pacing pacing,
            Catalog catalog,
            long published) {
        this.replica = replica;
        this.consumer = consumer;
        this.log = log;
        this.producer = producer;
        this.writer = writer;
        this.chunkReader = chunkReader;
        this.pacing = pacing;
        this.changes = new CommittedChanges(replica::asOf, catalog, this);
        this.published = published;
        this.committed = published;
    }

    /** Fences every earlier publisher and sets the consumer to the committed progress. */
    static PublisherSession open(
            TopicNames names,
            Admin admin,
            Map<String, Object> clientProperties,
            Replica replica,
            SchemaRegistry registry,
            KafkaConsumer<byte[], byte[]> consumer,
            TopicPartition log,
            Pacing pacing)
            throws InterruptedException {
        Map<String, Object> properties = new HashMap<>(clientProperties);
        properties.put(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                "driftdb." + names.database() + ".changelog");
        properties.put(
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis());
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, ChangelogTopics.messageBytesMax());
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        properties, new ByteArraySerializer(), new ByteArraySerializer());
        ChunkReader chunkReader = new ChunkReader(log, clientProperties);
        try {
            producer.initTransactions();
            OffsetAndMetadata progress = consumer.committed(Set.of(log)).get(log);
            long published =
                    progress == null || progress.metadata().isEmpty()
                            ? -1
                            : Long.parseLong(progress.metadata());
            if (progress == null) {
                consumer.seekToBeginning(List.of(log));
            } else {
                consumer.seek(log, progress.offset());
            }
            awaitApplied(replica, published);
            try (ReadView view = replica.asOf(published)) {
                return new PublisherSession(
                        replica,
                        consumer,
                        log,
                        producer,
                        new ChangelogWriter(names, admin, registry, producer),
                        chunkReader,
                        pacing,
                        view.catalog(),
                        published);
            }
        } catch (RuntimeException | InterruptedException e) {
            producer.close(Duration.ZERO);
            chunkReader.close();
            throw e;
        }
    }

    long publishedOffset() {
        return published;
    }

    /** Publishes the entries among these records of the log in one Kafka transaction. */
    void publish(List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException {
        long last = records.getLast().offset();
        awaitApplied(replica, last);
        try (CommittedChanges poll = changes) {
            poll.beginPoll(last);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                long offset = record.offset();
                switch (LogCodec.decode(record.value())) {
                    case LogRecord.Chunk chunk -> chunks.add(chunk.id(), chunk.number(), offset);
                    case TransactionEntry entry -> {
                        List<Long> chunkOffsets = chunks.take(entry.id());
                        if (offset > published) {
                            poll.read(offset, entry, () -> read(entry, chunkOffsets));
                        }
                    }
                }
                published = Math.max(published, offset);
            }
        }
        if (inTransaction || published - committed >= PROGRESS_OFFSETS) {
            commit();
        }
    }

    /** The changes of an entry's chunks, one chunk in memory at a time. */
    private Iterator<List<Change>> read(TransactionEntry entry, List<Long> chunkOffsets) {
        if (entry.chunkCount() > 0 && chunkOffsets.size() != entry.chunkCount()) {
            throw new IllegalStateException(
                    "transaction "
                            + entry.id()
                            + " has "
                            + entry.chunkCount()
                            + " chunks, but "
                            + chunkOffsets.size()
                            + " were read");
        }
        return chunkOffsets.stream()
                .map(chunkOffset -> chunkReader.read(entry.id(), chunkOffset))
                .iterator();
    }

    @Override
    public void beginEntry(EntryInfo entry) {
        writer.beginEntry(entry);
    }

    @Override
    public void accept(RowChange change) {
        begin();
        writer.write(change);
        pacing.step();
    }

    private void begin() {
        if (!inTransaction) {
            producer.beginTransaction();
            inTransaction = true;
            pacing.beginTransaction();
        }
    }

    private void commit() {
        begin();
        long resume = chunks.resumeOffset(published + 1);
        producer.sendOffsetsToTransaction(
                Map.of(log, new OffsetAndMetadata(resume, Long.toString(published))),
                consumer.groupMetadata());
        // Waits for all records and throws if one of them failed.
        producer.commitTransaction();
        inTransaction = false;
        committed = published;
    }

    /** Gives up what is not committed. */
    void abandon() {
        try {
            if (inTransaction) {
                inTransaction = false;
                producer.abortTransaction();
            }
        } catch (KafkaException e) {
            LOG.debug("could not abort; the next publisher's fencing does", e);
        } finally {
            producer.close(Duration.ZERO);
            chunkReader.close();
        }
    }

    private static void awaitApplied(Replica replica, long offset) throws InterruptedException {
        if (offset < 0) {
            return;
        }
        try {
            replica.awaitOffset(offset).get(APPLY_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the replica failed", e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "the replica has applied offset "
                            + replica.appliedOffset()
                            + " only, not "
                            + offset,
                    e);
        }
    }
}
