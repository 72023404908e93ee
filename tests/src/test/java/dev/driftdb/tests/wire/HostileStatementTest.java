package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statements that are deep, long, wide or endless end soon, with an answer or a clear error. */
@ExtendWith(TestNode.class)
@Timeout(300)
final class HostileStatementTest {
    private static final int DEEP = 5_000;
    private static final int LONG = 10_000;

    private final Sql client = TestNode.connect();

    @AfterEach
    void the_session_and_the_server_go_on() {
        assertThat(client.query("SELECT 1 + 1")).containsExactly("2");
        client.close();
        try (Sql other = TestNode.connect()) {
            assertThat(other.query("SELECT 2 + 2")).containsExactly("4");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "(; 1; )",
                "abs(; 1; )",
                "CASE WHEN true THEN ; 1; END",
                "(SELECT ; 1; )",
                "ARRAY[; 1; ]",
                "coalesce(NULL, ; 1; )",
                "CAST(; 1; AS integer)"
            })
    void nesting_without_end_is_too_complex(String open, String middle, String close) {
        String sql = "SELECT " + (open + " ").repeat(DEEP) + middle + (" " + close).repeat(DEEP);
        assertThat(client.state(sql)).isEqualTo("54001");
    }

    @Test
    void prefix_operators_without_end_are_answered_or_too_complex() {
        assertThat(client.state("SELECT " + "NOT ".repeat(DEEP * 20) + "true"))
                .isIn("54001", "00000");
        assertThat(client.state("SELECT " + "- ".repeat(DEEP * 20) + "1")).isIn("54001", "00000");
    }

    @Test
    void json_nested_without_end_is_refused() {
        String sql = "SELECT '" + "[".repeat(DEEP * 20) + "]".repeat(DEEP * 20) + "'::jsonb";
        assertThat(client.state(sql)).isEqualTo("54001");
    }

    @Test
    void long_chains_have_the_right_answer() {
        assertThat(client.query("SELECT " + "1 + ".repeat(499) + "1")).containsExactly("500");
        assertThat(client.query("SELECT " + joined("true", " AND "))).containsExactly("t");
        assertThat(client.query("SELECT " + joined("false", " OR "))).containsExactly("f");
        String list =
                IntStream.range(0, LONG)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(","));
        assertThat(client.query("SELECT 9999 IN (" + list + "), 10000 IN (" + list + ")"))
                .containsExactly("t|f");
        assertThat(client.query("SELECT " + "'a' || ".repeat(499) + "'a' = repeat('a', 500)"))
                .containsExactly("t");
    }

    @Test
    void a_chain_that_nests_without_end_is_too_complex() {
        assertThat(client.state("SELECT " + joined("1", " + "))).isEqualTo("54001");
    }

    private static String joined(String term, String operator) {
        return (term + operator).repeat(LONG - 1) + term;
    }

    @Test
    void a_hundred_thousand_rows_of_values_are_read() {
        String rows =
                IntStream.range(0, 100_000)
                        .mapToObj(i -> "(" + i + ")")
                        .collect(Collectors.joining(","));
        assertThat(client.query("SELECT count(*), max(column1) FROM (VALUES " + rows + ") v"))
                .containsExactly("100000|99999");
    }

    @Test
    void long_names_and_texts_are_taken_as_postgresql_takes_them() {
        String name = "x".repeat(1 << 20);
        assertThat(client.query("SELECT length('" + name + "')")).containsExactly("1048576");
        assertThat(client.query("SELECT 1 AS " + name)).containsExactly("1");
        assertThat(client.state("SELECT " + name)).isEqualTo("42703");
        assertThat(client.state("SELECT " + "a.".repeat(DEEP) + "b")).isEqualTo("42601");
    }

    @Test
    void what_never_ends_is_cancelled_by_its_time() {
        client.run("SET statement_timeout = '500ms'");
        for (String sql :
                new String[] {
                    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT count(*)"
                            + " FROM r",
                    "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b",
                    "SELECT count(*) FROM generate_series(1, 1000000000000)"
                }) {
            Instant start = Instant.now();
            assertThat(client.state(sql)).as(sql).isIn("57014", "53200");
            assertThat(Duration.between(start, Instant.now()))
                    .as(sql)
                    .isLessThan(Duration.ofSeconds(60));
        }
        client.run("RESET statement_timeout");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SELECT 1/0; 22012",
                "SELECT 2147483647 + 1; 22003",
                "SELECT 'x'::integer; 22P02",
                "SELECT abs('x'::text); 42883",
                "SELECT a FROM (SELECT 1 AS a) x, (SELECT 2 AS a) y; 42702",
                "SELECT repeat('x', 2000000000); 54000",
                "SELECT 'a' ~ '('; 2201B",
                "SELECT nothing; 42703"
            })
    void an_error_of_evaluation_has_its_code(String sql, String state) {
        assertThat(client.state(sql)).isEqualTo(state);
    }

    @Test
    void a_failing_merge_changes_nothing() {
        client.run(
                "DROP TABLE IF EXISTS hostile_merge",
                "CREATE TABLE hostile_merge (id integer PRIMARY KEY, v integer)",
                "INSERT INTO hostile_merge VALUES (1, 1), (2, 2)");
        assertThat(
                        client.state(
                                "MERGE INTO hostile_merge t USING (VALUES (1), (2), (2)) s (k) ON"
                                        + " t.id = s.k WHEN MATCHED THEN UPDATE SET v = 0"))
                .isEqualTo("21000");
        assertThat(client.query("SELECT * FROM hostile_merge ORDER BY id"))
                .containsExactly("1|1", "2|2");
    }
}
