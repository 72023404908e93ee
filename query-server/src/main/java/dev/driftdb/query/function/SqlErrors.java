package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;

/** The errors that many functions answer with, in PostgreSQL's words. */
final class SqlErrors {
    private SqlErrors() {}

    static SqlException outOfRange(SqlType type) {
        return new SqlException(
                SqlState.NUMERIC_VALUE_OUT_OF_RANGE, type.sqlName() + " out of range");
    }

    static SqlException divisionByZero() {
        return new SqlException(SqlState.DIVISION_BY_ZERO, "division by zero");
    }

    static SqlException overflow() {
        return new SqlException(
                SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
    }

    static SqlException underflow() {
        return new SqlException(
                SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow");
    }

    static SqlException numericOverflow() {
        return new SqlException(
                SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format");
    }

    static SqlException timestampOutOfRange() {
        return new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    }

    static SqlException intervalOutOfRange() {
        return new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, "interval out of range");
    }

    static SqlException invalidParameter(String message) {
        return new SqlException(SqlState.INVALID_PARAMETER_VALUE, message);
    }
}
