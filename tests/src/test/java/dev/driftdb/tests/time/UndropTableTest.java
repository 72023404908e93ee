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

/** UNDROP TABLE: a dropped table comes back with all that went with it. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class UndropTableTest {
    private static final String ROWS = "SELECT * FROM gone ORDER BY id";

    private final Sql sql = TestNode.connect();

    @BeforeEach
    void make() {
        sql.run(
                "DROP SCHEMA IF EXISTS undrop CASCADE",
                "CREATE SCHEMA undrop",
                "SET search_path = undrop",
                "CREATE TABLE gone (id serial PRIMARY KEY, u text UNIQUE, v int DEFAULT 7"
                        + " CHECK (v > 0), g int GENERATED ALWAYS AS (v * 2) STORED)",
                "CREATE INDEX gone_v ON gone (v)",
                "CREATE UNIQUE INDEX gone_lower ON gone (lower(u)) WHERE v < 100",
                "INSERT INTO gone (u, v) VALUES ('a', 1), ('b', 2), ('c', 3)");
    }

    @AfterEach
    void close() {
        sql.run("ROLLBACK", "DROP SCHEMA IF EXISTS undrop CASCADE");
        sql.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void all_that_went_with_the_table_comes_back(boolean inBlock) {
        sql.run(
                "COMMENT ON TABLE gone IS 'table'",
                "COMMENT ON COLUMN gone.v IS 'column'",
                "COMMENT ON INDEX gone_v IS 'index'",
                "COMMENT ON CONSTRAINT gone_v_check ON gone IS 'check'",
                "UPDATE gone SET v = 5 WHERE id = 3",
                "DELETE FROM gone WHERE id = 2");
        List<String> rows = sql.query(ROWS);
        String indexes = "SELECT indexdef FROM pg_indexes WHERE tablename = 'gone' ORDER BY 1";
        List<String> indexDefinitions = sql.query(indexes);
        String comments = "SELECT description FROM pg_description ORDER BY 1";
        List<String> allComments = sql.query(comments);
        sql.run("DROP TABLE gone");
        String away = sql.value("SELECT driftdb.current_offset()");
        if (inBlock) {
            sql.run("BEGIN", "UNDROP TABLE gone");
            assertThat(sql.query(ROWS)).isEqualTo(rows);
            assertThat(sql.query("SELECT id FROM gone WHERE v = 5")).containsExactly("3");
            assertThat(sql.state("INSERT INTO gone (u) VALUES ('c')")).isEqualTo("23505");
            sql.run("ROLLBACK");
            assertThat(sql.state(ROWS)).isEqualTo("42P01");
            sql.run("BEGIN", "UNDROP TABLE gone", "COMMIT");
        } else {
            sql.run("UNDROP TABLE gone");
        }
        assertThat(sql.query(ROWS)).isEqualTo(rows).containsExactly("1|a|1|2", "3|c|5|10");
        assertThat(sql.query(indexes)).isEqualTo(indexDefinitions);
        assertThat(sql.query(comments)).isEqualTo(allComments).contains("check", "index");
        assertThat(sql.query("SELECT id FROM gone WHERE v = 5")).containsExactly("3");
        assertThat(sql.query("SELECT id FROM gone WHERE u = 'c'")).containsExactly("3");
        assertThat(sql.query("SELECT id FROM gone WHERE lower(u) = 'c' AND v < 100"))
                .containsExactly("3");
        assertThat(sql.state("INSERT INTO gone (u) VALUES ('C')")).isEqualTo("23505");
        assertThat(sql.state("INSERT INTO gone (u, v) VALUES ('d', 0)")).isEqualTo("23514");
        assertThat(sql.query("INSERT INTO gone (u) VALUES ('d') RETURNING v, g, id > 3"))
                .containsExactly("7|14|t");
        assertThat(sql.query("SELECT v FROM gone FOR SYSTEM_TIME ALL WHERE id = 3 ORDER BY 1"))
                .containsExactly("3", "5");
        assertThat(sql.state("SELECT * FROM gone AS OF " + away)).isEqualTo("42P01");
        sql.run("UPDATE gone SET v = v + 1", "DROP TABLE gone", "UNDROP TABLE gone");
        assertThat(sql.query("SELECT v FROM gone ORDER BY 1")).containsExactly("2", "6", "8");
        assertThat(sql.query("SELECT u FROM gone WHERE v = 8")).containsExactly("d");
    }

    @Test
    void rows_changed_in_the_same_transaction_find_their_indexes() {
        sql.run(
                "DROP TABLE gone",
                "BEGIN",
                "UNDROP TABLE gone",
                "UPDATE gone SET v = 20, u = 'B' WHERE id = 2",
                "DELETE FROM gone WHERE id = 3",
                "INSERT INTO gone (id, u, v) VALUES (9, 'c', 30)",
                "COMMIT");
        assertThat(sql.query(ROWS)).containsExactly("1|a|1|2", "2|B|20|40", "9|c|30|60");
        for (String row : List.of("1|a", "20|B", "30|c")) {
            String[] parts = row.split("\\|");
            assertThat(sql.query("SELECT u FROM gone WHERE v = " + parts[0]))
                    .containsExactly(parts[1]);
        }
        assertThat(sql.query("SELECT u FROM gone WHERE v IN (2, 3) OR u IN ('b')")).isEmpty();
        assertThat(sql.state("INSERT INTO gone (u) VALUES ('b')")).isEqualTo("23505");
    }

    @Test
    void a_transaction_may_go_on_with_what_it_has_brought_back() {
        sql.run(
                "CREATE TABLE gone_plain (n int, m int)",
                "INSERT INTO gone_plain SELECT g, g % 3 FROM generate_series(1, 9) g",
                "CREATE TABLE gone_child (id int PRIMARY KEY, p int REFERENCES gone)",
                "DROP TABLE gone_plain, gone_child, gone",
                "BEGIN",
                "UNDROP TABLE gone_plain, gone",
                "CREATE INDEX gone_m ON gone_plain (m)",
                "ALTER TABLE gone ADD COLUMN added int DEFAULT 4",
                "UNDROP TABLE gone_child",
                "INSERT INTO gone_child VALUES (1, 1)",
                "COMMIT");
        assertThat(sql.query("SELECT n FROM gone_plain WHERE m = 1 ORDER BY 1"))
                .containsExactly("1", "4", "7");
        assertThat(sql.query("SELECT u, added FROM gone WHERE v = 3")).containsExactly("c|4");
        assertThat(sql.state("DELETE FROM gone WHERE id = 1")).isEqualTo("23503");
        sql.run(
                "DROP TABLE gone_plain",
                "BEGIN",
                "UNDROP TABLE gone_plain",
                "ALTER TABLE gone_plain ADD PRIMARY KEY (n)",
                "COMMIT");
        assertThat(sql.query("SELECT m FROM gone_plain WHERE n = 8")).containsExactly("2");
        assertThat(sql.query("SELECT count(*), sum(n) FROM gone_plain WHERE m = 2"))
                .containsExactly("3|15");
    }

    @Test
    void an_index_or_a_table_may_go_again_in_the_transaction_that_made_or_revived_it() {
        List<String> rows = sql.query(ROWS);
        sql.run("BEGIN", "CREATE INDEX gone_again ON gone (v)", "DROP INDEX gone_again", "COMMIT");
        sql.run(
                "DROP TABLE gone",
                "BEGIN",
                "UNDROP TABLE gone",
                "TRUNCATE gone",
                "DROP TABLE gone",
                "COMMIT");
        assertThat(sql.state(ROWS)).isEqualTo("42P01");
        sql.run("UNDROP TABLE gone");
        assertThat(sql.query(ROWS)).isEqualTo(rows);
    }

    @Test
    void the_last_of_several_comes_back_and_then_those_before() {
        for (int i = 1; i <= 2; i++) {
            sql.run(
                    "CREATE TABLE gone_often (n int)",
                    "INSERT INTO gone_often VALUES (" + i + ")",
                    "DROP TABLE gone_often");
        }
        sql.run("UNDROP TABLE undrop.gone_often");
        assertThat(sql.query("SELECT * FROM gone_often")).containsExactly("2");
        assertThat(sql.state("UNDROP TABLE gone_often")).isEqualTo("42P07");
        sql.run("ALTER TABLE gone_often RENAME TO gone_second", "UNDROP TABLE gone_often");
        assertThat(sql.query("SELECT * FROM gone_often")).containsExactly("1");
        assertThat(sql.query("SELECT * FROM gone_second")).containsExactly("2");
        sql.run("DROP TABLE gone_second");
        assertThat(sql.state("UNDROP TABLE gone_never")).isEqualTo("42P01");
        sql.run("UNDROP TABLE IF EXISTS gone_never, gone_second");
        assertThat(sql.query("SELECT * FROM gone_second")).containsExactly("2");
    }

    @Test
    void a_table_comes_back_into_a_schema_of_the_same_name() {
        sql.run("DROP SCHEMA undrop CASCADE");
        assertThat(sql.state("UNDROP TABLE undrop.gone")).isEqualTo("3F000");
        sql.run("CREATE SCHEMA undrop", "UNDROP TABLE undrop.gone");
        assertThat(sql.query("SELECT u FROM gone WHERE v = 2")).containsExactly("b");
        sql.run("INSERT INTO gone (u) VALUES ('d')");
    }

    @Test
    void foreign_keys_need_what_they_refer_to() {
        sql.run(
                "CREATE TABLE gone_child (id int PRIMARY KEY, p int CONSTRAINT belongs"
                        + " REFERENCES gone)",
                "INSERT INTO gone_child VALUES (1, 1)",
                "DROP TABLE gone_child, gone");
        SQLException error = sql.error("UNDROP TABLE gone_child");
        assertThat(error.getSQLState()).isEqualTo("42P01");
        assertThat(error.getMessage()).contains("\"belongs\"").contains("\"gone\"");
        sql.run("UNDROP TABLE gone_child, gone");
        assertThat(sql.state("DELETE FROM gone WHERE id = 1")).isEqualTo("23503");
        assertThat(sql.state("INSERT INTO gone_child VALUES (2, 99)")).isEqualTo("23503");
        sql.run("DROP TABLE gone_child", "DELETE FROM gone WHERE id = 1");
        assertThat(sql.state("UNDROP TABLE gone_child")).isEqualTo("23503");
        sql.run(
                "INSERT INTO gone (id, u) VALUES (1, 'x')",
                "ALTER TABLE gone DROP CONSTRAINT gone_pkey");
        assertThat(sql.state("UNDROP TABLE gone_child")).isEqualTo("42830");
        sql.run("ALTER TABLE gone ADD PRIMARY KEY (id)", "UNDROP TABLE gone_child");
        assertThat(sql.state("DELETE FROM gone WHERE id = 1")).isEqualTo("23503");
        sql.run("DROP TABLE gone CASCADE", "UNDROP TABLE gone");
        sql.run("DELETE FROM gone WHERE id = 1");
        assertThat(sql.query("SELECT * FROM gone_child")).containsExactly("1|1");
    }

    @Test
    void what_its_definitions_use_must_be_there() {
        sql.run(
                "CREATE TYPE mood AS ENUM ('sad', 'ok')",
                "CREATE DOMAIN small AS int CHECK (VALUE < 10)",
                "CREATE TYPE pair AS (a int, b int)",
                "CREATE SEQUENCE numbers",
                "CREATE TABLE gone_typed (id int DEFAULT nextval('numbers'), m mood, s small,"
                        + " p pair)",
                "INSERT INTO gone_typed VALUES (1, 'ok', 5, '(1,2)')",
                "DROP TABLE gone_typed",
                "DROP SEQUENCE numbers");
        SQLException error = sql.error("UNDROP TABLE gone_typed");
        assertThat(error.getSQLState()).isEqualTo("42P01");
        assertThat(error.getMessage()).contains("\"numbers\"").contains("\"id\"");
        sql.run(
                "CREATE TABLE gone_typed (m mood, s small, p pair)",
                "INSERT INTO gone_typed VALUES ('ok', 5, '(1,2)')",
                "DROP TABLE gone_typed",
                "ALTER DOMAIN small ADD CHECK (VALUE < 4)");
        assertThat(sql.state("UNDROP TABLE gone_typed")).isEqualTo("23514");
        sql.run(
                "ALTER DOMAIN small DROP CONSTRAINT small_check1",
                "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'",
                "ALTER TYPE pair ADD ATTRIBUTE c int",
                "UNDROP TABLE gone_typed");
        assertThat(sql.query("SELECT * FROM gone_typed")).containsExactly("fine|5|(1,2,)");
        sql.run("DROP TABLE gone_typed", "ALTER TYPE pair ALTER ATTRIBUTE a TYPE text");
        assertThat(sql.state("UNDROP TABLE gone_typed")).isEqualTo("0A000");
        sql.run("DROP TYPE mood");
        error = sql.error("UNDROP TABLE gone_typed");
        assertThat(error.getSQLState()).isEqualTo("42704");
        assertThat(error.getMessage()).contains("\"m\"");
    }

    @Test
    void names_that_others_have_taken_are_not_taken_back() {
        sql.run("DROP TABLE gone", "CREATE TABLE gone_v (id int)");
        assertThat(sql.state("UNDROP TABLE gone")).isEqualTo("42P07");
        sql.run("DROP TABLE gone_v", "CREATE VIEW gone AS SELECT 1 AS one");
        assertThat(sql.state("UNDROP TABLE gone")).isEqualTo("42P07");
        sql.run("DROP VIEW gone", "UNDROP TABLE gone");
        assertThat(sql.query("SELECT u FROM gone WHERE v = 2")).containsExactly("b");
    }

    @Test
    void of_two_at_once_one_finds_the_table_there() throws Exception {
        sql.run("DROP TABLE gone", "BEGIN", "UNDROP TABLE gone");
        try (Sql other = TestNode.connect()) {
            CompletableFuture<String> lost =
                    CompletableFuture.supplyAsync(() -> other.state("UNDROP TABLE undrop.gone"));
            Thread.sleep(200);
            sql.run("COMMIT");
            assertThat(lost.get(30, TimeUnit.SECONDS)).isIn("42P07", "40001");
        }
        assertThat(sql.query("SELECT count(*) FROM gone")).containsExactly("3");
    }

    @Test
    void what_a_dropping_transaction_did_to_the_rows_before_goes_with_it() {
        List<String> rows = sql.query(ROWS);
        sql.run(
                "BEGIN",
                "DELETE FROM gone WHERE id = 1",
                "TRUNCATE gone",
                "DROP TABLE gone",
                "COMMIT",
                "UNDROP TABLE gone");
        assertThat(sql.query(ROWS)).isEqualTo(rows);
        sql.run("BEGIN", "DROP TABLE gone");
        assertThat(sql.state("UNDROP TABLE gone")).isEqualTo("0A000");
        sql.run("ROLLBACK");
        sql.run("DROP TABLE gone", "BEGIN READ ONLY");
        assertThat(sql.state("UNDROP TABLE gone")).isEqualTo("25006");
        sql.run("ROLLBACK");
        assertThat(sql.state("UNDROP VIEW gone")).isEqualTo("0A000");
    }
}
