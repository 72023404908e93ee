package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.query.server.Node;
import dev.driftdb.tests.support.Sql;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** REVERT TRANSACTION and UNDROP TABLE on one of two servers, while the other comes first. */
@Timeout(120)
final class UndoRaceTest {
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);

    @Test
    void whoever_comes_later_in_the_log_has_no_effect(@TempDir Path directory) throws Exception {
        try (EmbeddedKafka broker =
                new EmbeddedKafka(directory.resolve("broker"), 0, (what, cause) -> {})) {
            broker.start();
            String servers = broker.bootstrapServers();
            try (Node first = Nodes.start(directory.resolve("first"), servers, COMMIT_TIMEOUT);
                    Node second =
                            Nodes.start(directory.resolve("second"), servers, COMMIT_TIMEOUT);
                    Sql one = Nodes.connect(first);
                    Sql two = Nodes.connect(second)) {
                one.run(
                        "CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE)",
                        "CREATE INDEX t_u ON t (u, id)");
                reversionsLose(one, two);
                revivalsLose(one, two);
                String offset = one.value("SELECT driftdb.current_offset()");
                follow(two, offset);
                assertThat(two.value("SELECT driftdb.state_hash(" + offset + ")"))
                        .isEqualTo(one.value("SELECT driftdb.state_hash(" + offset + ")"));
            }
        }
    }

    private static void follow(Sql sql, String offset) throws InterruptedException {
        while (Long.parseLong(sql.value("SELECT driftdb.current_offset()"))
                < Long.parseLong(offset)) {
            Thread.sleep(20);
        }
    }

    private static void reversionsLose(Sql one, Sql two) throws InterruptedException {
        List<List<String>> changes =
                List.of(
                        List.of("UPDATE t SET u = 'm' WHERE id = 1"),
                        List.of("DELETE FROM t WHERE id = 1"),
                        List.of("INSERT INTO t VALUES (2, 'x')"),
                        List.of("INSERT INTO t VALUES (2, 'x')", "DELETE FROM t WHERE id = 2"),
                        List.of("INSERT INTO t VALUES (7, 'u2')"));
        for (List<String> change : changes) {
            String mistake = mistake(one);
            follow(two, mistake);
            one.run("BEGIN", "REVERT TRANSACTION OFFSET " + mistake);
            two.run(change.toArray(String[]::new));
            String last = two.value("SELECT driftdb.current_offset()");
            assertThat(one.state("COMMIT")).as(change.getLast()).isEqualTo("40001");
            follow(one, last);
        }
        String mistake = mistake(one);
        assertThat(one.update("REVERT TRANSACTION OFFSET " + mistake)).isEqualTo(2);
        follow(two, one.value("SELECT driftdb.current_offset()"));
        assertThat(two.query("SELECT u FROM t WHERE id < 3 ORDER BY 1"))
                .containsExactly("u1", "u2");
    }

    /** The rows 1 to 5 anew, and a transaction that changes two of them. */
    private static String mistake(Sql sql) {
        sql.run(
                "DELETE FROM t",
                "INSERT INTO t SELECT g, 'u' || g FROM generate_series(1, 5) g",
                "BEGIN",
                "UPDATE t SET u = 'n' WHERE id = 1",
                "DELETE FROM t WHERE id = 2",
                "COMMIT");
        return sql.value("SELECT driftdb.current_offset()");
    }

    private static void revivalsLose(Sql one, Sql two) throws InterruptedException {
        one.run("DROP TABLE t");
        follow(two, one.value("SELECT driftdb.current_offset()"));
        one.run("BEGIN", "UNDROP TABLE t");
        two.run("UNDROP TABLE t", "UPDATE t SET u = 'v' WHERE id = 3");
        assertThat(one.state("COMMIT")).isEqualTo("40001");
        follow(one, two.value("SELECT driftdb.current_offset()"));
        assertThat(one.state("UNDROP TABLE t")).isEqualTo("42P07");
        for (Sql sql : List.of(one, two)) {
            assertThat(sql.query("SELECT id FROM t WHERE u = 'v'")).containsExactly("3");
            assertThat(sql.query("SELECT id FROM t WHERE u = 'u3'")).isEmpty();
            assertThat(sql.query("SELECT count(*) FROM t WHERE u >= 'u'")).containsExactly("5");
        }
    }
}
