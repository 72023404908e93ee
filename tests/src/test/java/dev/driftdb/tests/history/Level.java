package dev.driftdb.tests.history;

/** An isolation level, with what a transaction of it is owed. */
enum Level {
    READ_COMMITTED,
    REPEATABLE_READ,
    SERIALIZABLE;

    String sql() {
        return name().replace('_', ' ');
    }

    boolean hasOneView() {
        return this != READ_COMMITTED;
    }
}
