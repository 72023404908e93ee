package dev.driftdb.schemas.catalog;

import java.util.List;
import java.util.Map;

/**
 * A view: its query as text, bound anew at each use. Names of relations in it mean what they meant
 * when the view was made ({@code references}); of names without a reference (the engine's own
 * relations, views of older formats) the search path decides.
 *
 * @param columns the names and types the query had when the view was made
 * @param query the text of the SELECT
 * @param searchPath the schemas the names in the text were resolved in
 * @param options WITH (…) settings and check_option, names in lower case; and what follows from the
 *     query: {@link #UPDATABLE_COLUMNS}
 */
public record ViewDef(
        int id,
        int schemaId,
        String name,
        int ownerId,
        List<ColumnDef> columns,
        String query,
        List<String> searchPath,
        List<RelationReference> references,
        Map<String, String> options)
        implements CatalogObject, Relation {
    /** The option that WITH CHECK OPTION sets: "local" or "cascaded". */
    public static final String CHECK_OPTION = "check_option";

    /** The numbers of the columns that can be given values through the view, with commas. */
    public static final String UPDATABLE_COLUMNS = "updatable_columns";

    public ViewDef {
        columns = List.copyOf(columns);
        searchPath = List.copyOf(searchPath);
        references = List.copyOf(references);
        options = Map.copyOf(options);
    }

    public ViewDef(
            int id,
            int schemaId,
            String name,
            int ownerId,
            List<ColumnDef> columns,
            String query,
            List<String> searchPath) {
        this(id, schemaId, name, ownerId, columns, query, searchPath, List.of(), Map.of());
    }

    /** Whether a column can be given values through the view. */
    public boolean isUpdatable(int columnNumber) {
        return List.of(options.getOrDefault(UPDATABLE_COLUMNS, "").split(","))
                .contains(Integer.toString(columnNumber));
    }

    public ViewDef named(int newSchemaId, String newName) {
        return new ViewDef(
                id, newSchemaId, newName, ownerId, columns, query, searchPath, references, options);
    }

    public ViewDef ownedBy(int newOwnerId) {
        return new ViewDef(
                id, schemaId, name, newOwnerId, columns, query, searchPath, references, options);
    }

    public ViewDef withColumns(List<ColumnDef> newColumns) {
        return new ViewDef(
                id, schemaId, name, ownerId, newColumns, query, searchPath, references, options);
    }

    public ViewDef withOptions(Map<String, String> newOptions) {
        return new ViewDef(
                id, schemaId, name, ownerId, columns, query, searchPath, references, newOptions);
    }
}
