package dev.driftdb.ingest.events;

import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord.SourcePosition;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.Bytes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** One storage folded from a log in memory: row versions and source positions, nothing else. */
final class MiniReplica implements OutcomeSource {
    record Row(long offset, Bytes bytes) {}

    final Map<Bytes, Row> rows = new ConcurrentHashMap<>();
    private final Map<String, Long> sources = new HashMap<>();
    private final Map<UUID, CompletableFuture<Outcome>> waiters = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean stopped;
    final AtomicInteger committed = new AtomicInteger();

    MiniReplica(String bootstrapServers, String topic) {
        thread = Thread.ofPlatform().start(() -> follow(bootstrapServers, topic));
    }

    private void follow(String bootstrapServers, String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", bootstrapServers),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (!stopped) {
                consumer.poll(Duration.ofMillis(50)).forEach(this::apply);
            }
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        TransactionEntry entry = (TransactionEntry) LogCodec.decode(record.value());
        Outcome outcome = resolve(entry, record);
        if (outcome instanceof Outcome.Committed) {
            for (Change change : entry.changes()) {
                switch (change) {
                    case Change.Put put -> rows.put(put.key(), new Row(record.offset(), put.row()));
                    case Change.Delete delete -> rows.remove(delete.key());
                    default -> throw new IllegalStateException("not in these tests: " + change);
                }
            }
            SourcePosition source = entry.metadata().source();
            if (source != null) {
                sources.put(source.topic() + source.partition(), source.offset());
            }
            committed.incrementAndGet();
        }
        CompletableFuture<Outcome> waiter = waiters.remove(entry.id());
        if (waiter != null) {
            waiter.complete(outcome);
        }
    }

    private Outcome resolve(TransactionEntry entry, ConsumerRecord<byte[], byte[]> record) {
        SourcePosition source = entry.metadata().source();
        if (source != null
                && sources.getOrDefault(source.topic() + source.partition(), -1L)
                        >= source.offset()) {
            return new Outcome.Rejected(record.offset(), null);
        }
        for (Precondition precondition : entry.preconditions()) {
            Precondition.RowVersion version = (Precondition.RowVersion) precondition;
            if (version(version.key()) != version.offset()) {
                return new Outcome.Rejected(record.offset(), precondition);
            }
        }
        return new Outcome.Committed(record.offset(), record.timestamp());
    }

    long version(Bytes key) {
        Row row = rows.get(key);
        return row == null ? Precondition.ABSENT : row.offset();
    }

    @Override
    public CompletableFuture<Outcome> outcomeOf(UUID transactionId) {
        return waiters.computeIfAbsent(transactionId, id -> new CompletableFuture<>());
    }

    @Override
    public void forget(UUID transactionId) {
        waiters.remove(transactionId);
    }

    void close() throws InterruptedException {
        stopped = true;
        thread.join();
    }
}
