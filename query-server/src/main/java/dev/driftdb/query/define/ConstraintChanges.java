package dev.driftdb.query.define;

import dev.driftdb.query.ast.TableDefinition.AlterAction;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;

/** ALTER TABLE: constraints dropped, renamed, made deferrable. */
final class ConstraintChanges {
    private final DefinitionScope scope;
    private final Names names;

    ConstraintChanges(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    static Constraint find(TableDef table, String name) {
        return table.constraints().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new SqlException(
                                SqlState.UNDEFINED_OBJECT,
                                "constraint \""
                                        + name
                                        + "\" of relation \""
                                        + table.name()
                                        + "\" does not exist"));
    }

    TableDef rename(TableDef table, AlterAction.RenameConstraint rename) {
        Constraint found =
                table.constraints().stream()
                        .filter(c -> c.name().equals(rename.constraint()))
                        .findFirst()
                        .orElseThrow(() ->
                                new SqlException(
                                        SqlState.UNDEFINED_OBJECT,
                                        "constraint \""
                                                + rename.constraint()
                                                + "\" for table \""
                                                + table.name()
                                                + "\" does not exist"));
        String name = Names.cut(rename.newName(), Names.NAME_BYTES_MAX);
        int indexId =
                switch (found) {
                    case Constraint.PrimaryKey key -> key.indexId();
                    case Constraint.Unique unique -> unique.indexId();
                    case Constraint.Check _, Constraint.ForeignKey _ -> 0;
                };
        if (scope.catalog().find(indexId) instanceof IndexDef index
                && scope.catalog().find(index.schemaId()) instanceof SchemaDef schema) {
            names.requireFree(schema, name);
            scope.write(index.withName(name));
        }
        TableConstraints.unusedName(table, name);
        return table.withConstraint(found.withName(name));
    }

    TableDef alter(TableDef table, AlterAction.AlterConstraint alter) {
        Constraint found = find(table, alter.constraint());
        if (!(found instanceof Constraint.ForeignKey key)) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    "constraint \""
                            + found.name()
                            + "\" of relation \""
                            + table.name()
                            + "\" is not a foreign key constraint");
        }
        return table.withConstraint(
                key.withTiming(alter.timing().deferrable(), alter.timing().initiallyDeferred()));
    }

    TableDef drop(TableDef table, AlterAction.DropConstraint drop) {
        if (drop.ifExists()
                && table.constraints().stream()
                        .noneMatch(c -> c.name().equals(drop.constraint()))) {
            scope.notice(
                    "constraint \""
                            + drop.constraint()
                            + "\" of relation \""
                            + table.name()
                            + "\" does not exist, skipping");
            return table;
        }
        Constraint found = find(table, drop.constraint());
        Dependents dependents =
                new Dependents(scope, "constraint " + found.name() + " on table " + table.name());
        return drop(table, found, dependents, drop.cascade());
    }

    /**
     * The table without a constraint, its index and, with CASCADE, the foreign keys that need it.
     */
    TableDef drop(TableDef table, Constraint found, Dependents dependents, boolean cascade) {
        int indexId =
                switch (found) {
                    case Constraint.PrimaryKey key -> key.indexId();
                    case Constraint.Unique unique -> unique.indexId();
                    case Constraint.Check _, Constraint.ForeignKey _ -> 0;
                };
        TableDef current = table;
        if (scope.catalog().find(indexId) instanceof IndexDef index) {
            for (Catalog.Reference reference : scope.catalog().referencesTo(table.id())) {
                IndexDef parent = scope.catalog().parentIndex(reference.key());
                if (parent != null && parent.id() == index.id()) {
                    dependents.add(reference, "index " + index.name());
                }
            }
            dependents.resolve(cascade);
            current = current(current);
        }
        List<Constraint> kept = new ArrayList<>(current.constraints());
        kept.removeIf(constraint -> constraint.id() == found.id());
        TableDef changed = current.withConstraints(kept);
        if (scope.catalog().find(indexId) instanceof IndexDef index) {
            scope.drop(index);
        }
        if (found instanceof Constraint.PrimaryKey) {
            TableDef rekeyed = changed.withKey(scope.newId(), List.of());
            scope.requireUnchanged(table);
            scope.write(rekeyed);
            scope.rekey(changed, rekeyed);
            return rekeyed;
        }
        return changed;
    }

    /** A table as a cascade may have left it. */
    private TableDef current(TableDef table) {
        TableDef now = scope.catalog().findTable(table.id());
        return now == null ? table : now;
    }
}
