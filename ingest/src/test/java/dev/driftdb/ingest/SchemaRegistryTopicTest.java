package dev.driftdb.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.schemas.avro.SchemaRegistry.Version;
import dev.driftdb.schemas.log.TopicNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class SchemaRegistryTopicTest {
    private static final int SCHEMAS = 10;

    @Test
    void an_id_is_given_once_and_found_again_by_another_node() {
        TopicNames names = SharedBroker.freshNames();
        Schema first = schema("A");
        Schema second = schema("B");
        try (SchemaRegistryTopic here = open(names);
                SchemaRegistryTopic there = open(names)) {
            int id = here.idOf("t-value", first);
            assertThat(id).isEqualTo(1);
            assertThat(here.idOf("t-value", first)).isEqualTo(1);
            assertThat(there.find(1)).isEqualTo(first);
            assertThat(there.idOf("t-value", second)).isEqualTo(2);
            assertThat(there.idOf("u-value", first)).isEqualTo(1);
            assertThat(here.find(2)).isEqualTo(second);
            assertThat(here.find(3)).isNull();
            assertThat(here.findByFingerprint(SchemaNormalization.parsingFingerprint64(second)))
                    .isEqualTo(second);
        }
        try (SchemaRegistryTopic again = open(names)) {
            assertThat(again.all()).isEqualTo(Map.of(1, first, 2, second));
            assertThat(again.subjects())
                    .isEqualTo(
                            Map.of(
                                    "t-value",
                                    List.of(new Version(1, 1), new Version(2, 2)),
                                    "u-value",
                                    List.of(new Version(1, 1))));
        }
    }

    @Test
    void nodes_that_register_at_the_same_time_agree_on_every_id() throws Exception {
        TopicNames names = SharedBroker.freshNames();
        List<Map<Integer, Schema>> seen = new ArrayList<>();
        try (ExecutorService nodes = Executors.newFixedThreadPool(3)) {
            List<Future<Map<Integer, Schema>>> futures = new ArrayList<>();
            for (int node = 0; node < 3; node++) {
                int first = node;
                Callable<Map<Integer, Schema>> register =
                        () -> {
                            try (SchemaRegistryTopic registry = open(names)) {
                                for (int i = 0; i < SCHEMAS; i++) {
                                    Schema schema = schema("S" + (i + first) % SCHEMAS);
                                    int id = registry.idOf("t-value", schema);
                                    assertThat(registry.find(id)).isEqualTo(schema);
                                }
                                registry.refresh();
                                return registry.all();
                            }
                        };
                futures.add(nodes.submit(register));
            }
            for (Future<Map<Integer, Schema>> future : futures) {
                seen.add(future.get());
            }
        }
        assertThat(seen.getFirst()).hasSize(SCHEMAS);
        assertThat(seen).allMatch(seen.getFirst()::equals);
    }

    @Test
    void a_fingerprint_that_two_scales_of_a_decimal_share_names_no_schema() {
        SchemaClaims claims = new SchemaClaims();
        Schema two = decimal(2);
        Schema three = decimal(3);
        assertThat(claims.apply(claims.next("t", two))).isTrue();
        long fingerprint = SchemaNormalization.parsingFingerprint64(two);
        assertThat(claims.findByFingerprint(fingerprint)).isEqualTo(two);
        assertThat(claims.apply(claims.next("t", three))).isTrue();
        assertThat(claims.findByFingerprint(fingerprint)).isNull();
    }

    private static Schema decimal(int scale) {
        return SchemaBuilder.record("R")
                .fields()
                .name("d")
                .type(LogicalTypes.decimal(10, scale).addToSchema(Schema.create(Schema.Type.BYTES)))
                .noDefault()
                .endRecord();
    }

    private static Schema schema(String name) {
        return SchemaBuilder.record(name).fields().requiredInt("a").endRecord();
    }

    private static SchemaRegistryTopic open(TopicNames names) {
        return new SchemaRegistryTopic(
                SharedBroker.admin(),
                names,
                Map.of("bootstrap.servers", SharedBroker.bootstrapServers()));
    }
}
