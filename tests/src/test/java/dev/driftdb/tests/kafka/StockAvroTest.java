package dev.driftdb.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.query.server.Node;
import dev.driftdb.tests.kafka.AvroClient.Registered;
import dev.driftdb.tests.support.Directories;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Other services, which have Kafka's and Avro's own classes only, beside SQL clients. */
@ExtendWith(TestNode.class)
@Timeout(120)
final class StockAvroTest {
    private static final String PREFIX = "driftdb.driftdb.";
    private static final String DEAD_LETTERS = PREFIX + "dead-letter";

    // ---- out: changelog ----

    @Test
    void a_consumer_reads_every_committed_change_once_and_in_order_over_a_restart()
            throws IOException {
        Path directory = Files.createTempDirectory("driftdb-test");
        String topic = PREFIX + "public.stock.changelog";
        List<String> offsets = new ArrayList<>();
        try {
            try (Node node = Node.start(TestNode.config(directory, null));
                    Sql sql = connect(node);
                    AvroClient client = new AvroClient(node)) {
                sql.run(
                        "CREATE TABLE stock (sku text PRIMARY KEY, n int NOT NULL, price numeric(8,2))",
                        "CREATE TABLE silent (id int PRIMARY KEY) WITH (changelog = off)",
                        "INSERT INTO silent VALUES (1)",
                        "INSERT INTO stock VALUES ('a', 1, 1.50), ('b', 2, NULL)");
                offsets.add(sql.value("SELECT driftdb.current_offset()"));
                sql.run("BEGIN", "INSERT INTO stock VALUES ('never', 0, 0)", "ROLLBACK");
                assertThat(sql.state("INSERT INTO stock VALUES ('a', 9, 9)")).isEqualTo("23505");
                sql.run(
                        "BEGIN",
                        "UPDATE stock SET n = n + 10 WHERE sku = 'a'",
                        "DELETE FROM stock WHERE sku = 'b'",
                        "COMMIT");
                offsets.add(sql.value("SELECT driftdb.current_offset()"));
                assertThat(client.readUntil(topic, record -> op(client, record).equals("d")))
                        .hasSize(4);
            }
            try (Node node = Node.start(TestNode.config(directory, null));
                    Sql sql = connect(node);
                    AvroClient client = new AvroClient(node)) {
                sql.run("INSERT INTO stock VALUES ('c', 3, 0.05)");
                offsets.add(sql.value("SELECT driftdb.current_offset()"));
                List<String> changes =
                        client
                                .readUntil(
                                        topic,
                                        record ->
                                                "c"
                                                        .equals(
                                                                field(
                                                                        client.decode(record.key()),
                                                                        "sku")))
                                .stream()
                                .map(record -> change(client, record))
                                .toList();
                assertThat(changes)
                        .containsExactly(
                                "c null -> a,1 @" + offsets.get(0),
                                "c null -> b,2 @" + offsets.get(0),
                                "u a,1 -> a,11 @" + offsets.get(1),
                                "d b,2 -> null @" + offsets.get(1),
                                "c null -> c,3 @" + offsets.get(2));
                assertThat(client.get("/subjects").body().toString())
                        .contains(topic + "-key", topic + "-value")
                        .doesNotContain("silent");
            }
        } finally {
            Directories.delete(directory);
        }
    }

    @Test
    void rows_that_held_null_before_their_column_became_not_null_are_published()
            throws IOException {
        Path directory = Files.createTempDirectory("driftdb-test");
        String topic = PREFIX + "public.filled.changelog";
        try (Node node = Node.start(TestNode.config(directory, null));
                Sql sql = connect(node);
                AvroClient client = new AvroClient(node)) {
            sql.run(
                    "CREATE TABLE filled (id int PRIMARY KEY, n int)",
                    "INSERT INTO filled VALUES (1, NULL)",
                    "BEGIN",
                    "UPDATE filled SET n = 7",
                    "ALTER TABLE filled ALTER COLUMN n SET NOT NULL",
                    "COMMIT",
                    "DELETE FROM filled");
            assertThat(client.readUntil(topic, record -> op(client, record).equals("d")))
                    .extracting(record -> op(client, record))
                    .containsExactly("c", "u", "d");
        } finally {
            Directories.delete(directory);
        }
    }

    private static String op(AvroClient client, ConsumerRecord<byte[], byte[]> record) {
        return String.valueOf(field(client.decode(record.value()), "op"));
    }

    private static String change(AvroClient client, ConsumerRecord<byte[], byte[]> record) {
        GenericRecord value = Objects.requireNonNull(client.decode(record.value()));
        GenericRecord source = (GenericRecord) value.get("source");
        return value.get("op")
                + " "
                + stock(value.get("before"))
                + " -> "
                + stock(value.get("after"))
                + " @"
                + source.get("offset");
    }

