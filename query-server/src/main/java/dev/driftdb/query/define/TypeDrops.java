package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Statement.AlterAction;
import dev.driftdb.query.ast.Statement.AlterTable;
import dev.driftdb.query.ast.Statement.ObjectKind;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** DROP TYPE and DROP DOMAIN, and what becomes of columns and types that are made of a type. */
final class TypeDrops {
    private static final String HINT = "Use DROP ... CASCADE to drop the dependent objects too.";

    /**
     * Something made directly of a type.
     *
     * @param owner the table, composite type or domain
     * @param column of the table or composite type; null for a domain
     */
    private record Use(CatalogObject owner, @Nullable ColumnDef column, SqlType type) {
        String text(String typeText) {
            String what =
                    column == null
                            ? "type " + owner.name()
                            : "column "
                                    + column.name()
                                    + (owner instanceof TableDef
                                            ? " of table "
                                            : " of composite type ")
                                    + owner.name();
            return what + " depends on type " + typeText;
        }
    }

    private final DefinitionScope scope;
    private final Names names;

    TypeDrops(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    /** The type to drop; null if it is not there and need not be. */
    @Nullable TypeDef find(ObjectKind kind, QualifiedName name, boolean ifExists) {
        if (name.parts().size() > 1) {
            String schema = name.parts().get(name.parts().size() - 2);
            if (scope.catalog().findSchema(schema) == null) {
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

    void drop(TypeDef type, boolean cascade) {
        dropUses(type.id(), "type " + type.name(), type.name(), cascade);
        scope.drop(type);
    }

    /**
     * Drops columns and domains of a type before it goes itself, or 2BP01.
     *
     * @param what is dropped, for the message
     */
    void dropUses(int typeId, String what, String typeName, boolean cascade) {
        List<Use> uses = uses(typeId);
        if (uses.isEmpty()) {
            return;
        }
        if (!cascade) {
            List<String> lines = new ArrayList<>();
            describe(uses, typeName, lines);
            throw new SqlException(
                            SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                            "cannot drop " + what + " because other objects depend on it")
                    .withDetail(String.join("\n", lines))
                    .withHint(HINT);
        }
        for (Use use : uses) {
            ColumnDef column = use.column();
            switch (use.owner()) {
                case TableDef table when column != null -> {
                    if (table.id() != typeId) {
                        dropColumn(table, column);
                    }
                }
                case TypeDef composite when column != null ->
                        new TypeAlterations(scope).dropAttribute(composite, column);
                case TypeDef domain -> drop(domain, true);
                default -> throw new IllegalStateException("cannot drop " + use);
            }
        }
    }

    private void describe(List<Use> uses, String typeName, List<String> lines) {
        for (Use use : uses) {
            boolean array = use.type().definition() instanceof UserType.ArrayOf;
            lines.add(use.text(array ? typeName + "[]" : typeName));
            if (use.column() == null) {
                describe(uses(use.owner().id()), use.owner().name(), lines);
            }
        }
    }

    private void dropColumn(TableDef table, ColumnDef column) {
        if (scope.catalog().find(table.schemaId()) instanceof SchemaDef schema) {
            new TableAlterations(scope)
                    .alter(
                            new AlterTable(
                                    new QualifiedName(List.of(schema.name(), table.name()), 0),
                                    false,
                                    List.of(
                                            new AlterAction.DropColumn(
                                                    column.name(), false, true))));
        }
    }

    private List<Use> uses(int typeId) {
        List<Use> uses = new ArrayList<>();
        for (CatalogObject object : scope.catalog().objects()) {
            switch (object) {
                case TableDef table -> {
                    for (ColumnDef column : table.visibleColumns()) {
                        if (isOf(column.type(), typeId)) {
                            uses.add(new Use(table, column, column.type()));
                        }
                    }
                }
                case TypeDef type -> {
                    switch (type.kind()) {
                        case TypeDef.Composite composite -> {
                            for (ColumnDef attribute : composite.visible()) {
                                if (isOf(attribute.type(), typeId)) {
                                    uses.add(new Use(type, attribute, attribute.type()));
                                }
                            }
                        }
                        case TypeDef.Domain domain -> {
                            if (isOf(domain.over(), typeId)) {
                                uses.add(new Use(type, null, domain.over()));
                            }
                        }
                        case TypeDef.Enumeration _ -> {}
                    }
                }
                default -> {}
            }
        }
        // Those of the array over the type come first.
        uses.sort(
                java.util.Comparator.comparing(
                        use -> !(use.type().definition() instanceof UserType.ArrayOf)));
        return uses;
    }

    private static boolean isOf(SqlType type, int typeId) {
        return type.oid() == typeId
                || (type.definition() instanceof UserType.ArrayOf array
                        && array.element().oid() == typeId);
    }
}
