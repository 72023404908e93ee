package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Names for points in time. The table has one row at the tag {@code first}, then two. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class TagTest {
    private static final String COUNT = "SELECT count(*) FROM tagged";
    private Sql sql;

    @BeforeEach
    void open() {
        sql = TestNode.connect();
        for (String tag : sql.query("SELECT quote_ident(name) FROM driftdb.tags")) {
            sql.run("DROP TAG " + tag);
        }
        sql.run(
                "DROP TABLE IF EXISTS tagged CASCADE",
                "CREATE TABLE tagged (id integer PRIMARY KEY, v text)",
                "INSERT INTO tagged VALUES (1, 'a')",
                "CREATE TAG first",
                "INSERT INTO tagged VALUES (2, 'b')",
                "UPDATE tagged SET v = 'c' WHERE id = 1");
    }

    @AfterEach
    void close() {
        sql.close();
    }

    // ---- reading ----

    @Test
    void every_clause_reads_at_a_tag() {
        for (String clause :
                List.of(
                        " FOR SYSTEM_TIME AS OF TAG 'first'",
                        " FOR SYSTEM_TIME AS OF TAG 'first' x",
                        " AS OF TAG 'first' AS x",
                        " AS OF SYSTEM TIME TAG 'first'",
                        " WHERE id > 0 AS OF TAG 'first'")) {
            assertThat(sql.query("SELECT id, v FROM tagged" + clause))
                    .as(clause)
                    .containsExactly("1|a");
        }
    }

    @Test
    void versions_are_asked_for_between_tags() {
        sql.run("CREATE TAG second", "DELETE FROM tagged WHERE id = 2");
        assertThat(
                        sql.query(
                                "SELECT id, v FROM tagged FOR SYSTEM_TIME BETWEEN TAG 'first' AND TAG"
                                        + " 'second' ORDER BY id, _offset_from"))
                .containsExactly("1|a", "1|c", "2|b");
        assertThat(
                        sql.query(
                                "SELECT id, v FROM tagged FOR SYSTEM_TIME FROM TAG 'first' TO TAG"
                                        + " 'second' ORDER BY id, _offset_from"))
                .containsExactly("1|a", "2|b");
    }

    @Test
    void tables_of_one_query_are_read_at_different_tags() {
        assertThat(
                        sql.query(
                                "SELECT n.id, n.v, o.v FROM tagged n LEFT JOIN tagged AS OF TAG"
                                        + " 'first' o ON o.id = n.id ORDER BY n.id"))
                .containsExactly("1|c|a", "2|b|NULL");
    }

    @Test
    void a_transaction_reads_at_a_tag() {
        sql.run("BEGIN AS OF TAG 'first'");
        assertThat(sql.value(COUNT)).isEqualTo("1");
        sql.run("COMMIT", "BEGIN", "SET TRANSACTION AS OF TAG 'first'");
        assertThat(sql.value(COUNT)).isEqualTo("1");
        sql.run("COMMIT");
        assertThat(sql.value(COUNT)).isEqualTo("2");
    }

    @Test
    void a_session_reads_at_a_tag() {
        for (String point : List.of("TAG first", "tag first", "TAG ''first''", "tag:first")) {
            sql.run("SET driftdb.as_of = '" + point + "'");
            assertThat(sql.value(COUNT)).as(point).isEqualTo("1");
            sql.run("RESET driftdb.as_of");
        }
        assertThat(sql.value(COUNT)).isEqualTo("2");
    }

    @Test
    void a_connection_reads_at_a_tag() {
        sql.run("CREATE TAG \"Other 'one'\" AS OF TAG 'first'");
        for (String point :
                List.of(
                        "tag:first",
                        "TAG:first",
                        "TAG first",
                        "TAG 'first'",
                        "tag:Other 'one'",
                        "TAG 'Other ''one'''")) {
            try (Sql past = TestNode.connect(TestNode.DATABASE + "@" + point)) {
                assertThat(past.value(COUNT)).as(point).isEqualTo("1");
            }
        }
    }

    @Test
    void a_name_is_folded_where_it_is_an_identifier_and_exact_where_it_is_a_string() {
        sql.run("CREATE TAG Folded", "CREATE TAG \"Quoted\"");
        assertThat(sql.query("SELECT name FROM driftdb.tags ORDER BY name"))
                .containsExactly("Quoted", "first", "folded");
        assertThat(sql.value(COUNT + " AS OF TAG 'Quoted'")).isEqualTo("2");
        assertThat(sql.state(COUNT + " AS OF TAG 'Folded'")).isEqualTo("42704");
    }

    @Test
    void a_name_keeps_63_bytes() {
        String name = "ü".repeat(40);
        sql.run("CREATE TAG " + name);
        assertThat(sql.value("SELECT name FROM driftdb.tags WHERE name <> 'first'"))
                .isEqualTo("ü".repeat(31));
        assertThat(sql.value(COUNT + " AS OF TAG '" + name + "'")).isEqualTo("2");
        assertThat(sql.state("CREATE TAG " + name + "x")).isEqualTo("42710");
    }

    // ---- what a tag stands for ----

    @Test
    void a_tag_is_given_to_any_point() {
        String offset = sql.value("SELECT _offset FROM driftdb.tags WHERE name = 'first'");
        sql.run(
                "CREATE TAG a AS OF OFFSET " + offset,
                "CREATE TAG b AS OF @SEQ:" + offset,
                "CREATE TAG c AS OF " + offset,
                "CREATE TAG d AS OF TAG 'first'",
                "CREATE TAG e AS OF now()",
                "CREATE TAG f AS OF INTERVAL '0'");
        for (String same : List.of("a", "b", "c", "d")) {
            assertThat(sql.value(COUNT + " AS OF TAG '" + same + "'")).as(same).isEqualTo("1");
        }
        assertThat(sql.value(COUNT + " AS OF TAG 'e'")).isEqualTo("2");
        assertThat(sql.value(COUNT + " AS OF TAG 'f'")).isEqualTo("2");
    }

    @Test
    void without_a_point_it_is_what_the_statement_would_read() {
        String before = sql.value("SELECT driftdb.current_offset()");
        sql.run("BEGIN", "INSERT INTO tagged VALUES (3, 'own')", "CREATE TAG inside");
        assertThat(sql.value("SELECT _offset FROM driftdb.tags WHERE name = 'inside'"))
                .isEqualTo(before);
        assertThat(sql.value(COUNT + " AS OF TAG 'inside'")).isEqualTo("2");
        assertThat(sql.value(COUNT)).isEqualTo("3");
        sql.run("COMMIT");
        assertThat(sql.value(COUNT + " AS OF TAG 'inside'")).isEqualTo("2");
        try (Sql other = TestNode.connect()) {
            sql.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
            assertThat(sql.value(COUNT)).isEqualTo("3");
            other.run("INSERT INTO tagged VALUES (4, 'd')");
            sql.run("CREATE TAG snapshot", "COMMIT");
            assertThat(sql.value(COUNT + " AS OF TAG 'snapshot'")).isEqualTo("3");
        }
    }

    @Test
    void tags_are_listed_with_offset_time_and_owner() {
        assertThat(
                        sql.query(
                                "SELECT t.name, t._offset = l._offset, t.time = l._time, t.owner,"
                                        + " l.tag FROM driftdb.tags t JOIN driftdb.log l USING"
                                        + " (_offset)"))
                .containsExactly("first|t|t|driftdb|INSERT");
        assertThat(
                        sql.value(
                                "SELECT count(*) FROM driftdb.log WHERE tag = 'CREATE TAG' AND"
                                        + " committed"))
                .isNotEqualTo("0");
    }

    @Test
    void a_tag_is_found_in_the_newest_catalog_also_when_reading_the_past() {
        sql.run("CREATE TAG late AS OF TAG 'first'");
        sql.run("SET driftdb.as_of = 'TAG first'");
        assertThat(sql.query("SELECT name FROM driftdb.tags")).isEmpty();
        assertThat(sql.query("SELECT v FROM tagged AS OF TAG 'late'")).containsExactly("a");
        sql.run("SET driftdb.as_of = 'TAG late'");
        assertThat(sql.value(COUNT)).isEqualTo("1");
        try (Sql other = TestNode.connect()) {
            other.run("CREATE TAG newer");
        }
        assertThat(sql.query("SELECT v FROM tagged AS OF TAG 'newer' ORDER BY id"))
                .containsExactly("c", "b");
        sql.run("RESET driftdb.as_of");
    }

    @Test
    void a_statement_that_was_prepared_looks_the_tag_up_each_time() throws SQLException {
        Properties extended = new Properties();
        extended.setProperty("prepareThreshold", "1");
        try (Sql prepared = TestNode.connect(TestNode.DATABASE, extended);
                PreparedStatement count =
                        prepared.connection().prepareStatement(COUNT + " AS OF TAG 'first'")) {
            assertThat(number(count)).isEqualTo(1);
            assertThat(number(count)).isEqualTo(1);
            sql.run("DROP TAG first", "CREATE TAG first");
            assertThat(number(count)).isEqualTo(2);
            assertThat(number(count)).isEqualTo(2);
        }
        sql.run("PREPARE n AS " + COUNT + " AS OF TAG 'first'");
        assertThat(sql.value("EXECUTE n")).isEqualTo("2");
        sql.run("DROP TAG first");
        assertThat(sql.state("EXECUTE n")).isEqualTo("42704");
    }

    private static int number(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void a_view_looks_the_tag_up_each_time() {
        sql.run("CREATE VIEW tagged_view AS SELECT v FROM tagged AS OF TAG 'first'");
        assertThat(sql.query("SELECT * FROM tagged_view")).containsExactly("a");
        sql.run("DROP TAG first");
        SQLException missing = sql.error("SELECT * FROM tagged_view");
        assertThat(missing.getSQLState()).isEqualTo("42704");
        assertThat(missing.getMessage()).contains("tag \"first\" does not exist", "tagged_view");
        sql.run("CREATE TAG first");
        assertThat(sql.query("SELECT * FROM tagged_view ORDER BY v")).containsExactly("b", "c");
    }

    @Test
    void changes_read_at_a_tag() {
        assertThat(
                        sql.update(
                                "UPDATE tagged SET v = o.v FROM tagged AS OF TAG 'first' o WHERE"
                                        + " o.id = tagged.id"))
                .isEqualTo(1);
        assertThat(sql.query("SELECT v FROM tagged ORDER BY id")).containsExactly("a", "b");
    }

    @Test
    void the_state_at_a_tag_has_a_hash() {
        String offset = sql.value("SELECT _offset FROM driftdb.tags WHERE name = 'first'");
        assertThat(
                        sql.value(
                                "SELECT driftdb.state_hash('TAG first') = driftdb.state_hash('"
                                        + offset
                                        + "')"))
                .isEqualTo("t");
    }

    // ---- transactions ----

    @Test
    void an_uncommitted_tag_is_seen_by_its_transaction_only_and_rolled_back_with_it() {
        sql.run("BEGIN", "CREATE TAG own");
        assertThat(sql.value(COUNT + " AS OF TAG 'own'")).isEqualTo("2");
        try (Sql other = TestNode.connect()) {
            assertThat(other.state(COUNT + " AS OF TAG 'own'")).isEqualTo("42704");
        }
        sql.run("ROLLBACK");
        assertThat(sql.state(COUNT + " AS OF TAG 'own'")).isEqualTo("42704");
    }

    @Test
    void a_savepoint_takes_a_tag_back_and_brings_a_dropped_one_again() {
        sql.run("BEGIN", "CREATE TAG a", "SAVEPOINT s", "CREATE TAG b", "DROP TAG a, first");
        assertThat(sql.query("SELECT name FROM driftdb.tags")).containsExactly("b");
        sql.run("ROLLBACK TO s", "COMMIT");
        assertThat(sql.query("SELECT name FROM driftdb.tags ORDER BY 1"))
                .containsExactly("a", "first");
    }

    @Test
    void a_tag_is_committed_with_the_rest_of_its_transaction() {
        sql.run(
                "BEGIN",
                "CREATE TABLE tagged_more (a integer)",
                "CREATE TAG together",
                "DROP TABLE tagged_more",
                "COMMIT");
        assertThat(sql.value(COUNT + " AS OF TAG 'together'")).isEqualTo("2");
    }

    @Test
    void another_server_sees_it_and_sees_it_go() {
        try (Sql other = TestNode.connectToSecond()) {
            other.run("SET driftdb.read_consistency = linearizable");
            assertThat(other.value(COUNT + " AS OF TAG 'first'")).isEqualTo("1");
            other.run("DROP TAG first", "CREATE TAG theirs");
            sql.run("SET driftdb.read_consistency = linearizable");
            assertThat(sql.query("SELECT name FROM driftdb.tags")).containsExactly("theirs");
            assertThat(sql.state(COUNT + " AS OF TAG 'first'")).isEqualTo("42704");
            assertThat(sql.state("CREATE TAG theirs")).isEqualTo("42710");
        }
    }

    // ---- dropping ----

    @Test
    void several_tags_are_dropped_at_once_or_none() {
        sql.run("CREATE TAG second");
        SQLException missing = sql.error("DROP TAG first, nothing, second");
        assertThat(missing.getSQLState()).isEqualTo("42704");
        assertThat(missing.getMessage()).contains("tag \"nothing\" does not exist");
        assertThat(sql.query("SELECT name FROM driftdb.tags ORDER BY 1"))
                .containsExactly("first", "second");
        sql.run("DROP TAG first, second, first");
        assertThat(sql.query("SELECT name FROM driftdb.tags")).isEmpty();
    }

    @Test
    void if_exists_and_if_not_exists_give_notices() throws SQLException {
        assertThat(notices("DROP TAG IF EXISTS nothing"))
                .containsExactly("tag \"nothing\" does not exist, skipping");
        assertThat(notices("CREATE TAG IF NOT EXISTS first AS OF OFFSET 0"))
                .containsExactly("tag \"first\" already exists, skipping");
        assertThat(sql.value(COUNT + " AS OF TAG 'first'")).isEqualTo("1");
        assertThat(notices("CREATE TAG IF NOT EXISTS third")).isEmpty();
        assertThat(sql.value(COUNT + " AS OF TAG 'third'")).isEqualTo("2");
    }

    private List<String> notices(String statement) throws SQLException {
        List<String> notices = new ArrayList<>();
        try (Statement jdbc = sql.connection().createStatement()) {
            jdbc.execute(statement);
            for (SQLWarning w = jdbc.getWarnings(); w != null; w = w.getNextWarning()) {
                notices.add(w.getMessage());
            }
        }
        return notices;
    }

    @Test
    void rows_at_a_dropped_tag_are_still_there_under_their_offset() {
        String offset = sql.value("SELECT _offset FROM driftdb.tags");
        sql.run("DROP TAG first");
        assertThat(sql.value(COUNT + " AS OF OFFSET " + offset)).isEqualTo("1");
    }

    // ---- errors ----

    @Test
    void a_name_is_given_once() {
        SQLException twice = sql.error("CREATE TAG first");
        assertThat(twice.getSQLState()).isEqualTo("42710");
        assertThat(twice.getMessage()).contains("tag \"first\" already exists");
    }

    @Test
    void an_unknown_tag_is_named_wherever_it_is_asked_for() {
        for (String statement :
                List.of(
                        COUNT + " AS OF TAG 'nothing'",
                        COUNT + " FOR SYSTEM_TIME FROM 0 TO TAG 'nothing'",
                        "BEGIN AS OF TAG 'nothing'",
                        "SET driftdb.as_of = 'TAG nothing'",
                        "CREATE TAG x AS OF TAG 'nothing'")) {
            SQLException error = sql.error(statement);
            assertThat(error.getSQLState()).as(statement).isEqualTo("42704");
            assertThat(error.getMessage()).as(statement).contains("tag \"nothing\" does not exist");
            sql.run("ROLLBACK");
        }
        try (Sql past = TestNode.connect(TestNode.DATABASE + "@tag:nothing")) {
            throw new AssertionError("connected: " + past.value(COUNT));
        } catch (IllegalStateException e) {
            assertThat(e).hasRootCauseMessage("FATAL: tag \"nothing\" does not exist");
        }
    }

    @Test
    void points_that_are_none_are_refused() {
        assertThat(sql.state("CREATE TAG x AS OF OFFSET 1000000")).isEqualTo("22023");
        assertThat(sql.state("CREATE TAG x AS OF '2999-01-01'")).isEqualTo("22023");
        assertThat(sql.state("CREATE TAG x AS OF '2001-01-01'")).isEqualTo("22023");
        assertThat(sql.state("CREATE TAG x AS OF NULL")).isEqualTo("22004");
        assertThat(sql.state("CREATE TAG x AS OF $1")).isEqualTo("0A000");
        assertThat(sql.state("CREATE TAG x AS OF 'yesterweek'")).isEqualTo("22007");
        assertThat(sql.state("CREATE TAG x AS OF OFFSET nullif(1, 1)")).isEqualTo("22004");
        assertThat(sql.query("SELECT name FROM driftdb.tags")).containsExactly("first");
    }

    @Test
    void a_read_only_transaction_and_the_past_make_and_drop_none() {
        for (String begin :
                List.of("BEGIN READ ONLY", "BEGIN AS OF TAG 'first'", "BEGIN AS OF OFFSET 0")) {
            for (String statement : List.of("CREATE TAG x", "DROP TAG first")) {
                sql.run(begin);
                assertThat(sql.state(statement)).as(begin).isEqualTo("25006");
                sql.run("ROLLBACK");
            }
        }
        try (Sql past = TestNode.connect(TestNode.DATABASE + "@tag:first")) {
            assertThat(past.state("CREATE TAG x")).isEqualTo("25006");
            assertThat(past.state("DROP TAG IF EXISTS nothing")).isEqualTo("25006");
        }
    }

    @Test
    void what_tags_do_not_have_is_refused() {
        assertThat(sql.state("ALTER TAG first RENAME TO x")).isEqualTo("0A000");
        assertThat(sql.state("COMMENT ON TAG first IS 'x'")).isEqualTo("0A000");
        for (String statement :
                List.of(
                        "CREATE TAG a.b",
                        "CREATE OR REPLACE TAG a",
                        "CREATE TEMP TAG a",
                        "CREATE TAG a AS OF",
                        "CREATE TAG 'a'",
                        "CREATE TAG select",
                        "DROP TAG first CASCADE",
                        "DROP TAG",
                        "SELECT 1 AS OF TAG first")) {
            assertThat(sql.state(statement)).as(statement).isEqualTo("42601");
        }
    }
}
