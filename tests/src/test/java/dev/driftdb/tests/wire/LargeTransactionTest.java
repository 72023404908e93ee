package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What transactions of many rows cost others, and how they end before their end. */
@ExtendWith(TestNode.class)
@Timeout(240)
final class LargeTransactionTest {
    private static final int WIDE_ROWS = 100;

    /** Wide rows of 100,000 bytes. */
    private static final long WIDE_BYTES = WIDE_ROWS * 100_000L;

    @Test
    void more_than_a_share_of_the_heap_is_refused_and_given_back() {
        try (Sql sql = TestNode.connect();
                Sql other = TestNode.connect()) {
            sql.run(
                    "DROP TABLE IF EXISTS wide",
                    "CREATE TABLE wide (id integer PRIMARY KEY, v text)");
            for (int round = 0; round < 2; round++) {
                sql.run("BEGIN");
                long mayFit = Runtime.getRuntime().maxMemory() / WIDE_BYTES;
                String refused = "";
                int first = 1;
                for (; refused.isEmpty() && first <= mayFit * WIDE_ROWS; first += WIDE_ROWS) {
                    refused = insertWide(sql, first);
                }
                assertThat(refused).isEqualTo("53200");
                assertThat((long) first * 100_000)
                        .isGreaterThan(Runtime.getRuntime().maxMemory() / 5);
                other.run("INSERT INTO wide VALUES (0, 'small')", "DELETE FROM wide");
                sql.run("ROLLBACK");
            }
            assertThat(sql.value("SELECT count(*) FROM wide")).isEqualTo("0");
            assertThat(insertWide(sql, 1)).isEmpty();
            sql.run("DROP TABLE wide");
        }
    }

    /** The SQLSTATE, empty if it went well. */
    private static String insertWide(Sql sql, int first) {
        try (Statement statement = sql.connection().createStatement()) {
            statement.execute(
                    "INSERT INTO wide SELECT g, repeat('x', 100000) FROM generate_series("
                            + first
                            + ", "
                            + (first + WIDE_ROWS - 1)
                            + ") g");
            return "";
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        }
    }

    @Test
    void a_bulk_load_meets_a_key_of_another_at_its_commit() {
        try (Sql bulk = TestNode.connect();
                Sql other = TestNode.connect()) {
            bulk.run(
                    "DROP TABLE IF EXISTS met",
                    "CREATE TABLE met (id integer PRIMARY KEY, n integer UNIQUE)",
                    "BEGIN",
                    "INSERT INTO met SELECT g, g FROM generate_series(1, 15000) g");
            other.run("INSERT INTO met VALUES (20000, 14999)");
            SQLException lost = bulk.error("COMMIT");
            assertThat(lost.getSQLState()).isEqualTo("23505");
            assertThat(lost.getMessage()).contains("met_n_key", "(14999)");
            other.run("BEGIN", "INSERT INTO met VALUES (14998, 3)");
            CompletableFuture<Void> loaded =
                    CompletableFuture.runAsync(() ->
                            bulk.run(
                                    "INSERT INTO met SELECT g, -g FROM"
                                            + " generate_series(1, 15000) g"));
            other.run("ROLLBACK");
            loaded.join();
            assertThat(bulk.value("SELECT count(*) FROM met")).isEqualTo("15001");
            bulk.run("DROP TABLE met");
        }
    }

    @Test
    void a_large_statement_is_cancelled_wherever_it_is() throws Exception {
        try (Sql sql = TestNode.connect();
                Sql other = TestNode.connect()) {
            sql.run(
                    "DROP TABLE IF EXISTS canceled",
                    "CREATE TABLE canceled (id integer PRIMARY KEY, n integer, v text)",
                    "CREATE INDEX ON canceled (n)");
            String pid = sql.value("SELECT pg_backend_pid()");
            int canceled = 0;
            int committed = 0;
            long millis = 50;
            while (canceled < 4) {
                CompletableFuture<String> state =
                        CompletableFuture.supplyAsync(() -> {
                            try (Statement statement = sql.connection().createStatement()) {
                                statement.execute(
                                        "INSERT INTO canceled SELECT g, g % 10,"
                                                + " repeat('v', 200) FROM"
                                                + " generate_series(1, 40000) g");
                                return "";
                            } catch (SQLException e) {
                                return String.valueOf(e.getSQLState());
                            }
                        });
                Thread.sleep(millis);
                other.run("SELECT pg_cancel_backend(" + pid + ")");
                String ended = state.get();
                assertThat(ended).isIn("", "57014");
                assertThat(other.value("SELECT count(*) FROM canceled"))
                        .isEqualTo(ended.isEmpty() ? "40000" : "0");
                if (ended.isEmpty()) {
                    committed++;
                    sql.run("TRUNCATE canceled");
                    millis /= 2;
                } else {
                    canceled++;
                    millis = millis * 3 / 2;
                }
                assertThat(committed).isLessThan(20);
            }
            sql.run("DROP TABLE canceled");
        }
    }
}
