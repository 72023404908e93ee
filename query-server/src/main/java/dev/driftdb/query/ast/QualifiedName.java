package dev.driftdb.query.ast;

import java.util.List;

/** A dotted name: at least one part, at most three (database, schema, name). */
public record QualifiedName(List<String> parts, int position) {
    public QualifiedName {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a name has at least one part");
        }
    }

    public static QualifiedName of(String name) {
        return new QualifiedName(List.of(name), 0);
    }

    /** For errors that PostgreSQL gives without a place. */
    public QualifiedName withoutPosition() {
        return new QualifiedName(parts, 0);
    }

    public String last() {
        return parts.getLast();
    }

    @Override
    public String toString() {
        return String.join(".", parts);
    }
}
