package dev.driftdb.query.define;

import dev.driftdb.query.ast.Statement.CreateSchema;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;

/** CREATE SCHEMA. */
public final class SchemaDefinitions {
    private final DefinitionScope scope;

    public SchemaDefinitions(DefinitionScope scope) {
        this.scope = scope;
    }

    public void create(CreateSchema statement) {
        String name = Names.cut(statement.name(), Names.NAME_BYTES_MAX);
        if (name.startsWith("pg_")) {
            throw new SqlException(
                            SqlState.RESERVED_NAME, "unacceptable schema name \"" + name + "\"")
                    .withDetail("The prefix \"pg_\" is reserved for system schemas.");
        }
        if (scope.catalog().findSchema(name) != null) {
            if (statement.ifNotExists()) {
                scope.notice("schema \"" + name + "\" already exists, skipping");
                return;
            }
            throw new SqlException(
                    SqlState.DUPLICATE_SCHEMA, "schema \"" + name + "\" already exists");
        }
        scope.write(new SchemaDef(scope.newId(), name, scope.ownerId()));
    }
}
