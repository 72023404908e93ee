package dev.driftdb.query.session;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Parsed and planned statements of the simple protocol, by the shape of their text. When it is full
 * it is emptied: simpler than an order of use, and a busy server fills it again in a moment. Safe
 * for any thread.
 */
final class StatementCache {
    static final int STATEMENTS_MAX = 2_000;

    private final ConcurrentHashMap<String, PlannedStatement> byShape = new ConcurrentHashMap<>();

    PlannedStatement get(String shape, Function<String, PlannedStatement> make) {
        PlannedStatement known = byShape.get(shape);
        if (known != null) {
            return known;
        }
        if (byShape.size() >= STATEMENTS_MAX) {
            byShape.clear();
        }
        PlannedStatement made = make.apply(shape);
        byShape.put(shape, made);
        return made;
    }
}
