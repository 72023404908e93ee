package dev.driftdb.query.catalog;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.catalog.Catalog;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The code of each relation's rows, by the relation's name. Used while the server starts. */
final class RowSources {
    @FunctionalInterface
    interface Source {
        /**
         * The rows, computed as the stream is read.
         *
         * @param relation makes the rows
         */
        Stream<@Nullable Object[]> rows(
                DeclaredRelation relation, Catalog catalog, EvalContext context);
    }

    private final Map<String, Source> sources = new HashMap<>();

    void add(String schema, String name, Source source) {
        if (sources.put(schema + "." + name, source) != null) {
            throw new IllegalStateException("two sources of " + schema + "." + name);
        }
    }

    void pgCatalog(String name, Source source) {
        add("pg_catalog", name, source);
    }

    void informationSchema(String name, Source source) {
        add("information_schema", name, source);
    }

    SystemRelation.Rows rowsOf(DeclaredRelation relation) {
        Source source = sources.get(relation.schema() + "." + relation.name());
        if (source == null) {
            throw new IllegalStateException("nothing computes " + relation.name());
        }
        return (catalog, context) -> source.rows(relation, catalog, context).iterator();
    }
}
