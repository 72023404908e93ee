package dev.driftdb.tests.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Transactions of one server that lose a race against another server of the same log: single
 * statements are run again, and a block is told the constraint and the key.
 */
@ExtendWith(TestNode.class)
@Timeout(120)
final class LostRaceTest {
    private static final int GATE = 4711;
    private static final Duration GATE_WAIT_MAX = Duration.ofSeconds(20);

    private final Sql first = TestNode.connect();
    private final Sql gate = TestNode.connect();
    private final Sql other = TestNode.connectToSecond();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void tables() {
        first.run(
                "DROP TABLE IF EXISTS race_child, race",
                "CREATE TABLE race (id integer PRIMARY KEY, u text UNIQUE, v integer)",
                "CREATE TABLE race_child (id integer PRIMARY KEY, p integer REFERENCES race)",
                "CREATE INDEX ON race_child (p)",
                "INSERT INTO race VALUES (1, 'one', 1), (2, 'two', 2)");
        other.run("SET driftdb.read_consistency = linearizable");
        first.run("SET driftdb.read_consistency = linearizable");
        assertThat(other.value("SELECT count(*) FROM race")).isEqualTo("2");
    }

    @AfterEach
    void close() {
        first.close();
        gate.close();
        other.close();
        threads.close();
    }

    /** Runs a statement whose RETURNING waits at the gate, and another server's meanwhile. */
    private String race(String mode, String statement, String otherStatement) throws Exception {
        gate.run("SELECT pg_advisory_lock(" + GATE + ")");
        Properties properties = new Properties();
        properties.setProperty("preferQueryMode", mode);
        try (Sql racing = TestNode.connect(TestNode.DATABASE, properties)) {
            Future<String> answer =
                    threads.submit(() ->
                            racing.value(
                                    statement
                                            + " RETURNING v, pg_advisory_xact_lock("
                                            + GATE
                                            + ")"));
            awaitGate(answer);
            other.run(otherStatement);
            gate.run("SELECT pg_advisory_unlock(" + GATE + ")");
            return answer.get().replace("|", "");
        }
    }

