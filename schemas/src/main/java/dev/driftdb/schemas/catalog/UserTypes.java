package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The types of one image of the catalog that are not built in, made from their definitions when
 * first asked for. Definitions name other types by oid; what they stand for is decided here, from
 * the image alone. Safe for any thread.
 */
final class UserTypes {
    private final Map<Integer, TypeDef> definitions = new HashMap<>();
    private final Map<Integer, TableDef> tables = new HashMap<>();
    private final Map<Integer, ViewDef> views = new HashMap<>();
    private final Map<Integer, SqlType> made = new ConcurrentHashMap<>();

    UserTypes(Collection<CatalogObject> objects) {
        for (CatalogObject object : objects) {
            switch (object) {
                case TypeDef type -> definitions.put(type.id(), type);
                case TableDef table -> tables.put(table.id(), table);
                case ViewDef view -> views.put(view.id(), view);
                default -> {}
            }
        }
    }

    /** The type with an oid, built in or not; null if there is none. */
    @Nullable SqlType find(int oid) {
        SqlType builtIn = Types.findByOid(oid);
        if (builtIn != null) {
            return builtIn;
        }
        SqlType known = made.get(oid);
        if (known == null) {
            known = make(oid);
            if (known != null) {
                made.put(oid, known);
            }
        }
        return known;
    }

    private @Nullable SqlType make(int oid) {
        int elementOid = Types.userElementOid(oid);
        if (elementOid != 0) {
            SqlType element = find(elementOid);
            return element == null ? null : Types.arrayOf(element);
        }
        TypeDef definition = definitions.get(oid);
        if (definition != null) {
            return Types.user(oid, definition.name(), made(definition));
        }
        TableDef table = tables.get(oid);
        if (table != null) {
            return Types.user(oid, table.name(), composite(table.columns()));
        }
        ViewDef view = views.get(oid);
        return view == null ? null : Types.user(oid, view.name(), composite(view.columns()));
    }

    private UserType made(TypeDef definition) {
        return switch (definition.kind()) {
            case TypeDef.Enumeration(List<TypeDef.EnumLabel> labels) ->
                    new UserType.Enumeration(
                            labels.stream()
                                    .map(label ->
                                            new UserType.Label(label.position(), label.name()))
                                    .toList());
            case TypeDef.Domain domain ->
                    new UserType.Domain(current(domain.over()), domain.typmod());
            case TypeDef.Composite(List<ColumnDef> attributes) -> composite(attributes);
        };
    }

    private UserType.Composite composite(List<ColumnDef> columns) {
        List<UserType.Attribute> attributes = new ArrayList<>(columns.size());
        for (ColumnDef column : columns) {
            attributes.add(
                    new UserType.Attribute(
                            column.number(),
                            column.name(),
                            current(column.type()),
                            column.typmod(),
                            column.dropped()));
        }
        return new UserType.Composite(attributes);
    }

    /** What a type of this oid is in this image; itself if the image does not know it. */
    SqlType current(SqlType type) {
        if (type.definition() == null) {
            return type;
        }
        SqlType found = find(type.oid());
        return found == null ? type : found;
    }

    /** Whether nothing in the object names a type that is not built in. */
    boolean isCurrent(CatalogObject object) {
        return switch (object) {
            case TableDef table -> !hasUserTypes(table.columns());
            case ViewDef view -> !hasUserTypes(view.columns());
            case IndexDef index -> !hasUserExpression(index);
            case TypeDef _ -> false;
            default -> true;
        };
    }

    /** The object with the types of its columns as they are in this image. */
    CatalogObject current(CatalogObject object) {
        return switch (object) {
            case TableDef table when hasUserTypes(table.columns()) ->
                    table.withColumns(current(table.columns()));
            case ViewDef view when hasUserTypes(view.columns()) ->
                    view.withColumns(current(view.columns()));
            case IndexDef index when hasUserExpression(index) ->
                    index.withColumns(index.columns().stream().map(this::current).toList());
            case TypeDef type ->
                    switch (type.kind()) {
                        case TypeDef.Composite(List<ColumnDef> attributes) ->
                                hasUserTypes(attributes)
                                        ? type.withKind(new TypeDef.Composite(current(attributes)))
                                        : type;
                        case TypeDef.Domain domain ->
                                domain.over().definition() == null
                                        ? type
                                        : type.withKind(
                                                new TypeDef.Domain(
                                                        current(domain.over()),
                                                        domain.typmod(),
                                                        domain.notNull(),
                                                        domain.defaultSql(),
                                                        domain.checks(),
                                                        domain.searchPath()));
                        case TypeDef.Enumeration _ -> type;
                    };
            default -> object;
        };
    }

    private static boolean hasUserTypes(List<ColumnDef> columns) {
        for (ColumnDef column : columns) {
            if (column.type().definition() != null) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasUserExpression(IndexDef index) {
        for (IndexDef.IndexColumn column : index.columns()) {
            IndexDef.IndexExpression expression = column.expression();
            if (expression != null && expression.type().definition() != null) {
                return true;
            }
        }
        return false;
    }

    private IndexDef.IndexColumn current(IndexDef.IndexColumn column) {
        IndexDef.IndexExpression old = column.expression();
        return old == null || old.type().definition() == null
                ? column
                : new IndexDef.IndexColumn(
                        column.number(),
                        column.descending(),
                        column.nullsFirst(),
                        new IndexDef.IndexExpression(
                                old.sql(), current(old.type()), old.typmod(), old.name()));
    }

    private List<ColumnDef> current(List<ColumnDef> columns) {
        return columns.stream()
                .map(column ->
                        column.type().definition() == null
                                ? column
                                : column.withType(current(column.type())))
                .toList();
    }
}
