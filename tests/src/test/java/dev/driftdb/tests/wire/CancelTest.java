package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A running statement can be stopped; the session goes on. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class CancelTest {
    private static final String ENDLESS =
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n % 10 + 1 FROM t) SELECT count(*) FROM t";

    @Test
    void a_running_query_is_canceled() throws SQLException {
        try (Sql sql = TestNode.connect();
                Sql watcher = TestNode.connect()) {
            String pid = sql.value("SELECT pg_backend_pid()");
            canceled(sql, watcher, pid, ENDLESS);
            assertThat(sql.value("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void a_wait_for_a_row_lock_is_canceled() throws SQLException {
        try (Sql sql = TestNode.connect();
                Sql holder = TestNode.connect()) {
            holder.run(
                    "DROP TABLE IF EXISTS cancel_lock",
                    "CREATE TABLE cancel_lock (id integer PRIMARY KEY)",
                    "INSERT INTO cancel_lock VALUES (1)",
                    "BEGIN",
                    "UPDATE cancel_lock SET id = id");
            try (Sql watcher = TestNode.connect()) {
                String pid = sql.value("SELECT pg_backend_pid()");
                canceled(sql, watcher, pid, "UPDATE cancel_lock SET id = id");
            }
            holder.run("ROLLBACK");
            assertThat(sql.update("UPDATE cancel_lock SET id = id")).isEqualTo(1);
        }
    }

    @Test
    void a_cancel_of_an_idle_session_does_nothing() throws SQLException {
        try (Sql sql = TestNode.connect();
                Statement jdbc = sql.connection().createStatement()) {
            jdbc.cancel();
            assertThat(sql.value("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void statement_timeout_ends_a_statement() {
        try (Sql sql = TestNode.connect()) {
            sql.run("SET statement_timeout = '200ms'");
            assertThat(sql.state(ENDLESS)).isEqualTo("57014");
            assertThat(sql.value("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void lock_timeout_ends_a_wait() {
        try (Sql sql = TestNode.connect();
                Sql holder = TestNode.connect()) {
            holder.run(
                    "DROP TABLE IF EXISTS timeout_lock",
                    "CREATE TABLE timeout_lock (id integer PRIMARY KEY)",
                    "INSERT INTO timeout_lock VALUES (1)",
                    "BEGIN",
                    "DELETE FROM timeout_lock");
            sql.run("SET lock_timeout = '100ms'");
            assertThat(sql.state("DELETE FROM timeout_lock")).isEqualTo("55P03");
            holder.run("ROLLBACK");
        }
    }

    /** Cancels the statement again and again until it ends, as a cancel may come before it runs. */
    private static void canceled(Sql sql, Sql watcher, String pid, String statement)
            throws SQLException {
        try (Statement jdbc = sql.connection().createStatement()) {
            CompletableFuture<Void> run =
                    CompletableFuture.runAsync(() -> {
                        try {
                            jdbc.execute(statement);
                        } catch (SQLException e) {
                            throw new IllegalStateException(e.getSQLState(), e);
                        }
                    });
            while (!run.isDone()) {
                watcher.query("SELECT pg_cancel_backend(" + pid + ")");
            }
            assertThatThrownBy(run::join)
                    .hasRootCauseInstanceOf(SQLException.class)
                    .hasMessageContaining("57014");
        }
    }
}
