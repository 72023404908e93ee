package dev.driftdb.query.optimize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.query.execute.MemoryDatabase;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What EXPLAIN ANALYZE says of a run. */
final class ExplainTest {
    private final MemoryDatabase db =
            new MemoryDatabase()
                    .table("a", List.of("id int4", "k int4"), "id")
                    .table("b", List.of("id int4", "a_id int4"), "id")
                    .index("b", "b_a", false, "a_id");

    @BeforeEach
    void fill() {
        db.run("INSERT INTO a SELECT g, g % 3 FROM generate_series(1, 6) g");
        db.run("INSERT INTO b SELECT g, g % 5 FROM generate_series(1, 10) g");
    }

    @Test
    void lookups_count_as_loops_and_rows_are_those_of_one() {
        assertThat(db.explainAnalyze("SELECT 1 FROM a JOIN b ON b.a_id = a.id WHERE a.id = 2"))
                .isEqualTo(
                        """
                        Nested Loop (actual rows=2 loops=1)
                          ->  Index Scan using a_pkey on a (actual rows=1 loops=1)
                                Index Cond: (id = 2)
                          ->  Index Scan using b_a on b (actual rows=2 loops=1)
                                Index Cond: (a_id = a.id)
                                Filter: (a_id = 2)\
                        """);
    }

    @Test
    void a_hash_node_tells_of_the_table_and_refused_rows_are_counted() {
        assertThat(db.explainAnalyze("SELECT 1 FROM a JOIN b ON b.a_id = a.k AND b.id > a.id + 3"))
                .contains("Rows Removed by Join Filter: ")
                .containsPattern("->  Hash \\(actual rows=\\d+ loops=1\\)\n +Buckets: 256")
                .contains("Batches: 1  Memory Usage: 1kB");
        assertThat(db.explainAnalyze("SELECT 1 FROM a WHERE k = 1"))
                .isEqualTo(
                        """
                        Seq Scan on a (actual rows=2 loops=1)
                          Filter: (k = 1)
                          Rows Removed by Filter: 4\
                        """);
    }

    @Test
    void what_nobody_asks_for_is_never_executed() {
        assertThat(db.explainAnalyze("SELECT 1 FROM a UNION ALL SELECT 2 FROM b LIMIT 3"))
                .isEqualTo(
                        """
                        Limit (actual rows=3 loops=1)
                          ->  Append (actual rows=3 loops=1)
                                ->  Seq Scan on a (actual rows=3 loops=1)
                                ->  Seq Scan on b (never executed)\
                        """);
    }

    @Test
    void a_subquery_that_reads_the_row_runs_for_each_one() {
        assertThat(
                        db.explainAnalyze(
                                "SELECT (SELECT sum(b.id) FROM b WHERE b.a_id < a.id LIMIT 1) FROM"
                                        + " a WHERE id < 4"))
                .contains("SubPlan 1\n    ->  Limit (actual rows=1 loops=3)")
                .contains("Filter: (a_id < a.id)");
        assertThat(db.explainAnalyze("SELECT 1 FROM a WHERE k > (SELECT sum(id) FROM b)"))
                .contains("Filter: (k > $0)")
                .contains("InitPlan 1 (returns $0)\n    ->  Aggregate (actual rows=1 loops=1)");
    }

    @Test
    void sorts_and_groups_tell_what_they_held() {
        assertThat(db.explainAnalyze("SELECT k, count(*) FROM a GROUP BY k ORDER BY 2, 1"))
                .isEqualTo(
                        """
                        Sort (actual rows=3 loops=1)
                          Sort Key: (count(*)), k
                          Sort Method: merge sort  Memory: 1kB
                          ->  HashAggregate (actual rows=3 loops=1)
                                Group Key: k
                                Batches: 1  Memory Usage: 1kB
                                ->  Seq Scan on a (actual rows=6 loops=1)\
                        """);
    }

    @Test
    void changes_are_made_and_counted() {
        assertThat(
                        db.explainAnalyze(
                                "INSERT INTO a VALUES (1, 1), (7, 1) ON CONFLICT (id) DO NOTHING"))
                .isEqualTo(
                        """
                        Insert on a (actual rows=0 loops=1)
                          Conflict Resolution: NOTHING
                          Conflict Arbiter Indexes: a_pkey
                          Tuples Inserted: 1
                          Conflicting Tuples: 1
                          ->  Values Scan on "*VALUES*" (actual rows=2 loops=1)\
                        """);
        assertThat(db.query("SELECT count(*) FROM a")).containsExactly("7");
    }
}
