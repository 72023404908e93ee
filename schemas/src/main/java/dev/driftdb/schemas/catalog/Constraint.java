package dev.driftdb.schemas.catalog;

import java.util.List;

/** A table constraint (pg_constraint). NOT NULL is a property of the column. */
public sealed interface Constraint {
    int id();

    String name();

    /** Whether it may be checked later than after each statement. */
    default boolean deferrable() {
        return false;
    }

    /** Whether it is checked at the commit unless SET CONSTRAINTS says otherwise. */
    default boolean initiallyDeferred() {
        return false;
    }

    /** Whether the rows that are there are known to satisfy it: false after NOT VALID. */
    default boolean validated() {
        return true;
    }

    /** The same constraint under another name. */
    Constraint withName(String newName);

    /** PRIMARY KEY: the columns are the table's key; the index of the same name stands for it. */
    record PrimaryKey(int id, String name, List<Integer> columns, int indexId)
            implements Constraint {
        public PrimaryKey {
            columns = List.copyOf(columns);
        }

        @Override
        public PrimaryKey withName(String newName) {
            return new PrimaryKey(id, newName, columns, indexId);
        }
    }

    /** UNIQUE, enforced by its index. */
    record Unique(
            int id,
            String name,
            List<Integer> columns,
            int indexId,
            boolean deferrable,
            boolean initiallyDeferred)
            implements Constraint {
        public Unique {
            columns = List.copyOf(columns);
        }

        /** One that is checked for each row. */
        public Unique(int id, String name, List<Integer> columns, int indexId) {
            this(id, name, columns, indexId, false, false);
        }

        @Override
        public Unique withName(String newName) {
            return new Unique(id, newName, columns, indexId, deferrable, initiallyDeferred);
        }
    }

    /** CHECK: the text of the condition, bound anew at each use. */
    record Check(int id, String name, String sql, boolean validated, boolean noInherit)
            implements Constraint {
        /** One that all rows satisfy. */
        public Check(int id, String name, String sql) {
            this(id, name, sql, true, false);
        }

        @Override
        public Check withName(String newName) {
            return new Check(id, newName, sql, validated, noInherit);
        }

        public Check withSql(String newSql) {
            return new Check(id, name, newSql, validated, noInherit);
        }
    }

    /**
     * FOREIGN KEY: columns of this table refer to columns of another that are unique there.
     *
     * @param matchFull MATCH FULL: all columns NULL or none; else MATCH SIMPLE
     * @param deleteColumns the columns that ON DELETE SET NULL or SET DEFAULT sets; empty for all
     */
    record ForeignKey(
            int id,
            String name,
            List<Integer> columns,
            int parentTableId,
            List<Integer> parentColumns,
            Action onDelete,
            Action onUpdate,
            boolean deferrable,
            boolean initiallyDeferred,
            boolean matchFull,
            List<Integer> deleteColumns,
            boolean validated)
            implements Constraint {
        public ForeignKey {
            columns = List.copyOf(columns);
            parentColumns = List.copyOf(parentColumns);
            deleteColumns = List.copyOf(deleteColumns);
        }

        /** MATCH SIMPLE, over all columns, validated. */
        public ForeignKey(
                int id,
                String name,
                List<Integer> columns,
                int parentTableId,
                List<Integer> parentColumns,
                Action onDelete,
                Action onUpdate,
                boolean deferrable,
                boolean initiallyDeferred) {
            this(
                    id,
                    name,
                    columns,
                    parentTableId,
                    parentColumns,
                    onDelete,
                    onUpdate,
                    deferrable,
                    initiallyDeferred,
                    false,
                    List.of(),
                    true);
        }

        @Override
        public ForeignKey withName(String newName) {
            return with(newName, deferrable, initiallyDeferred, validated);
        }

        public ForeignKey withTiming(boolean newDeferrable, boolean newDeferred) {
            return with(name, newDeferrable, newDeferred, validated);
        }

        public ForeignKey asValidated() {
            return with(name, deferrable, initiallyDeferred, true);
        }

        private ForeignKey with(
                String newName, boolean newDeferrable, boolean newDeferred, boolean newValidated) {
            return new ForeignKey(
                    id,
                    newName,
                    columns,
                    parentTableId,
                    parentColumns,
                    onDelete,
                    onUpdate,
                    newDeferrable,
                    newDeferred,
                    matchFull,
                    deleteColumns,
                    newValidated);
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
