package dev.driftdb.query.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenShapeTest {
    @Test
    void statements_that_differ_in_constants_share_a_key() {
        TokenShape a = SqlParser.shapeOf("SELECT x FROM t WHERE id = 1 AND b = 'p'").orElseThrow();
        TokenShape b = SqlParser.shapeOf("select x from T where id=22 and b='q''r';").orElseThrow();
        assertThat(a.key()).isEqualTo(b.key());
        assertThat(b.literals())
                .containsExactly(
                        new TokenShape.Literal(TokenShape.Kind.INT4, "22"),
                        new TokenShape.Literal(TokenShape.Kind.STRING, "q'r"));
        assertThat(new SqlParser().parseShape(a).parameterCount()).isEqualTo(2);
    }

    @Test
    void constants_of_other_kinds_have_other_keys() {
        Optional<TokenShape> small = SqlParser.shapeOf("UPDATE t SET a = 1");
        assertThat(small).isPresent();
        for (String other : new String[] {"3000000000", "1.5", "'1'", "x", "1::int8"}) {
            assertThat(SqlParser.shapeOf("UPDATE t SET a = " + other).map(TokenShape::key))
                    .isNotEqualTo(small.map(TokenShape::key));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT $1",
                "SELECT a FROM t ORDER BY 1",
                "SELECT a FROM t LIMIT 1",
                "SELECT a FROM t GROUP BY 1",
                "SELECT a FROM t WHERE d = date '2020-01-01'",
                "SELECT a FROM t WHERE d = a::numeric(10,2)",
                "SELECT a FROM t WHERE d = char(3) 'x'",
                "SELECT a FROM t WHERE d < current_timestamp(3)",
                "SELECT a FROM t AS OF 5",
                "SELECT a FROM t FOR SYSTEM_TIME AS OF 5",
                "INSERT INTO t VALUES (1) ON CONFLICT (a) WHERE b = 1 DO NOTHING",
                "SELECT 1; SELECT 2",
                "BEGIN",
                "SELECT 'x"
            })
    void what_could_change_its_meaning_has_no_shape(String sql) {
        assertThat(SqlParser.shapeOf(sql)).isEmpty();
    }
}
