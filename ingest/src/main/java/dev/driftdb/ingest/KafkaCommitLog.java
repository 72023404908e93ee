package dev.driftdb.ingest;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The log of one database on Kafka: one producer that all sessions of this process share. Safe for
 * any thread.
 *
 * <p>There is at most one request to the broker at a time; what sessions append meanwhile goes with
 * the next one. That is group commit, and it measured faster under load than five requests.
 */
public final class KafkaCommitLog implements CommitLog {
    /** Memory for records that the broker has not acknowledged; appends wait when it is full. */
    private static final long BUFFER_BYTES_MAX = 64L * 1024 * 1024;

    /** The most that goes with one request: what group commit can grow to. */
    private static final int BATCH_BYTES_MAX = 256 * 1024;

    /** One attempt of a request; the commit timeout bounds all attempts together. */
    private static final Duration REQUEST_TIMEOUT_MAX = Duration.ofSeconds(10);

    private static final Duration METADATA_IDLE_MAX = Duration.ofDays(365);

    private static final int PARTITION = 0;

    /**
     * @param bootstrapServers host:port, separated by commas
     * @param topic the log's topic, checked by {@link LogTopic#ensure}
     * @param commitTimeout after this long without an acknowledgement an outcome is unknown
     * @param clientProperties settings of Kafka's clients that win over our own, for TLS and SASL;
     *     those that the guarantees rest on cannot be changed
     */
    public record Settings(
            String bootstrapServers,
            String topic,
            Duration commitTimeout,
            Map<String, String> clientProperties) {
        public static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);

        public Settings {
            clientProperties = Map.copyOf(clientProperties);
            if (commitTimeout.toMillis() < 1) {
                throw new IllegalArgumentException("the commit timeout must be positive");
            }
        }

