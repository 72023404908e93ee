package dev.driftdb.query.bind;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.catalog.SystemRelation;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds relations by name along the search path. */
final class Relations {
    private static final String PG_CATALOG = "pg_catalog";

    /** One of the two is there. */
    record Found(String schema, @Nullable Relation stored, @Nullable SystemRelation system) {}

    private final BindContext context;

    Relations(BindContext context) {
        this.context = context;
    }

    /**
     * @throws SqlException 42P01 if there is none
     */
    Found find(QualifiedName name, Environment environment, int position) {
        List<String> parts = name.parts();
        int at = position > 0 ? position : name.position();
        if (parts.size() > 3) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "improper relation name (too many dotted names): " + name,
                    at);
        }
        if (parts.size() == 3 && !parts.getFirst().equals(context.database())) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "cross-database references are not implemented: \"" + name + "\"",
                    at);
        }
        List<String> schemas =
                parts.size() > 1
                        ? List.of(schema(parts.get(parts.size() - 2), environment))
                        : path(environment.searchPath());
        for (String schema : schemas) {
            SystemRelation system = context.systemRelations().find(schema, name.last());
            if (system != null) {
                return new Found(schema, null, system);
            }
            SchemaDef definition = environment.catalog().findSchema(schema);
            Relation stored =
                    definition == null
                            ? null
                            : environment.catalog().findRelation(definition.id(), name.last());
            if (stored != null) {
                return new Found(schema, stored, null);
            }
            TypeDef type =
                    definition == null
                            ? null
                            : environment.catalog().findTypeDef(definition.id(), name.last());
            if (type != null && type.kind() instanceof TypeDef.Composite) {
                throw new SqlException(
                                SqlState.WRONG_OBJECT_TYPE,
                                "cannot open relation \"" + type.name() + "\"",
                                at)
                        .withDetail("This operation is not supported for composite types.");
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_TABLE, "relation \"" + name + "\" does not exist", at);
    }

    /** pg_temp is what a session calls the schema of its own temporary objects. */
    private static String schema(String given, Environment environment) {
        if (given.equals(TemporarySchemas.ALIAS)) {
            for (String name : environment.searchPath()) {
                if (TemporarySchemas.isTemporary(name)) {
                    return name;
                }
            }
        }
        return given;
    }

    private static List<String> path(List<String> searchPath) {
        if (searchPath.contains(PG_CATALOG)) {
            return searchPath;
        }
        List<String> path = new ArrayList<>();
        path.add(PG_CATALOG);
        path.addAll(searchPath);
        return path;
    }
}
