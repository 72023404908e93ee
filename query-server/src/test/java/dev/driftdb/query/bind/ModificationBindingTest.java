package dev.driftdb.query.bind;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** INSERT, UPDATE, DELETE. */
class ModificationBindingTest {
    @Test
    void columns_left_out_take_their_default() {
        assertThat(Shop.plan("INSERT INTO users VALUES (1, 'a')"))
                .isEqualTo(
                        """
                        Insert users
                          Values (1:int4, a:text, none:varchar)\
                        """);
    }

    @Test
    void a_query_gives_rows_in_the_order_of_the_named_columns() {
        assertThat(Shop.plan("INSERT INTO users (name, id) SELECT note, user_id FROM orders"))
                .isEqualTo(
                        """
                        Insert users
                          Project #1 id, #0 name, none:varchar email
                            Project #4 note, #1 user_id
                              Scan orders\
                        """);
    }

    @Test
    void an_identity_column_refuses_a_value() {
        assertThat(Shop.error("INSERT INTO orders (id) VALUES (1)"))
                .isEqualTo("428C9 cannot insert a non-DEFAULT value into column \"id\"");
    }

    @Test
    void a_conflict_is_settled_over_the_row_and_the_excluded_row() {
        assertThat(
                        Shop.plan(
                                "INSERT INTO users (id, name) VALUES (1, 'x') ON CONFLICT (id) DO "
                                        + "UPDATE SET name = excluded.name WHERE users.name <> 'y' RETURNING id, "
                                        + "name"))
                .isEqualTo(
                        """
                        Insert users
                          conflict users_pkey: 2=#4 where (#1 <> y:text)
                          returning #0, #1
                          Values (1:int4, x:text, none:varchar)\
                        """);
    }

    @Test
    void a_conflict_needs_a_unique_index() {
        assertThat(
                        Shop.error(
                                "INSERT INTO users (id, name) VALUES (1, 'x') ON CONFLICT (name) DO NOTHING"))
                .isEqualTo(
                        "42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification");
    }

    @Test
    void an_unknown_target_column_is_refused() {
        assertThat(Shop.error("INSERT INTO users (id, nme) VALUES (1, 2)"))
                .isEqualTo("42703 column \"nme\" of relation \"users\" does not exist at 24");
    }

    @Test
    void an_update_assigns_over_its_source() {
        assertThat(Shop.plan("UPDATE users SET name = upper(name), email = DEFAULT WHERE id = $1"))
                .isEqualTo(
                        """
                        Update users 2=upper(#1):text, 3=none:varchar
                          Filter (#0 = $1:int4)
                            Scan users\
                        """);
    }

    @Test
    void a_subquery_assigns_several_columns() {
        assertThat(
                        Shop.plan(
                                "UPDATE orders SET (total, note) = (SELECT 1, 'x'), user_id = 3 FROM "
                                        + "users u WHERE u.id = user_id RETURNING total, u.name"))
                .isEqualTo(
                        """
                        Update orders 3=cast(scalar{Project #0 ?column? < Project 1:int4 ?column?, x:text ?column? < Values ()} numeric), 5=scalar{Project #1 ?column? < Project 1:int4 ?column?, x:text ?column? < Values ()}, 2=3:int4
                          check orders_total_check (#2 >= 0:numeric)
                          returning #2, #6
                          Filter (#5 = #1)
                            INNER Join
                              Scan orders
                              Scan users\
                        """);
    }

    @Test
    void a_delete_returns_the_rows_it_joined() {
        assertThat(Shop.plan("DELETE FROM orders USING users u WHERE u.id = user_id RETURNING *"))
                .isEqualTo(
                        """
                        Delete orders
                          returning #0, #1, #2, #3, #4, #5, #6, #7
                          Filter (#5 = #1)
                            INNER Join
                              Scan orders
                              Scan users\
                        """);
    }

    @Test
    void a_common_table_may_delete() {
        assertThat(Shop.plan("WITH d AS (DELETE FROM orders RETURNING id) SELECT * FROM d"))
                .isEqualTo(
                        """
                        With
                          cte 1 d
                            Delete orders
                              returning #0
                              Scan orders
                          Project #0 id
                            CteScan 1 d\
                        """);
    }
}
