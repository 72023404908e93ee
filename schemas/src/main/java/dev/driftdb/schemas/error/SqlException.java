package dev.driftdb.schemas.error;

import org.jspecify.annotations.Nullable;

/**
 * The user's fault, or something that DriftDB does not do: ends a statement, never a connection.
 *
 * <p>Carries the error fields of the PostgreSQL manual ("Error and Notice Message Fields"). The
 * position counts characters (code points) of the statement text from 1; 0 means unknown. Immutable
 * apart from the stack trace; the {@code with…} methods return a copy.
 */
public final class SqlException extends RuntimeException {
    private final SqlState state;
    private final @Nullable String detail;
    private final @Nullable String hint;
    private final int position;
    private final @Nullable String schemaName;
    private final @Nullable String tableName;
    private final @Nullable String columnName;
    private final @Nullable String constraintName;
    private final @Nullable String typeName;

    public SqlException(SqlState state, String message) {
        this(state, message, null, null, 0, null, null, null, null, null);
    }

    public SqlException(SqlState state, String message, int position) {
        this(state, message, null, null, position, null, null, null, null, null);
    }

    private SqlException(
            SqlState state,
            String message,
            @Nullable String detail,
            @Nullable String hint,
            int position,
            @Nullable String schemaName,
            @Nullable String tableName,
            @Nullable String columnName,
            @Nullable String constraintName,
            @Nullable String typeName) {
        // No stack trace is written for a user's error: it is an answer, not an accident.
        super(message, null, false, false);
        this.state = state;
        this.detail = detail;
        this.hint = hint;
        this.position = position;
        this.schemaName = schemaName;
        this.tableName = tableName;
        this.columnName = columnName;
        this.constraintName = constraintName;
        this.typeName = typeName;
    }

    /** 0A000: the statement asks for something that DriftDB does not do; {@code what} names it. */
    public static SqlException notSupported(String what) {
        return new SqlException(SqlState.FEATURE_NOT_SUPPORTED, what + " is not supported");
    }

    /** 0A000 with the position of the unsupported part. */
    public static SqlException notSupported(String what, int position) {
        return new SqlException(
                SqlState.FEATURE_NOT_SUPPORTED, what + " is not supported", position);
    }

    public SqlException withDetail(String value) {
        return new SqlException(
                state,
                text(),
                value,
                hint,
                position,
                schemaName,
                tableName,
                columnName,
                constraintName,
                typeName);
    }

    public SqlException withHint(String value) {
        return new SqlException(
                state,
                text(),
                detail,
                value,
                position,
                schemaName,
                tableName,
                columnName,
                constraintName,
                typeName);
    }

    /** Sets the position unless one is known already: the innermost position is the best. */
    public SqlException at(int value) {
        return position > 0 || value <= 0
                ? this
                : new SqlException(
                        state,
                        text(),
                        detail,
                        hint,
                        value,
                        schemaName,
                        tableName,
                        columnName,
                        constraintName,
                        typeName);
    }

    /** Of a statement that PostgreSQL gives no positions in. */
    public SqlException withoutPosition() {
        return new SqlException(
                state,
                text(),
                detail,
                hint,
                0,
                schemaName,
                tableName,
                columnName,
                constraintName,
                typeName);
    }

    public SqlException withTable(String schema, String table) {
        return new SqlException(
                state,
                text(),
                detail,
                hint,
                position,
                schema,
                table,
                columnName,
                constraintName,
                typeName);
    }

    public SqlException withColumn(String value) {
        return new SqlException(
                state,
                text(),
                detail,
                hint,
                position,
                schemaName,
                tableName,
                value,
                constraintName,
                typeName);
    }

    public SqlException withConstraint(String value) {
        return new SqlException(
                state,
                text(),
                detail,
                hint,
                position,
                schemaName,
                tableName,
                columnName,
                value,
                typeName);
    }

    /** The data type, as in {@code PG_DIAG_DATATYPE_NAME}. */
    public SqlException withType(String schema, String type) {
        return new SqlException(
                state,
                text(),
                detail,
                hint,
                position,
                schema,
                tableName,
                columnName,
                constraintName,
                type);
    }

    public SqlState state() {
        return state;
    }

    public @Nullable String detail() {
        return detail;
    }

    public @Nullable String hint() {
        return hint;
    }

    public int position() {
        return position;
    }

    public @Nullable String schemaName() {
        return schemaName;
    }

    public @Nullable String tableName() {
        return tableName;
    }

    public @Nullable String columnName() {
        return columnName;
    }

    public @Nullable String constraintName() {
        return constraintName;
    }

    public @Nullable String typeName() {
        return typeName;
    }

    private String text() {
        String message = getMessage();
        return message == null ? state.code() : message;
    }
}
