package dev.driftdb.query.define;

import dev.driftdb.query.ast.ObjectDefinition.CreateSchema;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import org.jspecify.annotations.Nullable;

/** CREATE SCHEMA. */
public final class SchemaDefinitions {
    private final DefinitionScope scope;

    public SchemaDefinitions(DefinitionScope scope) {
        this.scope = scope;
    }

    /** The new schema's name, null if it was there already. */
    public @Nullable String create(CreateSchema statement) {
        RoleDef owner =
                statement.authorization() == null ? null : role(scope, statement.authorization());
        String given = statement.name();
        String name =
                Names.cut(
                        given != null ? given : owner == null ? "" : owner.name(),
                        Names.NAME_BYTES_MAX);
        checkName(name);
        if (scope.catalog().findSchema(name) != null) {
            if (statement.ifNotExists()) {
                scope.notice("schema \"" + name + "\" already exists, skipping");
                return null;
            }
            throw new SqlException(
                    SqlState.DUPLICATE_SCHEMA, "schema \"" + name + "\" already exists");
        }
        scope.write(
                new SchemaDef(scope.newId(), name, owner == null ? scope.ownerId() : owner.id()));
        return name;
    }

    static void checkName(String name) {
        if (name.startsWith("pg_")) {
            throw new SqlException(
                            SqlState.RESERVED_NAME, "unacceptable schema name \"" + name + "\"")
                    .withDetail("The prefix \"pg_\" is reserved for system schemas.");
        }
    }

    /** A role by name; CURRENT_USER and its kin are the session's own. */
    static RoleDef role(DefinitionScope scope, String name) {
        RoleDef role =
                switch (name) {
                    case "current_user", "current_role", "session_user" ->
                            scope.catalog().find(scope.ownerId()) instanceof RoleDef own
                                    ? own
                                    : null;
                    default -> scope.catalog().findRole(name);
                };
        if (role == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "role \"" + name + "\" does not exist");
        }
        return role;
    }
}