    private static String stock(@Nullable Object row) {
        return row instanceof GenericRecord stock
                ? stock.get("sku") + "," + stock.get("n")
                : "null";
    }

    private static @Nullable String field(@Nullable GenericRecord record, String name) {
        return record == null ? null : String.valueOf(record.get(name));
    }

    // ---- in: events ----

    @Test
    void a_producer_feeds_a_table_and_a_bad_event_stops_nobody() throws IOException {
        String topic = PREFIX + "public.orders.events";
        try (Sql sql = TestNode.connect();
                AvroClient client = new AvroClient(TestNode.node())) {
            sql.run(
                    "CREATE TABLE orders (id int PRIMARY KEY, item varchar(5) NOT NULL,"
                            + " n int DEFAULT 7 CHECK (n > 0), code text UNIQUE) WITH (ingest = on)");
            Registered row = client.latest(topic + "-value");
            byte[] first = client.encode(row, order(row.schema(), 1, "pen", 2, "x"));
            client.produce(topic, null, first);
            client.produce(topic, null, client.encode(row, order(row.schema(), 2, "pen", 0, null)));
            client.produce(
                    topic, null, client.encode(row, order(row.schema(), 3, "pencil", 1, null)));
            client.produce(topic, null, client.encode(row, order(row.schema(), 4, "ink", 1, "x")));
            client.produce(topic, null, "not Avro".getBytes(StandardCharsets.UTF_8));
            // A service with a schema of its own: what it does not know gets its default.
            Schema some =
                    SchemaBuilder.record("NewOrder")
                            .fields()
                            .requiredLong("id")
                            .requiredString("item")
                            .endRecord();
            GenericRecord partial = new GenericData.Record(some);
            partial.put("id", 5L);
            partial.put("item", "cap");
            Registered own = client.register(topic + "-value", some);
            client.produce(topic, null, client.encode(own, partial));
            Schema strange = SchemaBuilder.record("S").fields().requiredInt("what").endRecord();
            GenericRecord unknown = new GenericData.Record(strange);
            unknown.put("what", 1);
            client.produce(
                    topic,
                    null,
                    client.encode(client.register(topic + "-value", strange), unknown));
            // The same row again is an update, in the columns that the event has.
            partial.put("item", "hat");
            client.produce(topic, null, client.encode(own, partial));
            partial.put("id", 6L);
            client.produce(topic, null, client.encode(own, partial));

            awaitRow(sql, "SELECT 1 FROM orders WHERE id = 6");
            assertThat(sql.query("SELECT * FROM orders ORDER BY id"))
                    .containsExactly("1|pen|2|x", "5|hat|7|NULL", "6|hat|7|NULL");
            assertThat(
                            client
                                    .readUntil(DEAD_LETTERS, letter -> isLetter(letter, topic, 6))
                                    .stream()
                                    .filter(letter ->
                                            header(letter, "driftdb.source.topic").equals(topic))
                                    .map(letter ->
                                            header(letter, "driftdb.source.offset")
                                                    + " "
                                                    + header(letter, "driftdb.sqlstate")))
                    .containsExactly("1 23514", "2 22001", "3 23505", "4 22P03", "6 42703");

            Registered key = client.latest(topic + "-key");
            GenericRecord one = new GenericData.Record(key.schema());
            one.put("id", 1);
            client.produce(topic, client.encode(key, one), null);
            awaitRow(sql, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM orders WHERE id = 1)");
            assertThat(
                            sql.query(
                                    "SELECT DISTINCT tag FROM driftdb.log WHERE origin = 'ingest'"
                                            + " ORDER BY tag"))
                    .contains("DELETE", "INSERT", "UPDATE");
        }
    }

