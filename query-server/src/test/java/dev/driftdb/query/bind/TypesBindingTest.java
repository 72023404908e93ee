package dev.driftdb.query.bind;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Literals, parameters, operators and conversions. */
class TypesBindingTest {
    @Test
    void literals_have_the_types_of_postgresql() {
        assertThat(Shop.plan("SELECT 1, 'a', NULL, true, 2.5, 3000000000"))
                .isEqualTo(
                        """
                        Project 1:int4 ?column?, a:text ?column?, null:text ?column?, true:bool ?column?, 2.5:numeric ?column?, 3000000000:int8 ?column?
                          Values ()\
                        """);
    }

    @Test
    void a_parameter_takes_the_type_of_the_list_it_stands_in() {
        assertThat(Shop.plan("SELECT * FROM users WHERE id IN (1, 2, $1)"))
                .isEqualTo(
                        """
                        Project #0 id, #1 name, #2 email
                          Filter #0 in (1:int4, 2:int4, $1:int4)
                            Scan users\
                        """);
    }

    @Test
    void a_parameter_may_be_an_array() {
        assertThat(Shop.plan("SELECT * FROM users WHERE id = ANY ($1)"))
                .isEqualTo(
                        """
                        Project #0 id, #1 name, #2 email
                          Filter #0 any $1:_int4 (#0 = #1)
                            Scan users\
                        """);
    }

    @Test
    void a_parameter_without_context_is_text() {
        assertThat(Shop.plan("SELECT $1, $2::int WHERE $3"))
                .isEqualTo(
                        """
                        Project $1:text ?column?, $2:int4 int4
                          Filter $3:bool
                            Values ()\
                        """);
    }

    @Test
    void rows_compare_field_by_field_and_in_order() {
        assertThat(Shop.plan("SELECT (1, 2) < (3, 4), (id, name) = (1, 'x') FROM users"))
                .isEqualTo(
                        """
                        Project or((1:int4 < 3:int4), and((1:int4 = 3:int4), (2:int4 < 4:int4))) ?column?, and((#0 = 1:int4), (#1 = x:text)) ?column?
                          Scan users\
                        """);
    }

    @Test
    void a_row_may_be_in_a_subquery() {
        assertThat(
                        Shop.plan(
                                "SELECT * FROM users WHERE (id, name) IN (SELECT user_id, note FROM orders)"))
                .isEqualTo(
                        """
                        Project #0 id, #1 name, #2 email
                          Filter #0, #1 in {Project #1 user_id, #4 note < Scan orders}
                            Scan users\
                        """);
    }

    @Test
    void a_quantified_comparison_keeps_its_test() {
        assertThat(Shop.plan("SELECT * FROM users WHERE id > ANY (SELECT user_id FROM orders)"))
                .isEqualTo(
                        """
                        Project #0 id, #1 name, #2 email
                          Filter #0 any {Project #1 user_id < Scan orders} (#0 > #1)
                            Scan users\
                        """);
    }

    @Test
    void branches_take_their_common_type() {
        assertThat(
                        Shop.plan(
                                "SELECT CASE name WHEN 'a' THEN 1 ELSE 2.5 END, coalesce(email, name), "
                                        + "nullif(id, 0), greatest(1, 2.5) FROM users"))
                .isEqualTo(
                        """
                        Project case((#1 = a:text) -> 1:numeric else 2.5:numeric):numeric case, coalesce(#2, cast(#1 varchar)) coalesce, nullif(#0, 0:int4) nullif, greatest(1:numeric, 2.5:numeric) greatest
                          Scan users\
                        """);
    }

    @Test
    void arrays_have_subscripts_and_slices() {
        assertThat(
                        Shop.plan(
                                "SELECT tags[1], tags[1:2], ARRAY[1, 2.5], ARRAY(SELECT id FROM users) FROM items"))
                .isEqualTo(
                        """
                        Project array_get(#1, [1:int4]:_int4):text tags, array_slice(#1, [1:int4]:_int4, [2:int4]:_int4):_text tags, [1:numeric, 2.5:numeric]:_numeric array, array{Project #0 id < Scan users} array
                          Scan items\
                        """);
    }

    @Test
    void types_without_a_common_comparison_are_refused() {
        assertThat(Shop.error("SELECT name = 1 FROM users"))
                .isEqualTo("42883 operator does not exist: text = integer at 13");
    }

    @Test
    void an_unknown_function_is_refused() {
        assertThat(Shop.error("SELECT foo(1)"))
                .isEqualTo("42883 function foo(integer) does not exist at 8");
    }

    @Test
    void a_bad_literal_is_refused_where_it_stands() {
        assertThat(Shop.error("SELECT '5'::int + 1, cast('abc' AS varchar(2)), 'abc'::int"))
                .isEqualTo("22P02 invalid input syntax for type integer: \"abc\" at 49");
    }

    @Test
    void predicates_are_comparisons_and_calls() {
        assertThat(
                        Shop.plan(
                                "SELECT id BETWEEN 1 AND 3, name NOT LIKE 'x%', name IS DISTINCT FROM NULL FROM users"))
                .isEqualTo(
                        """
                        Project and((#0 >= 1:int4), (#0 <= 3:int4)) ?column?, `!~~`(#1, x%:text):bool ?column?, (#1 distinct null:text) ?column?
                          Scan users\
                        """);
    }

    @Test
    void a_collation_other_than_c_does_not_exist() {
        assertThat(Shop.error("SELECT name COLLATE \"C\", name COLLATE \"de_DE\" FROM users"))
                .isEqualTo("42704 collation \"de_DE\" for encoding \"UTF8\" does not exist at 31");
    }

    @Test
    void sides_of_a_union_take_their_common_type() {
        assertThat(Shop.plan("SELECT 1 UNION SELECT '2' ORDER BY 1"))
                .isEqualTo(
                        """
                        Sort #0
                          UNION
                            Project 1:int4 ?column?
                              Values ()
                            Project 2:int4 ?column?
                              Values ()\
                        """);
    }

    @Test
    void sides_of_a_union_without_a_common_type_are_refused() {
        assertThat(Shop.error("SELECT 1 UNION SELECT 'a'::text"))
                .isEqualTo("42804 UNION types integer and text cannot be matched at 23");
    }

    @Test
    void sides_of_a_union_have_equally_many_columns() {
        assertThat(Shop.error("SELECT 1, 2 UNION SELECT 1"))
                .isEqualTo("42601 each UNION query must have the same number of columns at 26");
    }
}
