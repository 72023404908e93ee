package dev.driftdb.query.optimize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.query.execute.MemoryDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which operators are chosen, by EXPLAIN. */
final class PlanShapeTest {
    private final MemoryDatabase db =
            new MemoryDatabase()
                    .table("a", List.of("id int4", "k int4", "t text"), "id")
                    .table("b", List.of("id int4", "a_id int4", "n numeric"), "id")
                    .table("c", List.of("x int4", "y int4", "z int4"), "x", "y")
                    .index("b", "b_a", false, "a_id")
                    .index("a", "a_kt", false, "k", "t");

    @Test
    void equality_with_the_whole_key_is_a_point_read() {
        assertThat(db.explain("SELECT t FROM a WHERE id = 5"))
                .isEqualTo("Index Scan using a_pkey on a\n  Index Cond: (id = 5)");
        assertThat(db.plan("SELECT t FROM a WHERE id = 5").brief()).isTrue();
        assertThat(db.plan("SELECT t FROM a WHERE id = 5").readOnly()).isTrue();
        assertThat(db.plan("UPDATE a SET k = 1 WHERE id = 5").readOnly()).isFalse();
    }

    @Test
    void key_prefix_and_interval_bound_the_scan() {
        assertThat(db.explain("SELECT z FROM c WHERE x = 1 AND y > 3 AND z = 4"))
                .isEqualTo(
                        """
                        Index Scan using c_pkey on c
                          Index Cond: ((x = 1) AND (y > 3))
                          Filter: (z = 4)\
                        """);
        assertThat(db.explain("SELECT z FROM c WHERE y = 1"))
                .isEqualTo("Seq Scan on c\n  Filter: (y = 1)");
    }

    @Test
    void an_index_serves_equality() {
        assertThat(db.explain("SELECT n FROM b WHERE a_id = 4"))
                .isEqualTo("Index Scan using b_a on b\n  Index Cond: (a_id = 4)");
    }

    @Test
    void order_comes_from_the_key() {
        assertThat(db.explain("SELECT * FROM a ORDER BY id DESC LIMIT 3"))
                .isEqualTo(
                        """
                        Limit
                          ->  Index Scan Backward using a_pkey on a\
                        """);
        assertThat(db.explain("SELECT * FROM a WHERE k = 1 ORDER BY t LIMIT 3"))
                .isEqualTo(
                        """
                        Limit
                          ->  Index Scan using a_kt on a
                                Index Cond: (k = 1)\
                        """);
        assertThat(db.explain("SELECT * FROM a ORDER BY t"))
                .isEqualTo("Sort\n  Sort Key: t\n  ->  Seq Scan on a");
    }

    @Test
    void comma_joins_never_make_a_cross_product_when_a_predicate_joins() {
        assertThat(db.explain("SELECT 1 FROM a, c, b WHERE a.id = b.a_id AND b.id = c.x"))
                .isEqualTo(
                        """
                        Hash Join
                          Hash Cond: (b.id = c.x)
                          ->  Hash Join
                                Hash Cond: (a.id = b.a_id)
                                ->  Seq Scan on a
                                ->  Hash
                                      ->  Seq Scan on b
                          ->  Hash
                                ->  Seq Scan on c\
                        """);
    }

    @Test
    void few_rows_are_joined_by_lookups() {
        assertThat(db.explain("SELECT 1 FROM b JOIN a ON a.id = b.a_id WHERE b.id = 1"))
                .isEqualTo(
                        """
                        Nested Loop
                          ->  Index Scan using b_pkey on b
                                Index Cond: (id = 1)
                          ->  Index Scan using a_pkey on a
                                Index Cond: (id = b.a_id)\
                        """);
    }

    @Test
    void exists_becomes_a_semi_join() {
        assertThat(db.explain("SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b WHERE a_id = a.id)"))
                .startsWith("Hash Semi Join\n  Hash Cond: (a.id = b.a_id)");
        assertThat(
                        db.explain(
                                "SELECT 1 FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE a_id ="
                                        + " a.id)"))
                .startsWith("Hash Anti Join");
    }

    @Test
    void not_in_stays_a_subplan_where_nulls_may_be() {
        assertThat(db.explain("SELECT 1 FROM a WHERE id NOT IN (SELECT a_id FROM b)"))
                .contains("hashed SubPlan");
        assertThat(db.explain("SELECT 1 FROM a WHERE id NOT IN (SELECT id FROM b)"))
                .startsWith("Hash Anti Join");
    }
}
