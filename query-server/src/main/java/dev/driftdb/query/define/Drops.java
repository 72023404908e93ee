package dev.driftdb.query.define;

import dev.driftdb.query.ast.ObjectDefinition.Drop;
import dev.driftdb.query.ast.ObjectDefinition.ObjectKind;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.define.Dependencies.Thing;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.MaterializedView;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** DROP, with what depends on the dropped. The rows of a dropped table stay in its history. */
public final class Drops {
    private final DefinitionScope scope;
    private final Names names;
    private final ObjectNames objects;

    public Drops(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
        this.objects = new ObjectNames(scope);
    }

    public void drop(Drop statement) {
        List<Thing> targets = new ArrayList<>();
        for (QualifiedName name : statement.names()) {
            CatalogObject found = find(statement.kind(), name, statement.ifExists());
            if (found == null) {
                continue;
            }
            if (found instanceof IndexDef index) {
                checkNotRequired(index);
            }
            if (found instanceof SchemaDef schema && schema.id() < SystemStorage.FIRST_USER_ID) {
                throw schema.id() == SchemaDef.PUBLIC
                        ? SqlException.notSupported("dropping schema \"public\"")
                        : new SqlException(
                                SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                                "cannot drop schema "
                                        + schema.name()
                                        + " because it is required by the database system");
            }
            if (found instanceof SequenceDef sequence) {
                checkNotIdentity(sequence);
            }
            if (found instanceof TableDef table) {
                scope.requireNoPendingChecks(table, "DROP TABLE");
            }
            Thing thing = new Thing.Whole(found);
            if (!targets.contains(thing)) {
                targets.add(thing);
            }
        }
        for (Thing thing : new Dependencies(scope).of(targets, statement.cascade())) {
            drop(thing);
        }
    }

    /** Drops a table of this transaction with all that depends on it. */
    public void dropOwn(int tableId) {
        TableDef table = scope.catalog().findTable(tableId);
        if (table != null) {
            dropAll(table);
        }
    }

    /** Drops a temporary schema with all that is in it. */
    public void dropTemporary(SchemaDef schema) {
        dropAll(schema);
    }

    private void dropAll(CatalogObject object) {
        new Dependencies(scope).of(List.of(new Thing.Whole(object)), true).forEach(this::drop);
    }

    private @Nullable CatalogObject find(ObjectKind kind, QualifiedName name, boolean ifExists) {
        if (kind == ObjectKind.TYPE || kind == ObjectKind.DOMAIN) {
            return new DroppedTypes(scope).find(kind, name, ifExists);
        }
        CatalogObject found = objects.find(kind, name);
        if (found == null && kind != ObjectKind.SCHEMA && names.findComposite(name) != null) {
            throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "\"" + name.last() + "\" is not " + ObjectNames.withArticle(kind))
                    .withHint("Use DROP TYPE to remove a type.");
        }
        if (found == null) {
            String schema = objects.missingSchema(kind, name);
            if (!ifExists) {
                if (schema != null) {
                    throw new SqlException(
                            SqlState.INVALID_SCHEMA_NAME,
                            "schema \"" + schema + "\" does not exist");
                }
                throw ObjectNames.missing(kind, name);
            }
            scope.notice(
                    schema != null
                            ? "schema \"" + schema + "\" does not exist, skipping"
                            : ObjectNames.spelled(kind)
                                    + " \""
                                    + name.last()
                                    + "\" does not exist, skipping");
            return null;
        }
        ObjectKind actual = objects.kindOf(found);
        if (actual != kind) {
            throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "\"" + name.last() + "\" is not " + ObjectNames.withArticle(kind))
                    .withHint(
                            "Use DROP "
                                    + ObjectNames.spelled(actual).toUpperCase(java.util.Locale.ROOT)
                                    + " to remove "
                                    + ObjectNames.withArticle(actual)
                                    + ".");
        }
        return found;
    }

    /** Drops one thing whose dependents are gone. */
    void drop(Thing thing) {
        switch (thing) {
            case Thing.Whole(TableDef table) -> {
                scope.requireNoPendingChecks(table, "DROP TABLE");
                MaterializedView query = scope.catalog().materializedView(table.id());
                if (query != null) {
                    scope.drop(query);
                }
                scope.drop(table);
            }
            case Thing.Whole(IndexDef index) -> {
                scope.drop(index);
                TableDef table = scope.catalog().findTable(index.tableId());
                if (table != null) {
                    // Whoever writes the table's rows at the same time has to see it.
                    scope.write(table);
                }
            }
            case Thing.Whole(CatalogObject object) -> scope.drop(object);
            case Thing.Default(TableDef old, var column) -> {
                TableDef table = scope.catalog().findTable(old.id());
                if (table != null && !table.column(column.number()).dropped()) {
                    scope.write(table.withColumn(table.column(column.number()).withDefault(null)));
                }
            }
            case Thing.OfConstraint(TableDef old, Constraint constraint) -> {
                TableDef table = scope.catalog().findTable(old.id());
                if (table != null) {
                    List<Constraint> kept = new ArrayList<>(table.constraints());
                    kept.removeIf(c -> c.id() == constraint.id());
                    scope.write(table.withConstraints(kept));
                }
            }
            case Thing.Column(int tableId, var column) -> {
                TableDef table = scope.catalog().findTable(tableId);
                if (table != null && !table.column(column.number()).dropped()) {
                    scope.requireNoPendingChecks(table, "ALTER TABLE");
                    new ColumnChanges(scope).dropAlone(table, table.column(column.number()));
                }
            }
            case Thing.Attribute(TypeDef type, var column) -> {
                if (scope.catalog().find(type.id()) instanceof TypeDef now) {
                    new TypeAlterations(scope).dropAttribute(now, column);
                }
            }
            case Thing.OfDomain(TypeDef domain, var check) -> {
                if (scope.catalog().find(domain.id()) instanceof TypeDef now) {
                    scope.write(DomainDefinitions.without(now, check));
                }
            }
            case Thing.TypeOf _ -> {}
        }
    }

    private void checkNotRequired(IndexDef index) {
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
                Dependencies texts = new Dependencies(scope);
                String on = texts.text(new Thing.OfConstraint(table, constraint));
                throw new SqlException(
                                SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                                "cannot drop "
                                        + texts.text(new Thing.Whole(index))
                                        + " because "
                                        + on
                                        + " requires it")
                        .withHint("You can drop " + on + " instead.");
            }
        }
    }

    private void checkNotIdentity(SequenceDef sequence) {
        TableDef table = scope.catalog().findTable(sequence.ownerTableId());
        if (table == null) {
            return;
        }
        var column = table.column(sequence.ownerColumn());
        if (column.identity() != dev.driftdb.schemas.catalog.ColumnDef.Identity.NONE) {
            Dependencies texts = new Dependencies(scope);
            String on = texts.text(new Thing.Column(table.id(), column));
            throw new SqlException(
                            SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                            "cannot drop "
                                    + texts.text(new Thing.Whole(sequence))
                                    + " because "
                                    + on
                                    + " requires it")
                    .withHint("You can drop " + on + " instead.");
        }
    }
}
