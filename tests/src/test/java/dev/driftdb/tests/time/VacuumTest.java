package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** history_retention and VACUUM: what is kept stays as it was. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class VacuumTest {
    private final Sql sql = TestNode.connect();
    private String made = "";
    private String updated = "";

    @BeforeEach
    void create() {
        sql.run(
                "DROP TABLE IF EXISTS kept",
                "CREATE TABLE kept (id int PRIMARY KEY, v int)",
                "INSERT INTO kept VALUES (1, 10), (2, 20), (3, 30)");
        made = offset();
        sql.run("UPDATE kept SET v = v + 1 WHERE id < 3");
        updated = offset();
        sql.run("DELETE FROM kept WHERE id = 2", "UPDATE kept SET v = v + 1 WHERE id = 1");
    }

    @AfterEach
    void drop() {
        sql.run("DROP TABLE IF EXISTS kept, kept_other");
        sql.close();
    }

    private String offset() {
        return sql.value("SHOW driftdb.offset");
    }

    private List<String> versions(String time) {
        return sql.query(
                "SELECT id, v, _op, _offset_to IS NULL FROM kept FOR SYSTEM_TIME "
                        + time
                        + " ORDER BY id, _offset_from");
    }

    private void retain(String retention) {
        sql.run(
                "ALTER TABLE kept SET (history_retention = '" + retention + "')",
                "SELECT pg_sleep(0.01)");
    }

    @Test
    void without_a_retention_nothing_is_dropped() {
        sql.run("VACUUM kept", "VACUUM");
        assertThat(sql.query("SELECT * FROM kept AS OF " + made)).hasSize(3);
        assertThat(versions("ALL")).hasSize(6);
    }

    @Test
    void a_retention_that_has_not_passed_drops_nothing() {
        retain("1 hour");
        sql.run("VACUUM kept");
        assertThat(versions("ALL")).hasSize(6);
        retain("infinity");
        sql.run("VACUUM kept");
        assertThat(versions("ALL")).hasSize(6);
    }

    @Test
    void versions_that_ended_before_the_retention_go_and_those_live_since_keep_their_op() {
        retain("0");
        sql.run("UPDATE kept SET v = 100 WHERE id = 3");
        String last = offset();
        sql.run("SELECT pg_sleep(0.01)", "VACUUM kept");
        assertThat(versions("ALL")).containsExactly("1|12|update|t", "3|100|update|t");
        assertThat(sql.query("SELECT * FROM kept AS OF " + last + " ORDER BY 1"))
                .containsExactly("1|12", "3|100");
        sql.run("UPDATE kept SET v = 101 WHERE id = 3");
        assertThat(versions("BETWEEN OFFSET " + last + " AND now()"))
                .containsExactly("1|12|update|t", "3|100|update|f", "3|101|update|t");
        assertThat(
                        sql.query(
                                "SELECT id, v_before, v_after FROM driftdb.diff('kept', "
                                        + last
                                        + ")"))
                .containsExactly("3|100|101");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SELECT * FROM kept FOR SYSTEM_TIME BETWEEN OFFSET @ AND now()",
                "SELECT * FROM kept FOR SYSTEM_TIME FROM @ TO now()",
            })
    void versions_from_before_the_horizon_are_refused_and_the_earliest_is_named(String query) {
        retain("0");
        sql.run("VACUUM kept");
        SQLException refused = sql.error(query.replace("@", made));
        assertThat(refused.getSQLState()).isEqualTo("22023");
        assertThat(refused.getMessage())
                .contains("past the horizon")
                .contains("The earliest offset that can be read is");
        assertThat(sql.query("SELECT * FROM kept ORDER BY 1")).containsExactly("1|12", "3|30");
    }

    @Test
    void points_before_the_horizon_are_read_by_replaying_the_log() {
        retain("0");
        sql.run("CREATE INDEX kept_v ON kept (v)", "VACUUM kept");
        assertThat(sql.query("SELECT * FROM kept AS OF " + made + " ORDER BY 1"))
                .containsExactly("1|10", "2|20", "3|30");
        assertThat(sql.value("SELECT id FROM kept AS OF " + updated + " WHERE v = 21"))
                .isEqualTo("2");
        assertThat(
                        sql.query(
                                "SELECT o.v, n.v FROM kept AS OF "
                                        + updated
                                        + " o JOIN kept n USING (id) ORDER BY 1"))
                .containsExactly("11|12", "30|30");
        assertThat(
                        sql.query(
                                "SELECT id, op, v_before, v_after FROM driftdb.diff('kept', "
                                        + made
                                        + ") ORDER BY id"))
                .containsExactly("1|update|10|12", "2|delete|20|NULL");
        sql.run("RESTORE TABLE kept TO " + made);
        assertThat(sql.query("SELECT * FROM kept ORDER BY 1"))
                .containsExactly("1|10", "2|20", "3|30");
    }

    @Test
    void a_replay_is_cancelled_with_its_statement() {
        retain("0");
        sql.run("VACUUM kept", "SET statement_timeout = '1ms'");
        assertThat(sql.state("SELECT count(*) FROM kept AS OF " + made)).isEqualTo("57014");
        sql.run("RESET statement_timeout");
        assertThat(sql.value("SELECT count(*) FROM kept AS OF " + made)).isEqualTo("3");
    }

    @Test
    void a_vacuum_tells_what_it_removes() throws SQLException {
        retain("0");
        try (Statement statement = sql.connection().createStatement()) {
            statement.execute("VACUUM VERBOSE kept");
            SQLWarning first = statement.getWarnings();
            assertThat(first.getMessage()).isEqualTo("vacuuming \"public.kept\"");
            assertThat(first.getNextWarning().getMessage())
                    .isEqualTo("\"public.kept\": removed 4 row versions");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"-1 day;22023", "a while;22007", "'';22007"})
    void what_is_no_retention_is_refused(String retention, String state) {
        assertThat(sql.state("ALTER TABLE kept SET (history_retention = '" + retention + "')"))
                .isEqualTo(state);
    }

    @Test
    void other_tables_keep_their_history() {
        retain("0");
        sql.run(
                "DROP TABLE IF EXISTS kept_other",
                "CREATE TABLE kept_other (id int PRIMARY KEY)",
                "INSERT INTO kept_other VALUES (1)");
        String then = offset();
        sql.run("DELETE FROM kept_other", "VACUUM");
        assertThat(sql.query("SELECT * FROM kept_other AS OF " + then)).containsExactly("1");
        assertThat(sql.state("SELECT * FROM kept FOR SYSTEM_TIME FROM " + updated + " TO now()"))
                .isEqualTo("22023");
    }
}
