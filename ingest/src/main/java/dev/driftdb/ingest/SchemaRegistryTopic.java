package dev.driftdb.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.log.TopicNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schema registry of one database: topic {@code driftdb.<db>.schemas}, one partition. Any
 * number of nodes may register at the same time. Safe for any thread.
 *
 * <p>A record is a claim: value {@code {"subject", "version", "id", "schema"}} as in Confluent's
 * own registry, key the subject. All nodes read the claims in the same order and let the first one
 * for an id win ({@link SchemaClaims}); a node whose claim lost reads the winner's and claims the
 * next id. That order is why the topic keeps every record for ever and is not compacted: compaction
 * drops first claims and keeps last ones. It grows by one record per schema, not per row.
 */
public final class SchemaRegistryTopic implements SchemaRegistry, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaRegistryTopic.class);

    /** How often a node claims an id that another takes before it, until it gives up. */
    private static final int CLAIM_ATTEMPTS_MAX = 100;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration REACH_TIMEOUT = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TopicPartition partition;
    private final SchemaClaims claims = new SchemaClaims();
    private final ReentrantLock lock = new ReentrantLock();
    // Both guarded by the lock.
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;

    /**
     * Makes the topic if there is none and reads it to its end.
     *
     * @param clientProperties settings for Kafka's clients, bootstrap.servers among them
     */
    public SchemaRegistryTopic(
            Admin admin, TopicNames names, Map<String, Object> clientProperties) {
        Topics.ensure(
                admin,
                names.schemas(),
                1,
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.RETENTION_MS_CONFIG,
                        "-1",
                        TopicConfig.RETENTION_BYTES_CONFIG,
                        "-1",
                        TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG,
                        "1"));
        this.partition = new TopicPartition(names.schemas(), 0);
        Map<String, Object> reading = new HashMap<>(clientProperties);
        reading.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        this.consumer =
                new KafkaConsumer<>(
                        reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Map<String, Object> writing = new HashMap<>(clientProperties);
        writing.put(ProducerConfig.ACKS_CONFIG, "all");
        writing.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        this.producer =
                new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer());
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        try {
            refresh();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public int idOf(String subject, Schema schema) {
        Integer known = claims.idOf(subject, schema);
        if (known != null) {
            return known;
        }
        lock.lock();
        try {
            refresh();
            for (int attempt = 1; attempt <= CLAIM_ATTEMPTS_MAX; attempt++) {
                Integer id = claims.idOf(subject, schema);
                if (id != null) {
                    return id;
                }
                SchemaClaims.Claim claim = claims.next(subject, schema);
                producer.send(
                                new ProducerRecord<>(
                                        partition.topic(),
                                        0,
                                        subject.getBytes(StandardCharsets.UTF_8),
                                        encode(claim)))
                        .get();
                refresh();
            }
            throw new IllegalStateException(
                    "no id for a schema of \""
                            + subject
                            + "\" in "
                            + CLAIM_ATTEMPTS_MAX
                            + " attempts");
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "cannot register a schema of \"" + subject + "\"", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while registering a schema", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Schema find(int id) {
        Schema known = claims.find(id);
        if (known == null) {
            refresh();
        }
        return known != null ? known : claims.find(id);
    }

    @Override
    public @Nullable Schema findByFingerprint(long fingerprint) {
        Schema known = claims.findByFingerprint(fingerprint);
        if (known == null) {
            refresh();
        }
        return known != null ? known : claims.findByFingerprint(fingerprint);
    }

    @Override
    public Map<Integer, Schema> all() {
        return claims.all();
    }

    @Override
    public Map<String, List<Version>> subjects() {
        return claims.subjects();
    }

    @Override
    public void refresh() {
        lock.lock();
        try {
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            long deadline = System.nanoTime() + REACH_TIMEOUT.toNanos();
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    apply(record);
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException(
                            "topic \"" + partition.topic() + "\" cannot be read to its end");
                }
            }
        } catch (KafkaException e) {
            throw new IllegalStateException("cannot read \"" + partition.topic() + "\"", e);
        } finally {
            lock.unlock();
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        try {
            JsonNode claim = JSON.readTree(record.value());
            boolean won =
                    claims.apply(
                            new SchemaClaims.Claim(
                                    claim.required("subject").asText(),
                                    claim.required("version").asInt(),
                                    claim.required("id").asInt(),
                                    new Schema.Parser().parse(claim.required("schema").asText())));
            if (!won) {
                LOG.debug("the claim at {}-{} came too late", partition, record.offset());
            }
        } catch (IOException | RuntimeException e) {
            // Every node skips it, so all still agree.
            LOG.error("no schema claim at {}-{}, skipped", partition, record.offset(), e);
        }
    }

    private static byte[] encode(SchemaClaims.Claim claim) {
        ObjectNode json = JSON.createObjectNode();
        json.put("subject", claim.subject());
        json.put("version", claim.version());
        json.put("id", claim.id());
        json.put("schema", claim.schema().toString());
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers is JSON", e);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            producer.close();
            consumer.close();
        } finally {
            lock.unlock();
        }
    }
}
