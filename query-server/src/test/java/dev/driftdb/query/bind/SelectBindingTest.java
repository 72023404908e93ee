package dev.driftdb.query.bind;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Groups, order, limits and locks. */
class SelectBindingTest {
    @Test
    void order_by_finds_output_names() {
        assertThat(
                        Shop.plan(
                                "SELECT u.name, o.total * 2 AS twice FROM users u JOIN orders o ON "
                                        + "o.user_id = u.id WHERE u.name = 'x' ORDER BY twice DESC LIMIT 10"))
                .isEqualTo(
                        """
                        Limit 10:int8
                          Sort #1 desc
                            Project #1 name, `*`(#5, 2:numeric):numeric twice
                              Filter (#1 = x:text)
                                INNER Join (#4 = #0)
                                  Scan users
                                  Scan orders\
                        """);
    }

    @Test
    void groups_come_before_having_and_output() {
        assertThat(
                        Shop.plan(
                                "SELECT name, count(*) FROM users GROUP BY name HAVING count(*) > 1 "
                                        + "ORDER BY count(*) DESC"))
                .isEqualTo(
                        """
                        Sort #1 desc
                          Project #0 name, #1 count
                            Filter (#1 > 1:int4)
                              Aggregate [#1] [[0]] count()
                                Scan users\
                        """);
    }

    @Test
    void columns_that_depend_on_a_grouped_key_need_no_group() {
        assertThat(
                        Shop.plan(
                                "SELECT u.id, u.name, sum(o.total) FROM users u JOIN orders o ON "
                                        + "o.user_id = u.id GROUP BY u.id"))
                .isEqualTo(
                        """
                        Project #0 id, #1 name, #2 sum
                          Aggregate [#0, #1] [[0, 1]] sum(#5)
                            INNER Join (#4 = #0)
                              Scan users
                              Scan orders\
                        """);
    }

    @Test
    void an_ungrouped_column_is_refused() {
        assertThat(Shop.error("SELECT name, id FROM users GROUP BY name"))
                .isEqualTo(
                        "42803 column \"users.id\" must appear in the GROUP BY clause or be used in an aggregate function at 14");
    }

    @Test
    void rollup_makes_grouping_sets() {
        assertThat(
                        Shop.plan(
                                "SELECT user_id, note, count(*), grouping(user_id) FROM orders GROUP "
                                        + "BY ROLLUP (user_id, note)"))
                .isEqualTo(
                        """
                        Project #0 user_id, #1 note, #2 count, #3 grouping
                          Aggregate [#1, #4] [[0, 1], [0], []] count() grouping [[0]]
                            Scan orders\
                        """);
    }

    @Test
    void group_by_finds_output_names() {
        assertThat(Shop.plan("SELECT id AS k, count(*) FROM users GROUP BY k"))
                .isEqualTo(
                        """
                        Project #0 k, #1 count
                          Aggregate [#0] [[0]] count()
                            Scan users\
                        """);
    }

    @Test
    void aggregates_are_refused_in_where() {
        assertThat(Shop.error("SELECT * FROM users WHERE count(*) > 1"))
                .isEqualTo("42803 aggregate functions are not allowed in WHERE at 27");
    }

    @Test
    void aggregates_are_refused_in_group_by() {
        assertThat(Shop.error("SELECT sum(id) + 1 AS s FROM users GROUP BY s"))
                .isEqualTo("42803 aggregate functions are not allowed in GROUP BY at 8");
    }

    @Test
    void distinct_on_keeps_the_first_row_in_order() {
        assertThat(
                        Shop.plan(
                                "SELECT DISTINCT ON (user_id) user_id, total FROM orders ORDER BY user_id, total DESC"))
                .isEqualTo(
                        """
                        Distinct #0
                          Sort #0, #1 desc
                            Project #1 user_id, #2 total
                              Scan orders\
                        """);
    }

    @Test
    void distinct_rows_are_ordered_by_their_own_columns() {
        assertThat(Shop.error("SELECT DISTINCT name FROM users ORDER BY id"))
                .isEqualTo(
                        "42P10 for SELECT DISTINCT, ORDER BY expressions must appear in select list at 42");
    }

    @Test
    void rows_are_locked_after_sorting_and_below_the_limit() {
        assertThat(Shop.plan("SELECT id FROM users ORDER BY name LIMIT 3 FOR UPDATE SKIP LOCKED"))
                .isEqualTo(
                        """
                        Limit 3:int8
                          Project #0 id
                            LockRows users UPDATE SKIP_LOCKED
                              Sort #1
                                Scan users\
                        """);
    }

    @Test
    void window_functions_come_behind_the_columns_of_their_input() {
        assertThat(Shop.plan("SELECT row_number() OVER () FROM users"))
                .isEqualTo(
                        """
                        Project #3 row_number
                          Window row_number()
                            Scan users\
                        """);
    }
}
