package dev.driftdb.tests.random;

/** The types of random columns and expressions, each with values few enough to meet again. */
enum Kind {
    INTEGER("integer", "-3", "0", "1", "2", "3", "7", "12"),
    BIGINT("bigint", "-20", "0", "1", "2", "5", "3000000000"),
    NUMERIC("numeric(8,2)", "-1.50", "0", "0.25", "1.00", "2.50", "100.10"),
    DOUBLE("double precision", "-0.5", "0", "0.25", "1.5", "1000000"),
    TEXT("text", "''", "'a'", "'ab'", "'B'", "'x%'", "'äö'", "'abc def'"),
    BOOLEAN("boolean", "true", "false"),
    DATE("date", "date '2024-02-29'", "date '2024-12-31'", "date '1999-01-01'"),
    TIMESTAMP(
            "timestamp",
            "timestamp '2024-02-29 12:30:00'",
            "timestamp '2024-12-31 23:59:59.5'",
            "timestamp '1999-01-01 00:00:00'"),
    ARRAY("integer[]", "'{}'::int[]", "'{1,2}'::int[]", "'{1,NULL,3}'::int[]", "'{2}'::int[]");

    private final String sql;
    private final String[] values;

    Kind(String sql, String... values) {
        this.sql = sql;
        this.values = values;
    }

    /** The type's name in CREATE TABLE. */
    String sql() {
        return sql;
    }

    String value(Choice choice) {
        return choice.of(values);
    }

    boolean numeric() {
        return this == INTEGER || this == BIGINT || this == NUMERIC || this == DOUBLE;
    }
}