    @Test
    void an_event_that_comes_again_is_not_applied_again() throws Exception {
        Path directory = Files.createTempDirectory("driftdb-test");
        String topic = PREFIX + "public.lines.events";
        String group = "driftdb.driftdb.ingest";
        try (EmbeddedKafka kafka =
                new EmbeddedKafka(directory.resolve("broker"), 0, (what, cause) -> {})) {
            kafka.start();
            String servers = kafka.bootstrapServers();
            Path data = directory.resolve("node");
            try (Node node = Node.start(TestNode.config(data, servers));
                    Sql sql = connect(node);
                    AvroClient client = new AvroClient(node)) {
                sql.run("CREATE TABLE lines (line text) WITH (ingest = on)");
                produceLines(client, topic, "a", "b", "c");
                awaitRow(sql, "SELECT 1 FROM lines HAVING count(*) = 3");
            }
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
                admin.removeMembersFromConsumerGroup(
                                group, new RemoveMembersFromConsumerGroupOptions())
                        .all()
                        .get();
                admin.alterConsumerGroupOffsets(
                                group,
                                Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(0)))
                        .all()
                        .get();
            }
            try (Node node = Node.start(TestNode.config(data, servers));
                    Sql sql = connect(node);
                    AvroClient client = new AvroClient(node)) {
                produceLines(client, topic, "d");
                awaitRow(sql, "SELECT 1 FROM lines WHERE line = 'd'");
                assertThat(sql.query("SELECT line FROM lines ORDER BY line"))
                        .containsExactly("a", "b", "c", "d");
            }
        } finally {
            Directories.delete(directory);
        }
    }

    private static void produceLines(AvroClient client, String topic, String... lines)
            throws IOException {
        Registered row = client.latest(topic + "-value");
        for (String line : lines) {
            GenericRecord record = new GenericData.Record(row.schema());
            record.put("line", line);
            client.produce(topic, null, client.encode(row, record));
        }
    }

    private static GenericRecord order(
            Schema schema, int id, String item, int n, @Nullable String code) {
        GenericRecord order = new GenericData.Record(schema);
        order.put("id", id);
        order.put("item", item);
        order.put("n", n);
        order.put("code", code);
        return order;
    }

    private static boolean isLetter(
            ConsumerRecord<byte[], byte[]> letter, String topic, long offset) {
        return header(letter, "driftdb.source.topic").equals(topic)
                && header(letter, "driftdb.source.offset").equals(Long.toString(offset));
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static void awaitRow(Sql sql, String query) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (sql.query(query).isEmpty()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("no row: " + query);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    // ---- the registry ----

    @Test
    void the_registry_answers_as_confluents_does() {
        try (AvroClient client = new AvroClient(TestNode.node());
                Sql sql = TestNode.connect()) {
            sql.run("CREATE TABLE reg (id int) WITH (ingest = on)");
            String subject = PREFIX + "public.reg.events-value";
            Registered first = client.latest(subject);
            sql.run("ALTER TABLE reg ADD COLUMN more text");
            while (client.latest(subject).id() == first.id()) {
                Thread.onSpinWait();
            }
            assertThat(client.get("/subjects/" + subject + "/versions").body())
                    .hasToString("[1,2]");
            AvroClient.Answer one = client.get("/subjects/" + subject + "/versions/1");
            assertThat(one.body().required("id").asInt()).isEqualTo(first.id());
            assertThat(one.body().required("version").asInt()).isEqualTo(1);
            assertThat(client.post("/subjects/" + subject, "{\"schema\":\"\\\"int\\\"\"}"))
                    .hasToString(
                            "Answer[status=404, body={\"error_code\":40403,\"message\":\"Schema not found\"}]");
            assertError(client, "/subjects/nobody/versions", 40401);
            assertError(client, "/subjects/nobody/versions/latest", 40401);
            assertError(client, "/subjects/" + subject + "/versions/99", 40402);
            assertError(client, "/schemas/ids/123456", 40403);
            assertThat(
                            client.post(
                                            "/subjects/driftdb.driftdb.public.reg.changelog-value/versions",
                                            "{\"schema\":\"\\\"int\\\"\"}")
                                    .status())
                    .isEqualTo(403);
            assertThat(client.post("/subjects/" + subject + "/versions", "{}").status())
                    .isEqualTo(422);
        }
    }

    private static void assertError(AvroClient client, String path, int code) {
        AvroClient.Answer answer = client.get(path);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body().required("error_code").asInt()).isEqualTo(code);
    }

    @Test
    void table_options_take_their_values_only() {
        try (Sql sql = TestNode.connect()) {
            assertThat(sql.state("CREATE TABLE opt (a int) WITH (ingest = maybe)"))
                    .isEqualTo("22023");
            assertThat(sql.state("CREATE TABLE opt (a int) WITH (changelog_partitions = 0)"))
                    .isEqualTo("22023");
            sql.run("CREATE TABLE opt (a int) WITH (changelog = false, fillfactor = 90)");
            assertThat(sql.state("ALTER TABLE opt SET (changelog_partitions = many)"))
                    .isEqualTo("22023");
            assertThat(sql.state("ALTER TABLE opt SET (unknown = 1)")).isEqualTo("22023");
            sql.run("ALTER TABLE opt SET (changelog = on, changelog_partitions = 3)");
            String schema = "\"" + "ä".repeat(30) + "\"";
            String table = schema + ".\"" + "ö".repeat(20) + "\"";
            sql.run("CREATE SCHEMA " + schema);
            assertThat(sql.state("CREATE TABLE " + table + " (a int)")).isEqualTo("42622");
            sql.run("CREATE TABLE " + table + " (a int) WITH (changelog = off)");
            assertThat(sql.state("ALTER TABLE " + table + " SET (ingest = on)")).isEqualTo("42622");
        }
    }

    private static Sql connect(Node node) {
        Properties simple = new Properties();
        simple.setProperty("preferQueryMode", "simple");
        return Sql.connect(
                "jdbc:postgresql://127.0.0.1:" + node.port() + "/", TestNode.DATABASE, simple);
    }
}
