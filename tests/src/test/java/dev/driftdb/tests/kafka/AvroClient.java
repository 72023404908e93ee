package dev.driftdb.tests.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.driftdb.query.server.Node;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Another service: Kafka's and Avro's own classes, and HTTP for the schemas. Nothing of DriftDB.
 * One thread.
 */
final class AvroClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int HEADER_BYTES = 5;

    private final String bootstrapServers;
    private final String registry;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, Schema> schemas = new HashMap<>();
    private final KafkaProducer<byte[], byte[]> producer;

    AvroClient(Node node) {
        this.bootstrapServers = node.bootstrapServers();
        this.registry = "http://127.0.0.1:" + node.httpPort();
        this.producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", bootstrapServers),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
    }

    record Answer(int status, JsonNode body) {}

    Answer get(String path) {
        return send(HttpRequest.newBuilder(URI.create(registry + path)).build());
    }

    Answer post(String path, String body) {
        return send(
                HttpRequest.newBuilder(URI.create(registry + path))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build());
    }

    private Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    http.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), JSON.readTree(response.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A registered schema and its number. */
    record Registered(int id, Schema schema) {}

    /** The newest schema of a subject; waits until there is one. */
    Registered latest(String subject) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            Answer answer = get("/subjects/" + subject + "/versions/latest");
            if (answer.status() == 200) {
                return new Registered(
                        answer.body().required("id").asInt(),
                        new Schema.Parser().parse(answer.body().required("schema").asText()));
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(subject + ": " + answer);
            }
            Thread.onSpinWait();
        }
    }

    Registered register(String subject, Schema schema) throws IOException {
        String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
        Answer answer = post("/subjects/" + subject + "/versions", body);
        if (answer.status() != 200) {
            throw new AssertionError(answer.toString());
        }
        return new Registered(answer.body().required("id").asInt(), schema);
    }

    byte[] encode(Registered schema, GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(0);
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(schema.id()).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(schema.schema()).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    @Nullable GenericRecord decode(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        Schema schema =
                schemas.computeIfAbsent(
                        ByteBuffer.wrap(bytes).getInt(1),
                        id ->
                                new Schema.Parser()
                                        .parse(
                                                get("/schemas/ids/" + id)
                                                        .body()
                                                        .required("schema")
                                                        .asText()));
        BinaryDecoder decoder =
                DecoderFactory.get()
                        .binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
        try {
            return new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void produce(String topic, byte @Nullable [] key, byte @Nullable [] value) {
        try {
            producer.send(new ProducerRecord<>(topic, key, value)).get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The records of a topic's only partition, up to and with the first that fits. */
    List<ConsumerRecord<byte[], byte[]>> readUntil(
            String topic, Predicate<ConsumerRecord<byte[], byte[]>> last) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", bootstrapServers);
        properties.put("isolation.level", "read_committed");
        properties.put("auto.offset.reset", "earliest");
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (System.nanoTime() - deadline < 0) {
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(100))) {
                    records.add(record);
                    if (last.test(record)) {
                        return records;
                    }
                }
            }
        }
        throw new AssertionError("only " + records.size() + " records in " + topic);
    }

    @Override
    public void close() {
        producer.close();
        http.close();
    }
}
