package dev.driftdb.tests.psql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.PsqlRunner;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The past through an unmodified psql: each of our forms, and a connection that looks at it. */
@ExtendWith(TestNode.class)
@Timeout(120)
final class TimeTravelTest {
    private static String offset = "";
    private static String time = "";

    @BeforeAll
    static void makeHistory() {
        try (Sql sql = TestNode.connect()) {
            sql.run(
                    "DROP TABLE IF EXISTS travel",
                    "CREATE TABLE travel (id int PRIMARY KEY, v int)",
                    "INSERT INTO travel VALUES (1, 10), (2, 20)");
            offset = sql.value("SHOW driftdb.offset");
            time = sql.value("SELECT now()");
            sql.run(
                    "DROP TAG IF EXISTS travelled",
                    "CREATE TAG travelled AS OF " + offset,
                    "SELECT pg_sleep(0.005)",
                    "ALTER TABLE travel RENAME COLUMN v TO w",
                    "ALTER TABLE travel ADD COLUMN note text",
                    "CREATE INDEX travel_note ON travel (note)",
                    "UPDATE travel SET w = w + 1 WHERE id = 1",
                    "DELETE FROM travel WHERE id = 2",
                    "INSERT INTO travel VALUES (3, 30, 'new')");
        }
    }

    @AfterAll
    static void drop() {
        try (Sql sql = TestNode.connect()) {
            sql.run("DROP TAG travelled", "DROP TABLE travel");
        }
    }

    private static String at(String text) {
        return text.replace("$o", offset).replace("$t", time);
    }

    private static String psql(String database, String script)
            throws IOException, InterruptedException {
        return PsqlRunner.run(at(database), at(script), "-At");
    }

    @Test
    void every_form_of_a_point_and_of_a_clause_is_understood()
            throws IOException, InterruptedException {
        List<String> sums =
                List.of(
                        "SELECT sum(v) FROM travel FOR SYSTEM_TIME AS OF OFFSET $o;",
                        "SELECT sum(v) FROM travel FOR SYSTEM_TIME AS OF @SEQ:$o;",
                        "SELECT sum(v) FROM travel FOR SYSTEM_TIME AS OF $o t;",
                        "SELECT sum(v) FROM travel FOR SYSTEM_TIME AS OF TIMESTAMP '$t';",
                        "SELECT sum(v) FROM travel AS OF '$t';",
                        "SELECT sum(v) FROM travel AS OF TAG 'travelled';",
                        "SELECT sum(v) FROM travel WHERE v > 0 AS OF $o;",
                        "SELECT sum(t.v) FROM travel t JOIN travel u USING (id)"
                                + " AS OF SYSTEM TIME $o;",
                        "SELECT sum(t.v) FROM travel t JOIN travel u ON t.id = u.id"
                                + " WHERE t.v > 0 AS OF SYSTEM TIME $o;",
                        "SELECT sum(s.v) FROM (SELECT v FROM travel) s AS OF $o;",
                        "WITH c AS (SELECT id FROM travel) SELECT sum(id) * 10 FROM c AS OF $o;",
                        "BEGIN AS OF $o;\nSELECT sum(v) FROM travel;\nCOMMIT;",
                        "BEGIN;\nSET TRANSACTION AS OF $o;\nSELECT sum(v) FROM travel;\nCOMMIT;",
                        "SET driftdb.as_of = '$o';\nSELECT sum(v) FROM travel;\n"
                                + "RESET driftdb.as_of;");
        for (String sum : sums) {
            assertThat(psql(TestNode.DATABASE, "\\set QUIET on\n" + sum)).as(sum).isEqualTo("30\n");
        }
    }

    @Test
    void versions_and_changes_are_shown() throws IOException, InterruptedException {
        assertThat(
                        psql(
                                TestNode.DATABASE,
                                """
                                SELECT id, w, _op FROM travel FOR SYSTEM_TIME BETWEEN $o AND now()
                                 ORDER BY id, _offset_from;
                                SELECT count(*) FROM travel FOR SYSTEM_TIME FROM $o TO now();
                                SELECT count(*) FROM travel FOR SYSTEM_TIME ALL;
                                SELECT w, _op FROM driftdb.history('travel', 1);
                                SELECT id, op FROM driftdb.diff('travel', $o) ORDER BY id;
                                SELECT tag FROM driftdb.log WHERE _offset = $o;
                                """))
                .isEqualTo(
                        """
                        1|10|insert
                        1|11|update
                        2|20|insert
                        3|30|insert
                        3
                        4
                        11|update
                        10|insert
                        1|update
                        2|delete
                        3|insert
                        INSERT
                        """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"@$o", "@$t", "@tag:travelled", "@TAG travelled"})
    void a_connection_looks_at_the_past(String point) throws IOException, InterruptedException {
        assertThat(psql(TestNode.DATABASE + point, "SELECT * FROM travel ORDER BY id;"))
                .isEqualTo("1|10\n2|20\n");
    }

    @Test
    void a_description_in_the_past_is_that_of_then() throws IOException, InterruptedException {
        String described = PsqlRunner.run(TestNode.DATABASE + "@" + offset, "\\d travel");
        assertThat(described.replaceAll(" +\n", "\n"))
                .isEqualTo(
                        """
                                       Table "public.travel"
                         Column |  Type   | Collation | Nullable | Default
                        --------+---------+-----------+----------+---------
                         id     | integer |           | not null |
                         v      | integer |           |          |
                        Indexes:
                            "travel_pkey" PRIMARY KEY, btree (id)

                        """);
    }

    @Test
    void the_past_is_not_written() throws IOException, InterruptedException {
        assertThat(
                        psql(
                                TestNode.DATABASE + "@$o",
                                "\\set VERBOSITY sqlstate\nDELETE FROM travel;\n"
                                        + "SELECT count(*) FROM travel;"))
                .isEqualTo("ERROR:  25006\n2\n");
    }

    @Test
    void a_point_that_is_none_refuses_the_connection() throws IOException, InterruptedException {
        assertThat(psql(TestNode.DATABASE + "@999999999", "SELECT 1;")).contains("FATAL");
    }
}
