package dev.driftdb.query.ast;

import dev.driftdb.query.ast.Query.CommonTable;
import dev.driftdb.query.ast.Query.SelectItem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A statement as written. */
public sealed interface Statement {

    // ---- queries and data ----

    record Select(Query query) implements Statement {}

    /**
     * INSERT.
     *
     * @param columns the named columns; empty for all
     * @param source null for DEFAULT VALUES
     * @param overriding null, "system" or "user"
     */
    record Insert(
            List<CommonTable> with,
            boolean recursive,
            QualifiedName table,
            @Nullable String alias,
            List<String> columns,
            @Nullable Query source,
            @Nullable String overriding,
            @Nullable OnConflict onConflict,
            List<SelectItem> returning)
            implements Statement {}

    /**
     * ON CONFLICT.
     *
     * @param columns the inferring columns
     * @param expressions the inferring expressions; none of both if a constraint is named or
     *     nothing
     * @param updates null for DO NOTHING
     */
    record OnConflict(
            List<String> columns,
            List<SqlExpr> expressions,
            @Nullable SqlExpr targetWhere,
            @Nullable String constraint,
            @Nullable List<Assignment> updates,
            @Nullable SqlExpr where) {}

    record Update(
            List<CommonTable> with,
            boolean recursive,
            QualifiedName table,
            @Nullable String alias,
            List<Assignment> assignments,
            List<TableExpr> from,
            @Nullable SqlExpr where,
            List<SelectItem> returning)
            implements Statement {}

    /** SET a = x; SET (a, b) = (x, y) and = (SELECT …): the value is a Row or a ScalarQuery. */
    record Assignment(List<String> columns, boolean multiple, SqlExpr value, int position) {}

    record Delete(
            List<CommonTable> with,
            boolean recursive,
            QualifiedName table,
            @Nullable String alias,
            List<TableExpr> using,
            @Nullable SqlExpr where,
            List<SelectItem> returning)
            implements Statement {}

    /**
     * MERGE.
     *
     * @param source the item of USING
     * @param clauses in the order they are asked
     */
    record Merge(
            List<CommonTable> with,
            boolean recursive,
            QualifiedName table,
            @Nullable String alias,
            TableExpr source,
            SqlExpr condition,
            List<MergeClause> clauses)
            implements Statement {}

    /** WHEN [NOT] MATCHED [AND condition] THEN action. */
    record MergeClause(boolean matched, @Nullable SqlExpr condition, MergeAction action) {}

    /** What MERGE does with a row. */
    sealed interface MergeAction {
        record Update(List<Assignment> assignments) implements MergeAction {}

        record Delete() implements MergeAction {}

        record Nothing() implements MergeAction {}

        /**
         * @param columns the named columns; empty for all
         * @param overriding null, "system" or "user"
         * @param values null for DEFAULT VALUES
         */
        record Insert(
                List<String> columns,
                @Nullable String overriding,
                @Nullable List<SqlExpr> values,
                int position)
                implements MergeAction {}
    }

    record Truncate(List<QualifiedName> tables, boolean restartIdentity, boolean cascade)
            implements Statement {}

    /**
     * COPY.
     *
     * @param table null for COPY (query) TO
     * @param columns empty for all
     * @param options names in lower case (format, delimiter, null, header, quote, escape, freeze…),
     *     the value "true" for a bare option
     */
    record Copy(
            @Nullable QualifiedName table,
            List<String> columns,
            @Nullable Statement query,
            boolean from,
            Map<String, String> options)
            implements Statement {}

    record Explain(List<ExplainOption> options, Statement statement) implements Statement {
        /** The same without running what is explained. */
        public Explain withoutAnalyze() {
            return new Explain(
                    options.stream().filter(o -> !o.name().equals("analyze")).toList(), statement);
        }
    }

    /**
     * An option of EXPLAIN.
     *
     * @param value null if none was written
     * @param position of its name
     */
    record ExplainOption(String name, @Nullable String value, int position) {}

    // ---- definitions ----

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
            implements Statement {}

    /**
     * LIKE table: its columns come after the first so many of the written ones.
     *
     * @param including in lower case: comments, compression, constraints, defaults, generated,
     *     identity, indexes, statistics, storage
     */
    record LikeClause(QualifiedName table, java.util.Set<String> including, int after) {}

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

