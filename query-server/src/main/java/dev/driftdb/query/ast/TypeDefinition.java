package dev.driftdb.query.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A definition of a type or a domain. */
public sealed interface TypeDefinition extends Definition {
    /** CREATE TYPE … AS ENUM. */
    record CreateEnum(QualifiedName name, List<String> labels) implements TypeDefinition {}

    /** CREATE TYPE … AS (…). */
    record CreateComposite(QualifiedName name, List<AttributeSpec> attributes)
            implements TypeDefinition {}

    record AttributeSpec(String name, TypeName type, int position) {}

    record AlterType(QualifiedName name, List<TypeAction> actions) implements TypeDefinition {}

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
            implements TypeDefinition {}

    /** What CREATE DOMAIN says after the type, in the order written. */
    sealed interface DomainSpec {
        int position();

        record Null(boolean allowed, int position) implements DomainSpec {}

        record Default(SqlText value, int position) implements DomainSpec {}

        record Check(@Nullable String name, SqlText condition, int position)
                implements DomainSpec {}
    }

    record AlterDomain(QualifiedName name, DomainAction action) implements TypeDefinition {}

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
}
