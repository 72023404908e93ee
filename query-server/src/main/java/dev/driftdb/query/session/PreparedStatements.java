package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The named statements of a session: those of Parse and those of PREPARE share one name space. */
final class PreparedStatements {
    static final int STATEMENTS_MAX = 10_000;

    private final Map<String, PreparedStatement> byName = new HashMap<>();

    /** The unnamed statement is replaced; a named one must be new. */
    void put(String name, PreparedStatement statement) {
        if (!name.isEmpty() && byName.containsKey(name)) {
            throw new SqlException(
                    SqlState.DUPLICATE_PREPARED_STATEMENT,
                    "prepared statement \"" + name + "\" already exists");
        }
        if (byName.size() >= STATEMENTS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a session may have at most " + STATEMENTS_MAX + " prepared statements");
        }
        byName.put(name, statement);
    }

    PreparedStatement get(String name) {
        PreparedStatement statement = byName.get(name);
        if (statement == null) {
            throw new SqlException(
                    SqlState.INVALID_SQL_STATEMENT_NAME,
                    name.isEmpty()
                            ? "unnamed prepared statement does not exist"
                            : "prepared statement \"" + name + "\" does not exist");
        }
        return statement;
    }

    @Nullable PreparedStatement find(String name) {
        return byName.get(name);
    }

    void remove(String name) {
        get(name);
        byName.remove(name);
    }

    /** Close: a name that is not there is no error. */
    void closeIfThere(String name) {
        byName.remove(name);
    }

    void clear() {
        byName.clear();
    }
}
