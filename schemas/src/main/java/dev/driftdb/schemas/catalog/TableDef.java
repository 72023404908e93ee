package dev.driftdb.schemas.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table.
 *
 * @param id the object id, for ever the same
 * @param storageId under which id its rows are stored; changes when the key changes (ALTER TABLE …
 *     ADD PRIMARY KEY), never used again by another table, as pg_class.relfilenode
 * @param columns by number, dropped ones included: {@code columns.get(n - 1).number() == n}
 * @param keyColumns the numbers of the primary key columns in key order; empty for a table without
 *     one, whose key is a row id: int64 offset of the inserting entry, int32 ordinal in it
 * @param options WITH (…) settings, names in lower case
 */
public record TableDef(
        int id,
        int schemaId,
        String name,
        int ownerId,
        int storageId,
        List<ColumnDef> columns,
        List<Integer> keyColumns,
        List<Constraint> constraints,
        Map<String, String> options)
        implements CatalogObject, Relation {
    public TableDef {
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
        constraints = List.copyOf(constraints);
        options = Map.copyOf(options);
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).number() != i + 1) {
                throw new IllegalArgumentException("column numbers of " + name + " have a gap");
            }
        }
    }

    /** A new table without a key, whose rows are stored under its own id. */
    public static TableDef made(
            int id,
            int schemaId,
            String name,
            int ownerId,
            List<ColumnDef> columns,
            Map<String, String> options) {
        return new TableDef(
                id, schemaId, name, ownerId, id, columns, List.of(), List.of(), options);
    }

    public TableDef named(int newSchemaId, String newName) {
        return new TableDef(
                id,
                newSchemaId,
                newName,
                ownerId,
                storageId,
                columns,
                keyColumns,
                constraints,
                options);
    }

    public TableDef ownedBy(int newOwnerId) {
        return new TableDef(
                id,
                schemaId,
                name,
                newOwnerId,
                storageId,
                columns,
                keyColumns,
                constraints,
                options);
    }

    public TableDef withKey(int newStorageId, List<Integer> newKeyColumns) {
        return new TableDef(
                id,
                schemaId,
                name,
                ownerId,
                newStorageId,
                columns,
                newKeyColumns,
                constraints,
                options);
    }

    public TableDef withColumns(List<ColumnDef> all) {
        return new TableDef(
                id, schemaId, name, ownerId, storageId, all, keyColumns, constraints, options);
    }

    /** With another column in the place of the one that has its number. */
    public TableDef withColumn(ColumnDef column) {
        List<ColumnDef> all = new ArrayList<>(columns);
        all.set(column.number() - 1, column);
        return withColumns(all);
    }

    public TableDef withConstraints(List<Constraint> all) {
        return new TableDef(
                id, schemaId, name, ownerId, storageId, columns, keyColumns, all, options);
    }

    /** With another constraint in the place of the one that has its id. */
    public TableDef withConstraint(Constraint constraint) {
        return withConstraints(
                constraints.stream()
                        .map(old -> old.id() == constraint.id() ? constraint : old)
                        .toList());
    }

    public TableDef withOptions(Map<String, String> all) {
        return new TableDef(
                id, schemaId, name, ownerId, storageId, columns, keyColumns, constraints, all);
    }

    public boolean hasPrimaryKey() {
        return !keyColumns.isEmpty();
    }

    /** The columns a user sees, in order. */
    public List<ColumnDef> visibleColumns() {
        return columns.stream().filter(column -> !column.dropped()).toList();
    }

    public @Nullable ColumnDef findColumn(String columnName) {
        for (ColumnDef column : columns) {
            if (!column.dropped() && column.name().equals(columnName)) {
                return column;
            }
        }
        return null;
    }

    public ColumnDef column(int number) {
        return columns.get(number - 1);
    }
}
