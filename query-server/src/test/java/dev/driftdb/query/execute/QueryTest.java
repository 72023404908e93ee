package dev.driftdb.query.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.query.execute.spill.SpillSpace;
import dev.driftdb.query.execute.spill.TemporaryFiles;
import dev.driftdb.schemas.error.SqlException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What queries answer, from SQL text through all stages. */
final class QueryTest {
    private MemoryDatabase db = new MemoryDatabase();

    @BeforeEach
    void tables() {
        db =
                new MemoryDatabase()
                        .table("t", List.of("id int4", "a int4", "b text"), "id")
                        .table("u", List.of("id int4", "t_id int4", "v int8"), "id")
                        .table("e", List.of("id int4", "boss int4"), "id")
                        .index("t", "t_a", false, "a")
                        .index("u", "u_t", false, "t_id");
        db.run("INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y'), (3, NULL, 'z'), (4, 20, NULL)");
        db.run(
                "INSERT INTO u VALUES (1, 1, 100), (2, 1, 200), (3, 2, 300), (4, NULL, 400), (5, 9, 500)");
        db.run("INSERT INTO e VALUES (1, NULL), (2, 1), (3, 2), (4, 2), (5, 4)");
    }

    private List<String> query(String sql, Object... parameters) {
        return db.query(sql, parameters);
    }

    @Test
    void null_in_a_condition_is_not_true() {
        assertThat(query("SELECT id FROM t WHERE a = 20 OR a > 100 ORDER BY id"))
                .containsExactly("2", "4");
        assertThat(query("SELECT id FROM t WHERE NOT (a = 20) ORDER BY id")).containsExactly("1");
        assertThat(query("SELECT id FROM t WHERE a IS NULL")).containsExactly("3");
        assertThat(query("SELECT id FROM t WHERE a IS DISTINCT FROM 20 ORDER BY id"))
                .containsExactly("1", "3");
    }

    @Test
    void outer_joins_fill_with_null() {
        assertThat(query("SELECT t.id, u.id FROM t LEFT JOIN u ON u.t_id = t.id ORDER BY 1, 2"))
                .containsExactly("1|1", "1|2", "2|3", "3|∅", "4|∅");
        assertThat(query("SELECT t.id, u.id FROM t RIGHT JOIN u ON u.t_id = t.id ORDER BY 2"))
                .containsExactly("1|1", "1|2", "2|3", "∅|4", "∅|5");
        assertThat(query("SELECT t.id, u.id FROM t FULL JOIN u ON u.t_id = t.id ORDER BY 1, 2"))
                .containsExactly("1|1", "1|2", "2|3", "3|∅", "4|∅", "∅|4", "∅|5");
        assertThat(
                        query(
                                "SELECT t.id, u.id FROM t LEFT JOIN u ON u.t_id = t.id AND u.v > 100"
                                        + " ORDER BY 1, 2"))
                .containsExactly("1|2", "2|3", "3|∅", "4|∅");
        assertThat(
                        query(
                                "SELECT t.id, u.id FROM t LEFT JOIN u ON u.t_id < t.id WHERE t.id < 3"
                                        + " ORDER BY 1, 2"))
                .containsExactly("1|∅", "2|1", "2|2");
    }

    @Test
    void a_condition_above_an_outer_join_sees_the_nulls() {
        assertThat(
                        query(
                                "SELECT t.id FROM t LEFT JOIN u ON u.t_id = t.id WHERE u.id IS NULL"
                                        + " ORDER BY 1"))
                .containsExactly("3", "4");
        assertThat(
                        query(
                                "SELECT t.id FROM t LEFT JOIN u ON u.t_id = t.id WHERE u.v > 150"
                                        + " ORDER BY 1"))
                .containsExactly("1", "2");
    }

    @Test
    void subqueries_see_the_row_around_them() {
        assertThat(
                        query(
                                "SELECT id, (SELECT sum(v) FROM u WHERE u.t_id = t.id) FROM t ORDER BY"
                                        + " id"))
                .containsExactly("1|300", "2|300", "3|∅", "4|∅");
        assertThat(query("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE t_id = t.id)"))
                .containsExactlyInAnyOrder("1", "2");
        assertThat(query("SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE t_id = t.id)"))
                .containsExactlyInAnyOrder("3", "4");
        assertThat(
                        query(
                                "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE t_id = t.id AND"
                                        + " EXISTS (SELECT 1 FROM e WHERE e.id = u.id AND e.boss ="
                                        + " t.id)) AND id < 2"))
                .containsExactly("1");
        assertThat(query("SELECT id FROM t WHERE id > (SELECT avg(id) FROM t) ORDER BY id"))
                .containsExactly("3", "4");
        assertThatThrownBy(() -> query("SELECT (SELECT id FROM t)"))
                .isInstanceOf(SqlException.class)
                .hasMessageContaining("more than one row returned by a subquery");
    }

