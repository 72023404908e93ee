package dev.driftdb.query.define;

import dev.driftdb.query.ast.ObjectDefinition.AlterObject;
import dev.driftdb.query.ast.ObjectDefinition.ObjectAction;
import dev.driftdb.query.ast.ObjectDefinition.ObjectKind;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SqlText;
import dev.driftdb.query.ast.TableDefinition.AlterAction;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * ALTER of views, materialized views, indexes, sequences and schemas. Whatever refers to them does
 * so by id, so nothing else changes with a name.
 */
public final class ObjectAlterations {
    private final DefinitionScope scope;
    private final Names names;
    private final ObjectNames objects;

    public ObjectAlterations(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
        this.objects = new ObjectNames(scope);
    }

    public void alter(AlterObject statement) {
        CatalogObject found = find(statement);
        if (found != null) {
            apply(found, statement.action());
        }
    }

    private @Nullable CatalogObject find(AlterObject statement) {
        ObjectKind kind = statement.kind();
        QualifiedName name = statement.name();
        CatalogObject found = objects.find(kind, name);
        if (found == null) {
            if (kind == ObjectKind.SCHEMA) {
                throw ObjectNames.missing(kind, name);
            }
            String schema = objects.missingSchema(kind, name);
            if (!statement.ifExists()) {
                throw schema != null
                        ? new SqlException(
                                SqlState.INVALID_SCHEMA_NAME,
                                "schema \"" + schema + "\" does not exist")
                        : new SqlException(
                                SqlState.UNDEFINED_TABLE,
                                "relation \"" + name + "\" does not exist");
            }
            scope.notice("relation \"" + name.last() + "\" does not exist, skipping");
            return null;
        }
        // ALTER INDEX … RENAME renames any relation, as in PostgreSQL.
        boolean anyRelation =
                kind == ObjectKind.INDEX
                        && statement.action() instanceof ObjectAction.RenameTo
                        && found instanceof Relation;
        if (objects.kindOf(found) != kind && !anyRelation) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    "\"" + name.last() + "\" is not " + ObjectNames.withArticle(kind));
        }
        return found;
    }

    /** One action on whatever it is on. */
    void apply(CatalogObject object, ObjectAction action) {
        switch (action) {
            case ObjectAction.RenameTo(String newName) -> rename(object, newName);
            case ObjectAction.RenameColumn(String column, String newName) ->
                    renameColumn(object, column, newName);
            case ObjectAction.SetSchema(String schema) -> setSchema(object, schema);
            case ObjectAction.SetOwner(String owner) -> setOwner(object, owner);
            case ObjectAction.ColumnDefault(String column, var value) ->
                    setDefault(object, column, value);
            case ObjectAction.SetOptions(Map<String, String> options) -> {
                ViewDefinitions.checkOptions(options);
                if (object instanceof ViewDef view) {
                    Map<String, String> changed = new HashMap<>(view.options());
                    changed.putAll(options);
                    new ViewDefinitions(scope).write(view, changed);
                }
            }
            case ObjectAction.ResetOptions(List<String> reset) -> {
                if (object instanceof ViewDef view) {
                    Map<String, String> changed = new HashMap<>(view.options());
                    changed.keySet().removeAll(reset);
                    scope.write(view.withOptions(changed));
                }
            }
        }
    }

    private void rename(CatalogObject object, String newName) {
        String name = Names.cut(newName, Names.NAME_BYTES_MAX);
        switch (object) {
            case SchemaDef schema -> renameSchema(schema, name);
            case Relation relation -> {
                names.requireFree(schemaOf(relation), name);
                move(relation, relation.schemaId(), name);
            }
            default -> throw SqlException.notSupported("ALTER RENAME");
        }
    }

    private SchemaDef schemaOf(Relation relation) {
        if (scope.catalog().find(relation.schemaId()) instanceof SchemaDef schema) {
            return schema;
        }
        throw new IllegalStateException("relation " + relation.name() + " has no schema");
    }

    private void renameSchema(SchemaDef schema, String name) {
        SchemaDefinitions.checkName(name);
        if (scope.catalog().findSchema(name) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_SCHEMA, "schema \"" + name + "\" already exists");
        }
        if (schema.id() < SystemStorage.FIRST_USER_ID) {
            throw SqlException.notSupported("renaming schema \"" + schema.name() + "\"");
        }
        scope.write(new SchemaDef(schema.id(), name, schema.ownerId()));
    }

    /** Gives a relation another name or schema; defaults that name a sequence by name follow. */
    void move(Relation relation, int schemaId, String name) {
        switch (relation) {
            case TableDef table -> scope.write(table.named(schemaId, name));
            case ViewDef view -> scope.write(view.named(schemaId, name));
            case IndexDef index -> {
                scope.write(index.named(schemaId, name));
                renameConstraint(index, name);
            }
            case SequenceDef sequence -> {
                SequenceTexts.pin(scope, sequence);
                scope.write(sequence.named(schemaId, name));
            }
        }
    }

    /** A constraint has the name of its index. */
    private void renameConstraint(IndexDef index, String name) {
        TableDef table = scope.catalog().findTable(index.tableId());
        if (table == null) {
            return;
        }
        List<Constraint> constraints = new ArrayList<>();
        boolean renamed = false;
        for (Constraint constraint : table.constraints()) {
            Constraint now =
                    switch (constraint) {
                        case Constraint.PrimaryKey k when k.indexId() == index.id() ->
                                k.withName(name);
                        case Constraint.Unique u when u.indexId() == index.id() -> u.withName(name);
                        default -> constraint;
                    };
            renamed |= !now.equals(constraint);
            constraints.add(now);
        }
        if (renamed) {
            scope.write(table.withConstraints(constraints));
        }
    }

    private void renameColumn(CatalogObject object, String column, String newName) {
        String name = Names.cut(newName, Names.NAME_BYTES_MAX);
        List<ColumnDef> columns =
                object instanceof ViewDef view
                        ? view.columns()
                        : object instanceof TableDef table ? table.columns() : List.of();
        ColumnDef found = null;
        for (ColumnDef candidate : columns) {
            if (!candidate.dropped() && candidate.name().equals(column)) {
                found = candidate;
            }
        }
        if (found == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_COLUMN, "column \"" + column + "\" does not exist");
        }
        if (columns.stream().anyMatch(c -> !c.dropped() && c.name().equals(name))) {
            throw new SqlException(
                    SqlState.DUPLICATE_COLUMN,
                    "column \"" + name + "\" of relation \"" + object.name() + "\" already exists");
        }
        if (object instanceof TableDef table) {
            scope.write(
                    new ColumnChanges(scope)
                            .rename(table, new AlterAction.RenameColumn(column, name)));
        } else if (object instanceof ViewDef view) {
            List<ColumnDef> changed = new ArrayList<>(columns);
            changed.set(
                    found.number() - 1,
                    new ColumnDef(
                            found.number(),
                            name,
                            found.type(),
                            found.typmod(),
                            found.notNull(),
                            found.defaultSql(),
                            found.missingValue(),
                            found.identity(),
                            false));
            scope.write(view.withColumns(changed));
        }
    }

    void setSchema(CatalogObject object, String schemaName) {
        SchemaDef schema = names.schema(schemaName, 0);
        if (!(object instanceof Relation relation)) {
            throw SqlException.notSupported("ALTER SET SCHEMA");
        }
        if (relation instanceof IndexDef index) {
            throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "cannot change schema of index \"" + index.name() + "\"")
                    .withHint("Change the schema of the table instead.");
        }
        if (relation instanceof SequenceDef sequence && sequence.ownerTableId() != 0) {
            TableDef table = scope.catalog().findTable(sequence.ownerTableId());
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot move an owned sequence into another schema")
                    .withDetail(
                            "Sequence \""
                                    + sequence.name()
                                    + "\" is linked to table \""
                                    + (table == null ? "" : table.name())
                                    + "\".");
        }
        if (schema.id() == relation.schemaId()) {
            return;
        }
        if (TemporarySchemas.isTemporary(scope.catalog(), relation.schemaId())
                || TemporarySchemas.isTemporary(schema.name())) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "cannot move objects into or out of temporary schemas");
        }
        if (schema.id() < SystemStorage.FIRST_USER_ID && schema.id() != SchemaDef.PUBLIC) {
            throw new SqlException(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "permission denied for schema " + schema.name());
        }
        if (scope.catalog().findRelation(schema.id(), relation.name()) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_TABLE,
                    "relation \""
                            + relation.name()
                            + "\" already exists in schema \""
                            + schema.name()
                            + "\"");
        }
        move(relation, schema.id(), relation.name());
        if (relation instanceof TableDef table) {
            for (IndexDef index : scope.catalog().indexesOf(table.id())) {
                scope.write(index.named(schema.id(), index.name()));
            }
            for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
                if (sequence.ownerTableId() == table.id()) {
                    move(sequence, schema.id(), sequence.name());
                }
            }
        }
    }

    private void setOwner(CatalogObject object, String owner) {
        RoleDef role = SchemaDefinitions.role(scope, owner);
        switch (object) {
            case SchemaDef schema -> {
                if (schema.id() >= SystemStorage.FIRST_USER_ID) {
                    scope.write(new SchemaDef(schema.id(), schema.name(), role.id()));
                }
            }
            case ViewDef v -> scope.write(v.ownedBy(role.id()));
            case TableDef t -> scope.write(t.ownedBy(role.id()));
            case SequenceDef s -> scope.write(s.ownedBy(role.id()));
            case IndexDef _ -> scope.warn("cannot change owner of index \"" + object.name() + "\"");
            default -> throw SqlException.notSupported("ALTER OWNER");
        }
    }

    private void setDefault(CatalogObject object, String columnName, @Nullable SqlText value) {
        if (!(object instanceof ViewDef view)) {
            throw SqlException.notSupported("ALTER COLUMN SET DEFAULT");
        }
        List<ColumnDef> columns = new ArrayList<>(view.columns());
        for (ColumnDef column : view.columns()) {
            if (column.name().equals(columnName)) {
                String text =
                        value == null
                                ? null
                                : new TableDefinitions(scope)
                                        .checkedDefault(value, column.type(), column.typmod());
                columns.set(column.number() - 1, column.withDefault(text));
                scope.write(view.withColumns(columns));
                return;
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_COLUMN,
                "column \"" + columnName + "\" of relation \"" + view.name() + "\" does not exist");
    }
}
