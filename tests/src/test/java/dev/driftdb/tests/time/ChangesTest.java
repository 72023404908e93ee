package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** driftdb.history, driftdb.diff and SHOW DRIFT. */
@ExtendWith(TestNode.class)
@Timeout(150)
final class ChangesTest {
    private final List<Long> offsets = new ArrayList<>();
    private Sql sql = TestNode.connect();

    @BeforeEach
    void schema() {
        sql.run("DROP SCHEMA IF EXISTS changes CASCADE", "CREATE SCHEMA changes");
        sql.run("SET search_path = changes");
    }

    @AfterEach
    void close() {
        sql.close();
    }

    /** Runs each in a transaction of its own; their offsets are numbered from 0. */
    private void commit(String... statements) {
        for (String statement : statements) {
            sql.run(statement);
            offsets.add(Long.parseLong(sql.value("SHOW driftdb.offset")));
        }
    }

    /** The text with {@code {i}} replaced by the i-th offset. */
    private String at(String text) {
        String result = text;
        for (int i = 0; i < offsets.size(); i++) {
            result = result.replace("{" + i + "}", String.valueOf(offsets.get(i)));
        }
        return result;
    }

    private List<String> query(String text) {
        return sql.query(at(text));
    }

    private String state(String text) {
        return sql.state(at(text));
    }

    private void orders() {
        commit(
                "CREATE TABLE orders (id int PRIMARY KEY, what text NOT NULL, n int)",
                "INSERT INTO orders VALUES (1, 'one', 1), (2, 'two', 2), (3, 'three', 3)",
                "UPDATE orders SET what = 'ONE' WHERE id = 1",
                "DELETE FROM orders WHERE id = 1",
                "UPDATE orders SET n = 22 WHERE id = 2",
                "INSERT INTO orders VALUES (1, 'again', NULL)",
                "UPDATE orders SET id = 4 WHERE id = 1");
    }

    // ---- history ----

    @Test
    void a_history_is_newest_first_and_shows_deletions() {
        orders();
        assertThat(
                        query(
                                "SELECT _offset_from, _offset_to, _op, id, what, n FROM"
                                        + " driftdb.history('orders', 1)"))
                .containsExactly(
                        at("{6}|NULL|delete|1|NULL|NULL"),
                        at("{5}|{6}|insert|1|again|NULL"),
                        at("{3}|{5}|delete|1|NULL|NULL"),
                        at("{2}|{3}|update|1|ONE|1"),
                        at("{1}|{2}|insert|1|one|1"));
    }

    @Test
    void a_changed_key_ends_one_history_and_begins_another() {
        orders();
        assertThat(query("SELECT _offset_from, _op, what FROM driftdb.history('orders', 4)"))
                .containsExactly(at("{6}|insert|again"));
        assertThat(query("SELECT * FROM driftdb.history('orders', 99)")).isEmpty();
    }

