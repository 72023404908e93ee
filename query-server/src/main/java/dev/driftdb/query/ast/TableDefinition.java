package dev.driftdb.query.ast;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A definition of a table, its columns, constraints and indexes. */
public sealed interface TableDefinition extends Definition {
    /**
     * CREATE TABLE.
     *
     * @param onCommit of a temporary table: null, "delete rows" or "drop"
     */
    record CreateTable(
            QualifiedName name,
            boolean ifNotExists,
            boolean temporary,
            List<ColumnSpec> columns,
            List<LikeClause> likes,
            List<ConstraintSpec> constraints,
            Map<String, String> options,
            @Nullable String onCommit)
            implements TableDefinition {}

    /**
     * LIKE table: its columns come after the first so many of the written ones.
     *
     * @param including in lower case: comments, compression, constraints, defaults, generated,
     *     identity, indexes, statistics, storage
     */
    record LikeClause(QualifiedName table, Set<String> including, int after) {}

    /**
     * One column of CREATE TABLE or ADD COLUMN. serial types come as their names in {@code type}.
     *
     * @param identity null, "always" or "by default"
     * @param identityOptions the parenthesised sequence options
     * @param generated GENERATED ALWAYS AS (expression) STORED
     */
    record ColumnSpec(
            String name,
            TypeName type,
            @Nullable String collation,
            boolean notNull,
            @Nullable SqlText defaultValue,
            @Nullable String identity,
            SequenceOptions identityOptions,
            @Nullable SqlText generated,
            List<ConstraintSpec> constraints,
            int position) {}

    /** A constraint of a table, or of a column ({@code columns} then holds that column). */
    sealed interface ConstraintSpec {
        @Nullable String name();

        /**
         * @param usingIndex the index that becomes the constraint's; null to make one
         */
        record PrimaryKey(
                @Nullable String name,
                List<String> columns,
                @Nullable String usingIndex,
                Timing timing)
                implements ConstraintSpec {}

        /**
         * @param usingIndex the index that becomes the constraint's; null to make one
         */
        record Unique(
                @Nullable String name,
                List<String> columns,
                boolean nullsNotDistinct,
                @Nullable String usingIndex,
                Timing timing)
                implements ConstraintSpec {}

        record Check(@Nullable String name, SqlText condition, boolean notValid, boolean noInherit)
                implements ConstraintSpec {}

        /**
         * Actions in lower case: "no action", "restrict", "cascade", "set null", "set default".
         *
         * @param deleteColumns what ON DELETE SET NULL and SET DEFAULT set; empty for all
         */
        record ForeignKey(
                @Nullable String name,
                List<String> columns,
                QualifiedName parent,
                List<String> parentColumns,
                boolean matchFull,
                String onDelete,
                List<String> deleteColumns,
                String onUpdate,
                Timing timing,
                boolean notValid)
                implements ConstraintSpec {}
    }

    /** When a constraint is checked. */
    record Timing(boolean deferrable, boolean initiallyDeferred) {
        public static final Timing IMMEDIATE = new Timing(false, false);
    }

    /**
     * CREATE TABLE … AS, SELECT … INTO.
     *
     * @param query null if it is a prepared statement's
     * @param execute null if it is a query
     * @param onCommit of a temporary table: null, "delete rows" or "drop"
     */
    record CreateTableAs(
            QualifiedName name,
            boolean ifNotExists,
            boolean temporary,
            List<String> columns,
            @Nullable Query query,
            SessionStatement.@Nullable Execute execute,
            boolean withData,
            Map<String, String> options,
            @Nullable String onCommit)
            implements TableDefinition {}

    record AlterTable(QualifiedName table, boolean ifExists, List<AlterAction> actions)
            implements TableDefinition {}

    sealed interface AlterAction {
        record AddColumn(ColumnSpec column, boolean ifNotExists) implements AlterAction {}

        record DropColumn(String column, boolean ifExists, boolean cascade)
                implements AlterAction {}

        record RenameColumn(String column, String newName) implements AlterAction {}

        record RenameTable(String newName) implements AlterAction {}

        record RenameConstraint(String constraint, String newName) implements AlterAction {}

        /** {@code value} null for DROP DEFAULT. */
        record SetDefault(String column, @Nullable SqlText value) implements AlterAction {}

        record SetNotNull(String column, boolean notNull) implements AlterAction {}

        record SetType(String column, TypeName type, @Nullable SqlText using)
                implements AlterAction {}

        record AddConstraint(ConstraintSpec constraint) implements AlterAction {}

        record DropConstraint(String constraint, boolean ifExists, boolean cascade)
                implements AlterAction {}

        record ValidateConstraint(String constraint) implements AlterAction {}

        record AlterConstraint(String constraint, Timing timing) implements AlterAction {}

        /** ADD GENERATED … AS IDENTITY; {@code identity} "always" or "by default". */
        record AddIdentity(String column, String identity, SequenceOptions options)
                implements AlterAction {}

        /** SET GENERATED …, SET and RESTART of an identity column's sequence. */
        record SetIdentity(String column, @Nullable String identity, SequenceOptions options)
                implements AlterAction {}

        record DropIdentity(String column, boolean ifExists) implements AlterAction {}

        record DropExpression(String column, boolean ifExists) implements AlterAction {}

        record SetOptions(Map<String, String> options) implements AlterAction {}

        record ResetOptions(List<String> options) implements AlterAction {}

        record SetSchema(String schema) implements AlterAction {}

        record SetOwner(String owner) implements AlterAction {}
    }

    record Truncate(List<QualifiedName> tables, boolean restartIdentity, boolean cascade)
            implements TableDefinition {}

    record CreateIndex(
            @Nullable String name,
            boolean ifNotExists,
            boolean unique,
            QualifiedName table,
            String method,
            List<IndexItem> items,
            List<String> include,
            boolean nullsNotDistinct,
            @Nullable SqlText where)
            implements TableDefinition {}

    /** An index column is a name, or an expression (then {@code column} is null). */
    record IndexItem(
            @Nullable String column,
            @Nullable SqlText expression,
            boolean descending,
            @Nullable Boolean nullsFirst) {}

    /** REINDEX of an index, or of a table's. */
    record Reindex(boolean index, boolean concurrently, QualifiedName name)
            implements TableDefinition {}
}
