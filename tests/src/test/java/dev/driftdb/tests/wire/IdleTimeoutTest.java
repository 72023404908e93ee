package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sessions that say nothing are ended, and their locks go with them. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class IdleTimeoutTest {
    @Test
    void a_session_idle_in_a_transaction_is_ended_and_its_locks_go() throws Exception {
        try (Sql other = TestNode.connect()) {
            Sql idle = TestNode.connect();
            other.run(
                    "DROP TABLE IF EXISTS idle_lock",
                    "CREATE TABLE idle_lock (id integer PRIMARY KEY)",
                    "INSERT INTO idle_lock VALUES (1)");
            idle.run(
                    "SET idle_in_transaction_session_timeout = '100ms'",
                    "BEGIN",
                    "DELETE FROM idle_lock");
            assertThat(other.update("DELETE FROM idle_lock")).isEqualTo(1);
            assertEnded(idle, "25P03");
        }
    }

    @Test
    void a_failed_transaction_counts_as_one() throws Exception {
        Sql idle = TestNode.connect();
        idle.run("SET idle_in_transaction_session_timeout = '100ms'", "BEGIN");
        assertThat(idle.state("SELECT 1 / 0")).isEqualTo("22012");
        Thread.sleep(400);
        assertEnded(idle, "25P03");
    }

    @Test
    void outside_of_a_transaction_and_while_it_works_a_session_stays() throws Exception {
        try (Sql sql = TestNode.connect()) {
            sql.run("SET idle_in_transaction_session_timeout = '150ms'");
            Thread.sleep(400);
            sql.run("BEGIN", "SELECT pg_sleep(0.4)");
            for (int i = 0; i < 6; i++) {
                Thread.sleep(50);
                sql.run("SELECT 1");
            }
            sql.run("COMMIT");
        }
    }

    @Test
    void idle_session_timeout_ends_a_session_outside_of_a_transaction() throws Exception {
        Sql idle = TestNode.connect();
        idle.run("SET idle_session_timeout = '100ms'", "BEGIN");
        Thread.sleep(300);
        idle.run("COMMIT");
        Thread.sleep(400);
        assertEnded(idle, "57P05");
    }

    /** What the server said before it closed, or that it closed. */
    private static void assertEnded(Sql session, String state) throws SQLException {
        assertThat(session.state("SELECT 1")).isIn(state, "08006");
        session.connection().close();
    }
}
