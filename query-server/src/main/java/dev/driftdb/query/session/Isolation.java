package dev.driftdb.query.session;

import java.util.Locale;

/** Isolation levels. READ UNCOMMITTED is READ COMMITTED, as in PostgreSQL. */
enum Isolation {
    READ_COMMITTED,
    REPEATABLE_READ,
    SERIALIZABLE;

    static Isolation of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "read committed", "read uncommitted" -> READ_COMMITTED;
            case "repeatable read" -> REPEATABLE_READ;
            case "serializable" -> SERIALIZABLE;
            default -> throw new IllegalArgumentException(name);
        };
    }

    String sqlName() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
