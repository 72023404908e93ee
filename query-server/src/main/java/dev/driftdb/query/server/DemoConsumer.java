package dev.driftdb.query.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
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
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The demo's consumer of a changelog topic. Uses Kafka's and Avro's own classes and HTTP only, as a
 * service anywhere would.
 */
final class DemoConsumer {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);

    /** Confluent's framing: a zero byte and the schema's number. */
    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    private final String bootstrapServers;
    private final String schemas;
    private final Map<Integer, Schema> known = new HashMap<>();

    /**
     * @param schemas the URL that schemas are fetched from, up to the number
     */
    DemoConsumer(String bootstrapServers, String schemas) {
        this.bootstrapServers = bootstrapServers;
        this.schemas = schemas;
    }

    /**
     * The first records of a topic's first partition.
     *
     * @throws IllegalStateException if they do not come in time
     */
    List<GenericRecord> read(String topic, int count) throws IOException, InterruptedException {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        List<GenericRecord> values = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient();
                KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(
                                properties,
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (System.nanoTime() - deadline < 0) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    values.add(decode(http, record.value()));
                    if (values.size() == count) {
                        return values;
                    }
                }
            }
        }
        throw new IllegalStateException(
                "only " + values.size() + " of " + count + " records came to " + topic);
    }

    private GenericRecord decode(HttpClient http, byte[] bytes)
            throws IOException, InterruptedException {
        int id = ByteBuffer.wrap(bytes).getInt(1);
        Schema schema = known.get(id);
        if (schema == null) {
            schema = fetch(http, id);
            known.put(id, schema);
        }
        return new GenericDatumReader<GenericRecord>(schema)
                .read(
                        null,
                        DecoderFactory.get()
                                .binaryDecoder(
                                        bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null));
    }

    private Schema fetch(HttpClient http, int id) throws IOException, InterruptedException {
        URI uri = URI.create(schemas + id);
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(),
                        HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(uri + " answers " + response.body());
        }
        return new Schema.Parser()
                .parse(new ObjectMapper().readTree(response.body()).required("schema").asText());
    }
}
