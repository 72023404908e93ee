package dev.driftdb.query.bind;

import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.Catalog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What names of relations mean at one place of a statement. Immutable.
 *
 * @param asOf the offset that tables without a clause of their own are read at, null for now
 * @param commonTables by name, inner ones over outer ones
 * @param viewDepth how many views this text is inside of
 * @param top whether data-modifying WITH is allowed here
 */
record Environment(
        Catalog catalog,
        @Nullable Long asOf,
        List<String> searchPath,
        Map<String, CommonTable> commonTables,
        int viewDepth,
        boolean top) {

    /**
     * A common table in reach.
     *
     * @param columns null for a data-modifying statement without RETURNING
     */
    record CommonTable(int id, String name, @Nullable List<OutputColumn> columns) {}

    Environment at(Catalog image, long offset) {
        return new Environment(image, offset, searchPath, commonTables, viewDepth, top);
    }

    Environment with(CommonTable table) {
        Map<String, CommonTable> next = new HashMap<>(commonTables);
        next.put(table.name(), table);
        return new Environment(catalog, asOf, searchPath, Map.copyOf(next), viewDepth, top);
    }

    Environment inner() {
        return top
                ? new Environment(catalog, asOf, searchPath, commonTables, viewDepth, false)
                : this;
    }

    /** Inside of a view: its own search path, none of the statement's common tables. */
    Environment insideView(List<String> path) {
        return new Environment(catalog, asOf, path, Map.of(), viewDepth + 1, false);
    }
}
