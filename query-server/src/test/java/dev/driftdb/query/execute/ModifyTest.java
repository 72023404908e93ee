package dev.driftdb.query.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** INSERT, UPDATE, DELETE and FOR UPDATE. */
final class ModifyTest {
    private MemoryDatabase db = new MemoryDatabase();

    @BeforeEach
    void tables() {
        db =
                new MemoryDatabase()
                        .table("t", List.of("id int4", "a int4 not null", "b text"), "id")
                        .table("u", List.of("id int4", "v int4"), "id");
        db.run("INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y'), (3, 30, 'z')");
        db.run("INSERT INTO u VALUES (1, 5), (2, 6)");
    }

    private List<String> all() {
        return db.query("SELECT * FROM t ORDER BY id");
    }

    @Test
    void rows_are_inserted_from_queries_and_returned() {
        assertThat(db.query("INSERT INTO t SELECT id + 10, v FROM u RETURNING id, a * 2 AS d, b"))
                .containsExactly("11|10|∅", "12|12|∅");
        assertThat(all()).hasSize(5);
    }

    @Test
    void a_table_can_be_inserted_into_itself() {
        assertThat(db.run("INSERT INTO t SELECT id + 100, a, b FROM t")).isEqualTo(3);
        assertThat(all()).hasSize(6);
    }

    @Test
    void null_in_a_not_null_column_is_refused() {
        assertThatThrownBy(() -> db.run("INSERT INTO t VALUES (7, NULL, 'abc')"))
                .isInstanceOfSatisfying(
                        SqlException.class,
                        e -> {
                            assertThat(e.state()).isEqualTo(SqlState.NOT_NULL_VIOLATION);
                            assertThat(e)
                                    .hasMessage(
                                            "null value in column \"a\" of relation \"t\" violates"
                                                    + " not-null constraint");
                            assertThat(e.detail())
                                    .isEqualTo("Failing row contains (7, null, abc).");
                        });
    }

    @Test
    void a_conflict_does_nothing_or_updates() {
        assertThat(db.run("INSERT INTO t VALUES (1, 0, 'n'), (9, 9, 'n') ON CONFLICT DO NOTHING"))
                .isEqualTo(1);
        assertThat(
                        db.query(
                                "INSERT INTO t VALUES (1, 5, 'q'), (8, 8, 'q') ON CONFLICT (id) DO"
                                        + " UPDATE SET a = t.a + excluded.a WHERE t.a < 100 RETURNING"
                                        + " *"))
                .containsExactly("1|15|x", "8|8|q");
        assertThatThrownBy(() ->
                        db.run(
                                "INSERT INTO t VALUES (7, 1, 'q'), (7, 2, 'q') ON CONFLICT"
                                        + " (id) DO UPDATE SET a = 0"))
                .hasMessageContaining("cannot affect row a second time");
    }

    @Test
    void every_row_is_updated_once() {
        assertThat(db.run("UPDATE t SET id = id + 10, a = a + 1")).isEqualTo(3);
        assertThat(all()).containsExactly("11|11|x", "12|21|y", "13|31|z");
        assertThat(
                        db.query(
                                "UPDATE t SET a = v FROM u WHERE u.id + 10 = t.id RETURNING t.id, a, v"))
                .containsExactly("11|5|5", "12|6|6");
        assertThat(db.run("UPDATE t SET b = 'k' FROM u WHERE t.id = 12")).isEqualTo(1);
    }

    @Test
    void rows_are_deleted_with_and_without_using() {
        assertThat(db.query("DELETE FROM t USING u WHERE u.id = t.id AND v > 5 RETURNING t.b, v"))
                .containsExactly("y|6");
        assertThat(db.run("DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id)"))
                .isEqualTo(1);
        assertThat(all()).containsExactly("3|30|z");
    }

    @Test
    void an_update_looks_again_at_a_row_that_another_changed() {
        db.stored().beforeLock = () -> db.run("UPDATE t SET a = 99 WHERE id = 1");
        assertThat(db.run("UPDATE t SET b = 'late' WHERE a = 10")).isZero();
        db.stored().beforeLock = () -> db.run("UPDATE t SET a = 21 WHERE id = 2");
        assertThat(db.query("UPDATE t SET a = a + 1 WHERE a > 15 AND id = 2 RETURNING a"))
                .containsExactly("22");
        db.stored().beforeLock = () -> db.run("DELETE FROM t WHERE id = 3");
        assertThat(db.run("DELETE FROM t WHERE id = 3")).isZero();
    }

    @Test
    void for_update_answers_the_newest_version_that_still_fits() {
        db.stored().beforeLock = () -> db.run("UPDATE t SET b = 'new' WHERE id = 1");
        assertThat(
                        db.query(
                                "SELECT t.b, u.v FROM t JOIN u ON u.id = t.id WHERE a < 15 FOR UPDATE"
                                        + " OF t"))
                .containsExactly("new|5");
        db.stored().beforeLock = () -> db.run("UPDATE t SET a = 50 WHERE id = 1");
        assertThat(db.query("SELECT b FROM t WHERE a < 15 FOR UPDATE")).isEmpty();
    }

    @Test
    void common_tables_that_modify_run_even_if_unread() {
        assertThat(
                        db.query(
                                "WITH gone AS (DELETE FROM t WHERE id < 3 RETURNING id) SELECT sum(id)"
                                        + " FROM gone"))
                .containsExactly("3");
        assertThat(db.run("WITH more AS (INSERT INTO u VALUES (50, 50)) UPDATE t SET a = 1"))
                .isEqualTo(1);
        assertThat(db.query("SELECT id FROM u WHERE id = 50")).containsExactly("50");
    }
}