        public static Settings of(String bootstrapServers, String topic) {
            return new Settings(bootstrapServers, topic, COMMIT_TIMEOUT, Map.of());
        }
    }

    /**
     * Bytes of large transactions' parts on their way, of all sessions together. What others append
     * meanwhile stands behind no more than this, and the broker has the next part when it has
     * answered for the one before.
     */
    private static final int CHUNK_BYTES_MAX = 2 * Chunker.RECORD_BYTES_TARGET;

    /** How long one who waits for room sleeps before it looks whether it was cancelled. */
    private static final long CANCEL_CHECK_MS = 20;

    private final Semaphore chunkBytesLeft = new Semaphore(CHUNK_BYTES_MAX, true);
    private final TopicPartition partition;
    private final Duration commitTimeout;
    private final Producer<byte[], byte[]> producer;
    private final Admin admin;

    /** Connects when it is first used; a missing broker does not fail here. */
    public KafkaCommitLog(Settings settings) {
        this.partition = new TopicPartition(settings.topic(), PARTITION);
        this.commitTimeout = settings.commitTimeout();
        this.admin = Admin.create(adminProperties(settings));
        this.producer =
                new KafkaProducer<>(
                        producerProperties(settings),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
    }

    private static Map<String, Object> adminProperties(Settings settings) {
        Map<String, Object> properties = new HashMap<>(settings.clientProperties());
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        return properties;
    }

    private static Map<String, Object> producerProperties(Settings settings) {
        int timeoutMs = (int) Math.min(Integer.MAX_VALUE, settings.commitTimeout().toMillis());
        int requestTimeoutMs = (int) Math.min(timeoutMs, REQUEST_TIMEOUT_MAX.toMillis());
        Map<String, Object> properties = new HashMap<>();
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES_MAX);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES_MAX);
        // Looking the topic up again would make a commit wait.
        properties.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, METADATA_IDLE_MAX.toMillis());
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LogTopic.MESSAGE_BYTES_MAX);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, requestTimeoutMs);
        properties.putAll(settings.clientProperties());
        // After the user's own, because COMMIT means these: every copy that must have the record
        // has it, a retry never writes it twice, and no record overtakes an earlier one.
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, timeoutMs);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeoutMs);
        // A producer that forgets where the log is while no broker answers blocks its callers,
        // among them the event loop. One that remembers keeps the record and sends it in time.
        properties.put(
                CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG,
                MetadataRecoveryStrategy.NONE.name);
        return properties;
    }

    /** Learns where the log is, so that no append has to. */
    public void connect() {
        producer.partitionsFor(partition.topic());
    }

    @Override
    public CompletableFuture<Appended> append(List<LogRecord> records) {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("nothing to append");
        }
        if (records.size() > 1) {
            try {
                Chunks chunks = chunks();
                for (LogRecord record : records.subList(0, records.size() - 1)) {
                    if (!(record instanceof LogRecord.Chunk chunk)) {
                        throw new IllegalArgumentException("an entry before the last record");
                    }
                    chunks.append(chunk, () -> {});
                }
                chunks.await(() -> {});
            } catch (SqlException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
        LogRecord last = records.getLast();
        return send(last.id(), LogCodec.encode(last));
    }

    @Override
    public Chunks chunks() {
        return new ChunksOnTheirWay();
    }

    /**
     * An entry must never be in the log without its chunks. A producer goes on after a batch that
     * timed out, so an entry is sent only when every chunk is known to be there.
     */
    private final class ChunksOnTheirWay implements Chunks {
        private final Phaser unacknowledged = new Phaser(1);
        private volatile @Nullable Throwable failure;

        @Override
        public void append(LogRecord.Chunk chunk, Runnable checkCanceled) {
            byte[] value = LogCodec.encode(chunk);
            int bytes = Math.min(value.length, CHUNK_BYTES_MAX);
            try {
                while (!chunkBytesLeft.tryAcquire(bytes, CANCEL_CHECK_MS, TimeUnit.MILLISECONDS)) {
                    checkCanceled.run();
                    checkNotFailed();
                }
            } catch (InterruptedException e) {
                throw interrupted();
            }
            try {
                checkNotFailed();
            } catch (SqlException e) {
                chunkBytesLeft.release(bytes);
                throw e;
            }
            unacknowledged.register();
            var _ =
                    send(chunk.id(), value)
                            .whenComplete((done, failed) -> {
                                if (failed != null) {
                                    failure = failed;
                                }
                                chunkBytesLeft.release(bytes);
                                unacknowledged.arriveAndDeregister();
                            });
        }

        @Override
        public void await(Runnable checkCanceled) {
            int phase = unacknowledged.arrive();
            boolean all = false;
            while (!all) {
                try {
                    unacknowledged.awaitAdvanceInterruptibly(
                            phase, CANCEL_CHECK_MS, TimeUnit.MILLISECONDS);
                    all = true;
                } catch (TimeoutException e) {
                    checkCanceled.run();
                    checkNotFailed();
                } catch (InterruptedException e) {
                    throw interrupted();
                }
            }
            checkNotFailed();
        }

        private void checkNotFailed() {
            Throwable cause = failure;
            if (cause != null) {
                throw notAppended(cause);
            }
        }
    }

    private static SqlException interrupted() {
        Thread.currentThread().interrupt();
        return new SqlException(
                SqlState.QUERY_CANCELED, "canceled before the transaction was appended");
    }

    private CompletableFuture<Appended> send(UUID transactionId, byte[] value) {
        CompletableFuture<Appended> done = new CompletableFuture<>();
        ProducerRecord<byte[], byte[]> message =
                new ProducerRecord<>(partition.topic(), PARTITION, keyOf(transactionId), value);
        Thread caller = Thread.currentThread();
        try {
            var _ =
                    producer.send(
                            message,
                            (metadata, failure) -> {
                                if (failure == null) {
                                    done.complete(
                                            new Appended(
                                                    metadata.offset(),
                                                    metadata.timestamp(),
                                                    value));
                                } else if (failure instanceof RecordTooLargeException) {
                                    done.completeExceptionally(tooLarge());
                                } else if (Thread.currentThread() == caller) {
                                    // Still inside send(): the record never was in the buffer.
                                    done.completeExceptionally(notAppended(failure));
                                } else {
                                    done.completeExceptionally(
                                            new OutcomeUnknownException(
                                                    "the log did not acknowledge transaction "
                                                            + transactionId
                                                            + ": "
                                                            + failure.getMessage(),
                                                    failure));
                                }
                            });
        } catch (KafkaException | IllegalStateException e) {
            // Interrupted or closed, again before the record was in the buffer.
            done.completeExceptionally(notAppended(e));
        }
        return done;
    }

    private static SqlException tooLarge() {
        return new SqlException(
                SqlState.PROGRAM_LIMIT_EXCEEDED,
                "a record of the transaction is larger than the log takes, "
                        + LogTopic.MESSAGE_BYTES_MAX
                        + " bytes");
    }

    /** The transaction has certainly no effect: its entry was never sent. */
    private static SqlException notAppended(@Nullable Throwable cause) {
        return switch (cause) {
            case SqlException e -> e;
            case InterruptException _ -> interrupted();
            case null, default ->
                    new SqlException(
                                    SqlState.INSUFFICIENT_RESOURCES,
                                    "the log cannot take the transaction, which has no effect")
                            .withDetail(String.valueOf(cause));
        };
    }

    /** The key of every record of a transaction: its id, most significant byte first. */
    static byte[] keyOf(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    @Override
    public long endOffset() {
        try {
            return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get(commitTimeout.toMillis(), TimeUnit.MILLISECONDS)
                    .offset();
        } catch (ExecutionException | TimeoutException e) {
            throw new SqlException(
                            SqlState.INSUFFICIENT_RESOURCES, "the log cannot be asked for its end")
                    .withDetail(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SqlException(
                    SqlState.QUERY_CANCELED, "canceled while asking the log for its end");
        }
    }

    /** Waits for what was appended, at most the commit timeout. */
    @Override
    public void close() {
        producer.close(commitTimeout);
        admin.close(commitTimeout);
    }
}
