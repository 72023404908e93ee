package dev.driftdb.tests.history;

/**
 * Something that must not be in a history.
 *
 * @param what the transactions and values concerned
 */
record Anomaly(Type type, String what) {
    enum Type {
        /** A cycle of overwritten versions only. */
        G0,
        /** What an aborted transaction wrote was read. */
        G1A,
        /** What a transaction wrote and then overwrote itself was read by another. */
        G1B,
        /** A cycle of overwriting and reading. */
        G1C,
        /** A cycle with one overwriting of what another had read. */
        G_SINGLE,
        /** A cycle with several of them. */
        G2_ITEM,
        /** One of the cycles above, closed by what had ended before another began. */
        REAL_TIME,
        /** Two transactions replaced the same version of a register, both acknowledged. */
        LOST_UPDATE,
        /** An acknowledged value is not there at the end. */
        LOST_APPEND,
        /** A part of a transaction is there at the end and another is not. */
        HALF_TRANSACTION,
        /** A value is in a list twice. */
        DUPLICATE,
        /** A value that nobody has written. */
        UNKNOWN_VALUE,
        /** Two readings of a list of which neither is the beginning of the other. */
        INCOMPATIBLE_ORDER,
        /** A transaction did not see what it had written, or saw two versions with one view. */
        INTERNAL
    }
}
