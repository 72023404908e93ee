package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.TableDefinition.Truncate;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;

/** TRUNCATE. */
public final class Truncations {
    private final DefinitionScope scope;
    private final Names names;

    public Truncations(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void truncate(Truncate statement) {
        Map<Integer, TableDef> tables = new LinkedHashMap<>();
        for (QualifiedName name : statement.tables()) {
            TableDef table = names.table(name.withoutPosition());
            if (scope.catalog().materializedView(table.id()) != null) {
                throw new SqlException(
                        SqlState.WRONG_OBJECT_TYPE, "\"" + table.name() + "\" is not a table");
            }
            tables.put(table.id(), table);
        }
        addReferencing(tables, statement.cascade());
        for (TableDef table : tables.values()) {
            scope.requireNoPendingChecks(table, "TRUNCATE");
            scope.empty(table);
            if (statement.restartIdentity()) {
                restartSequences(table);
            }
        }
    }

    /** With CASCADE, tables that refer to those; without, such tables must be among them. */
    private void addReferencing(Map<Integer, TableDef> tables, boolean cascade) {
        ArrayDeque<TableDef> open = new ArrayDeque<>(tables.values());
        while (!open.isEmpty()) {
            TableDef parent = open.poll();
            for (Catalog.Reference reference : scope.catalog().referencesTo(parent.id())) {
                TableDef child = reference.child();
                if (tables.containsKey(child.id())) {
                    continue;
                }
                if (!cascade) {
                    throw new SqlException(
                                    SqlState.FEATURE_NOT_SUPPORTED,
                                    "cannot truncate a table referenced in a foreign key constraint")
                            .withDetail(
                                    "Table \"%s\" references \"%s\"."
                                            .formatted(child.name(), parent.name()))
                            .withHint(
                                    "Truncate table \"%s\" at the same time, or use TRUNCATE ... CASCADE."
                                            .formatted(child.name()));
                }
                scope.notice("truncate cascades to table \"" + child.name() + "\"");
                tables.put(child.id(), child);
                open.add(child);
            }
        }
    }

    private void restartSequences(TableDef table) {
        for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == table.id()) {
                scope.setSequence(sequence, new SequenceState(sequence.start(), false));
            }
        }
    }

    /** Whether the name is that of a view, an index or a sequence. */
    public boolean isOtherRelation(QualifiedName name) {
        Relation found = names.find(name);
        return found != null && !(found instanceof TableDef);
    }

    /** 42P01 or 42809 unless the name is a table's. */
    public TableDef requireTable(QualifiedName name) {
        return names.table(name);
    }
}
