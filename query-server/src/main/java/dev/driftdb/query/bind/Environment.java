package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.RelationReference;
import dev.driftdb.schemas.catalog.ViewDef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What names of relations and types mean at one place of a statement. Immutable.
 *
 * @param asOf the offset that tables without a clause of their own are read at, null for now
 * @param commonTables by name, inner ones over outer ones
 * @param pinned what names of relations and types in a view's text stand for, by position
 * @param viewDepth how many views this text is inside of
 * @param top whether data-modifying WITH is allowed here
 */
record Environment(
        Catalog catalog,
        @Nullable Long asOf,
        List<String> searchPath,
        Map<String, CommonTable> commonTables,
        Map<Integer, RelationReference> pinned,
        int viewDepth,
        boolean top) {

    /**
     * A common table in reach.
     *
     * @param columns null for a data-modifying statement without RETURNING
     * @param asOf the offset that it was bound at, null for now
     * @param list where it is defined; null for what a recursive term reads of itself
     * @param unexpanded how many of the columns, the last ones, {@code *} leaves out
     */
    record CommonTable(
            int id,
            String name,
            @Nullable List<OutputColumn> columns,
            @Nullable Long asOf,
            @Nullable WithList list,
            int unexpanded) {}

    /**
     * A WITH list as it is written.
     *
     * @param around where it stands
     */
    record WithList(List<Query.CommonTable> tables, boolean recursive, Environment around) {}

    Environment at(Catalog image, long offset) {
        return new Environment(image, offset, searchPath, commonTables, pinned, viewDepth, top);
    }

    Environment with(CommonTable table) {
        Map<String, CommonTable> next = new HashMap<>(commonTables);
        next.put(table.name(), table);
        return new Environment(catalog, asOf, searchPath, Map.copyOf(next), pinned, viewDepth, top);
    }

    Environment inner() {
        return top
                ? new Environment(catalog, asOf, searchPath, commonTables, pinned, viewDepth, false)
                : this;
    }

    /** Inside of a view: what its names stood for, none of the statement's common tables. */
    Environment insideView(ViewDef view) {
        Map<Integer, RelationReference> references = new HashMap<>();
        for (RelationReference reference : view.references()) {
            if (reference.position() > 0) {
                references.put(reference.position(), reference);
            }
        }
        return new Environment(
                catalog,
                asOf,
                view.searchPath(),
                Map.of(),
                Map.copyOf(references),
                viewDepth + 1,
                false);
    }
}
