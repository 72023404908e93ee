package dev.driftdb.query.bind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Types;
import org.junit.jupiter.api.Test;

/** What a bound statement says beside its plan. */
class StatementStateTest {
    @Test
    void parameters_are_typed_by_their_context() {
        Shop shop = new Shop();
        shop.bind("SELECT $3 FROM users WHERE id = $1 AND name LIKE $2");
        assertThat(shop.parameterTypes)
                .containsEntry(1, Types.INT4)
                .containsEntry(2, Types.TEXT)
                .containsEntry(3, Types.TEXT);
    }

    @Test
    void a_given_parameter_type_is_kept() {
        Shop shop = new Shop();
        shop.parameterTypes.put(1, Types.INT8);
        assertThat(PlanText.of(shop.bind("SELECT id FROM users WHERE id = $1")))
                .contains("(#0 = $1:int8)");
    }

    @Test
    void only_a_literal_offset_may_be_cached() {
        Shop shop = new Shop();
        shop.bind("SELECT * FROM users FOR SYSTEM_TIME AS OF OFFSET 120");
        assertThat(shop.cacheable).isTrue();
        shop.bind("SELECT * FROM users AS OF SYSTEM TIME '-10s'");
        assertThat(shop.cacheable).isFalse();
    }

    @Test
    void the_past_cannot_be_changed() {
        Shop shop = new Shop();
        shop.sessionAsOf = 120L;
        assertThat(PlanText.of(shop.bind("SELECT id FROM users"))).contains("Scan users @120");
        assertThatThrownBy(() -> shop.bind("DELETE FROM users"))
                .isInstanceOfSatisfying(
                        SqlException.class,
                        e -> assertThat(e.state()).isEqualTo(SqlState.READ_ONLY_SQL_TRANSACTION));
    }

    @Test
    void output_columns_know_where_they_come_from() {
        OutputColumn column =
                new Shop().bind("SELECT u.email AS mail FROM users u").output().getFirst();
        assertThat(column).isEqualTo(new OutputColumn("mail", Types.VARCHAR, 24, Shop.USERS, 3));
    }

    @Test
    void a_near_name_is_suggested() {
        assertThatThrownBy(() -> new Shop().bind("SELECT emial FROM users"))
                .isInstanceOfSatisfying(
                        SqlException.class,
                        e ->
                                assertThat(e.hint())
                                        .isEqualTo(
                                                "Perhaps you meant to reference the column"
                                                        + " \"users.email\"."));
    }
}