    /** An expression kept as text, because the catalog stores text, with its parsed form. */
    record SqlText(String text, SqlExpr expression) {}

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
            @Nullable Execute execute,
            boolean withData,
            Map<String, String> options,
            @Nullable String onCommit)
            implements Statement {}

    record AlterTable(QualifiedName table, boolean ifExists, List<AlterAction> actions)
            implements Statement {}

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

    /** An index column is a name, or an expression (then {@code column} is null). */
    record IndexItem(
            @Nullable String column,
            @Nullable SqlText expression,
            boolean descending,
            @Nullable Boolean nullsFirst) {}

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
            implements Statement {}

    /** REINDEX of an index, or of a table's. */
    record Reindex(boolean index, boolean concurrently, QualifiedName name) implements Statement {}

    /**
     * CREATE VIEW.
     *
     * @param options WITH (…) and check_option
     */
    record CreateView(
            QualifiedName name,
            boolean orReplace,
            boolean temporary,
            List<String> columns,
            Query query,
            String queryText,
            Map<String, String> options)
            implements Statement {}

    record CreateMaterializedView(
            QualifiedName name,
            boolean ifNotExists,
            List<String> columns,
            Query query,
            String queryText,
            Map<String, String> options,
            boolean withData)
            implements Statement {}

    record RefreshMaterializedView(QualifiedName name, boolean concurrently, boolean withData)
            implements Statement {}

    record CreateSequence(
            QualifiedName name,
            boolean ifNotExists,
            boolean temporary,
            @Nullable TypeName type,
            SequenceOptions options)
            implements Statement {}

    record AlterSequence(
            QualifiedName name, boolean ifExists, @Nullable TypeName type, SequenceOptions options)
            implements Statement {}

    /** What was said; null for what was not. {@code restart}: RESTART without a value is start. */
    record SequenceOptions(
            @Nullable Long start,
            @Nullable Long increment,
            @Nullable Long min,
            @Nullable Long max,
            boolean noMin,
            boolean noMax,
            @Nullable Long cache,
            @Nullable Boolean cycle,
            boolean restart,
            @Nullable Long restartWith,
            @Nullable QualifiedName ownedBy) {
        public static final SequenceOptions NONE =
                new SequenceOptions(
                        null, null, null, null, false, false, null, null, false, null, null);

        /** Both; where both say something, the other's. */
        public SequenceOptions with(SequenceOptions other) {
            return new SequenceOptions(
                    other.start != null ? other.start : start,
                    other.increment != null ? other.increment : increment,
                    other.min != null ? other.min : min,
                    other.max != null ? other.max : max,
                    noMin || other.noMin,
                    noMax || other.noMax,
                    other.cache != null ? other.cache : cache,
                    other.cycle != null ? other.cycle : cycle,
                    restart || other.restart,
                    other.restartWith != null ? other.restartWith : restartWith,
                    other.ownedBy != null ? other.ownedBy : ownedBy);
        }
    }

    /**
     * CREATE SCHEMA.
     *
     * @param name null for the name of the role
     * @param authorization the owner, null for the current user
     * @param elements CREATE statements whose names are in the new schema
     */
    record CreateSchema(
            @Nullable String name,
            boolean ifNotExists,
            @Nullable String authorization,
            List<Statement> elements)
            implements Statement {}

    /** CREATE TYPE … AS ENUM. */
    record CreateEnum(QualifiedName name, List<String> labels) implements Statement {}

    /** CREATE TYPE … AS (…). */
    record CreateComposite(QualifiedName name, List<AttributeSpec> attributes)
            implements Statement {}

    record AttributeSpec(String name, TypeName type, int position) {}

    record AlterType(QualifiedName name, List<TypeAction> actions) implements Statement {}

    sealed interface TypeAction {
        /**
         * @param neighbor the label it comes before or after; null for the end
         */
        record AddValue(
                String label, boolean ifNotExists, @Nullable String neighbor, boolean before)
                implements TypeAction {}

        record RenameValue(String label, String newLabel) implements TypeAction {}

        record Rename(String newName) implements TypeAction {}

        record SetSchema(String schema) implements TypeAction {}

        record SetOwner(String owner) implements TypeAction {}

        record AddAttribute(AttributeSpec attribute, boolean cascade) implements TypeAction {}

        record DropAttribute(String attribute, boolean ifExists, boolean cascade)
                implements TypeAction {}

        record AlterAttribute(String attribute, TypeName type, boolean cascade)
                implements TypeAction {}

        record RenameAttribute(String attribute, String newName, boolean cascade)
                implements TypeAction {}
    }

    record CreateDomain(QualifiedName name, TypeName type, List<DomainSpec> specs)
            implements Statement {}

    /** What CREATE DOMAIN says after the type, in the order written. */
    sealed interface DomainSpec {
        int position();

        record Null(boolean allowed, int position) implements DomainSpec {}

        record Default(SqlText value, int position) implements DomainSpec {}

        record Check(@Nullable String name, SqlText condition, int position)
                implements DomainSpec {}
    }

    record AlterDomain(QualifiedName name, DomainAction action) implements Statement {}

    sealed interface DomainAction {
        /** {@code value} null for DROP DEFAULT. */
        record SetDefault(@Nullable SqlText value) implements DomainAction {}

        record SetNotNull(boolean notNull) implements DomainAction {}

        record AddConstraint(@Nullable String name, SqlText condition, boolean notValid)
                implements DomainAction {}

        record DropConstraint(String constraint, boolean ifExists) implements DomainAction {}

        record ValidateConstraint(String constraint) implements DomainAction {}

        record RenameConstraint(String constraint, String newName) implements DomainAction {}

        record Rename(String newName) implements DomainAction {}

        record SetSchema(String schema) implements DomainAction {}

        record SetOwner(String owner) implements DomainAction {}
    }

    /**
     * COMMENT ON.
     *
     * @param kind in lower case: table, view, index, sequence, schema, database, role, type,
     *     domain, column, constraint, domain constraint
     * @param name of the object; of the table or domain of a constraint; with the column's name
     *     behind it for a column
     * @param text null to remove the comment
     */
    record Comment(
            String kind, QualifiedName name, @Nullable String constraint, @Nullable String text)
            implements Statement {}

    enum ObjectKind {
        TABLE,
        INDEX,
        SEQUENCE,
        VIEW,
        MATERIALIZED_VIEW,
        SCHEMA,
        TYPE,
        DOMAIN
    }

    record Drop(ObjectKind kind, List<QualifiedName> names, boolean ifExists, boolean cascade)
            implements Statement {}

    /** ALTER of anything but a table's columns and constraints. */
    record AlterObject(ObjectKind kind, QualifiedName name, boolean ifExists, ObjectAction action)
            implements Statement {}

    sealed interface ObjectAction {
        record RenameTo(String newName) implements ObjectAction {}

        record RenameColumn(String column, String newName) implements ObjectAction {}

        record SetSchema(String schema) implements ObjectAction {}

        record SetOwner(String owner) implements ObjectAction {}

        /** {@code value} null for DROP DEFAULT. */
        record ColumnDefault(String column, @Nullable SqlText value) implements ObjectAction {}

        record SetOptions(Map<String, String> options) implements ObjectAction {}

        record ResetOptions(List<String> names) implements ObjectAction {}
    }

    // ---- transactions and sessions ----

    /** What BEGIN and SET TRANSACTION may say; null for what was not said. */
    record TransactionModes(
            @Nullable String isolation,
            @Nullable Boolean readOnly,
            @Nullable Boolean deferrable,
            @Nullable TimePoint asOf) {
        public static final TransactionModes NONE = new TransactionModes(null, null, null, null);
    }

    record Begin(TransactionModes modes) implements Statement {}

    record Commit(boolean chain) implements Statement {}

    record Rollback(boolean chain) implements Statement {}

    record Savepoint(String name) implements Statement {}

    record ReleaseSavepoint(String name) implements Statement {}

    record RollbackToSavepoint(String name) implements Statement {}

    /** SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION ({@code session}). */
    record SetTransaction(TransactionModes modes, boolean session) implements Statement {}

    /** SET CONSTRAINTS; {@code names} empty for ALL. */
    record SetConstraints(List<QualifiedName> names, boolean deferred) implements Statement {}

    /** SET [LOCAL] name = values; {@code values} null for DEFAULT. */
    record Set(String name, @Nullable List<String> values, boolean local) implements Statement {}

    /** RESET name; "all" for RESET ALL. */
    record Reset(String name) implements Statement {}

    /** SHOW name; "all" for SHOW ALL. */
    record Show(String name) implements Statement {}

    /** {@code text} is the inner statement's own text. */
    record Prepare(String name, List<TypeName> types, String text, Statement statement)
            implements Statement {}

    record Execute(String name, List<SqlExpr> arguments) implements Statement {}

    /** {@code name} null for ALL. */
    record Deallocate(@Nullable String name) implements Statement {}

    /**
     * DECLARE … CURSOR.
     *
     * @param scroll null if neither SCROLL nor NO SCROLL was said
     */
    record DeclareCursor(
            String name,
            boolean binary,
            @Nullable Boolean scroll,
            boolean hold,
            Statement query,
            String queryText)
            implements Statement {}

    /**
     * FETCH or MOVE.
     *
     * @param direction next, prior, first, last, absolute, relative, forward, backward
     * @param count Long.MAX_VALUE for ALL
     */
    record Fetch(String cursor, String direction, long count, boolean move) implements Statement {}

    /** {@code name} null for ALL. */
    record CloseCursor(@Nullable String name) implements Statement {}

    /** DISCARD ALL | PLANS | SEQUENCES | TEMP. */
    record Discard(String what) implements Statement {}

    /** VACUUM and ANALYZE: {@code tables} empty for all. */
    record Vacuum(boolean vacuum, boolean analyze, boolean verbose, List<AnalyzedTable> tables)
            implements Statement {}

    /**
     * @param columns empty for all
     */
    record AnalyzedTable(QualifiedName name, List<String> columns) {}

    record Checkpoint() implements Statement {}

    record LockTable(List<QualifiedName> tables, String mode, boolean noWait)
            implements Statement {}

    /** An empty statement: nothing between two semicolons. */
    record Empty() implements Statement {}
}