    @Test
    void not_in_with_a_null_among_the_rows_is_never_true() {
        assertThat(query("SELECT id FROM t WHERE id IN (SELECT t_id FROM u) ORDER BY id"))
                .containsExactly("1", "2");
        assertThat(query("SELECT id FROM t WHERE id NOT IN (SELECT t_id FROM u)")).isEmpty();
        assertThat(
                        query(
                                "SELECT id FROM t WHERE id NOT IN (SELECT t_id FROM u WHERE t_id IS NOT"
                                        + " NULL) ORDER BY id"))
                .containsExactly("3", "4");
        assertThat(query("SELECT id FROM t WHERE a NOT IN (SELECT 10) ORDER BY id"))
                .containsExactly("2", "4");
        assertThat(query("SELECT id FROM t WHERE a NOT IN (SELECT 10 WHERE false) ORDER BY id"))
                .containsExactly("1", "2", "3", "4");
        assertThat(query("SELECT (1, NULL::int) IN (SELECT 1, 2), (1, 2) IN (SELECT 1, 3)"))
                .containsExactly("∅|f");
    }

    @Test
    void lateral_sides_are_run_for_each_row() {
        assertThat(
                        query(
                                "SELECT t.id, x.v FROM t, LATERAL (SELECT v FROM u WHERE t_id = t.id"
                                        + " ORDER BY v DESC LIMIT 1) x ORDER BY 1"))
                .containsExactly("1|200", "2|300");
        assertThat(
                        query(
                                "SELECT t.id, x.v FROM t LEFT JOIN LATERAL (SELECT v FROM u WHERE t_id"
                                        + " = t.id LIMIT 1) x ON true ORDER BY 1"))
                .containsExactly("1|100", "2|300", "3|∅", "4|∅");
        assertThat(
                        query(
                                "SELECT id, g FROM e, generate_series(1, id) g WHERE id < 3 ORDER BY 1, 2"))
                .containsExactly("1|1", "2|1", "2|2");
    }

    @Test
    void groups_and_grouping_sets() {
        assertThat(query("SELECT a, count(*), count(b), min(id) FROM t GROUP BY a ORDER BY a"))
                .containsExactly("10|1|1|1", "20|2|1|2", "∅|1|1|3");
        assertThat(
                        query(
                                "SELECT a, b, count(*), grouping(a, b) FROM t WHERE id < 3 GROUP BY"
                                        + " ROLLUP (a, b) ORDER BY 4, 1"))
                .containsExactly("10|x|1|0", "20|y|1|0", "10|∅|1|1", "20|∅|1|1", "∅|∅|2|3");
        assertThat(query("SELECT count(*), sum(id) FROM t WHERE false")).containsExactly("0|∅");
        assertThat(query("SELECT a, count(*) FROM t WHERE id > 99 GROUP BY a")).isEmpty();
        assertThat(query("SELECT a FROM t GROUP BY a HAVING count(*) > 1")).containsExactly("20");
        assertThat(query("SELECT count(DISTINCT a), sum(a) FILTER (WHERE id > 1), max(b) FROM t"))
                .containsExactly("2|40|z");
    }

    @Test
    void limits_offsets_and_ties() {
        assertThat(query("SELECT id FROM t ORDER BY id DESC LIMIT 2")).containsExactly("4", "3");
        assertThat(query("SELECT id FROM t ORDER BY b NULLS FIRST LIMIT 1 OFFSET 1"))
                .containsExactly("1");
        assertThat(query("SELECT id FROM t ORDER BY id LIMIT $1 OFFSET $2", 1L, 2L))
                .containsExactly("3");
        assertThat(query("SELECT a FROM t ORDER BY a FETCH FIRST 2 ROWS WITH TIES"))
                .containsExactly("10", "20", "20");
        assertThatThrownBy(() -> query("SELECT id FROM t LIMIT $1", -1L))
                .hasMessage("LIMIT must not be negative");
    }

