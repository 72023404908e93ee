package dev.driftdb.materializer.state;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;

/** Where the states are that are older than the history kept here. Safe for any thread. */
public interface PastStates {
    /** For a replica that has nothing but its own history. */
    PastStates NONE =
            (offset, earliest, checkCanceled) -> {
                throw beyondHorizon(offset, earliest);
            };

    /**
     * The state after the entry at an offset, with the history of all storages at that point. May
     * take as long as a replay of the log.
     *
     * @param earliest the first offset that the asking state answers
     * @param checkCanceled called again and again while waiting; throws to give up
     * @throws SqlException 22023 if nothing reaches the offset
     */
    ReadView at(long offset, long earliest, Runnable checkCanceled);

    /**
     * @param earliest the first offset that can be read
     */
    static SqlException beyondHorizon(long offset, long earliest) {
        return new SqlException(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "offset " + offset + " is past the horizon: its history is not kept")
                .withDetail("The earliest offset that can be read is " + earliest + ".");
    }
}
