package dev.driftdb.query.define;

import dev.driftdb.query.ast.ObjectDefinition.ObjectKind;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.UserType;
import org.jspecify.annotations.Nullable;

/** The types that DROP TYPE and DROP DOMAIN name. */
final class DroppedTypes {
    private final DefinitionScope scope;
    private final Names names;

    DroppedTypes(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    /** The type to drop; null if it is not there and need not be. */
    @Nullable TypeDef find(ObjectKind kind, QualifiedName name, boolean ifExists) {
        if (name.parts().size() > 1) {
            String schema = name.parts().get(name.parts().size() - 2);
            if (!schema.equals(TemporarySchemas.ALIAS)
                    && scope.catalog().findSchema(schema) == null) {
                if (!ifExists) {
                    throw new SqlException(
                            SqlState.INVALID_SCHEMA_NAME,
                            "schema \"" + schema + "\" does not exist");
                }
                scope.notice("schema \"" + schema + "\" does not exist, skipping");
                return null;
            }
        }
        SqlType type = names.findType(name);
        if (type == null) {
            if (!ifExists) {
                throw new SqlException(
                        SqlState.UNDEFINED_OBJECT, "type \"" + name + "\" does not exist");
            }
            scope.notice("type \"" + name + "\" does not exist, skipping");
            return null;
        }
        if (kind == ObjectKind.DOMAIN && !type.isDomain()) {
            throw new SqlException(SqlState.WRONG_OBJECT_TYPE, "\"" + name + "\" is not a domain");
        }
        TypeDef definition = names.definition(type);
        if (definition == null) {
            throw undroppable(type);
        }
        return definition;
    }

    private SqlException undroppable(SqlType type) {
        if (type.definition() == null) {
            return new SqlException(
                    SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                    "cannot drop type "
                            + type.sqlName()
                            + " because it is required by the database system");
        }
        String owner =
                type.definition() instanceof UserType.ArrayOf array
                        ? "type " + array.element().sqlName()
                        : (scope.catalog().find(type.oid()) instanceof TableDef
                                        ? "table "
                                        : "view ")
                                + type.sqlName();
        return new SqlException(
                        SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                        "cannot drop type " + type.sqlName() + " because " + owner + " requires it")
                .withHint("You can drop " + owner + " instead.");
    }
}