    @Test
    void distinct_and_set_operations() {
        assertThat(query("SELECT DISTINCT a FROM t ORDER BY a")).containsExactly("10", "20", "∅");
        assertThat(query("SELECT DISTINCT ON (a) a, id FROM t ORDER BY a, id DESC"))
                .containsExactly("10|1", "20|4", "∅|3");
        assertThat(query("SELECT a FROM t UNION SELECT 20 ORDER BY 1"))
                .containsExactly("10", "20", "∅");
        assertThat(query("SELECT a FROM t UNION ALL SELECT 20 ORDER BY 1"))
                .containsExactly("10", "20", "20", "20", "∅");
        assertThat(
                        query(
                                "SELECT a FROM t INTERSECT ALL SELECT unnest(ARRAY[20, 20, 20, NULL]) ORDER BY 1"))
                .containsExactly("20", "20", "∅");
        assertThat(query("SELECT a FROM t EXCEPT SELECT 20 ORDER BY 1")).containsExactly("10", "∅");
        assertThat(query("SELECT a FROM t EXCEPT ALL SELECT 20 ORDER BY 1"))
                .containsExactly("10", "20", "∅");
    }

    @Test
    void recursion_ends_when_nothing_new_comes() {
        assertThat(
                        query(
                                "WITH RECURSIVE r(id, depth) AS (SELECT id, 0 FROM e WHERE boss IS NULL"
                                        + " UNION ALL SELECT e.id, depth + 1 FROM e JOIN r ON e.boss ="
                                        + " r.id) SELECT * FROM r ORDER BY id"))
                .containsExactly("1|0", "2|1", "3|2", "4|2", "5|3");
        assertThat(
                        query(
                                "WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT (n + 1) % 4 FROM r)"
                                        + " SELECT n FROM r ORDER BY n"))
                .containsExactly("0", "1", "2", "3");
        assertThat(
                        query(
                                "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT"
                                        + " n FROM r LIMIT 3"))
                .containsExactly("1", "2", "3");
    }

    @Test
    void common_tables_are_run_once() {
        assertThat(query("WITH c AS (SELECT random() AS r) SELECT x.r = y.r FROM c x, c y"))
                .containsExactly("t");
        assertThat(query("WITH c AS (SELECT id, a FROM t) SELECT a FROM c WHERE id = 2"))
                .containsExactly("20");
    }

    @Test
    void comma_joins_answer_what_written_order_would() {
        assertThat(
                        query(
                                "SELECT t.b, u.v, e.boss FROM t, e, u WHERE u.t_id = t.id AND e.id ="
                                        + " u.id AND t.id = 1 ORDER BY u.v"))
                .containsExactly("x|100|∅", "x|200|1");
    }

    @Test
    void lists_and_arrays_find_rows() {
        assertThat(query("SELECT id FROM t WHERE id IN (3, 1, 3) ORDER BY id"))
                .containsExactly("1", "3");
        assertThat(query("SELECT id FROM t WHERE a IN (20, NULL) ORDER BY id"))
                .containsExactly("2", "4");
        assertThat(query("SELECT id FROM t WHERE id = ANY (ARRAY[4, 2, 99]) ORDER BY id"))
                .containsExactly("2", "4");
        assertThat(query("SELECT id FROM t WHERE id < ALL (SELECT t_id FROM u WHERE t_id > 1)"))
                .containsExactly("1");
    }

    @Test
    void operators_share_the_memory_of_their_statement(@TempDir Path directory) {
        db.limitBytes(4 << 20);
        try (SpillSpace space =
                new SpillSpace(new TemporaryFiles(directory), SpillSpace.UNBOUNDED)) {
            db.spill(3 << 20, space);
            assertThat(
                            query(
                                    "SELECT count(*), min(a), max(d) FROM"
                                            + " (SELECT g AS a FROM generate_series(1, 20000) g ORDER BY g % 7, g) x"
                                            + " JOIN (SELECT DISTINCT g AS b FROM generate_series(1, 20000) g) y ON a = b"
                                            + " JOIN (SELECT g AS c, count(*) AS d FROM generate_series(1, 20000) g GROUP BY g) z ON b = c"))
                    .containsExactly("20000|1|1");
            assertThat(space.bytesWritten()).isPositive();
        }
        db.limitBytes(1 << 20);
        assertThatThrownBy(() ->
                        query(
                                "SELECT sum(g) OVER (), sum(g) OVER (ORDER BY g) FROM generate_series(1, 20000) g"))
                .isInstanceOf(SqlException.class)
                .hasMessage("out of memory");
    }

    @Test
    void a_sort_past_its_memory_is_refused() {
        db.limitBytes(10_000);
        assertThatThrownBy(() -> query("SELECT g FROM generate_series(1, 1000) g ORDER BY g"))
                .isInstanceOf(SqlException.class)
                .hasMessage("out of memory");
        assertThat(query("SELECT g FROM generate_series(1, 1000) g ORDER BY g DESC LIMIT 1"))
                .containsExactly("1000");
    }
}
