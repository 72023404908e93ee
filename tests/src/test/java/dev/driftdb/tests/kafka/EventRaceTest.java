package dev.driftdb.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.kafka.AvroClient.Registered;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Transactions that an ingested event overtakes are told the constraint and the key. */
@ExtendWith(TestNode.class)
@Timeout(120)
final class EventRaceTest {
    private static final String TOPIC = "driftdb.driftdb.public.raced.events";
    private static final Duration EVENT_WAIT_MAX = Duration.ofSeconds(30);

    private final Sql block = TestNode.connect();
    private final Sql reader = TestNode.connect();
    private final AvroClient producer = new AvroClient(TestNode.node());

    @BeforeEach
    void tables() throws IOException {
        block.run(
                "DROP TABLE IF EXISTS raced_child, raced",
                "CREATE TABLE raced (id integer PRIMARY KEY, u text UNIQUE, v integer)"
                        + " WITH (ingest = on)",
                "CREATE TABLE raced_child (id integer PRIMARY KEY, p integer REFERENCES raced)");
        upsert(1, "one");
        upsert(2, "two");
        awaitRow("SELECT FROM raced HAVING count(*) = 2");
    }

    @AfterEach
    void close() {
        block.close();
        reader.close();
        producer.close();
    }

    @Test
    void a_block_whose_primary_key_an_event_has_taken() throws IOException {
        block.run("BEGIN", "INSERT INTO raced VALUES (3, 'three', 3)");
        upsert(3, "event");
        awaitRow("SELECT FROM raced WHERE u = 'event'");
        assertThat(commitError()).isEqualTo("23505 raced_pkey Key (id)=(3) already exists.");
    }

    @Test
    void a_block_whose_unique_key_an_event_has_taken() throws IOException {
        block.run("BEGIN", "UPDATE raced SET u = 'four' WHERE id = 1");
        upsert(4, "four");
        awaitRow("SELECT FROM raced WHERE id = 4");
        assertThat(commitError()).isEqualTo("23505 raced_u_key Key (u)=(four) already exists.");
    }

    @Test
    void a_block_that_refers_to_a_row_which_an_event_has_deleted() throws IOException {
        block.run("BEGIN", "INSERT INTO raced_child VALUES (1, 2)");
        delete(2);
        awaitRow("SELECT WHERE NOT EXISTS (SELECT FROM raced WHERE id = 2)");
        assertThat(commitError())
                .isEqualTo(
                        "23503 raced_child_p_fkey Key (p)=(2) is not present in table \"raced\".");
    }

    @Test
    void a_block_whose_row_an_event_has_changed_may_be_retried() throws IOException {
        block.run("BEGIN", "UPDATE raced SET v = 10 WHERE id = 1");
        upsert(1, "changed");
        awaitRow("SELECT FROM raced WHERE u = 'changed'");
        assertThat(commitError()).isEqualTo("40001 null The transaction might succeed if retried.");
    }

    private void upsert(int id, String u) throws IOException {
        Registered row = producer.latest(TOPIC + "-value");
        GenericRecord values = new GenericData.Record(row.schema());
        values.put("id", id);
        values.put("u", u);
        producer.produce(TOPIC, null, producer.encode(row, values));
    }

    private void delete(int id) throws IOException {
        Registered key = producer.latest(TOPIC + "-key");
        GenericRecord values = new GenericData.Record(key.schema());
        values.put("id", id);
        producer.produce(TOPIC, producer.encode(key, values), null);
    }

    private void awaitRow(String query) {
        long deadline = System.nanoTime() + EVENT_WAIT_MAX.toNanos();
        while (reader.query(query).isEmpty()) {
            assertThat(System.nanoTime()).as("no row: %s", query).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private String commitError() {
        return Sql.violation(block.error("COMMIT"));
    }
}
