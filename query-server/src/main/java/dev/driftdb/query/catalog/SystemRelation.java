package dev.driftdb.query.catalog;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A relation that the engine computes.
 *
 * @param id its oid in pg_class: PostgreSQL's where it has a fixed one
 * @param schema pg_catalog, information_schema or driftdb
 * @param rows its rows for a catalog image
 */
public record SystemRelation(
        int id, String schema, String name, List<ColumnDef> columns, Rows rows) {
    public SystemRelation {
        columns = List.copyOf(columns);
    }

    @FunctionalInterface
    public interface Rows {
        Iterator<@Nullable Object[]> of(Catalog catalog, EvalContext context);
    }
}
