package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Names in definition statements: found in the search path, or free to be given. */
final class Names {
    /** PostgreSQL's NAMEDATALEN - 1. */
    static final int NAME_BYTES_MAX = 63;

    private final DefinitionScope scope;

    Names(DefinitionScope scope) {
        this.scope = scope;
    }

    SchemaDef schema(String name, int position) {
        SchemaDef schema = scope.catalog().findSchema(name);
        if (schema == null) {
            throw new SqlException(
                    SqlState.INVALID_SCHEMA_NAME,
                    "schema \"" + name + "\" does not exist",
                    position);
        }
        return schema;
    }

    /** The schema in which a new object of this name is made. */
    SchemaDef creationSchema(QualifiedName name) {
        SchemaDef schema;
        if (name.parts().size() > 1) {
            schema = schema(name.parts().get(name.parts().size() - 2), name.position());
        } else {
            schema = null;
            for (String candidate : scope.searchPath()) {
                schema = scope.catalog().findSchema(candidate);
                if (schema != null && !isSystem(schema)) {
                    break;
                }
            }
            if (schema == null) {
                throw new SqlException(
                        SqlState.INVALID_SCHEMA_NAME,
                        "no schema has been selected to create in",
                        name.position());
            }
        }
        if (isSystem(schema)) {
            throw new SqlException(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "permission denied to create \"" + name + "\"",
                    name.position());
        }
        return schema;
    }

    private static boolean isSystem(SchemaDef schema) {
        return schema.id() == SchemaDef.PG_CATALOG
                || schema.id() == SchemaDef.INFORMATION_SCHEMA
                || schema.id() == SchemaDef.DRIFTDB;
    }

    @Nullable Relation find(QualifiedName name) {
        if (name.parts().size() > 1) {
            SchemaDef schema =
                    scope.catalog().findSchema(name.parts().get(name.parts().size() - 2));
            return schema == null ? null : scope.catalog().findRelation(schema.id(), name.last());
        }
        for (String candidate : scope.searchPath()) {
            SchemaDef schema = scope.catalog().findSchema(candidate);
            Relation relation =
                    schema == null ? null : scope.catalog().findRelation(schema.id(), name.last());
            if (relation != null) {
                return relation;
            }
        }
        return null;
    }

    TableDef table(QualifiedName name) {
        return switch (find(name)) {
            case TableDef table -> table;
            case null -> throw unknown(name);
            case ViewDef _, IndexDef _, SequenceDef _ ->
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "\"" + name.last() + "\" is not a table",
                            name.position());
        };
    }

    static SqlException unknown(QualifiedName name) {
        return new SqlException(
                SqlState.UNDEFINED_TABLE,
                "relation \"" + name + "\" does not exist",
                name.position());
    }

    /** Refuses a name that a relation of the schema already has. */
    void requireFree(SchemaDef schema, String name) {
        if (scope.catalog().findRelation(schema.id(), name) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_TABLE, "relation \"" + name + "\" already exists");
        }
    }

    /** A free relation name such as t_a_key, t_a_key1, … cut to the length a name may have. */
    String choose(SchemaDef schema, String... parts) {
        String suffix = "_" + parts[parts.length - 1];
        StringBuilder stem = new StringBuilder(parts[0]);
        for (int i = 1; i < parts.length - 1; i++) {
            stem.append('_').append(parts[i]);
        }
        for (int i = 0; ; i++) {
            String end = i == 0 ? suffix : suffix + i;
            String name = cut(stem.toString(), NAME_BYTES_MAX - end.length()) + end;
            if (scope.catalog().findRelation(schema.id(), name) == null) {
                return name;
            }
        }
    }

    /** Cuts a name to a number of bytes at a character's end. */
    static String cut(String name, int bytesMax) {
        String cut = name;
        while (cut.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }
}
