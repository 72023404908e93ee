package dev.driftdb.query.session;

import dev.driftdb.schemas.type.SqlType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Parsed and planned statements that sessions share. When it is full it is emptied: simpler than an
 * order of use, and a busy server fills it again in a moment. Safe for any thread.
 */
final class StatementCache {
    static final int STATEMENTS_MAX = 2_000;

    /** Longer texts are not worth keeping, in characters. */
    static final int TEXT_LENGTH_MAX = 4096;

    /** What a statement is found by. */
    sealed interface Key {}

    /** The text of a simple query with its constants left out. */
    record Shape(String text) implements Key {}

    /** A text as it was sent, with the parameter types that came with it. */
    record Text(String sql, Map<Integer, SqlType> parameterTypes) implements Key {}

    /** A text that only begins or ends a transaction. */
    record Control(String sql) implements Key {}

    private final ConcurrentHashMap<Key, PlannedStatement> statements = new ConcurrentHashMap<>();

    @Nullable PlannedStatement find(Key key) {
        return statements.get(key);
    }

    PlannedStatement get(Key key, Function<Key, PlannedStatement> make) {
        PlannedStatement known = find(key);
        if (known != null) {
            return known;
        }
        PlannedStatement made = make.apply(key);
        put(key, made);
        return made;
    }

    void put(Key key, PlannedStatement statement) {
        if (statements.size() >= STATEMENTS_MAX) {
            statements.clear();
        }
        statements.put(key, statement);
    }
}
