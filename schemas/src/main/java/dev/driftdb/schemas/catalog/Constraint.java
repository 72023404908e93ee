package dev.driftdb.schemas.catalog;

import java.util.List;

/** A table constraint (pg_constraint). NOT NULL is a property of the column. */
public sealed interface Constraint {
    int id();

    String name();

    /** PRIMARY KEY: the columns are the table's key; the index of the same name stands for it. */
    record PrimaryKey(int id, String name, List<Integer> columns, int indexId)
            implements Constraint {
        public PrimaryKey {
            columns = List.copyOf(columns);
        }
    }

    /** UNIQUE, enforced by its index. */
    record Unique(int id, String name, List<Integer> columns, int indexId) implements Constraint {
        public Unique {
            columns = List.copyOf(columns);
        }
    }

    /** CHECK: the text of the condition, bound anew at each use. */
    record Check(int id, String name, String sql) implements Constraint {}

    /** FOREIGN KEY: columns of this table refer to columns of another that are unique there. */
    record ForeignKey(
            int id,
            String name,
            List<Integer> columns,
            int parentTableId,
            List<Integer> parentColumns,
            Action onDelete,
            Action onUpdate,
            boolean deferrable,
            boolean initiallyDeferred)
            implements Constraint {
        public ForeignKey {
            columns = List.copyOf(columns);
            parentColumns = List.copyOf(parentColumns);
        }
    }

    /** Referential actions. */
    enum Action {
        NO_ACTION,
        RESTRICT,
        CASCADE,
        SET_NULL,
        SET_DEFAULT
    }
}
