package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sessions that write both tables of a foreign key: no row ever refers to nothing. */
@ExtendWith(TestNode.class)
@Timeout(120)
final class ForeignKeyRaceTest {
    private static final int SESSIONS = 4;
    private static final int ROUNDS = 60;
    private static final int KEYS = 5;

    private final Sql one = TestNode.connect();
    private final Sql two = TestNode.connect();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void tables() {
        one.run(
                "DROP TABLE IF EXISTS child, indexed, parent",
                "CREATE TABLE parent (id integer PRIMARY KEY, v integer)",
                "CREATE TABLE child (id serial PRIMARY KEY, p integer REFERENCES parent)",
                "CREATE TABLE indexed (id serial PRIMARY KEY,"
                        + " p integer REFERENCES parent ON DELETE CASCADE)",
                "CREATE INDEX ON indexed (p)",
                "INSERT INTO parent SELECT g, 0 FROM generate_series(1, " + KEYS + ") g");
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
        threads.close();
    }

    @Test
    void a_child_waits_for_the_deletion_of_its_parent() throws Exception {
        one.run("BEGIN", "DELETE FROM parent WHERE id = 1");
        Future<String> insert =
                threads.submit(() -> stateOf(two, "INSERT INTO child (p) VALUES (1)"));
        assertThat(waits(insert)).isTrue();
        one.run("COMMIT");
        assertThat(insert.get()).isEqualTo("23503");
    }

    @Test
    void a_child_waits_for_the_deletion_and_stays_after_its_rollback() throws Exception {
        one.run("BEGIN", "DELETE FROM parent WHERE id = 1");
        Future<String> insert =
                threads.submit(() -> stateOf(two, "INSERT INTO child (p) VALUES (1)"));
        assertThat(waits(insert)).isTrue();
        one.run("ROLLBACK");
        assertThat(insert.get()).isEqualTo("00000");
    }

    @Test
    void the_deletion_of_a_parent_waits_for_a_child() throws Exception {
        one.run("BEGIN", "INSERT INTO child (p) VALUES (1)");
        Future<String> delete =
                threads.submit(() -> stateOf(two, "DELETE FROM parent WHERE id = 1"));
        assertThat(waits(delete)).isTrue();
        one.run("COMMIT");
        assertThat(delete.get()).isEqualTo("23503");
    }

    @Test
    void children_of_one_parent_do_not_wait_for_each_other() {
        one.run("BEGIN", "INSERT INTO child (p) VALUES (1)");
        two.run("BEGIN", "INSERT INTO child (p) VALUES (1)", "COMMIT");
        two.run("UPDATE parent SET v = 1 WHERE id = 1");
        one.run("COMMIT");
        assertThat(one.value("SELECT count(*) FROM child")).isEqualTo("2");
    }

    @Test
    void no_row_is_left_that_refers_to_nothing() throws Exception {
        long seed = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int session = 0; session < SESSIONS; session++) {
            Random random = new Random(seed + session);
            running.add(threads.submit(() -> writeAtRandom(random)));
        }
        for (Future<?> session : running) {
            session.get();
        }
        for (String table : List.of("child", "indexed")) {
            assertThat(
                            one.value(
                                    "SELECT count(*) FROM "
                                            + table
                                            + " WHERE p NOT IN (SELECT id FROM parent)"))
                    .as("orphans in %s, seed %s", table, seed)
                    .isEqualTo("0");
        }
    }

    private static void writeAtRandom(Random random) {
        try (Sql sql = TestNode.connect()) {
            for (int round = 0; round < ROUNDS; round++) {
                boolean block = random.nextBoolean();
                if (block) {
                    sql.run("BEGIN");
                }
                for (int i = 0; i < (block ? 3 : 1); i++) {
                    assertThat(stateOf(sql, statement(random))).doesNotStartWith("XX");
                }
                if (block) {
                    assertThat(stateOf(sql, "COMMIT")).doesNotStartWith("XX");
                }
            }
        }
    }

    private static String statement(Random random) {
        int key = 1 + random.nextInt(KEYS);
        return switch (random.nextInt(6)) {
            case 0 -> "INSERT INTO child (p) VALUES (" + key + ")";
            case 1 -> "INSERT INTO indexed (p) VALUES (" + key + ")";
            case 2 -> "DELETE FROM child WHERE p = " + key;
            case 3 -> "DELETE FROM parent WHERE id = " + key;
            case 4 -> "UPDATE indexed SET p = " + key + " WHERE p = " + (1 + random.nextInt(KEYS));
            default -> "INSERT INTO parent VALUES (" + key + ", 0) ON CONFLICT DO NOTHING";
        };
    }

    private static String stateOf(Sql sql, String statement) {
        try (Statement jdbc = sql.connection().createStatement()) {
            jdbc.execute(statement);
            return "00000";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    private static boolean waits(Future<?> statement) throws Exception {
        try {
            statement.get(300, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        }
    }
}
