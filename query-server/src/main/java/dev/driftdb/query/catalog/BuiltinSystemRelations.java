package dev.driftdb.query.catalog;

import dev.driftdb.query.function.BuiltinFunctions;
import dev.driftdb.query.function.FunctionCatalog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * pg_catalog and information_schema as PostgreSQL 16 has them, and schema driftdb. The columns are
 * data (resource {@code relations.txt}); the rows are computed from the catalog a statement was
 * bound to, one by one as they are read. Immutable; safe for any thread.
 */
public final class BuiltinSystemRelations implements SystemRelations {
    private record Name(String schema, String name) {}

    private final Map<Name, SystemRelation> byName = new HashMap<>();
    private final List<SystemRelation> all = new ArrayList<>();

    private final FunctionCatalog functions;

    public BuiltinSystemRelations() {
        List<DeclaredRelation> declared = DeclaredRelation.load();
        RowSources sources = new RowSources();
        TypeData types = new TypeData();
        RelationRows.define(sources, declared, types);
        ConstraintRows.define(sources, types);
        UserTypeRows.define(sources);
        RelationViews.define(sources, declared, this::functions);
        TypeRows.define(sources, types);
        FunctionRows.define(sources, this::functions);
        ServerRows.define(sources);
        InformationSchema.define(sources, declared);
        InformationConstraints.define(sources);
        InformationRoutines.define(sources, this::functions);
        DriftDbRows.define(sources);
        for (DeclaredRelation relation : declared) {
            SystemRelation.Rows rows =
                    relation.alwaysEmpty()
                            ? (_, _) -> Collections.emptyIterator()
                            : sources.rowsOf(relation);
            SystemRelation made =
                    new SystemRelation(
                            relation.id(),
                            relation.schema(),
                            relation.name(),
                            relation.columns(),
                            rows);
            all.add(made);
            byName.put(new Name(made.schema(), made.name()), made);
        }
        // Last: names of functions and of relations are looked up in each other.
        functions = new BuiltinFunctions(this);
    }

    /** The functions that pg_proc, pg_operator, pg_cast and pg_aggregate show. */
    public FunctionCatalog functions() {
        return functions;
    }

    @Override
    public @Nullable SystemRelation find(String schema, String name) {
        return byName.get(new Name(schema, name));
    }

    @Override
    public Collection<SystemRelation> all() {
        return Collections.unmodifiableList(all);
    }
}