    @Test
    void a_history_has_the_pseudo_columns_and_then_those_of_the_table() throws SQLException {
        orders();
        try (Statement statement = sql.connection().createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT * FROM driftdb.history('orders', 2)")) {
            List<String> names = new ArrayList<>();
            var columns = rows.getMetaData();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                names.add(columns.getColumnLabel(i) + " " + columns.getColumnTypeName(i));
            }
            assertThat(names)
                    .containsExactly(
                            "_offset_from int8",
                            "_offset_to int8",
                            "_time_from timestamptz",
                            "_time_to timestamptz",
                            "_op text",
                            "_transaction uuid",
                            "_user text",
                            "_origin text",
                            "id int4",
                            "what text",
                            "n int4");
        }
        assertThat(
                        query(
                                "SELECT h._transaction = a._transaction, h._time_from ="
                                        + " a._time_from, h._user, h._origin FROM"
                                        + " driftdb.history('orders', 2) h JOIN orders FOR"
                                        + " SYSTEM_TIME ALL a ON a.id = h.id AND a._offset_from ="
                                        + " h._offset_from"))
                .containsExactly("t|t|driftdb|sql", "t|t|driftdb|sql");
    }

    @Test
    void a_history_is_read_by_key() {
        orders();
        for (String key : List.of("2", "'2'", "2::bigint", "2::smallint", "1 + 1")) {
            assertThat(query("EXPLAIN SELECT * FROM driftdb.history('orders', " + key + ")"))
                    .as(key)
                    .anyMatch(line -> line.contains("Version Scan on orders"))
                    .anyMatch(line -> line.contains("Index Cond: (id = "));
        }
        assertThat(
                        query(
                                "EXPLAIN SELECT * FROM orders o, LATERAL"
                                        + " driftdb.history('orders', o.id) h"))
                .anyMatch(line -> line.contains("Index Cond: (id = o.id)"));
    }

    @Test
    void old_versions_are_read_with_the_definition_of_now() {
        orders();
        commit(
                "ALTER TABLE orders ADD COLUMN paid boolean DEFAULT false",
                "ALTER TABLE orders DROP COLUMN n",
                "ALTER TABLE orders RENAME COLUMN what TO article",
                "UPDATE orders SET paid = true WHERE id = 2",
                "DELETE FROM orders WHERE id = 2");
        assertThat(query("SELECT _op, id, article, paid FROM" + " driftdb.history('orders', 2)"))
                .containsExactly(
                        "delete|2|NULL|NULL", "update|2|two|t", "update|2|two|f", "insert|2|two|f");
    }

    @Test
    void conditions_see_the_deletions_as_they_are_shown() {
        orders();
        String from = " FROM driftdb.history('orders', 1) ";
        assertThat(query("SELECT count(*)" + from + "WHERE what IS NULL")).containsExactly("2");
        assertThat(query("SELECT count(what), count(*)" + from)).containsExactly("3|5");
        assertThat(query("SELECT _op" + from + "WHERE what = 'ONE'")).containsExactly("update");
        assertThat(query("SELECT _op" + from + "WHERE _op = 'delete' LIMIT 1"))
                .containsExactly("delete");
        assertThat(query("SELECT 1" + from + "WHERE 'x' NOT IN (SELECT what" + from + ")"))
                .isEmpty();
    }

    @Test
    void a_history_can_be_joined_and_renamed() {
        orders();
        assertThat(
                        query(
                                "SELECT o.id, count(*) FROM orders o LEFT JOIN"
                                        + " driftdb.history('changes.orders', o.id) h ON true GROUP"
                                        + " BY o.id ORDER BY 1"))
                .containsExactly("2|2", "3|1", "4|1");
        assertThat(query("SELECT a, h.c IS NULL FROM driftdb.history('orders', 4) h (a, b, t, c)"))
                .containsExactly(at("{6}|t"));
        assertThat(
                        query(
                                "WITH h AS (SELECT * FROM driftdb.history('orders'::regclass, 4))"
                                        + " SELECT what FROM h"))
                .containsExactly("again");
        assertThat(
                        query(
                                "SELECT (SELECT max(_op) FROM driftdb.history('orders', o.id)) FROM orders o"
                                        + " ORDER BY id"))
                .containsExactly("update", "insert", "insert");
    }

    @Test
    void keys_may_have_several_columns_and_quoted_names() {
        sql.run(
                "CREATE TABLE \"Odd.Name\" (a text, \"B c\" date, v int, PRIMARY KEY (\"B c\", a))",
                "INSERT INTO \"Odd.Name\" VALUES ('x', '2026-01-01', 1), ('y', '2026-01-01', 2)",
                "UPDATE \"Odd.Name\" SET v = 3 WHERE a = 'y'");
        String answer = "y|2026-01-01|3";
        assertThat(
                        query(
                                "SELECT a, \"B c\", v FROM driftdb.history('changes.\"Odd.Name\"',"
                                        + " '2026-01-01', 'y') LIMIT 1"))
                .containsExactly(answer);
        assertThat(query("SHOW DRIFT \"Odd.Name\" KEY '2026-01-01', 'y'"))
                .hasSize(2)
                .first()
                .asString()
                .endsWith("|" + answer);
        assertThat(
                        query(
                                "EXPLAIN SELECT * FROM driftdb.history('\"Odd.Name\"',"
                                        + " date '2026-01-01', 'y')"))
                .anyMatch(line -> line.contains("Index Cond: ((\"B c\" ="));
        assertThat(state("SHOW DRIFT \"Odd.Name\" KEY '2026-01-01'")).isEqualTo("22023");
    }

    @Test
    void nothing_behind_the_point_that_is_read_is_seen() {
        orders();
        String query = "SELECT _offset_from, _offset_to, _op FROM driftdb.history('orders', 1)";
        List<String> then =
                List.of(at("{3}|NULL|delete"), at("{2}|{3}|update"), at("{1}|{2}|insert"));
        assertThat(query(query + " AS OF SYSTEM TIME OFFSET {3}")).isEqualTo(then);
        sql.run("BEGIN AS OF OFFSET " + offsets.get(4));
        assertThat(query(query)).isEqualTo(then);
        sql.run("COMMIT", "SET driftdb.as_of = '" + offsets.get(2) + "'");
        assertThat(query(query)).containsExactly(at("{2}|NULL|update"), at("{1}|{2}|insert"));
        assertThat(query("SHOW DRIFT orders KEY 1")).hasSize(2);
        assertThat(query("SELECT op FROM driftdb.diff('orders', {1})")).containsExactly("update");
        assertThat(state("SELECT op FROM driftdb.diff('orders', {1}, {3})")).isEqualTo("22023");
        sql.run("RESET driftdb.as_of");
        assertThat(
                        query(
                                "SELECT id, op FROM driftdb.diff('orders', {1}) AS OF SYSTEM TIME OFFSET {3}"))
                .containsExactly("1|delete");
        assertThat(
                        state(
                                "SELECT op FROM driftdb.diff('orders', {1}, {4}) AS OF SYSTEM TIME"
                                        + " OFFSET {3}"))
                .isEqualTo("22023");
    }

    @Test
    void what_is_not_committed_is_no_part_of_it() {
        orders();
        sql.run("BEGIN", "UPDATE orders SET n = 100");
        assertThat(query("SELECT _op FROM driftdb.history('orders', 2)")).hasSize(2);
        assertThat(query("SELECT * FROM driftdb.diff('orders', {6})")).isEmpty();
        sql.run("ALTER TABLE orders ADD COLUMN x int");
        assertThat(state("SELECT * FROM driftdb.history('orders', 2)")).isEqualTo("0A000");
        sql.run("ROLLBACK");
    }

    @Test
    void the_forms_work_prepared_and_described() throws SQLException {
        orders();
        Properties extended = new Properties();
        extended.setProperty("prepareThreshold", "1");
        try (Sql other = TestNode.connect(TestNode.DATABASE, extended)) {
            for (int run = 0; run < 3; run++) {
                try (PreparedStatement show =
                        other.connection().prepareStatement("SHOW DRIFT changes.orders KEY ?")) {
                    show.setInt(1, 2);
                    assertThat(show.getMetaData().getColumnCount()).isEqualTo(11);
                    try (ResultSet rows = show.executeQuery()) {
                        assertThat(Sql.texts(rows)).hasSize(2);
                    }
                }
                try (PreparedStatement diff =
                        other.connection()
                                .prepareStatement(
                                        "SELECT id, op FROM driftdb.diff('changes.orders', ?, ?)")) {
                    diff.setLong(1, offsets.get(1));
                    diff.setLong(2, offsets.get(3 + run));
                    try (ResultSet rows = diff.executeQuery()) {
                        assertThat(Sql.texts(rows))
                                .isEqualTo(
                                        List.of(
                                                        List.of("1|delete"),
                                                        List.of("1|delete", "2|update"),
                                                        List.of("1|update", "2|update"))
                                                .get(run));
                    }
                }
            }
        }
    }

    // ---- diff ----

    @Test
    void a_diff_shows_the_net_of_what_changed() {
        orders();
        assertThat(query("SELECT * FROM driftdb.diff('orders', {1}, {6})"))
                .containsExactly(
                        "1|delete|one|NULL|1|NULL",
                        "2|update|two|two|2|22",
                        "4|insert|NULL|again|NULL|NULL");
        assertThat(query("SELECT * FROM driftdb.diff('orders', {1})"))
                .isEqualTo(query("SELECT * FROM driftdb.diff('orders', {1}, {6})"));
        assertThat(query("SELECT * FROM driftdb.diff('orders', {6}, {1})"))
                .containsExactly(
                        "1|insert|NULL|one|NULL|1",
                        "2|update|two|two|22|2",
                        "4|delete|again|NULL|NULL|NULL");
        assertThat(query("SELECT * FROM driftdb.diff('orders', {5}, {5})")).isEmpty();
    }

    @Test
    void what_came_and_went_or_changed_back_is_no_difference() {
        orders();
        commit(
                "INSERT INTO orders VALUES (9, 'nine', 9)",
                "UPDATE orders SET n = 33 WHERE id = 3",
                "DELETE FROM orders WHERE id = 9",
                "UPDATE orders SET n = 3 WHERE id = 3",
                "DELETE FROM orders WHERE id = 2",
                "INSERT INTO orders VALUES (2, 'two', 22)");
        assertThat(query("SELECT * FROM driftdb.diff('orders', {6}, {12})")).isEmpty();
        assertThat(query("SELECT id FROM driftdb.diff('orders', {6}, {8})"))
                .containsExactly("3", "9");
    }

    @Test
    void points_may_be_offsets_times_spans_and_texts() {
        orders();
        sql.run(at("CREATE TAG changed AS OF OFFSET {6}"));
        List<String> all = query("SELECT * FROM driftdb.diff('orders', {1}, {6})");
        for (String to :
                List.of(
                        "{6}::bigint",
                        "'{6}'",
                        "'OFFSET {6}'",
                        "'@SEQ:{6}'",
                        "'TAG changed'",
                        "now()",
                        "now()::timestamp",
                        "interval '0'",
                        "driftdb.current_offset()")) {
            assertThat(query("SELECT * FROM driftdb.diff('orders', {0} + 1, " + to + ")"))
                    .as(to)
                    .isEqualTo(all);
        }
        sql.run("DROP TAG changed");
    }

    @Test
    void a_diff_is_a_relation_like_others() {
        orders();
        assertThat(
                        query(
                                "SELECT d.op, o.what FROM driftdb.diff('orders', {1}) AS d JOIN orders"
                                        + " o USING (id) WHERE n_before IS DISTINCT FROM n_after"
                                        + " ORDER BY id"))
                .containsExactly("update|two");
        assertThat(query("SELECT k, o FROM driftdb.diff('orders', {1}) AS d (k, o) LIMIT 1"))
                .containsExactly("1|delete");
        assertThat(
                        query(
                                "SELECT op, count(*) FROM driftdb.diff('orders', {1}) GROUP BY op ORDER BY 1"))
                .containsExactly("delete|1", "insert|1", "update|1");
    }

    @Test
    void columns_are_those_of_the_later_point() {
        orders();
        commit(
                "ALTER TABLE orders ADD COLUMN paid boolean DEFAULT false",
                "ALTER TABLE orders DROP COLUMN n",
                "UPDATE orders SET paid = true WHERE id = 4",
                "ALTER TABLE orders RENAME TO buys");
        assertThat(query("SELECT * FROM driftdb.diff('buys', {6}, {10})"))
                .containsExactly("4|update|again|again|f|t");
        assertThat(query("SELECT * FROM driftdb.diff('orders', {4}, {5})"))
                .containsExactly("1|insert|NULL|again|NULL|NULL");
        assertThat(query("SELECT id FROM driftdb.diff('buys', {1}, {10})"))
                .as("a dropped column makes no difference")
                .containsExactly("1", "4");
    }

    @Test
    void rows_that_were_stored_anew_are_compared_all_the_same() {
        orders();
        commit(
                "ALTER TABLE orders ADD COLUMN r float8 DEFAULT random()",
                "UPDATE orders SET n = 5 WHERE id = 3",
                "TRUNCATE orders",
                "INSERT INTO orders (id, what) VALUES (3, 'three')");
        assertThat(
                        query(
                                "SELECT id, op, n_before, n_after, r_before FROM driftdb.diff('orders', {6}, {8})"))
                .containsExactly(
                        "2|update|22|22|NULL", "3|update|3|5|NULL", "4|update|NULL|NULL|NULL");
        assertThat(query("SELECT id, op FROM driftdb.diff('orders', {8}, {9})"))
                .containsExactly("2|delete", "3|delete", "4|delete");
        assertThat(query("SELECT id, op, n_after FROM driftdb.diff('orders', {2}, {10})"))
                .containsExactly("1|delete|NULL", "2|delete|NULL", "3|update|NULL");
        assertThat(query("SELECT id, op, n_after FROM driftdb.diff('orders', {10}, {2})"))
                .containsExactly("1|insert|1", "2|insert|2", "3|update|3");
    }

    @Test
    void tables_that_cannot_be_compared_are_refused() {
        orders();
        commit(
                "ALTER TABLE orders ALTER COLUMN n TYPE text USING n::text",
                "ALTER TABLE orders DROP CONSTRAINT orders_pkey",
                "DROP TABLE orders",
                "CREATE TABLE orders (id int PRIMARY KEY)");
        assertThat(state("SELECT * FROM driftdb.diff('orders', {6}, {7})")).isEqualTo("0A000");
        assertThat(state("SELECT * FROM driftdb.diff('orders', {7}, {8})")).isEqualTo("0A000");
        assertThat(state("SELECT * FROM driftdb.diff('orders', {8}, {9})")).isEqualTo("42P01");
        assertThat(state("SELECT * FROM driftdb.diff('orders', {9}, {10})")).isEqualTo("42P01");
        assertThat(sql.error(at("SELECT * FROM driftdb.diff('orders', {8}, {10})")).getMessage())
                .contains("is another table than");
        assertThat(query("SELECT op FROM driftdb.diff('orders', {5}, {6})"))
                .containsExactly("delete", "insert");
    }

    @Test
    void rows_without_a_key_are_known_by_their_row_id() {
        commit(
                "CREATE TABLE notes (op text, t text)",
                "INSERT INTO notes VALUES ('x', 'a'), ('x', 'a')",
                "UPDATE notes SET t = 'b'",
                "DELETE FROM notes");
        assertThat(query("SELECT * FROM driftdb.diff('notes', {1}, {2})"))
                .containsExactly(at("{1}|0|update|x|x|a|b"), at("{1}|1|update|x|x|a|b"));
        sql.run("CREATE TABLE clash (op int PRIMARY KEY, v int)");
        commit("INSERT INTO clash VALUES (1, 2)");
        assertThat(query("SELECT op, op_, v_after FROM driftdb.diff('clash', {4} - 1)"))
                .containsExactly("1|insert|2");
    }

    // ---- errors ----

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "42P01; SELECT * FROM driftdb.history('nothing', 1)",
                "42P01; SELECT * FROM driftdb.history('nowhere.orders', 1)",
                "42P16; SELECT * FROM driftdb.history('notes', 1)",
                "42809; SELECT * FROM driftdb.history('seen', 1)",
                "42809; SELECT * FROM driftdb.history('pg_class', 1)",
                "22004; SELECT * FROM driftdb.history(NULL, 1)",
                "42602; SELECT * FROM driftdb.history('', 1)",
                "22023; SELECT * FROM driftdb.history('orders')",
                "22023; SELECT * FROM driftdb.history('orders', 1, 2)",
                "42883; SELECT * FROM driftdb.history()",
                "42804; SELECT * FROM driftdb.history('orders', true)",
                "42804; SELECT * FROM driftdb.history('orders', 1.5)",
                "22P02; SELECT * FROM driftdb.history('orders', 'one')",
                "22003; SELECT * FROM driftdb.history('orders', '99999999999')",
                "42703; SELECT * FROM driftdb.history('orders', id)",
                "0A000; SELECT * FROM driftdb.history(current_user, 1)",
                "0A000; SELECT * FROM driftdb.history('orders', random()::int)",
                "0A000; SELECT driftdb.history('orders', 1)",
                "0A000; SELECT driftdb.diff('orders', 1)",
                "0A000; SELECT 1 WHERE driftdb.diff('orders', 1) IS NULL",
                "0A000; SELECT * FROM ROWS FROM (driftdb.history('orders', 1))",
                "0A000; SELECT * FROM driftdb.history('orders', 1) WITH ORDINALITY",
                "0A000; CREATE VIEW v AS SELECT * FROM driftdb.history('orders', 1)",
                "0A000; CREATE MATERIALIZED VIEW v AS SELECT * FROM driftdb.diff('orders', 1)",
                "0A000; PREPARE p AS SELECT * FROM driftdb.history($1, 1)",
                "0A000; SELECT * FROM orders o, driftdb.diff('orders', o.id) d",
                "42883; SELECT * FROM driftdb.diff('orders')",
                "42883; SELECT * FROM driftdb.diff('orders', 1, 2, 3)",
                "42809; SELECT * FROM driftdb.diff('seen', {0})",
                "42P01; SELECT * FROM driftdb.diff('orders', {0} - 1)",
                "22023; SELECT * FROM driftdb.diff('orders', -1)",
                "22023; SELECT * FROM driftdb.diff('orders', 99999999)",
                "22023; SELECT * FROM driftdb.diff('orders', '2999-01-01')",
                "22004; SELECT * FROM driftdb.diff('orders', NULL)",
                "22007; SELECT * FROM driftdb.diff('orders', 'yesterday noon')",
                "42804; SELECT * FROM driftdb.diff('orders', true)",
                "42601; SHOW DRIFT orders",
                "42601; SHOW DRIFT orders KEY",
                "42601; SHOW DRIFT orders KEY 1 2",
                "42P01; SHOW DRIFT nothing KEY 1",
                "42P16; SHOW DRIFT notes KEY 1"
            })
    void what_makes_no_sense_is_refused(String expected, String statement) {
        orders();
        sql.run("CREATE TABLE notes (t text)", "CREATE VIEW seen AS SELECT * FROM orders");
        assertThat(sql.error(at(statement)).getSQLState()).as(statement).isEqualTo(expected);
    }
}
