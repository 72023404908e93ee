package dev.driftdb.schemas.catalog;

import java.util.List;

/**
 * An index over columns of a table.
 *
 * <p>A primary index ({@code primary}) has no entries of its own: the table's rows are stored under
 * its key. Any other has, per row, one entry in the column family {@code index}.
 *
 * @param nullsDistinct whether a unique index admits several NULLs (PostgreSQL's default)
 */
public record IndexDef(
        int id,
        int schemaId,
        String name,
        int tableId,
        List<IndexColumn> columns,
        boolean unique,
        boolean nullsDistinct,
        boolean primary)
        implements CatalogObject, Relation {
    public IndexDef {
        columns = List.copyOf(columns);
    }

    /** One indexed column; PostgreSQL's default is ascending with NULLs last. */
    public record IndexColumn(int number, boolean descending, boolean nullsFirst) {
        public static IndexColumn ascending(int number) {
            return new IndexColumn(number, false, false);
        }
    }

    /** The same index under another name. */
    public IndexDef withName(String newName) {
        return new IndexDef(
                id, schemaId, newName, tableId, columns, unique, nullsDistinct, primary);
    }

    /** The same index in another schema. */
    public IndexDef withSchema(int newSchemaId) {
        return new IndexDef(
                id, newSchemaId, name, tableId, columns, unique, nullsDistinct, primary);
    }
}
