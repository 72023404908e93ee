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
 */
record Clause(
        String name, @Nullable AggregateCollector aggregates, @Nullable SetCollector setCalls) {
    static Clause plain(String name) {
        return new Clause(name, null, null);
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

    SetCollector requireSetCalls(int position) {
        if (setCalls == null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    name.equals(AggregateCollector.ARGUMENT)
                            ? "aggregate function calls cannot contain set-returning function calls"
                            : "set-returning functions are not allowed in " + name,
                    position);
        }
        return setCalls;
    }

    Clause withoutSetCalls(String where) {
        return new Clause(where, aggregates, null);
    }
}
