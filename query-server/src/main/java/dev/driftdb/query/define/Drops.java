package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Statement.Drop;
import dev.driftdb.query.ast.Statement.ObjectKind;
import dev.driftdb.query.ast.Statement.Rename;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * DROP and ALTER … RENAME, with what depends on the dropped. The rows of a dropped table stay in
 * its history.
 */
public final class Drops {
    private final DefinitionScope scope;
    private final Names names;

    public Drops(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void drop(Drop statement) {
        List<CatalogObject> found = new ArrayList<>();
        Set<Integer> tables = new HashSet<>();
        for (QualifiedName name : statement.names()) {
            CatalogObject object = find(statement.kind(), name, statement.ifExists());
            if (object != null) {
                found.add(object);
            }
            if (object instanceof TableDef table) {
                scope.requireNoPendingChecks(table, "DROP TABLE");
                tables.add(table.id());
            }
        }
        if (!tables.isEmpty()) {
            dropReferences(
                    tables,
                    found.size() == 1 ? "table " + found.getFirst().name() : "desired object(s)",
                    statement.cascade());
        }
        for (CatalogObject object : found) {
            switch (object) {
                case TableDef table -> {
                    new TypeDrops(scope)
                            .dropUses(
                                    table.id(),
                                    "table " + table.name(),
                                    table.name(),
                                    statement.cascade());
                    dropTable(table);
                }
                case IndexDef index -> dropIndex(index, statement.cascade());
                case SequenceDef sequence -> dropSequence(sequence, statement.cascade());
                case ViewDef view -> {
                    new TypeDrops(scope)
                            .dropUses(
                                    view.id(),
                                    "view " + view.name(),
                                    view.name(),
                                    statement.cascade());
                    scope.drop(view);
                }
                case SchemaDef schema -> dropSchema(schema, statement.cascade());
                case TypeDef type -> new TypeDrops(scope).drop(type, statement.cascade());
                default -> throw new IllegalStateException("cannot drop " + object);
            }
        }
        dropBroken(statement);
    }

    /** The foreign keys of other tables that refer to tables which go. */
    private void dropReferences(Set<Integer> tables, String dropped, boolean cascade) {
        Dependents dependents = new Dependents(scope, dropped);
        for (int id : tables) {
            for (Catalog.Reference reference : scope.catalog().referencesTo(id)) {
                TableDef table = scope.catalog().findTable(id);
                if (table != null && !tables.contains(reference.child().id())) {
                    dependents.add(reference, "table " + table.name());
                }
            }
        }
        dependents.resolve(cascade);
    }

    /** Drops a table of this transaction with all that depends on it. */
    public void dropOwn(int tableId) {
        TableDef table = scope.catalog().findTable(tableId);
        if (table != null) {
            dropReferences(Set.of(tableId), "table " + table.name(), true);
            new TypeDrops(scope).dropUses(tableId, "", "", true);
            dropTable(table);
            dropBrokenViews();
        }
    }

    /** Drops a temporary schema with all that is in it. */
    public void dropTemporary(SchemaDef schema) {
        dropContents(schema);
        // Types last: the schema's own tables need not lose their columns one by one.
        for (TypeDef type : scope.catalog().objects(TypeDef.class)) {
            if (type.schemaId() == schema.id() && scope.catalog().find(type.id()) != null) {
                new TypeDrops(scope).drop(type, true);
            }
        }
        scope.drop(schema);
        dropBrokenViews();
    }

    private void dropBrokenViews() {
        ViewDefinitions views = new ViewDefinitions(scope);
        for (List<ViewDef> broken = views.broken(); !broken.isEmpty(); broken = views.broken()) {
            broken.forEach(scope::drop);
        }
    }

    private void dropContents(SchemaDef schema) {
        Set<Integer> tables = new HashSet<>();
        List<CatalogObject> inside = new ArrayList<>();
        for (CatalogObject object : scope.catalog().objects()) {
            if (object instanceof Relation relation && relation.schemaId() == schema.id()) {
                inside.add(object);
                if (object instanceof TableDef table) {
                    scope.requireNoPendingChecks(table, "DROP TABLE");
                    tables.add(table.id());
                }
            }
        }
        dropReferences(tables, "schema " + schema.name(), true);
        // Columns elsewhere may be of the rows of a table here.
        for (CatalogObject object : inside) {
            if (object instanceof TableDef || object instanceof ViewDef) {
                new TypeDrops(scope).dropUses(object.id(), "", "", true);
            }
        }
        inside.forEach(scope::drop);
    }

    /** Views over what is gone: with CASCADE they go too, else nothing goes. */
    private void dropBroken(Drop statement) {
        ViewDefinitions views = new ViewDefinitions(scope);
        for (List<ViewDef> broken = views.broken(); !broken.isEmpty(); broken = views.broken()) {
            if (!statement.cascade()) {
                String kind = statement.kind().name().toLowerCase(Locale.ROOT);
                throw new SqlException(
                                SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                                "cannot drop "
                                        + kind
                                        + " "
                                        + statement.names().getFirst()
                                        + " because other objects depend on it")
                        .withDetail(
                                "view "
                                        + broken.getFirst().name()
                                        + " depends on "
                                        + kind
                                        + " "
                                        + statement.names().getFirst())
                        .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
            }
            broken.forEach(scope::drop);
        }
    }

    private @Nullable CatalogObject find(ObjectKind kind, QualifiedName name, boolean ifExists) {
        if (kind == ObjectKind.TYPE || kind == ObjectKind.DOMAIN) {
            return new TypeDrops(scope).find(kind, name, ifExists);
        }
        CatalogObject found =
                kind == ObjectKind.SCHEMA
                        ? scope.catalog().findSchema(name.last())
                        : (CatalogObject) names.find(name);
        String kindName = kind.name().toLowerCase(Locale.ROOT);
        if (found == null && kind != ObjectKind.SCHEMA && names.findComposite(name) != null) {
            throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "\""
                                    + name.last()
                                    + "\" is not a"
                                    + (kind == ObjectKind.INDEX ? "n " : " ")
                                    + kindName)
                    .withHint("Use DROP TYPE to remove a type.");
        }
        if (found == null) {
            if (!ifExists) {
                throw new SqlException(
                        kind == ObjectKind.SCHEMA
                                ? SqlState.INVALID_SCHEMA_NAME
                                : kind == ObjectKind.INDEX
                                        ? SqlState.UNDEFINED_OBJECT
                                        : SqlState.UNDEFINED_TABLE,
                        kindName + " \"" + name + "\" does not exist");
            }
            scope.notice(kindName + " \"" + name + "\" does not exist, skipping");
            return null;
        }
        if (kindOf(found) != kind) {
            throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "\"" + name.last() + "\" is not a " + kindName)
                    .withHint(
                            "Use DROP "
                                    + kindOf(found).name()
                                    + " to remove a "
                                    + kindOf(found).name().toLowerCase(Locale.ROOT)
                                    + ".");
        }
        return found;
    }

    private static ObjectKind kindOf(CatalogObject object) {
        return switch (object) {
            case TableDef _ -> ObjectKind.TABLE;
            case IndexDef _ -> ObjectKind.INDEX;
            case SequenceDef _ -> ObjectKind.SEQUENCE;
            case ViewDef _ -> ObjectKind.VIEW;
            case SchemaDef _ -> ObjectKind.SCHEMA;
            case TypeDef _ -> ObjectKind.TYPE;
            default -> throw new IllegalStateException("cannot drop " + object);
        };
    }

    private void dropTable(TableDef table) {
        for (IndexDef index : scope.catalog().indexesOf(table.id())) {
            scope.drop(index);
        }
        for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == table.id()) {
                scope.drop(sequence);
            }
        }
        scope.drop(table);
    }

    private void dropIndex(IndexDef index, boolean cascade) {
        TableDef table = scope.catalog().findTable(index.tableId());
        if (table == null) {
            throw new IllegalStateException("index " + index.name() + " has no table");
        }
        for (Constraint constraint : table.constraints()) {
            boolean needsIt =
                    (constraint instanceof Constraint.PrimaryKey key && key.indexId() == index.id())
                            || (constraint instanceof Constraint.Unique unique
                                    && unique.indexId() == index.id());
            if (needsIt) {
                throw new SqlException(
                                SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                                "cannot drop index "
                                        + index.name()
                                        + " because constraint "
                                        + constraint.name()
                                        + " on table "
                                        + table.name()
                                        + " requires it")
                        .withHint(
                                "You can drop constraint "
                                        + constraint.name()
                                        + " on table "
                                        + table.name()
                                        + " instead.");
            }
        }
        Dependents dependents = new Dependents(scope, "index " + index.name());
        for (Catalog.Reference reference : scope.catalog().referencesTo(table.id())) {
            IndexDef parent = scope.catalog().parentIndex(reference.key());
            if (parent != null && parent.id() == index.id()) {
                dependents.add(reference, "index " + index.name());
            }
        }
        dependents.resolve(cascade);
        scope.drop(index);
        TableDef now = scope.catalog().findTable(table.id());
        if (now != null) {
            scope.write(now);
        }
    }

    private void dropSequence(SequenceDef sequence, boolean cascade) {
        for (TableDef table : scope.catalog().objects(TableDef.class)) {
            for (ColumnDef column : table.visibleColumns()) {
                if (!uses(column, sequence)) {
                    continue;
                }
                if (!cascade) {
                    throw new SqlException(
                                    SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                                    "cannot drop sequence "
                                            + sequence.name()
                                            + " because other objects depend on it")
                            .withDetail(
                                    "default value for column "
                                            + column.name()
                                            + " of table "
                                            + table.name()
                                            + " depends on sequence "
                                            + sequence.name())
                            .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
                }
                scope.write(TableDefinitions.withColumn(table, column.withDefault(null)));
            }
        }
        scope.drop(sequence);
    }

    private static boolean uses(ColumnDef column, SequenceDef sequence) {
        String text = column.defaultSql();
        return text != null
                && text.startsWith("nextval(")
                && (text.contains("." + sequence.name() + "'")
                        || text.contains("'" + sequence.name() + "'")
                        || text.contains("\"" + sequence.name() + "\"'"));
    }

    private void dropSchema(SchemaDef schema, boolean cascade) {
        if (schema.id() < dev.driftdb.schemas.catalog.SystemStorage.FIRST_USER_ID) {
            throw SqlException.notSupported("dropping schema \"" + schema.name() + "\"");
        }
        for (CatalogObject object : scope.catalog().objects()) {
            int in =
                    switch (object) {
                        case Relation relation -> relation.schemaId();
                        case TypeDef type -> type.schemaId();
                        default -> 0;
                    };
            if (in != schema.id()) {
                continue;
            }
            if (!cascade) {
                throw new SqlException(
                                SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                                "cannot drop schema "
                                        + schema.name()
                                        + " because other objects depend on it")
                        .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
            }
        }
        dropContents(schema);
        // Types last: the schema's own tables need not lose their columns one by one.
        for (TypeDef type : scope.catalog().objects(TypeDef.class)) {
            if (type.schemaId() == schema.id() && scope.catalog().find(type.id()) != null) {
                new TypeDrops(scope).drop(type, true);
            }
        }
        scope.drop(schema);
    }

    /** ALTER INDEX | SEQUENCE | VIEW … RENAME TO. */
    public void rename(Rename statement) {
        CatalogObject found = find(statement.kind(), statement.name(), statement.ifExists());
        if (found == null) {
            return;
        }
        String name = Names.cut(statement.newName(), Names.NAME_BYTES_MAX);
        if (!(found instanceof Relation relation)
                || !(scope.catalog().find(relation.schemaId()) instanceof SchemaDef schema)) {
            throw SqlException.notSupported("ALTER " + statement.kind() + " RENAME");
        }
        names.requireFree(schema, name);
        switch (found) {
            case IndexDef i -> renameIndex(i, name);
            case SequenceDef s -> {
                if (scope.catalog().objects(TableDef.class).stream()
                        .flatMap(table -> table.visibleColumns().stream())
                        .anyMatch(column -> uses(column, s))) {
                    throw SqlException.notSupported("renaming a sequence that a default uses");
                }
                scope.write(
                        new SequenceDef(
                                s.id(),
                                s.schemaId(),
                                name,
                                s.ownerId(),
                                s.type(),
                                s.start(),
                                s.increment(),
                                s.min(),
                                s.max(),
                                s.cache(),
                                s.cycle(),
                                s.ownerTableId(),
                                s.ownerColumn()));
            }
            case ViewDef v ->
                    scope.write(
                            new ViewDef(
                                    v.id(),
                                    v.schemaId(),
                                    name,
                                    v.ownerId(),
                                    v.columns(),
                                    v.query(),
                                    v.searchPath()));
            default -> throw SqlException.notSupported("ALTER " + statement.kind() + " RENAME");
        }
        if (!new ViewDefinitions(scope).broken().isEmpty()) {
            throw SqlException.notSupported("renaming what a view uses");
        }
    }

    /** A constraint that an index is there for has the index's name. */
    private void renameIndex(IndexDef index, String name) {
        scope.write(index.withName(name));
        TableDef table = scope.catalog().findTable(index.tableId());
        if (table == null) {
            return;
        }
        for (Constraint constraint : table.constraints()) {
            if ((constraint instanceof Constraint.PrimaryKey key && key.indexId() == index.id())
                    || (constraint instanceof Constraint.Unique unique
                            && unique.indexId() == index.id())) {
                scope.write(TableDefinitions.replace(table, constraint, constraint.withName(name)));
            }
        }
    }
}
