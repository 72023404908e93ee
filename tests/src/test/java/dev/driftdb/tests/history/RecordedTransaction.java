package dev.driftdb.tests.history;

import java.util.List;

/**
 * One transaction as its client saw it.
 *
 * @param id unique in its history
 * @param server the server that it ran on, from 0
 * @param linearizable whether its reads see all that was acknowledged before, on any server
 * @param begunNanos before the first statement was sent; one clock for all clients
 * @param endedNanos after the end was answered or the connection was lost
 * @param answer the error that ended it; empty if there was none
 */
record RecordedTransaction(
        int id,
        int server,
        Level level,
        boolean linearizable,
        long begunNanos,
        long endedNanos,
        End end,
        String answer,
        List<Step> steps) {
    /** What the client was told. */
    enum End {
        /** COMMIT was answered. */
        COMMITTED,
        /** Certainly without effect: an error, or the connection was lost before COMMIT. */
        ABORTED,
        /** The connection was lost during COMMIT, or the server did not know. */
        UNKNOWN
    }

    RecordedTransaction {
        steps = List.copyOf(steps);
    }

    boolean writes() {
        return steps.stream()
                .anyMatch(s -> s instanceof Step.Append || s instanceof Step.WriteRegister);
    }
}
