package dev.driftdb.query.define;

import dev.driftdb.query.ast.ObjectDefinition.ObjectKind;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The kinds of objects that statements name, and how they are called. */
final class ObjectNames {
    private final DefinitionScope scope;
    private final Names names;

    ObjectNames(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    @Nullable CatalogObject find(ObjectKind kind, QualifiedName name) {
        return kind == ObjectKind.SCHEMA
                ? scope.catalog().findSchema(name.last())
                : (CatalogObject) names.find(name);
    }

    /** The schema that a name says and that is not there. */
    @Nullable String missingSchema(ObjectKind kind, QualifiedName name) {
        if (kind == ObjectKind.SCHEMA || name.parts().size() < 2) {
            return null;
        }
        String schema = name.parts().get(name.parts().size() - 2);
        return scope.catalog().findSchema(schema) == null ? schema : null;
    }

    ObjectKind kindOf(CatalogObject object) {
        return switch (object) {
            case TableDef table ->
                    scope.catalog().materializedView(table.id()) == null
                            ? ObjectKind.TABLE
                            : ObjectKind.MATERIALIZED_VIEW;
            case IndexDef _ -> ObjectKind.INDEX;
            case SequenceDef _ -> ObjectKind.SEQUENCE;
            case ViewDef _ -> ObjectKind.VIEW;
            case SchemaDef _ -> ObjectKind.SCHEMA;
            default -> throw new IllegalStateException("no statement names " + object);
        };
    }

    static SqlException missing(ObjectKind kind, QualifiedName name) {
        return new SqlException(
                switch (kind) {
                    case SCHEMA -> SqlState.INVALID_SCHEMA_NAME;
                    case INDEX -> SqlState.UNDEFINED_OBJECT;
                    default -> SqlState.UNDEFINED_TABLE;
                },
                spelled(kind) + " \"" + name.last() + "\" does not exist");
    }

    static String spelled(ObjectKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static String withArticle(ObjectKind kind) {
        return (kind == ObjectKind.INDEX ? "an " : "a ") + spelled(kind);
    }
}
