package dev.driftdb.query.ast;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A definition of a view, a sequence or a schema, and what is said of objects of any kind: DROP,
 * COMMENT, a new name, schema or owner.
 */
public sealed interface ObjectDefinition extends Definition {
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
            implements ObjectDefinition {}

    record CreateMaterializedView(
            QualifiedName name,
            boolean ifNotExists,
            List<String> columns,
            Query query,
            String queryText,
            Map<String, String> options,
            boolean withData)
            implements ObjectDefinition {}

    record RefreshMaterializedView(QualifiedName name, boolean concurrently, boolean withData)
            implements ObjectDefinition {}

    record CreateSequence(
            QualifiedName name,
            boolean ifNotExists,
            boolean temporary,
            @Nullable TypeName type,
            SequenceOptions options)
            implements ObjectDefinition {}

    record AlterSequence(
            QualifiedName name, boolean ifExists, @Nullable TypeName type, SequenceOptions options)
            implements ObjectDefinition {}

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
            implements ObjectDefinition {}

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
            implements ObjectDefinition {}

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
            implements ObjectDefinition {}

    /** UNDROP TABLE: tables come back as they were when they were dropped. */
    record Undrop(List<QualifiedName> tables, boolean ifExists) implements ObjectDefinition {}

    /** ALTER of anything but a table's columns and constraints. */
    record AlterObject(ObjectKind kind, QualifiedName name, boolean ifExists, ObjectAction action)
            implements ObjectDefinition {}

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
}
