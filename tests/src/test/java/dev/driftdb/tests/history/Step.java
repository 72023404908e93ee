package dev.driftdb.tests.history;

import java.util.List;

/**
 * What a transaction did to a list or a register, as its client saw it. Values are positive and
 * written once in a whole history.
 */
sealed interface Step {
    int key();

    /** Adds a value to the end of a list; no row is an empty list. */
    record Append(int key, int value) implements Step {}

    /**
     * @param locked whether the row was locked by the same statement
     */
    record ReadList(int key, List<Integer> values, boolean locked) implements Step {
        public ReadList {
            values = List.copyOf(values);
        }
    }

    record WriteRegister(int key, int value) implements Step {}

    /**
     * @param value 0 for a register that nobody has written
     */
    record ReadRegister(int key, int value, boolean locked) implements Step {}
}
