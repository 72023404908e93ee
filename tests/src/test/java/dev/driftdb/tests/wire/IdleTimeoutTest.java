package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Sessions that say nothing are ended, and their locks go with them. That one is not ended is seen
 * when another, idle for as long with the same limit, has been.
 */
@ExtendWith(TestNode.class)
@Timeout(60)
final class IdleTimeoutTest {
    private static final String IN_TRANSACTION =
            "SET idle_in_transaction_session_timeout = '100ms'";
    private static final String ANY = "SET idle_session_timeout = '100ms'";

    @Test
    void a_session_idle_in_a_transaction_is_ended_and_its_locks_go() throws Exception {
        try (Sql other = TestNode.connect()) {
            Sql idle = TestNode.connect();
            other.run(
                    "DROP TABLE IF EXISTS idle_lock",
                    "CREATE TABLE idle_lock (id integer PRIMARY KEY)",
                    "INSERT INTO idle_lock VALUES (1)");
            idle.run(IN_TRANSACTION, "BEGIN", "DELETE FROM idle_lock");
            assertThat(other.update("DELETE FROM idle_lock")).isEqualTo(1);
            assertEnded(idle, "25P03");
        }
    }

    @Test
    void a_failed_transaction_counts_as_one() throws Exception {
        try (Sql other = TestNode.connect()) {
            Sql idle = TestNode.connect();
            String pid = idle.value("SELECT pg_backend_pid()");
            idle.run(IN_TRANSACTION, "BEGIN");
            assertThat(idle.state("SELECT 1 / 0")).isEqualTo("22012");
            awaitGone(other, pid);
            assertEnded(idle, "25P03");
        }
    }

    @Test
    void outside_of_a_transaction_and_while_it_works_a_session_stays() throws Exception {
        try (Sql other = TestNode.connect();
                Sql sql = TestNode.connect()) {
            sql.run(IN_TRANSACTION);
            awaitGone(other, idleInTransaction());
            sql.run("BEGIN", "SELECT pg_sleep(0.4)");
            String idle = idleInTransaction();
            while (isThere(other, idle)) {
                sql.run("SELECT 1");
            }
            sql.run("COMMIT");
        }
    }

    @Test
    void idle_session_timeout_ends_a_session_outside_of_a_transaction() throws Exception {
        try (Sql other = TestNode.connect()) {
            Sql sql = TestNode.connect();
            String pid = sql.value("SELECT pg_backend_pid()");
            sql.run(ANY + "; BEGIN");
            Sql idle = TestNode.connect();
            String idlePid = idle.value("SELECT pg_backend_pid()");
            idle.run(ANY);
            awaitGone(other, idlePid);
            assertEnded(idle, "57P05");
            sql.run("COMMIT");
            awaitGone(other, pid);
            assertEnded(sql, "57P05");
        }
    }

    /** The process id of a session that will be ended, and is left to that. */
    private static String idleInTransaction() {
        Sql idle = TestNode.connect();
        String pid = idle.value("SELECT pg_backend_pid()");
        idle.run(IN_TRANSACTION, "BEGIN");
        return pid;
    }

    private static boolean isThere(Sql other, String pid) {
        return !other.query("SELECT 1 FROM pg_stat_activity WHERE pid = " + pid).isEmpty();
    }

    private static void awaitGone(Sql other, String pid) {
        Awaitility.await().until(() -> !isThere(other, pid));
    }

    /** What the server said before it closed, or that it closed. */
    private static void assertEnded(Sql session, String state) throws SQLException {
        assertThat(session.state("SELECT 1")).isIn(state, "08006");
        session.connection().close();
    }
}
