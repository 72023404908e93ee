package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** REVERT TRANSACTION: the inverse of one transaction, as new changes. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class RevertTransactionTest {
    private final Sql sql = TestNode.connect();

    @BeforeEach
    void make() {
        sql.run(
                "DROP TABLE IF EXISTS revert_child, revert, revert_log",
                "CREATE TABLE revert (id int PRIMARY KEY, u text UNIQUE, v int CHECK (v < 100))",
                "CREATE TABLE revert_log (note text)",
                "INSERT INTO revert VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)",
                "INSERT INTO revert_log VALUES ('x'), ('y')");
    }

    @AfterEach
    void close() {
        sql.close();
    }

    private String offset() {
        return sql.value("SELECT driftdb.current_offset()");
    }

    private String transaction(String... statements) {
        sql.run("BEGIN");
        sql.run(statements);
        sql.run("COMMIT");
        return offset();
    }

    private String id(String offset) {
        return sql.value("SELECT transaction_id FROM driftdb.log WHERE _offset = " + offset);
    }

    private int revert(String offset) {
        return sql.update("REVERT TRANSACTION OFFSET " + offset);
    }

    private List<String> rows() {
        return sql.query("SELECT * FROM revert ORDER BY 1");
    }

    private List<String> log() {
        return sql.query("SELECT * FROM revert_log ORDER BY 1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_one_transaction_did_is_undone_in_all_its_tables(boolean byId) {
        List<String> were = rows();
        String mistake =
                transaction(
                        "UPDATE revert SET v = 0 WHERE id = 1",
                        "DELETE FROM revert WHERE id = 2",
                        "INSERT INTO revert VALUES (9, 'z', 9)",
                        "INSERT INTO revert_log VALUES ('z')",
                        "DELETE FROM revert_log WHERE note = 'x'");
        sql.run("INSERT INTO revert VALUES (4, 'd', 40)", "UPDATE revert SET v = 31 WHERE id = 3");
        int changed =
                byId ? sql.update("REVERT TRANSACTION '" + id(mistake) + "'") : revert(mistake);
        assertThat(changed).isEqualTo(5);
        assertThat(rows()).containsExactly(were.get(0), were.get(1), "3|c|31", "4|d|40");
        assertThat(sql.query("SELECT id FROM revert WHERE u = 'b'")).containsExactly("2");
        assertThat(log()).containsExactly("x", "y");
        assertThat(sql.value("SELECT tag FROM driftdb.log ORDER BY _offset DESC LIMIT 1"))
                .isEqualTo("REVERT TRANSACTION");
        assertThat(
                        sql.query(
                                "SELECT v FROM revert FOR SYSTEM_TIME ALL WHERE id = 1"
                                        + " ORDER BY _offset_from"))
                .containsExactly("10", "0", "10");
    }

    @Test
    void a_reversion_can_be_reverted_and_none_works_twice() {
        String deletion =
                transaction(
                        "DELETE FROM revert_log", "UPDATE revert SET id = id + 10 WHERE id = 1");
        assertThat(revert(deletion)).isEqualTo(4);
        String reversion = offset();
        assertThat(sql.query("SELECT * FROM driftdb.diff('revert_log', " + deletion + " - 1)"))
                .isEmpty();
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + deletion)).isEqualTo("40001");
        assertThat(log()).containsExactly("x", "y");
        assertThat(revert(reversion)).isEqualTo(4);
        assertThat(log()).isEmpty();
        assertThat(rows()).containsExactly("2|b|20", "3|c|30", "11|a|10");
    }

    @Test
    void rows_of_a_truncated_table_come_back() {
        List<String> were = rows();
        String truncation = transaction("TRUNCATE revert", "INSERT INTO revert VALUES (2, 'n', 1)");
        assertThat(revert(truncation)).isEqualTo(3);
        assertThat(rows()).isEqualTo(were);
    }

    @Test
    void a_transaction_of_many_records_is_undone() {
        List<String> were = rows();
        String large =
                transaction(
                        "INSERT INTO revert_log SELECT repeat('x', 1000) || g"
                                + " FROM generate_series(1, 2000) g",
                        "UPDATE revert SET v = v + 1",
                        "DELETE FROM revert_log WHERE note = 'x'");
        assertThat(revert(large)).isEqualTo(2004);
        assertThat(rows()).isEqualTo(were);
        assertThat(log()).containsExactly("x", "y");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + large + " - 1")).isEqualTo("22023");
    }

    @Test
    void rows_that_have_changed_since_are_named_and_nothing_is_changed() {
        String mistake =
                transaction(
                        "UPDATE revert SET v = 0 WHERE id < 3",
                        "DELETE FROM revert WHERE id = 3",
                        "INSERT INTO revert_log VALUES ('z')");
        String again =
                transaction(
                        "UPDATE revert SET v = 1 WHERE id = 2",
                        "INSERT INTO revert VALUES (3, 'k', 3)");
        SQLException error = sql.error("REVERT TRANSACTION OFFSET " + mistake);
        assertThat(error.getMessage())
                .contains("\"revert\" have changed since")
                .contains(id(mistake));
        assertThat(Sql.violation(error))
                .isEqualTo("40001 null Changed after offset " + mistake + ": (id)=(2), (id)=(3).");
        sql.run("DELETE FROM revert WHERE id = 3");
        assertThat(Sql.violation(sql.error("REVERT TRANSACTION OFFSET " + mistake)))
                .endsWith(": (id)=(2), (id)=(3).");
        assertThat(rows()).containsExactly("1|a|0", "2|b|1");
        assertThat(log()).containsExactly("x", "y", "z");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + again)).isEqualTo("40001");
    }

    @Test
    void it_is_part_of_its_transaction() {
        String mistake = transaction("UPDATE revert SET v = 0");
        sql.run("BEGIN");
        assertThat(revert(mistake)).isEqualTo(3);
        assertThat(sql.value("SELECT sum(v) FROM revert")).isEqualTo("60");
        sql.run("ROLLBACK");
        assertThat(sql.value("SELECT sum(v) FROM revert")).isEqualTo("0");
        sql.run("BEGIN", "UPDATE revert SET v = 5 WHERE id = 1");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + mistake)).isEqualTo("40001");
        sql.run("ROLLBACK", "BEGIN ISOLATION LEVEL REPEATABLE READ");
        assertThat(revert(mistake)).isEqualTo(3);
        sql.run("COMMIT");
        assertThat(sql.value("SELECT sum(v) FROM revert")).isEqualTo("60");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE revert SET v = 7 WHERE id = 1",
                "DELETE FROM revert WHERE id = 1",
                "INSERT INTO revert VALUES (3, 'q', 3)"
            })
    void it_loses_against_whoever_is_changing_a_row(String change) throws Exception {
        String mistake =
                transaction(
                        "UPDATE revert SET v = 0 WHERE id = 1", "DELETE FROM revert WHERE id = 3");
        try (Sql other = TestNode.connect()) {
            other.run("BEGIN", change);
            CompletableFuture<String> lost =
                    CompletableFuture.supplyAsync(
                            () -> sql.state("REVERT TRANSACTION OFFSET " + mistake));
            Thread.sleep(200);
            other.run("COMMIT");
            assertThat(lost.get(30, TimeUnit.SECONDS)).isEqualTo("40001");
        }
        assertThat(sql.value("SELECT count(*) FROM revert WHERE v = 10")).isEqualTo("0");
    }

    @Test
    void constraints_of_today_are_checked_and_columns_are_told_by_what_they_are() {
        sql.run("CREATE TABLE revert_child (id int PRIMARY KEY, p int REFERENCES revert)");
        String insertion = transaction("INSERT INTO revert VALUES (4, 'd', 40)");
        sql.run("INSERT INTO revert_child VALUES (1, 4)");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + insertion)).isEqualTo("23503");
        String orphans =
                transaction("DELETE FROM revert_child", "DELETE FROM revert WHERE id IN (3, 4)");
        sql.run("INSERT INTO revert VALUES (5, 'c', 50)");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + orphans)).isEqualTo("23505");
        sql.run("DELETE FROM revert WHERE id = 5", "ALTER TABLE revert ADD CHECK (v < 35)");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + orphans)).isEqualTo("23514");
        sql.run(
                "ALTER TABLE revert DROP CONSTRAINT revert_v_check1",
                "ALTER TABLE revert RENAME TO revert_moved",
                "ALTER TABLE revert_moved RENAME TO revert",
                "ALTER TABLE revert RENAME COLUMN v TO w",
                "ALTER TABLE revert DROP COLUMN u",
                "ALTER TABLE revert ADD COLUMN added text DEFAULT 'new'");
        assertThat(revert(orphans)).isEqualTo(3);
        assertThat(rows()).containsExactly("1|10|new", "2|20|new", "3|30|new", "4|40|new");
        assertThat(sql.query("SELECT * FROM revert_child")).containsExactly("1|4");
    }

    @Test
    void what_cannot_be_reverted_is_refused() {
        String update = transaction("UPDATE revert SET v = 0");
        String log = transaction("UPDATE revert_log SET note = 'n'");
        assertThat(sql.state("REVERT TRANSACTION 'c0ffee00-0000-4000-8000-000000000000'"))
                .isEqualTo("42704");
        assertThat(sql.state("REVERT TRANSACTION 'coffee'")).isEqualTo("22P02");
        assertThat(sql.state("REVERT TRANSACTION OFFSET 999999999")).isEqualTo("22023");
        assertThat(sql.state("REVERT TRANSACTION $1")).isEqualTo("0A000");
        assertThat(sql.state("REVERT TRANSACTION 5")).isEqualTo("42601");
        String both = transaction("CREATE TABLE revert_child (id int)", "DELETE FROM revert_log");
        SQLException error = sql.error("REVERT TRANSACTION OFFSET " + both);
        assertThat(error.getSQLState()).isEqualTo("0A000");
        assertThat(error.getMessage()).contains("CREATE TABLE").contains("offset " + both);
        sql.run("CREATE SEQUENCE IF NOT EXISTS revert_numbers", "SELECT nextval('revert_numbers')");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + offset())).isEqualTo("22023");
        sql.run("BEGIN READ ONLY");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + update)).isEqualTo("25006");
        sql.run("ROLLBACK", "SET driftdb.as_of = '" + both + "'");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + update)).isEqualTo("25006");
        sql.run(
                "RESET driftdb.as_of",
                "ALTER TABLE revert ADD COLUMN r float DEFAULT random()",
                "DROP TABLE revert_log");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + update)).isEqualTo("0A000");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + log)).isEqualTo("42P01");
    }

    @Test
    void what_history_no_longer_knows_is_not_reverted() {
        sql.run(
                "DROP TABLE IF EXISTS revert_brief",
                "CREATE TABLE revert_brief (id int PRIMARY KEY, v int)"
                        + " WITH (changelog = off, history_retention = '1 ms')",
                "INSERT INTO revert_brief VALUES (1, 1)");
        String update = transaction("UPDATE revert_brief SET v = 0");
        sql.run(
                "UPDATE revert_brief SET v = 1",
                "SELECT pg_sleep(0.01)",
                "INSERT INTO revert_log VALUES ('later')",
                "VACUUM revert_brief");
        assertThat(sql.state("REVERT TRANSACTION OFFSET " + update)).isEqualTo("22023");
        sql.run("DROP TABLE revert_brief");
    }
}
