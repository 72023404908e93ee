package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to write a point in time, and every place that takes one. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class TimeFormsTest {
    private static final String THEN = "60";
    private static final String NOW = "107";

    private final Sql sql = TestNode.connect();

    /** When the rows of {@code moment} were 10, 20 and 30. */
    private String offset = "";

    private String time = "";

    @BeforeEach
    void makeHistory() {
        sql.run(
                "DROP VIEW IF EXISTS moments",
                "DROP TABLE IF EXISTS moment",
                "CREATE TABLE moment (id int PRIMARY KEY, v int)",
                "CREATE VIEW moments AS SELECT id, v FROM moment",
                "INSERT INTO moment VALUES (1, 10), (2, 20), (3, 30)");
        offset = sql.value("SHOW driftdb.offset");
        time = sql.value("SELECT now()");
        // Entries of one millisecond have one time: the next one must be later.
        sql.run("SELECT pg_sleep(0.005)");
        sql.run(
                "UPDATE moment SET v = v + 1 WHERE id < 3",
                "DELETE FROM moment WHERE id = 3",
                "INSERT INTO moment VALUES (4, 75)");
    }

    @AfterEach
    void close() {
        sql.close();
    }

    private String sum(Sql in, String from) {
        return in.value("SELECT sum(v) FROM " + from.replace("$o", offset).replace("$t", time));
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared"})
    void a_point_is_an_offset_a_time_or_a_span(String mode) {
        Properties properties = new Properties();
        properties.setProperty("preferQueryMode", mode);
        try (Sql in = TestNode.connect(TestNode.DATABASE, properties)) {
            for (String point :
                    List.of(
                            "OFFSET $o",
                            "@SEQ:$o",
                            "$o",
                            "TIMESTAMP '$t'",
                            "TIMESTAMP WITH TIME ZONE '$t'",
                            "'$t'",
                            "('$t'::timestamptz + interval '0')",
                            "timestamptz '$t' - interval '0 s'")) {
                assertThat(sum(in, "moment FOR SYSTEM_TIME AS OF " + point))
                        .as(point)
                        .isEqualTo(THEN);
                assertThat(sum(in, "moment AS OF " + point)).as(point).isEqualTo(THEN);
                assertThat(sum(in, "moment WHERE v > 0 AS OF " + point)).as(point).isEqualTo(THEN);
                assertThat(sum(in, "moment AS OF SYSTEM TIME " + point)).as(point).isEqualTo(THEN);
            }
            for (String point : List.of("now()", "CURRENT_TIMESTAMP", "INTERVAL '0'", "'-0s'")) {
                assertThat(sum(in, "moment AS OF " + point)).as(point).isEqualTo(NOW);
            }
        }
    }

    @Test
    void a_clause_stands_behind_tables_views_subqueries_and_common_tables() {
        for (String from :
                List.of(
                        "moments FOR SYSTEM_TIME AS OF $o",
                        "moments m AS OF $o",
                        "(SELECT * FROM moment) m AS OF $o",
                        "(SELECT * FROM moment) FOR SYSTEM_TIME AS OF $o m",
                        "(SELECT * FROM moments AS OF $o) m",
                        "(SELECT * FROM moment WHERE v > 0 AS OF $o) m",
                        "(SELECT * FROM (SELECT * FROM moments) a) b AS OF $o",
                        "(WITH c AS (SELECT * FROM moment) SELECT * FROM c) m AS OF $o",
                        "(SELECT * FROM moments) a JOIN (VALUES (1)) b(n) ON true"
                                + " AS OF SYSTEM TIME $o")) {
            assertThat(sum(sql, from)).as(from).isEqualTo(THEN);
        }
        String with =
                "WITH c AS (SELECT * FROM moment), d AS (SELECT * FROM c) SELECT sum(v) FROM ";
        assertThat(sql.value(with + "c AS OF " + offset)).isEqualTo(THEN);
        assertThat(sql.value(with + "d FOR SYSTEM_TIME AS OF " + offset)).isEqualTo(THEN);
        assertThat(sql.value(with + "(SELECT * FROM d) e AS OF " + offset)).isEqualTo(THEN);
        assertThat(sql.value(with + "d")).isEqualTo(NOW);
        assertThat(
                        sql.value(
                                "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r"
                                        + " WHERE n < (SELECT max(v) FROM moment)) SELECT max(n)"
                                        + " FROM r AS OF "
                                        + offset))
                .isEqualTo("30");
    }

    @Test
    void each_table_of_a_statement_may_have_its_own_point() {
        assertThat(
                        sql.query(
                                "SELECT n.v, t.v FROM moment n JOIN moment AS OF "
                                        + offset
                                        + " t USING (id) ORDER BY 1"))
                .containsExactly("11|10", "21|20");
        assertThat(
                        sql.query(
                                "SELECT sum(v) FROM moment UNION ALL (SELECT sum(v) FROM moment"
                                        + " WHERE v > 0 AS OF "
                                        + offset
                                        + ")"))
                .containsExactly(NOW, THEN);
        assertThat(
                        sql.value(
                                "SELECT sum(v) - (SELECT sum(v) FROM moment AS OF "
                                        + offset
                                        + ") FROM moment"))
                .isEqualTo("47");
    }

    @Test
    void a_point_may_be_a_parameter() throws SQLException {
        try (Sql in = TestNode.connect(TestNode.DATABASE, new Properties())) {
            Connection connection = in.connection();
            String past = "SELECT sum(v) FROM moment FOR SYSTEM_TIME AS OF ";
            try (PreparedStatement byOffset = connection.prepareStatement(past + "OFFSET ?");
                    PreparedStatement bare = connection.prepareStatement(past + "?");
                    PreparedStatement both =
                            connection.prepareStatement(
                                    "SELECT sum(v) FROM moment WHERE id <> ? AS OF ?")) {
                // More than five runs: the driver keeps the statement on the server then.
                for (int run = 0; run < 8; run++) {
                    byOffset.setLong(1, Long.parseLong(offset));
                    assertThat(value(byOffset)).isEqualTo(THEN);
                    byOffset.setLong(1, Long.parseLong(sql.value("SHOW driftdb.offset")));
                    assertThat(value(byOffset)).isEqualTo(NOW);
                    bare.setLong(1, Long.parseLong(offset));
                    assertThat(value(bare)).isEqualTo(THEN);
                    bare.setObject(1, OffsetDateTime.now(ZoneOffset.UTC).minusNanos(1_000_000));
                    assertThat(value(bare)).isEqualTo(NOW);
                    both.setInt(1, 1);
                    both.setObject(2, OffsetDateTime.parse(iso(time)));
                    assertThat(value(both)).isEqualTo("50");
                }
            }
        }
        sql.run("PREPARE at_offset(bigint) AS SELECT sum(v) FROM moment AS OF OFFSET $1");
        assertThat(sql.value("EXECUTE at_offset(" + offset + ")")).isEqualTo(THEN);
        sql.run("PREPARE at_time AS SELECT sum(v) FROM moments AS OF $1");
        assertThat(sql.value("EXECUTE at_time('" + time + "')")).isEqualTo(THEN);
        assertThat(sql.value("EXECUTE at_time(now())")).isEqualTo(NOW);
        sql.run("DEALLOCATE ALL");
    }

    @Test
    void a_statement_that_had_other_columns_then_is_not_answered_with_those_of_now() {
        sql.run(
                "PREPARE all_at(bigint) AS SELECT * FROM moment AS OF OFFSET $1",
                "ALTER TABLE moment ADD COLUMN added text");
        assertThat(sql.query("EXECUTE all_at(" + offset + ")")).hasSize(3);
        String then = sql.value("SELECT driftdb.current_offset()");
        assertThat(sql.state("EXECUTE all_at(" + then + ")")).isEqualTo("0A000");
        sql.run("DEALLOCATE ALL");
    }

    private static String iso(String time) {
        return time.replace(' ', 'T').replaceFirst("([+-]\\d\\d)$", "$1:00");
    }

    private static String value(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            return Sql.texts(rows).getFirst();
        }
    }

    @Test
    void transactions_sessions_and_connections_read_the_past() {
        sql.run("BEGIN AS OF OFFSET " + offset);
        assertThat(sql.value("SELECT sum(v) FROM moment")).isEqualTo(THEN);
        assertThat(sql.state("UPDATE moment SET v = 0")).isEqualTo("25006");
        sql.run("ROLLBACK", "BEGIN", "SET TRANSACTION AS OF '" + time + "'");
        assertThat(sql.value("SELECT sum(v) FROM moments")).isEqualTo(THEN);
        sql.run("COMMIT", "SET driftdb.as_of = '" + offset + "'");
        assertThat(sql.value("SELECT sum(v) FROM moment")).isEqualTo(THEN);
        assertThat(sql.state("DELETE FROM moment")).isEqualTo("25006");
        sql.run("RESET driftdb.as_of");
        assertThat(sql.value("SELECT sum(v) FROM moment")).isEqualTo(NOW);
        String later = sql.value("SHOW driftdb.offset");
        sql.run("BEGIN AS OF OFFSET " + offset);
        for (String point : List.of("OFFSET " + later, "now()", "'-0s'")) {
            assertThat(sql.value("SELECT sum(v) FROM moment AS OF " + point)).isEqualTo(NOW);
        }
        sql.run("COMMIT");
        for (String point : List.of(offset, time.replace(' ', 'T'))) {
            try (Sql past = TestNode.connect(TestNode.DATABASE + "@" + point)) {
                assertThat(past.value("SELECT sum(v) FROM moment")).isEqualTo(THEN);
                assertThat(past.state("INSERT INTO moment VALUES (9, 9)")).isEqualTo("25006");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared"})
    void a_past_connection_describes_the_columns_of_then(String mode) {
        sql.run("ALTER TABLE moment ADD COLUMN w int");
        Properties properties = new Properties();
        properties.setProperty("preferQueryMode", mode);
        try (Sql then = TestNode.connect(TestNode.DATABASE + "@" + offset, properties)) {
            assertThat(then.query("TABLE moment ORDER BY id"))
                    .containsExactly("1|10", "2|20", "3|30");
        }
        try (Sql in = TestNode.connect(TestNode.DATABASE, properties)) {
            in.run("SET driftdb.as_of = '" + offset + "'");
            assertThat(in.query("TABLE moment ORDER BY id"))
                    .containsExactly("1|10", "2|20", "3|30");
        }
    }

    @Test
    void versions_are_of_tables_only() {
        String all = " FOR SYSTEM_TIME ALL";
        assertThat(sql.value("SELECT count(*) FROM moment" + all)).isEqualTo("6");
        for (String from :
                List.of(
                        "moments" + all,
                        "pg_class" + all,
                        "(SELECT * FROM moment) m" + all,
                        "(VALUES (1)) m FOR SYSTEM_TIME BETWEEN 1 AND 2")) {
            assertThat(sql.state("SELECT * FROM " + from)).as(from).isEqualTo("0A000");
        }
        assertThat(sql.state("WITH c AS (SELECT 1) SELECT * FROM c FOR SYSTEM_TIME FROM 1 TO 2"))
                .isEqualTo("0A000");
        assertThat(
                        sql.query(
                                "SELECT v, _offset_to FROM moment FOR SYSTEM_TIME ALL ORDER BY 1"
                                        + " AS OF SYSTEM TIME "
                                        + offset))
                .containsExactly("10|NULL", "20|NULL", "30|NULL");
        assertThat(
                        sql.value(
                                "SELECT count(*) FROM moment FOR SYSTEM_TIME BETWEEN '1999-01-01'"
                                        + " AND OFFSET "
                                        + offset))
                .isEqualTo("3");
    }

    @Test
    void what_is_no_point_of_the_past_is_refused() {
        sql.run("CREATE TEMPORARY SEQUENCE counted");
        sql.run("PREPARE past AS SELECT sum(v) FROM moment AS OF OFFSET $1");
        record Refused(String statement, String state) {}
        for (Refused refused :
                List.of(
                        new Refused("SELECT * FROM moment AS OF 999999999", "22023"),
                        new Refused("SELECT * FROM moment AS OF OFFSET -1", "22023"),
                        new Refused("SELECT * FROM moment AS OF '2999-01-01'", "22023"),
                        new Refused("SELECT * FROM moment AS OF '1999-01-01'", "22023"),
                        new Refused("SELECT * FROM moment AS OF '-300 years'", "22023"),
                        new Refused("SELECT * FROM moment AS OF 'garbage'", "22007"),
                        new Refused("SELECT * FROM moment AS OF NULL", "22004"),
                        new Refused("SELECT * FROM moment AS OF NULL::timestamptz", "22004"),
                        new Refused("EXECUTE past(NULL)", "22004"),
                        new Refused("EXECUTE past(999999999)", "22023"),
                        new Refused("SELECT * FROM moment AS OF id", "42601"),
                        new Refused("SELECT * FROM moment AS OF true", "42804"),
                        new Refused(
                                "SELECT (SELECT sum(v) FROM moment AS OF SYSTEM TIME 1),"
                                        + " (SELECT sum(v) FROM moment AS OF SYSTEM TIME 2)",
                                "42601"),
                        new Refused("SELECT * FROM moment AS OF $1", "42P02"),
                        new Refused("CREATE TABLE kept AS TABLE moment AS OF $1", "42P02"),
                        new Refused("UPDATE moment AS OF 1 SET v = 1", "0A000"),
                        new Refused("DELETE FROM moment FOR SYSTEM_TIME AS OF 1", "0A000"),
                        new Refused(
                                "MERGE INTO moment USING moment AS OF 1 m ON m.id = moment.id"
                                        + " WHEN MATCHED THEN DELETE",
                                "0A000"),
                        new Refused("BEGIN AS OF OFFSET 999999999", "22023"),
                        new Refused("BEGIN AS OF $1", "0A000"),
                        new Refused("SET driftdb.as_of = '1999-01-01'", "22023"),
                        new Refused(
                                "SELECT last_value FROM counted FOR SYSTEM_TIME AS OF "
                                        + sql.value("SELECT driftdb.current_offset()"),
                                "0A000"),
                        new Refused(
                                "WITH c AS (DELETE FROM moment RETURNING *) SELECT * FROM c AS OF 1",
                                "0A000"))) {
            assertThat(sql.state(refused.statement()))
                    .as(refused.statement())
                    .isEqualTo(refused.state());
        }
        assertThat(sql.value("SELECT sum(v) FROM moment")).isEqualTo(NOW);
    }
}
