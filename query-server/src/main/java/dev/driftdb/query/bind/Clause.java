package dev.driftdb.query.bind;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * Where an expression stands, and what is allowed there.
 *
 * @param name for messages: "WHERE", "JOIN conditions"
 * @param aggregates gathers the aggregate calls; null where there must be none
 * @param setCalls gathers the set-returning calls; null where there must be none
 * @param windows gathers the window function calls; null where there must be none
 */
record Clause(
        String name,
        @Nullable AggregateCollector aggregates,
        @Nullable SetCollector setCalls,
        @Nullable WindowCollector windows) {
    private static final String MOVE_HINT =
            "You might be able to move the set-returning function into a LATERAL FROM item.";

    static Clause plain(String name) {
        return new Clause(name, null, null, null);
    }

    /** The arguments of a window function: aggregates may stand there. */
    Clause windowArguments() {
        return new Clause(WindowCollector.ARGUMENT, aggregates, null, null);
    }

    /** PARTITION BY and ORDER BY of a window. */
    Clause windowDefinitions() {
        return new Clause("window definitions", aggregates, null, null);
    }

    AggregateCollector requireAggregates(int position) {
        if (aggregates == null) {
            throw new SqlException(
                    SqlState.GROUPING_ERROR,
                    name.equals(AggregateCollector.ARGUMENT)
                            ? "aggregate function calls cannot be nested"
                            : "aggregate functions are not allowed in " + name,
                    position);
        }
        return aggregates;
    }

    /** For these, the bounds of a frame are a part of the window definition. */
    private String shown() {
        return name.startsWith("window ") ? "window definitions" : name;
    }

    WindowCollector requireWindows(int position) {
        if (windows == null) {
            boolean inAggregate = name.equals(AggregateCollector.ARGUMENT);
            throw new SqlException(
                    inAggregate ? SqlState.GROUPING_ERROR : SqlState.WINDOWING_ERROR,
                    inAggregate
                            ? "aggregate function calls cannot contain window function calls"
                            : name.equals(WindowCollector.ARGUMENT)
                                    ? "window function calls cannot be nested"
                                    : "window functions are not allowed in " + shown(),
                    position);
        }
        return windows;
    }

    SetCollector requireSetCalls(int position) {
        if (setCalls == null) {
            boolean inAggregate = name.equals(AggregateCollector.ARGUMENT);
            if (inAggregate || name.equals(WindowCollector.ARGUMENT)) {
                throw new SqlException(
                                SqlState.FEATURE_NOT_SUPPORTED,
                                (inAggregate ? "aggregate" : "window")
                                        + " function calls cannot contain set-returning function"
                                        + " calls",
                                position)
                        .withHint(MOVE_HINT);
            }
            SqlException error =
                    new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "set-returning functions are not allowed in " + shown(),
                            position);
            boolean conditional = name.equals("CASE") || name.equals("COALESCE");
            throw conditional ? error.withHint(MOVE_HINT) : error;
        }
        return setCalls;
    }

    Clause withoutSetCalls(String where) {
        return new Clause(where, aggregates, null, windows);
    }
}
