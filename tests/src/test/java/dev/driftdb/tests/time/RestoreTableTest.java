package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RESTORE TABLE: what rows were, as new changes. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class RestoreTableTest {
    private final Sql sql = TestNode.connect();

    @BeforeEach
    void drop() {
        sql.run(
                "DROP VIEW IF EXISTS back_view",
                "DROP TABLE IF EXISTS back_child, back, back_other",
                "CREATE TABLE back (id int PRIMARY KEY, u text UNIQUE, v int)",
                "INSERT INTO back VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)");
    }

    @AfterEach
    void close() {
        sql.close();
    }

    private String offset() {
        return sql.value("SELECT driftdb.current_offset()");
    }

    private List<String> rows() {
        return sql.query("SELECT * FROM back ORDER BY 1");
    }

    private int restore(String to) {
        return sql.update("RESTORE TABLE back TO " + to);
    }

    @Test
    void rows_are_what_they_were_and_the_mistake_stays_in_the_history() {
        String before = offset();
        String time = sql.value("SELECT now()");
        List<String> were = rows();
        sql.run("SELECT pg_sleep(0.005)");
        sql.run(
                "UPDATE back SET v = 0",
                "DELETE FROM back WHERE id = 1",
                "INSERT INTO back VALUES (9, 'z', 9)");
        String wrong = offset();
        assertThat(restore("OFFSET " + before)).isEqualTo(4);
        assertThat(rows()).isEqualTo(were);
        assertThat(restore("'" + time + "'")).isZero();
        assertThat(restore(wrong)).isEqualTo(4);
        assertThat(rows()).containsExactly("2|b|0", "3|c|0", "9|z|9");
        assertThat(
                        sql.query(
                                "SELECT v FROM back FOR SYSTEM_TIME ALL WHERE id = 2 ORDER BY _offset_from"))
                .containsExactly("20", "0", "20", "0");
    }

    @Test
    void unique_keys_may_have_changed_hands() {
        String before = offset();
        List<String> were = rows();
        sql.run(
                "DELETE FROM back WHERE id = 1",
                "UPDATE back SET u = 'a' WHERE id = 2",
                "UPDATE back SET u = 'b' WHERE id = 3",
                "INSERT INTO back VALUES (1, 'c', 1)");
        assertThat(restore(before)).isEqualTo(3);
        assertThat(rows()).isEqualTo(were);
        assertThat(sql.query("SELECT id FROM back WHERE u = 'c'")).containsExactly("3");
    }

    @Test
    void a_restoration_is_part_of_its_transaction() {
        String before = offset();
        sql.run("UPDATE back SET v = 0", "BEGIN", "UPDATE back SET v = 5 WHERE id = 1");
        assertThat(restore(before)).isEqualTo(3);
        assertThat(sql.value("SELECT sum(v) FROM back")).isEqualTo("60");
        sql.run("ROLLBACK");
        assertThat(sql.value("SELECT sum(v) FROM back")).isEqualTo("0");
    }

    @Test
    void a_table_that_the_transaction_has_emptied_gets_its_rows_back() {
        String before = offset();
        List<String> were = rows();
        sql.run("BEGIN", "TRUNCATE back");
        assertThat(restore(before)).isEqualTo(3);
        assertThat(rows()).isEqualTo(were);
        sql.run("COMMIT");
        assertThat(rows()).isEqualTo(were);
    }

    @Test
    void columns_added_since_keep_their_values_and_dropped_ones_stay_away() {
        String before = offset();
        sql.run(
                "DELETE FROM back WHERE id = 3",
                "ALTER TABLE back ADD COLUMN added text DEFAULT 'new'",
                "ALTER TABLE back DROP COLUMN u",
                "ALTER TABLE back ALTER COLUMN v TYPE bigint",
                "ALTER TABLE back RENAME COLUMN v TO w",
                "UPDATE back SET w = 1, added = 'mine' WHERE id = 1");
        assertThat(restore(before)).isEqualTo(2);
        assertThat(rows()).containsExactly("1|10|mine", "2|20|new", "3|30|new");
    }

    @Test
    void constraints_of_today_are_checked() {
        sql.run(
                "CREATE TABLE back_child (id int PRIMARY KEY, p int REFERENCES back)",
                "INSERT INTO back_child VALUES (1, 1)");
        String referring = offset();
        sql.run("DELETE FROM back_child", "DELETE FROM back WHERE id = 1");
        assertThat(error("RESTORE TABLE back_child TO " + referring)).isEqualTo("23503");
        assertThat(restore(referring)).isEqualTo(1);
        assertThat(sql.update("RESTORE TABLE back_child TO " + referring)).isEqualTo(1);
        String before = offset();
        sql.run("INSERT INTO back VALUES (4, 'd', 40)");
        sql.run("INSERT INTO back_child VALUES (4, 4)");
        assertThat(error("RESTORE TABLE back TO " + before)).isEqualTo("23503");
        sql.run("DELETE FROM back_child", "DELETE FROM back WHERE v > 10");
        sql.run("ALTER TABLE back ADD CHECK (v < 15)");
        assertThat(error("RESTORE TABLE back TO " + before)).isEqualTo("23514");
        assertThat(rows()).containsExactly("1|a|10");
    }

    @Test
    void a_table_made_anew_takes_back_the_rows_of_its_predecessor() {
        String before = offset();
        sql.run("DROP TABLE back", "CREATE TABLE back (v int, id int PRIMARY KEY)");
        assertThat(restore(before)).isEqualTo(3);
        assertThat(rows()).containsExactly("10|1", "20|2", "30|3");
    }

    @Test
    void what_cannot_be_restored_is_refused() {
        String empty = sql.value("SELECT driftdb.current_offset() - 2");
        sql.run("CREATE VIEW back_view AS SELECT * FROM back", "CREATE TABLE back_other (id int)");
        String before = offset();
        assertThat(error("RESTORE TABLE back TO " + empty)).isEqualTo("42P01");
        assertThat(error("RESTORE TABLE back TO 999999999")).isEqualTo("22023");
        assertThat(error("RESTORE TABLE back TO '2999-01-01'")).isEqualTo("22023");
        assertThat(error("RESTORE TABLE back TO $1")).isEqualTo("0A000");
        assertThat(error("RESTORE TABLE back_view TO " + before)).isEqualTo("42809");
        assertThat(error("RESTORE TABLE nowhere TO " + before)).isEqualTo("42P01");
        assertThat(error("RESTORE TABLE back")).isEqualTo("42601");
        sql.run("ALTER TABLE back_other ADD PRIMARY KEY (id)");
        assertThat(error("RESTORE TABLE back_other TO " + before)).isEqualTo("0A000");
        sql.run("DROP VIEW back_view", "ALTER TABLE back ALTER COLUMN v TYPE bytea USING NULL");
        assertThat(error("RESTORE TABLE back TO " + before)).isEqualTo("0A000");
        sql.run("BEGIN READ ONLY");
        assertThat(error("RESTORE TABLE back TO " + before)).isEqualTo("25006");
        sql.run("ROLLBACK", "SET driftdb.as_of = '" + before + "'");
        assertThat(error("RESTORE TABLE back TO " + before)).isEqualTo("25006");
        sql.run("RESET driftdb.as_of");
    }

    private String error(String statement) {
        SQLException error = sql.error(statement);
        return String.valueOf(error.getSQLState());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void after_random_changes_each_restoration_gives_the_rows_of_then(boolean keyed) {
        long seed = Long.getLong("driftdb.seed", System.nanoTime());
        Random random = new Random(seed);
        sql.run(
                "DROP TABLE back",
                keyed
                        ? "CREATE TABLE back (id int PRIMARY KEY, u int, v int)"
                        : "CREATE TABLE back (id int, u int, v int)",
                "CREATE INDEX ON back (u)");
        List<String> offsets = new ArrayList<>(List.of(offset()));
        for (int step = 0; step < 60; step++) {
            int id = random.nextInt(200);
            switch (random.nextInt(4)) {
                case 0, 1 ->
                        sql.run(
                                "INSERT INTO back SELECT g, "
                                        + step
                                        + ", g FROM generate_series("
                                        + id
                                        + ", "
                                        + (id + random.nextInt(30))
                                        + ") g ON CONFLICT DO NOTHING");
                case 2 -> sql.run("UPDATE back SET v = " + step + " WHERE id % 5 = " + id % 5);
                default -> sql.run("DELETE FROM back WHERE id BETWEEN " + id + " AND " + (id + 40));
            }
            offsets.add(offset());
            if (random.nextInt(4) == 0) {
                String to = offsets.get(random.nextInt(offsets.size()));
                restore(to);
                String order = " ORDER BY id, u, v";
                String what = "restored to " + to + ", -Ddriftdb.seed=" + seed;
                assertThat(sql.query("SELECT * FROM back" + order))
                        .as(what)
                        .isEqualTo(sql.query("SELECT * FROM back AS OF " + to + order));
                assertThat(sql.query("SELECT count(*) FROM back WHERE u >= 0"))
                        .as(what)
                        .isEqualTo(sql.query("SELECT count(*) FROM back AS OF " + to));
                offsets.add(offset());
            }
        }
    }
}
