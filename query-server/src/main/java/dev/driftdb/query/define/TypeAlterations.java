package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.TypeDefinition.AlterType;
import dev.driftdb.query.ast.TypeDefinition.TypeAction;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.TypeDef.EnumLabel;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ALTER TYPE. */
public final class TypeAlterations {
    private final DefinitionScope scope;
    private final Names names;

    public TypeAlterations(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void alter(AlterType statement) {
        for (TypeAction action : statement.actions()) {
            switch (action) {
                case TypeAction.AddValue add -> addValue(enumeration(statement.name()), add);
                case TypeAction.RenameValue rename ->
                        renameValue(enumeration(statement.name()), rename);
                case TypeAction.Rename rename -> rename(named(statement.name()), rename.newName());
                case TypeAction.SetSchema set -> setSchema(named(statement.name()), set.schema());
                case TypeAction.SetOwner set -> {
                    named(statement.name());
                    requireRole(set.owner());
                }
                case TypeAction.AddAttribute add -> addAttribute(composite(statement.name()), add);
                case TypeAction.DropAttribute drop ->
                        dropAttribute(composite(statement.name()), drop);
                case TypeAction.AlterAttribute alter ->
                        alterAttribute(composite(statement.name()), alter);
                case TypeAction.RenameAttribute rename ->
                        renameAttribute(composite(statement.name()), rename);
            }
        }
    }

    void requireRole(String owner) {
        if (scope.catalog().findRole(owner) == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "role \"" + owner + "\" does not exist");
        }
    }

    // ---- any type ----

