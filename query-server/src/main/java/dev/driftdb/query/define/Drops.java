package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Statement.Drop;
import dev.driftdb.query.ast.Statement.ObjectKind;
import dev.driftdb.query.ast.Statement.Rename;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.List;
import java.util.Locale;
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
        for (QualifiedName name : statement.names()) {
            CatalogObject found = find(statement.kind(), name, statement.ifExists());
            if (found != null) {
                switch (found) {
                    case TableDef table -> dropTable(table);
                    case IndexDef index -> dropIndex(index);
                    case SequenceDef sequence -> dropSequence(sequence, statement.cascade());
                    case ViewDef view -> scope.drop(view);
                    case SchemaDef schema -> dropSchema(schema, statement.cascade());
                    default -> throw new IllegalStateException("cannot drop " + found);
                }
            }
        }
        dropBroken(statement);
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
        CatalogObject found =
                kind == ObjectKind.SCHEMA
                        ? scope.catalog().findSchema(name.last())
                        : (CatalogObject) names.find(name);
        String kindName = kind.name().toLowerCase(Locale.ROOT);
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

    private void dropIndex(IndexDef index) {
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
        scope.drop(index);
        scope.write(table);
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
                scope.write(
                        TableDefinitions.withColumn(
                                table, TableAlterations.withDefault(column, null)));
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
            if (!(object instanceof Relation relation) || relation.schemaId() != schema.id()) {
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
            scope.drop(object);
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
            case IndexDef i ->
                    scope.write(
                            new IndexDef(
                                    i.id(),
                                    i.schemaId(),
                                    name,
                                    i.tableId(),
                                    i.columns(),
                                    i.unique(),
                                    i.nullsDistinct(),
                                    i.primary()));
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
}
