package dev.driftdb.query.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.error.SqlException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrecedenceTest {
    private final SqlParser parser = new SqlParser();

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'a' || 2+2; ('a' || (2 + 2))",
                "2 * 3 ^ 2; (2 * (3 ^ 2))",
                "2 ^ 3 ^ 2; ((2 ^ 3) ^ 2)",
                "a & b + c; (a & (b + c))",
                "a + b -> c; ((a + b) -> c)",
                "x || j -> 'k'; ((x || j) -> 'k')",
                "a ~ b || c; ((a ~ b) || c)",
                "a @> b || c; ((a @> b) || c)",
                "a@>b; (a @> b)",
                "- a AT TIME ZONE z; timezone(z, (- a))",
                "- a COLLATE c; ((- a) collate c)",
                "a = ANY(x) || b; ((a = any x) || b)",
                "a BETWEEN x AND y = b; ((a between x and y) = b)",
                "a BETWEEN 1 AND 2 AND c; ((a between 1 and 2) and c)",
                "x #- y; (x #- y)",
                "a ~~ b; (a ~~ b)",
                "- - a; (- (- a))",
                "a - -1; (a - (- 1))",
                "-2::int; (- 2::int)",
                "- 2 ^ 2; ((- 2) ^ 2)",
                "~ a || b; ((~ a) || b)",
                "~ a * b; (~ (a * b))",
                "a = b IS NULL; ((a = b) is null)",
                "a IS NULL = b; ((a is null) = b)",
                "a LIKE 'x' = b; ((a like 'x') = b)",
                "a = b LIKE c; (a = (b like c))",
                "a ~ b = c; ((a ~ b) = c)",
                "a IN (1, 2) = b; ((a in (1, 2)) = b)",
                "a BETWEEN x AND y IS TRUE; ((a between x and y) is true)",
                "NOT a = b; (not (a = b))",
                "NOT a IS NULL; (not (a is null))",
                "NOT a AND b OR c; (((not a) and b) or c)",
                "a OR b AND c; (a or (b and c))",
                "a < b || c; (a < (b || c))",
                "a + b * c - d; ((a + (b * c)) - d)",
                "a - b - c; ((a - b) - c)",
                "a / b % c; ((a / b) % c)",
                "a IS DISTINCT FROM b + 1; (a is distinct from (b + 1))",
                "a IS NOT DISTINCT FROM b AND c; ((a is not distinct from b) and c)",
                "a NOT BETWEEN SYMMETRIC 1 AND 2; (a not between symmetric 1 and 2)",
                "a[1]::text || b; (a[1]::text || b)",
                "a OPERATOR(pg_catalog.+) b * c; (a + (b * c))",
                "a COLLATE x || b; ((a collate x) || b)",
                "(a + b) * c; ((a + b) * c)",
                "(a, b) = (1, 2); (row(a, b) = row(1, 2))",
                "ARRAY[1, 2] || a; (array(1, 2) || a)",
                "a ISNULL; (a is null)",
                "a NOTNULL AND b; ((a is not null) and b)",
                "a::int::text; a::int::text",
                "date '2020-01-01' + 1; ('2020-01-01'::date + 1)",
            })
    void operators_bind_as_in_postgresql(String sql, String expected) {
        assertThat(ExpressionText.of(parser.parseExpression(sql))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a = b = c",
                "a < b < c",
                "a LIKE b LIKE c",
                "a +",
                "* a",
                "a b",
                "a AND",
                "(a",
                "a)",
                "()",
                "a BETWEEN 1",
                "a NOT b",
                "CAST(a)",
                "a[",
                "1 2",
                "a IS b",
                "SELECT 1"
            })
    void what_postgresql_refuses_is_refused(String sql) {
        assertThatThrownBy(() -> parser.parseExpression(sql))
                .isInstanceOfSatisfying(
                        SqlException.class, e -> assertThat(e.state().code()).isEqualTo("42601"));
    }
}
