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
    private @Nullable String detail;
    private @Nullable String hint;
    private int position;
    private @Nullable String schemaName;
    private @Nullable String tableName;
    private @Nullable String columnName;
    private @Nullable String constraintName;
    private @Nullable String typeName;
    private @Nullable String routine;

    public SqlException(SqlState state, String message) {
        // No stack trace is written for a user's error: it is an answer, not an accident.
        super(message, null, false, false);
        this.state = state;
    }

    public SqlException(SqlState state, String message, int position) {
        this(state, message);
        this.position = position;
    }

    private SqlException copy() {
        String message = getMessage();
        SqlException copy = new SqlException(state, message == null ? state.code() : message);
        copy.detail = detail;
        copy.hint = hint;
        copy.position = position;
        copy.schemaName = schemaName;
        copy.tableName = tableName;
        copy.columnName = columnName;
        copy.constraintName = constraintName;
        copy.typeName = typeName;
        copy.routine = routine;
        return copy;
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
        SqlException copy = copy();
        copy.detail = value;
        return copy;
    }

    public SqlException withHint(String value) {
        SqlException copy = copy();
        copy.hint = value;
        return copy;
    }

    /** Sets the position unless one is known already: the innermost position is the best. */
    public SqlException at(int value) {
        if (position > 0 || value <= 0) {
            return this;
        }
        SqlException copy = copy();
        copy.position = value;
        return copy;
    }

    /** Of a statement that PostgreSQL gives no positions in. */
    public SqlException withoutPosition() {
        SqlException copy = copy();
        copy.position = 0;
        return copy;
    }

    public SqlException withTable(String schema, String table) {
        SqlException copy = copy();
        copy.schemaName = schema;
        copy.tableName = table;
        return copy;
    }

    public SqlException withColumn(String value) {
        SqlException copy = copy();
        copy.columnName = value;
        return copy;
    }

    public SqlException withConstraint(String value) {
        SqlException copy = copy();
        copy.constraintName = value;
        return copy;
    }

    /** The data type, as in {@code PG_DIAG_DATATYPE_NAME}. */
    public SqlException withType(String schema, String type) {
        SqlException copy = copy();
        copy.schemaName = schema;
        copy.typeName = type;
        return copy;
    }

    /** The routine of PostgreSQL's source by which drivers know an error. */
    public SqlException withRoutine(String value) {
        SqlException copy = copy();
        copy.routine = value;
        return copy;
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

    public @Nullable String routine() {
        return routine;
    }
}
