package dev.driftdb.schemas.catalog;

import java.util.List;

/**
 * A view: its query as text, bound anew at each use with the search path it was made under.
 *
 * @param columns the names and types the query had when the view was made
 * @param query the text of the SELECT
 * @param searchPath the schemas the names in the text were resolved in
 */
public record ViewDef(
        int id,
        int schemaId,
        String name,
        int ownerId,
        List<ColumnDef> columns,
        String query,
        List<String> searchPath)
        implements CatalogObject, Relation {
    public ViewDef {
        columns = List.copyOf(columns);
        searchPath = List.copyOf(searchPath);
    }
}
