package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.TypeDefinition.AttributeSpec;
import dev.driftdb.query.ast.TypeDefinition.CreateComposite;
import dev.driftdb.query.ast.TypeDefinition.CreateEnum;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.TypeDef.EnumLabel;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** CREATE TYPE. */
public final class TypeDefinitions {
    /** Labels that CREATE TYPE gives stand so far apart, to leave room for labels between them. */
    static final long LABEL_DISTANCE = 1L << 40;

    /** Labels of one type; their positions and the catalog's row stay within bounds. */
    static final int LABELS_MAX = 100_000;

    private final DefinitionScope scope;
    private final Names names;

    public TypeDefinitions(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void create(CreateEnum statement) {
        SchemaDef schema = names.creationSchema(unplaced(statement.name()));
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        names.requireFreeType(schema, name);
        if (statement.labels().size() > LABELS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "an enum can have at most " + LABELS_MAX + " labels");
        }
        List<EnumLabel> labels = new ArrayList<>();
        java.util.Set<String> seen = new java.util.HashSet<>();
        for (String label : statement.labels()) {
            requireLabel(label);
            if (!seen.add(label)) {
                throw new SqlException(
                        SqlState.UNIQUE_VIOLATION,
                        "duplicate key value violates unique constraint"
                                + " \"pg_enum_typid_label_index\"");
            }
            labels.add(new EnumLabel(scope.newId(), labels.size() * LABEL_DISTANCE, label));
        }
        scope.write(
                new TypeDef(
                        scope.newId(),
                        schema.id(),
                        name,
                        scope.ownerId(),
                        new TypeDef.Enumeration(labels)));
    }

    /** PostgreSQL gives no position here. */
    private static QualifiedName unplaced(QualifiedName name) {
        return new QualifiedName(name.parts(), 0);
    }

    static void requireLabel(String label) {
        if (label.getBytes(StandardCharsets.UTF_8).length > Names.NAME_BYTES_MAX) {
            throw new SqlException(SqlState.INVALID_NAME, "invalid enum label \"" + label + "\"")
                    .withDetail("Labels must be " + Names.NAME_BYTES_MAX + " bytes or less.");
        }
    }

    public void create(CreateComposite statement) {
        SchemaDef schema = names.creationSchema(unplaced(statement.name()));
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        names.requireFreeType(schema, name);
        List<ColumnDef> attributes = new ArrayList<>();
        for (AttributeSpec spec : statement.attributes()) {
            if (attributes.stream().anyMatch(a -> a.name().equals(spec.name()))) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column \"" + spec.name() + "\" specified more than once");
            }
            attributes.add(attribute(attributes.size() + 1, spec));
        }
        if (attributes.size() > TableDefinitions.COLUMNS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_COLUMNS,
                    "tables can have at most " + TableDefinitions.COLUMNS_MAX + " columns");
        }
        names.requireFree(schema, name);
        scope.write(
                new TypeDef(
                        scope.newId(),
                        schema.id(),
                        name,
                        scope.ownerId(),
                        new TypeDef.Composite(attributes)));
    }

    ColumnDef attribute(int number, AttributeSpec spec) {
        TypeNames.Resolved resolved = resolve(spec);
        requireStorable(spec.name(), resolved.type());
        return new ColumnDef(
                number,
                Names.cut(spec.name(), Names.NAME_BYTES_MAX),
                resolved.type(),
                resolved.typmod(),
                false,
                null,
                null,
                ColumnDef.Identity.NONE,
                false);
    }

    private TypeNames.Resolved resolve(AttributeSpec spec) {
        try {
            return TypeNames.resolve(spec.type(), scope.catalog(), scope.searchPath());
        } catch (SqlException e) {
            throw e.withoutPosition();
        }
    }

    static void requireStorable(String column, SqlType type) {
        if (type.isPseudo() || type.equals(Types.UNKNOWN)) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    "column \"" + column + "\" has pseudo-type " + type.sqlName());
        }
    }

    /** 42P16 if a type is to be made of itself: directly, in an array, a domain, another row. */
    static void requireNotMember(int id, SqlType type) {
        if (contains(type, id)) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    "composite type " + name(type, id) + " cannot be made a member of itself");
        }
    }

    private static String name(SqlType type, int id) {
        return switch (type.definition()) {
            case UserType.ArrayOf array -> name(array.element(), id);
            case UserType.Domain domain -> name(domain.over(), id);
            case null, default -> type.sqlName();
        };
    }

    /** Whether values of a type hold values of the type with an oid. */
    static boolean contains(SqlType type, int id) {
        if (type.oid() == id) {
            return true;
        }
        return switch (type.definition()) {
            case UserType.ArrayOf array -> contains(array.element(), id);
            case UserType.Domain domain -> contains(domain.over(), id);
            case UserType.Composite composite ->
                    composite.attributes().stream()
                            .anyMatch(a -> !a.dropped() && contains(a.type(), id));
            case null, default -> false;
        };
    }
}
