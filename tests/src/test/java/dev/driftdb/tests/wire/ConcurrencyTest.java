package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/** Sessions that write the same rows. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class ConcurrencyTest {
    private final Sql one = TestNode.connect();
    private final Sql two = TestNode.connect();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void table() {
        one.run(
                "DROP TABLE IF EXISTS hot",
                "CREATE TABLE hot (id integer PRIMARY KEY, v integer)",
                "INSERT INTO hot VALUES (1, 0), (2, 0)");
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
        threads.close();
    }

    @Test
    void updates_of_a_hot_row_are_not_lost() throws Exception {
        int sessions = 4;
        int rounds = 100;
        List<Future<?>> running = new ArrayList<>();
        for (int session = 0; session < sessions; session++) {
            boolean block = session % 2 == 0;
            running.add(
                    threads.submit(() -> {
                        try (Sql sql = TestNode.connect()) {
                            for (int round = 0; round < rounds; round++) {
                                if (block) {
                                    sql.run(
                                            "BEGIN",
                                            "UPDATE hot SET v = v + 1 WHERE id = 1",
                                            "COMMIT");
                                } else {
                                    sql.run("UPDATE hot SET v = v + 1 WHERE id = 1");
                                }
                            }
                        }
                    }));
        }
        for (Future<?> session : running) {
            session.get();
        }
        assertThat(one.value("SELECT v FROM hot WHERE id = 1"))
                .isEqualTo(String.valueOf(sessions * rounds));
    }

    @Test
    void a_second_writer_waits_and_sees_the_new_version() throws Exception {
        one.run("BEGIN", "UPDATE hot SET v = 10 WHERE id = 1");
        Future<Integer> waiting =
                threads.submit(() -> two.update("UPDATE hot SET v = v + 1 WHERE id = 1"));
        awaitActive(waiting);
        assertThat(waiting.isDone()).isFalse();
        one.run("COMMIT");
        assertThat(waiting.get()).isEqualTo(1);
        assertThat(one.value("SELECT v FROM hot WHERE id = 1")).isEqualTo("11");
    }

    @Test
    void a_second_writer_skips_a_row_that_no_longer_matches() throws Exception {
        one.run("BEGIN", "UPDATE hot SET v = 10 WHERE id = 1");
        Future<Integer> waiting =
                threads.submit(() -> two.update("UPDATE hot SET v = -1 WHERE v = 0"));
        awaitActive(waiting);
        one.run("COMMIT");
        assertThat(waiting.get()).isEqualTo(1);
        assertThat(one.query("SELECT * FROM hot ORDER BY id")).containsExactly("1|10", "2|-1");
    }

    @Test
    void a_second_insert_of_a_key_waits_for_the_first() throws Exception {
        one.run("BEGIN", "INSERT INTO hot VALUES (7, 1)");
        Future<String> waiting =
                threads.submit(() -> stateOf(two, "INSERT INTO hot VALUES (7, 2)"));
        one.run("COMMIT");
        assertThat(waiting.get()).isEqualTo("23505");
        assertThat(one.value("SELECT v FROM hot WHERE id = 7")).isEqualTo("1");
    }

    @Test
    void a_deadlock_is_broken() throws Exception {
        one.run("BEGIN", "UPDATE hot SET v = 1 WHERE id = 1");
        two.run("BEGIN", "UPDATE hot SET v = 2 WHERE id = 2");
        Future<String> first =
                threads.submit(() -> stateOf(one, "UPDATE hot SET v = 1 WHERE id = 2"));
        String second = stateOf(two, "UPDATE hot SET v = 2 WHERE id = 1");
        if (second.equals("40P01")) {
            two.run("ROLLBACK");
        }
        String firstState = first.get();
        if (firstState.equals("40P01")) {
            one.run("ROLLBACK");
            two.run("COMMIT");
        } else {
            one.run("COMMIT");
        }
        assertThat(List.of(firstState, second)).containsExactlyInAnyOrder("40P01", "ok");
        int winner = firstState.equals("ok") ? 1 : 2;
        assertThat(one.query("SELECT v FROM hot ORDER BY id"))
                .containsExactly("" + winner, "" + winner);
    }

    @Test
    void at_repeatable_read_the_first_committer_wins() {
        one.run("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT * FROM hot");
        two.run("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT * FROM hot");
        one.run("UPDATE hot SET v = v + 1 WHERE id = 1", "COMMIT");
        assertThat(two.value("SELECT v FROM hot WHERE id = 1")).isEqualTo("0");
        assertThat(stateOf(two, "UPDATE hot SET v = v + 1 WHERE id = 1")).isEqualTo("40001");
        two.run("ROLLBACK");
        assertThat(one.value("SELECT v FROM hot WHERE id = 1")).isEqualTo("1");
    }

    @Test
    void at_repeatable_read_there_are_no_phantoms() {
        one.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
        assertThat(one.value("SELECT count(*) FROM hot")).isEqualTo("2");
        two.run(
                "INSERT INTO hot VALUES (3, 0)",
                "DELETE FROM hot WHERE id = 1",
                "ALTER TABLE hot ADD COLUMN w integer");
        assertThat(one.query("SELECT * FROM hot ORDER BY id")).containsExactly("1|0", "2|0");
        one.run("COMMIT");
        assertThat(one.query("SELECT * FROM hot ORDER BY id"))
                .containsExactly("2|0|NULL", "3|0|NULL");
    }

    @Test
    void write_skew_is_allowed_at_repeatable_read_and_prevented_at_serializable() {
        assertThat(writeSkew("REPEATABLE READ")).containsExactly("ok", "ok");
        assertThat(one.value("SELECT sum(v) FROM hot")).isEqualTo("2");
        one.run("UPDATE hot SET v = 0");
        assertThat(writeSkew("SERIALIZABLE")).containsExactlyInAnyOrder("ok", "40001");
        assertThat(one.value("SELECT sum(v) FROM hot")).isEqualTo("1");
    }

    /** Each sets its own row if both are zero; serially only one would. */
    private List<String> writeSkew(String level) {
        List<String> outcomes = new ArrayList<>();
        one.run("BEGIN ISOLATION LEVEL " + level);
        two.run("BEGIN ISOLATION LEVEL " + level);
        assertThat(one.value("SELECT sum(v) FROM hot")).isEqualTo("0");
        assertThat(two.value("SELECT sum(v) FROM hot")).isEqualTo("0");
        one.run("UPDATE hot SET v = 1 WHERE id = 1");
        outcomes.add(stateOf(one, "COMMIT"));
        String update = stateOf(two, "UPDATE hot SET v = 1 WHERE id = 2");
        if (update.equals("ok")) {
            outcomes.add(stateOf(two, "COMMIT"));
        } else {
            outcomes.add(update);
            two.run("ROLLBACK");
        }
        return outcomes;
    }

    @Test
    void an_insert_into_a_range_that_was_read_is_prevented_at_serializable() {
        one.run("BEGIN ISOLATION LEVEL SERIALIZABLE");
        two.run("BEGIN ISOLATION LEVEL SERIALIZABLE");
        assertThat(one.value("SELECT count(*) FROM hot WHERE id > 10")).isEqualTo("0");
        assertThat(two.value("SELECT count(*) FROM hot WHERE id > 10")).isEqualTo("0");
        one.run("INSERT INTO hot VALUES (11, 1)", "COMMIT");
        String insert = stateOf(two, "INSERT INTO hot VALUES (12, 1)");
        String commit = insert.equals("ok") ? stateOf(two, "COMMIT") : insert;
        assertThat(commit).isEqualTo("40001");
        two.run("ROLLBACK");
        assertThat(one.value("SELECT count(*) FROM hot WHERE id > 10")).isEqualTo("1");
    }

    @Test
    void select_for_update_makes_the_other_wait() throws Exception {
        one.run("BEGIN");
        assertThat(one.value("SELECT v FROM hot WHERE id = 1 FOR UPDATE")).isEqualTo("0");
        CompletableFuture<Integer> waiting =
                CompletableFuture.supplyAsync(
                        () -> two.update("UPDATE hot SET v = v + 1 WHERE id = 1"), threads);
        awaitActive(waiting);
        assertThat(waiting.isDone()).isFalse();
        one.run("UPDATE hot SET v = 5 WHERE id = 1", "COMMIT");
        assertThat(waiting.get()).isEqualTo(1);
        assertThat(one.value("SELECT v FROM hot WHERE id = 1")).isEqualTo("6");
    }

    @Test
    void definitions_and_changes_do_not_cross() throws Exception {
        one.run("BEGIN", "INSERT INTO hot VALUES (8, 8)");
        Future<String> alter =
                threads.submit(() ->
                        stateOf(two, "ALTER TABLE hot ADD COLUMN w integer NOT NULL DEFAULT 4"));
        String altered = alter.get();
        String committed = stateOf(one, "COMMIT");
        assertThat(altered).isEqualTo("ok");
        assertThat(committed).isIn("ok", "40001");
        assertThat(one.query("SELECT id, w FROM hot WHERE id < 3 ORDER BY id"))
                .containsExactly("1|4", "2|4");
        assertThat(one.query("SELECT w FROM hot WHERE id = 8"))
                .isEqualTo(committed.equals("ok") ? List.of("4") : List.of());
    }

    private static String stateOf(Sql sql, String statement) {
        try (var jdbc = sql.connection().createStatement()) {
            jdbc.execute(statement);
            return "ok";
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        }
    }

    /** Waits until session two runs a statement, which then very likely waits for its lock. */
    private void awaitActive(Future<?> statement) throws SQLException {
        int pid = two.connection().unwrap(PGConnection.class).getBackendPID();
        try (Sql watcher = TestNode.connect()) {
            String active =
                    "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND pid = " + pid;
            while (!statement.isDone() && watcher.query(active).isEmpty()) {
                Thread.onSpinWait();
            }
        }
    }
}