    private void awaitGate(Future<?> answer) {
        long deadline = System.nanoTime() + GATE_WAIT_MAX.toNanos();
        while (gate.value(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                .equals("0")) {
            assertThat(answer.isDone() || System.nanoTime() > deadline)
                    .as("no wait at the gate: %s", answer)
                    .isFalse();
            LockSupport.parkNanos(1_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended"})
    void a_single_update_is_run_again_on_the_others_version(String mode) throws Exception {
        assertThat(
                        race(
                                mode,
                                "UPDATE race SET v = v + 1 WHERE id = 1",
                                "UPDATE race SET v = v + 10 WHERE id = 1"))
                .isEqualTo("12");
        assertThat(first.value("SELECT v FROM race WHERE id = 1")).isEqualTo("12");
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended"})
    void on_conflict_meets_the_row_that_the_other_has_inserted(String mode) throws Exception {
        assertThat(
                        race(
                                mode,
                                "INSERT INTO race VALUES (5, 'five', 1)"
                                        + " ON CONFLICT (id) DO UPDATE SET v = race.v + 1",
                                "INSERT INTO race VALUES (5, 'FIVE', 50)"))
                .isEqualTo("51");
        assertThat(first.value("SELECT u || v FROM race WHERE id = 5")).isEqualTo("FIVE51");
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended"})
    void a_single_insert_that_lost_its_key_is_a_duplicate(String mode) {
        assertThat(
                        violation(() ->
                                race(
                                        mode,
                                        "INSERT INTO race VALUES (6, 'six', 1)",
                                        "INSERT INTO race VALUES (7, 'six', 1)")))
                .isEqualTo("23505 race_u_key Key (u)=(six) already exists.");
    }

    @Test
    void a_block_that_lost_a_key_is_told_which() {
        first.run("BEGIN", "INSERT INTO race VALUES (3, 'three', 3)");
        other.run("INSERT INTO race VALUES (3, 'other', 3)");
        assertThat(commitError()).isEqualTo("23505 race_pkey Key (id)=(3) already exists.");
        first.run("BEGIN", "UPDATE race SET u = 'four' WHERE id = 1");
        other.run("INSERT INTO race VALUES (4, 'four', 4)");
        assertThat(commitError()).isEqualTo("23505 race_u_key Key (u)=(four) already exists.");
    }

    @Test
    void a_block_that_lost_the_row_it_refers_to_is_told_which() {
        first.run("BEGIN", "INSERT INTO race_child VALUES (1, 2)");
        other.run("DELETE FROM race WHERE id = 2");
        assertThat(commitError())
                .isEqualTo("23503 race_child_p_fkey Key (p)=(2) is not present in table \"race\".");
    }

    @Test
    void a_block_whose_deleted_row_is_referred_to_by_now_is_told_which() {
        first.run("BEGIN", "DELETE FROM race WHERE id = 2");
        other.run("INSERT INTO race_child VALUES (1, 2)");
        assertThat(commitError())
                .isEqualTo(
                        "23503 race_child_p_fkey Key (id)=(2) is still referenced from table"
                                + " \"race_child\".");
    }

    @Test
    void a_block_whose_row_or_arbiter_was_changed_may_be_retried() {
        first.run("BEGIN", "UPDATE race SET v = v + 1 WHERE id = 1");
        other.run("UPDATE race SET v = v + 1 WHERE id = 1");
        assertThat(commitError()).isEqualTo("40001 null The transaction might succeed if retried.");
        first.run("BEGIN", "INSERT INTO race VALUES (8, 'x', 1) ON CONFLICT (id) DO NOTHING");
        other.run("INSERT INTO race VALUES (8, 'y', 1)");
        assertThat(commitError()).isEqualTo("40001 null The transaction might succeed if retried.");
    }

    @Test
    void rows_of_a_table_that_is_stored_anew_before_the_commit_are_not_taken_for_committed() {
        first.run("BEGIN", "INSERT INTO race VALUES (9, 'nine', 9)");
        other.run("ALTER TABLE race ALTER COLUMN v TYPE text USING v::text");
        gate.run("SET driftdb.read_consistency = linearizable");
        assertThat(gate.value("SELECT count(*) FROM race")).isEqualTo("2");
        assertThat(commitError()).isEqualTo("40001 null The transaction might succeed if retried.");
    }

    @Test
    void two_servers_never_hand_out_the_same_value_of_a_sequence() throws Exception {
        first.run("DROP SEQUENCE IF EXISTS race_numbers", "CREATE SEQUENCE race_numbers");
        assertThat(
                        other.value(
                                "SELECT count(*) FROM pg_sequences WHERE sequencename = 'race_numbers'"))
                .isEqualTo("1");
        List<Future<List<String>>> drawn = new ArrayList<>();
        for (Sql server : List.of(first, other)) {
            drawn.add(
                    threads.submit(() -> {
                        List<String> values = new ArrayList<>();
                        for (int i = 0; i < 40; i++) {
                            server.run("BEGIN");
                            values.addAll(
                                    server.query(
                                            "SELECT nextval('race_numbers') FROM generate_series(1, 25)"));
                            server.run(i % 2 == 0 ? "COMMIT" : "ROLLBACK");
                        }
                        return values;
                    }));
        }
        Set<String> all = new HashSet<>();
        for (Future<List<String>> values : drawn) {
            all.addAll(values.get());
        }
        assertThat(all).hasSize(2_000);
    }

    private interface Action {
        void run() throws Exception;
    }

    private String commitError() {
        return violation(() -> first.connection().createStatement().execute("COMMIT"));
    }

    /** {@link Sql#violation} of the cause that is an error of the server. */
    private static String violation(Action action) {
        Throwable thrown = null;
        try {
            action.run();
        } catch (Exception e) {
            thrown = e;
        }
        while (thrown != null && !(thrown instanceof SQLException)) {
            thrown = thrown.getCause();
        }
        if (!(thrown instanceof SQLException failed)) {
            throw new AssertionError("no error", thrown);
        }
        return Sql.violation(failed);
    }
}
