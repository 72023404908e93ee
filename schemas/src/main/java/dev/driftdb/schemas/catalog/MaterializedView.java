package dev.driftdb.schemas.catalog;

import java.util.List;

/**
 * What makes a table a materialized view: the query that its rows are made from.
 *
 * @param id the object id, its own
 * @param tableId the table that holds the rows, and has name, schema and columns
 * @param query the text of the SELECT
 * @param searchPath the schemas the names in the text were resolved in
 * @param references as in {@link ViewDef}
 * @param populated false while there are no rows to read (WITH NO DATA)
 */
public record MaterializedView(
        int id,
        int tableId,
        String query,
        List<String> searchPath,
        List<RelationReference> references,
        boolean populated)
        implements CatalogObject {
    public MaterializedView {
        searchPath = List.copyOf(searchPath);
        references = List.copyOf(references);
    }

    /** None of its own: the table has it. */
    @Override
    public String name() {
        return "";
    }

    public MaterializedView populated(boolean now) {
        return new MaterializedView(id, tableId, query, searchPath, references, now);
    }
}