    private TypeDef named(QualifiedName name) {
        SqlType type = names.typeNamed(name);
        TypeDef definition = names.definition(type);
        if (definition != null) {
            return definition;
        }
        if (type.definition() instanceof UserType.ArrayOf array) {
            throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE, "cannot alter array type " + type.sqlName())
                    .withHint(
                            "You can alter type "
                                    + array.element().sqlName()
                                    + ", which will alter the array type as well.");
        }
        if (type.definition() instanceof UserType.Composite) {
            throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE, type.sqlName() + " is a table's row type")
                    .withHint("Use ALTER TABLE instead.");
        }
        throw SqlException.notSupported("ALTER TYPE of a built-in type");
    }

    void rename(TypeDef type, String newName) {
        String name = Names.cut(newName, Names.NAME_BYTES_MAX);
        SchemaDef schema = schemaOf(type);
        if (type.kind() instanceof TypeDef.Composite) {
            names.requireFree(schema, name);
        }
        names.requireFreeType(schema, name);
        new TypeUses(scope)
                .keepBound(
                        "renaming a type that a stored expression names",
                        () -> scope.write(type.withName(type.schemaId(), name)));
    }

    private SchemaDef schemaOf(TypeDef type) {
        if (scope.catalog().find(type.schemaId()) instanceof SchemaDef schema) {
            return schema;
        }
        throw new IllegalStateException("type " + type.name() + " has no schema");
    }

    void setSchema(TypeDef type, String schemaName) {
        SchemaDef schema = names.schema(schemaName, 0);
        if (schema.id() == type.schemaId()) {
            return;
        }
        if (scope.catalog().findType(schema.id(), type.name()) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_OBJECT,
                    "type \""
                            + type.name()
                            + "\" already exists in schema \""
                            + schema.name()
                            + "\"");
        }
        new TypeUses(scope)
                .keepBound(
                        "moving a type that a stored expression names",
                        () -> scope.write(type.withName(schema.id(), type.name())));
    }

    /** 0A000 if a view reads the attribute under its name. */
    private void requireNoViews(TypeDef type, ColumnDef attribute, String what) {
        if (new Dependencies(scope).isInViews(type, attribute)) {
            throw SqlException.notSupported(what);
        }
    }

    // ---- enumerations ----

    private record Found(TypeDef type, List<EnumLabel> labels) {
        @Nullable EnumLabel find(String label) {
            return labels.stream().filter(l -> l.name().equals(label)).findFirst().orElse(null);
        }

        int require(String label) {
            EnumLabel found = find(label);
            if (found == null) {
                throw new SqlException(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "\"" + label + "\" is not an existing enum label");
            }
            return labels.indexOf(found);
        }
    }

    private Found enumeration(QualifiedName name) {
        SqlType type = names.typeNamed(name);
        TypeDef definition = names.definition(type);
        if (definition != null
                && definition.kind() instanceof TypeDef.Enumeration(List<EnumLabel> labels)) {
            return new Found(definition, labels);
        }
        throw new SqlException(SqlState.WRONG_OBJECT_TYPE, type.sqlName() + " is not an enum");
    }

    private void addValue(Found found, TypeAction.AddValue add) {
        TypeDefinitions.requireLabel(add.label());
        List<EnumLabel> labels = new ArrayList<>(found.labels());
        if (found.find(add.label()) != null) {
            String message = "enum label \"" + add.label() + "\" already exists";
            if (add.ifNotExists()) {
                scope.notice(message + ", skipping");
                return;
            }
            throw new SqlException(SqlState.DUPLICATE_OBJECT, message);
        }
        if (labels.size() >= TypeDefinitions.LABELS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "an enum can have at most " + TypeDefinitions.LABELS_MAX + " labels");
        }
        String neighbor = add.neighbor();
        int at =
                neighbor == null ? labels.size() : found.require(neighbor) + (add.before() ? 0 : 1);
        long position = position(labels, at, add.before());
        labels.add(at, new EnumLabel(scope.newId(), position, add.label()));
        scope.write(found.type().withKind(new TypeDef.Enumeration(labels)));
    }

    /** A free position for the label at an index, which no other label ever had. */
    private static long position(List<EnumLabel> labels, int at, boolean before) {
        if (labels.isEmpty()) {
            return 0;
        }
        if (at == 0) {
            return labels.getFirst().position() - TypeDefinitions.LABEL_DISTANCE;
        }
        if (at == labels.size()) {
            return labels.getLast().position() + TypeDefinitions.LABEL_DISTANCE;
        }
        long low = labels.get(at - 1).position();
        long high = labels.get(at).position();
        // Near the label that it was not named after: more labels before the same one still fit.
        long step = Math.max(1, (high - low) / 4);
        if (high - low < 2) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "too many enum labels have been added between \""
                            + labels.get(at - 1).name()
                            + "\" and \""
                            + labels.get(at).name()
                            + "\"");
        }
        return before ? low + step : high - step;
    }

    private void renameValue(Found found, TypeAction.RenameValue rename) {
        TypeDefinitions.requireLabel(rename.newLabel());
        int at = found.require(rename.label());
        if (found.find(rename.newLabel()) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_OBJECT,
                    "enum label \"" + rename.newLabel() + "\" already exists");
        }
        List<EnumLabel> labels = new ArrayList<>(found.labels());
        EnumLabel label = labels.get(at);
        labels.set(at, new EnumLabel(label.id(), label.position(), rename.newLabel()));
        List<CatalogObject> texts =
                new StoredTexts(scope)
                        .withLabel(found.type().id(), rename.label(), rename.newLabel());
        new TypeUses(scope)
                .keepBound(
                        "renaming a label that a stored expression names",
                        () -> {
                            scope.write(found.type().withKind(new TypeDef.Enumeration(labels)));
                            texts.forEach(scope::write);
                        });
    }

    // ---- composite types ----

    private TypeDef composite(QualifiedName name) {
        SqlType type = names.findType(name);
        TypeDef definition = type == null ? null : names.definition(type);
        if (definition != null && definition.kind() instanceof TypeDef.Composite) {
            return definition;
        }
        Relation relation = names.find(name);
        if (relation != null) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE, "\"" + name.last() + "\" is not a composite type");
        }
        throw new SqlException(
                SqlState.UNDEFINED_TABLE, "relation \"" + name + "\" does not exist");
    }

    private static List<ColumnDef> attributes(TypeDef type) {
        return ((TypeDef.Composite) type.kind()).attributes();
    }

    private static @Nullable ColumnDef find(TypeDef type, String name) {
        return attributes(type).stream()
                .filter(a -> !a.dropped() && a.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static SqlException unknownAttribute(TypeDef type, String name) {
        return new SqlException(
                SqlState.UNDEFINED_COLUMN,
                "column \"" + name + "\" of relation \"" + type.name() + "\" does not exist");
    }

    private static void requireFree(TypeDef type, String name) {
        if (find(type, name) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_COLUMN,
                    "column \"" + name + "\" of relation \"" + type.name() + "\" already exists");
        }
    }

    private void addAttribute(TypeDef type, TypeAction.AddAttribute add) {
        requireFree(type, add.attribute().name());
        List<ColumnDef> attributes = new ArrayList<>(attributes(type));
        if (attributes.size() >= TableDefinitions.COLUMNS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_COLUMNS,
                    "tables can have at most " + TableDefinitions.COLUMNS_MAX + " columns");
        }
        ColumnDef attribute =
                new TypeDefinitions(scope).attribute(attributes.size() + 1, add.attribute());
        TypeDefinitions.requireNotMember(type.id(), attribute.type());
        if (new DomainRows(scope).isConstrained(attribute.type())) {
            // Rows that are there would have a NULL that the domain has never seen.
            requireUnused(type);
        }
        attributes.add(attribute);
        scope.write(type.withKind(new TypeDef.Composite(attributes)));
    }

    private void dropAttribute(TypeDef type, TypeAction.DropAttribute drop) {
        ColumnDef attribute = find(type, drop.attribute());
        if (attribute == null) {
            if (drop.ifExists()) {
                scope.notice(
                        "column \""
                                + drop.attribute()
                                + "\" of relation \""
                                + type.name()
                                + "\" does not exist, skipping");
                return;
            }
            throw unknownAttribute(type, drop.attribute());
        }
        Dependencies.Thing target = new Dependencies.Thing.Attribute(type, attribute);
        Drops drops = new Drops(scope);
        for (Dependencies.Thing thing :
                new Dependencies(scope).of(List.of(target), drop.cascade())) {
            drops.drop(thing);
        }
    }

    void dropAttribute(TypeDef type, ColumnDef attribute) {
        List<ColumnDef> attributes = new ArrayList<>(attributes(type));
        attributes.set(
                attribute.number() - 1,
                new ColumnDef(
                        attribute.number(),
                        "........pg.dropped." + attribute.number() + "........",
                        attribute.type(),
                        attribute.typmod(),
                        false,
                        null,
                        null,
                        ColumnDef.Identity.NONE,
                        true));
        scope.write(type.withKind(new TypeDef.Composite(attributes)));
    }

    private void alterAttribute(TypeDef type, TypeAction.AlterAttribute alter) {
        ColumnDef attribute = find(type, alter.attribute());
        if (attribute == null) {
            throw unknownAttribute(type, alter.attribute());
        }
        ColumnDef changed =
                new TypeDefinitions(scope)
                        .attribute(
                                attribute.number(),
                                new dev.driftdb.query.ast.TypeDefinition.AttributeSpec(
                                        alter.attribute(), alter.type(), 0));
        TypeDefinitions.requireNotMember(type.id(), changed.type());
        requireUnused(type);
        requireNoViews(type, attribute, "changing an attribute that a view uses");
        List<ColumnDef> attributes = new ArrayList<>(attributes(type));
        attributes.set(attribute.number() - 1, changed);
        scope.write(type.withKind(new TypeDef.Composite(attributes)));
    }

    private void renameAttribute(TypeDef type, TypeAction.RenameAttribute rename) {
        ColumnDef attribute = find(type, rename.attribute());
        if (attribute == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_COLUMN,
                    "column \"" + rename.attribute() + "\" does not exist");
        }
        String name = Names.cut(rename.newName(), Names.NAME_BYTES_MAX);
        requireFree(type, name);
        List<ColumnDef> attributes = new ArrayList<>(attributes(type));
        attributes.set(
                attribute.number() - 1,
                new ColumnDef(
                        attribute.number(),
                        name,
                        attribute.type(),
                        attribute.typmod(),
                        false,
                        null,
                        null,
                        ColumnDef.Identity.NONE,
                        false));
        new TypeUses(scope)
                .keepBound(
                        "renaming an attribute that a stored expression names",
                        () -> scope.write(type.withKind(new TypeDef.Composite(attributes))));
    }

    /** Stored rows of the type would have to be written anew. */
    void requireUnused(TypeDef type) {
        requireUnused(type, true);
        requireUnused(type, false);
    }

    private void requireUnused(TypeDef type, boolean arrays) {
        for (CatalogObject object : scope.catalog().objects()) {
            if (!(object instanceof TableDef table)) {
                continue;
            }
            for (ColumnDef column : table.visibleColumns()) {
                if (column.type().isArray() == arrays
                        && TypeDefinitions.contains(column.type(), type.id())) {
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot alter type \""
                                    + type.name()
                                    + "\" because column \""
                                    + table.name()
                                    + "."
                                    + column.name()
                                    + "\" uses it");
                }
            }
        }
    }
}
