package dev.driftdb.query.bind;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Names of relations and columns. */
class NamesBindingTest {
    @Test
    void a_star_expands_to_the_columns_in_order() {
        assertThat(Shop.plan("SELECT * FROM users"))
                .isEqualTo(
                        """
                        Project #0 id, #1 name, #2 email
                          Scan users\
                        """);
    }

    @Test
    void an_unknown_column_is_refused_with_its_position() {
        assertThat(Shop.error("SELECT nam FROM users"))
                .isEqualTo("42703 column \"nam\" does not exist at 8");
    }

    @Test
    void a_qualifier_without_relation_is_refused() {
        assertThat(Shop.error("SELECT x.name FROM users u"))
                .isEqualTo("42P01 missing FROM-clause entry for table \"x\" at 8");
    }

    @Test
    void an_alias_hides_the_name_of_its_table() {
        assertThat(Shop.error("SELECT users.name FROM users u"))
                .isEqualTo("42P01 invalid reference to FROM-clause entry for table \"users\" at 8");
    }

    @Test
    void a_name_in_two_relations_is_ambiguous() {
        assertThat(Shop.error("SELECT id FROM users, orders"))
                .isEqualTo("42702 column reference \"id\" is ambiguous at 8");
    }

    @Test
    void two_relations_of_one_name_are_refused() {
        assertThat(Shop.error("SELECT * FROM users u, orders u"))
                .isEqualTo("42712 table name \"u\" specified more than once");
    }

    @Test
    void an_unknown_relation_is_refused_with_its_position() {
        assertThat(Shop.error("SELECT * FROM nowhere"))
                .isEqualTo("42P01 relation \"nowhere\" does not exist at 15");
    }

    @Test
    void a_join_using_takes_the_column_that_has_the_common_type() {
        assertThat(Shop.plan("SELECT * FROM users JOIN orders USING (id)"))
                .isEqualTo(
                        """
                        Project #3 id, #1 name, #2 email, #4 user_id, #5 total, #6 placed, #7 note
                          INNER Join (#0 = #3)
                            Scan users
                            Scan orders\
                        """);
    }

    @Test
    void a_full_join_merges_by_coalesce() {
        assertThat(Shop.plan("SELECT * FROM users FULL JOIN items USING (id)"))
                .isEqualTo(
                        """
                        Project #6 id, #1 name, #2 email, #4 tags, #5 day
                          Project #0 id, #1 name, #2 email, #3 id, #4 tags, #5 day, coalesce(cast(#0 int8), #3) id
                            FULL Join (#0 = #3)
                              Scan users
                              Scan items\
                        """);
    }

    @Test
    void a_lateral_subquery_reads_the_left_row_at_depth_1() {
        assertThat(
                        Shop.plan(
                                "SELECT * FROM users u, LATERAL (SELECT * FROM orders o WHERE o.user_id = u.id) l"))
                .isEqualTo(
                        """
                        Project #0 id, #1 name, #2 email, #3 id, #4 user_id, #5 total, #6 placed, #7 note
                          INNER Join lateral
                            Scan users
                            Project #0 id, #1 user_id, #2 total, #3 placed, #4 note
                              Filter (#1 = ^1.0)
                                Scan orders\
                        """);
    }

    @Test
    void a_relation_as_a_value_is_a_row() {
        assertThat(Shop.plan("SELECT u FROM users u"))
                .isEqualTo(
                        """
                        Project row_composite(row(#0, #1, #2)):users u
                          Scan users\
                        """);
    }

    @Test
    void a_view_is_its_query_under_the_names_it_was_made_with() {
        assertThat(Shop.plan("SELECT * FROM named WHERE label LIKE 'a%'"))
                .isEqualTo(
                        """
                        Project #0 id, #1 label
                          Filter `~~`(#1, a%:text):bool
                            Project #0 id, #1 label
                              Project #0 id, #1 name
                                Filter (#1 <> :text)
                                  Scan users\
                        """);
    }

    @Test
    void a_system_relation_is_found_before_the_search_path() {
        assertThat(Shop.plan("SELECT * FROM pg_class"))
                .isEqualTo(
                        """
                        Project #0 oid, #1 relname
                          SystemScan pg_class\
                        """);
    }

    @Test
    void a_sequence_is_a_relation_of_one_row() {
        assertThat(Shop.plan("SELECT last_value FROM orders_id_seq"))
                .isEqualTo(
                        """
                        Project #0 last_value
                          SystemScan orders_id_seq\
                        """);
    }

    @Test
    void a_later_common_table_hides_nothing_else() {
        assertThat(Shop.plan("WITH x AS (SELECT id FROM users) SELECT * FROM x a, x b"))
                .isEqualTo(
                        """
                        With
                          cte 1 x
                            Project #0 id
                              Scan users
                          Project #0 id, #1 id
                            INNER Join
                              CteScan 1 x
                              CteScan 1 x\
                        """);
    }

    @Test
    void a_recursive_common_table_reads_itself() {
        assertThat(
                        Shop.plan(
                                "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE "
                                        + "n < 10) SELECT sum(n) FROM t"))
                .isEqualTo(
                        """
                        With
                          cte 1 t recursive
                            RecursiveUnion 1 all
                              Project 1:int4 ?column?
                                Values ()
                              Project `+`(#0, 1:int4):int4 ?column?
                                Filter (#0 < 10:int4)
                                  CteScan 1 t
                          Project #0 sum
                            Aggregate [] [[]] sum(#0)
                              CteScan 1 t\
                        """);
    }

    @Test
    void a_correlated_subquery_reads_the_row_around_it() {
        assertThat(
                        Shop.plan(
                                "SELECT (SELECT max(total) FROM orders o WHERE o.user_id = u.id) FROM users u"))
                .isEqualTo(
                        """
                        Project scalar{Project #0 max < Aggregate [] [[]] max(#2) < Filter (#1 = ^1.0) < Scan orders} max
                          Scan users\
                        """);
    }
}
