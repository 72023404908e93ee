package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.parse.SqlParser;
import dev.driftdb.query.parse.StoredNames;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.MaterializedView;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.RelationReference;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.type.IntervalText;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Definitions as SQL text: pg_get_indexdef, pg_get_constraintdef, format_type. */
public final class CatalogText {
    private static final int INTERVAL_FULL_PRECISION = 0xFFFF;

    private CatalogText() {}

    static @Nullable String index(int id, Catalog catalog, EvalContext context) {
        if (!(catalog.find(id) instanceof IndexDef index)) {
            return null;
        }
        TableDef table = catalog.findTable(index.tableId());
        if (table == null) {
            return null;
        }
        StringBuilder columns = new StringBuilder();
        for (IndexDef.IndexColumn column : index.columns()) {
            columns.append(columns.isEmpty() ? "" : ", ")
                    .append(indexColumn(table, column, context));
        }
        return "CREATE "
                + (index.unique() ? "UNIQUE " : "")
                + "INDEX "
                + RegNames.quoteIdentifier(index.name())
                + " ON "
                + qualified(table.schemaId(), table.name(), catalog)
                + " USING btree ("
                + columns
                + ")"
                + include(index, table)
                + (index.unique() && !index.nullsDistinct() ? " NULLS NOT DISTINCT" : "")
                + (index.predicate() == null
                        ? ""
                        : " WHERE (" + shown(index.predicate(), catalog, context) + ")");
    }

    /** Column {@code n} of an index from 1, as its name alone; empty for no such column. */
    static @Nullable String indexColumn(int id, int n, Catalog catalog, EvalContext context) {
        if (!(catalog.find(id) instanceof IndexDef index)) {
            return null;
        }
        TableDef table = catalog.findTable(index.tableId());
        if (table == null || n < 1 || n > index.columns().size()) {
            return "";
        }
        return indexTerm(table, index.columns().get(n - 1), context);
    }

    private static String indexColumn(
            TableDef table, IndexDef.IndexColumn column, EvalContext context) {
        String name = indexTerm(table, column, context);
        String order = column.descending() ? " DESC" : "";
        // NULLs go last when ascending and first when descending unless said otherwise.
        if (column.nullsFirst() != column.descending()) {
            order += column.nullsFirst() ? " NULLS FIRST" : " NULLS LAST";
        }
        return name + order;
    }

    private static String indexTerm(
            TableDef table, IndexDef.IndexColumn column, EvalContext context) {
        IndexDef.IndexExpression expression = column.expression();
        return expression == null
                ? RegNames.quoteIdentifier(table.column(column.number()).name())
                : shown(expression.shown(), context.catalog(), context);
    }

    /** A DEFAULT with the names of the relations that its text has ids of. */
    public static @Nullable String named(
            @Nullable String sql, Catalog catalog, EvalContext context) {
        return sql == null ? null : shown(sql, catalog, context);
    }

    /** An expression's text with names for the ids in it. */
    public static String shown(String sql, Catalog catalog, EvalContext context) {
        return StoredNames.shown(
                sql,
                id -> typeName(id, catalog, context),
                id -> typeName(element(id), catalog, context),
                id ->
                        catalog.find(id) instanceof Relation relation
                                ? name(relation, catalog, context)
                                : null);
    }

    private static int element(int id) {
        int element = Types.userElementOid(id);
        return element == 0 ? id : element;
    }

    private static String typeName(int id, Catalog catalog, EvalContext context) {
        SqlType type = catalog.findType(id);
        return type == null ? "???" : RegNames.typeName(type, context);
    }

    private static String name(Relation relation, Catalog catalog, EvalContext context) {
        for (String schema : RegNames.effectivePath(context)) {
            var definition = catalog.findSchema(schema);
            Relation found =
                    definition == null
                            ? null
                            : catalog.findRelation(definition.id(), relation.name());
            if (found != null) {
                return found.id() == relation.id()
                        ? RegNames.quoteIdentifier(relation.name())
                        : qualified(relation.schemaId(), relation.name(), catalog);
            }
        }
        return qualified(relation.schemaId(), relation.name(), catalog);
    }

    private static String name(TypeDef type, Catalog catalog, EvalContext context) {
        for (String schema : RegNames.effectivePath(context)) {
            var definition = catalog.findSchema(schema);
            SqlType found =
                    definition == null ? null : catalog.findType(definition.id(), type.name());
            if (found != null) {
                return found.oid() == type.id()
                        ? RegNames.quoteIdentifier(type.name())
                        : qualified(type.schemaId(), type.name(), catalog);
            }
        }
        return qualified(type.schemaId(), type.name(), catalog);
    }

    /** The query of a view or materialized view under the names that things have now. */
    static @Nullable String view(int id, Catalog catalog, EvalContext context) {
        if (catalog.find(id) instanceof ViewDef view) {
            return view(view.query(), view.references(), catalog, context);
        }
        MaterializedView view = catalog.materializedView(id);
        return view == null ? null : view(view.query(), view.references(), catalog, context);
    }

    private static String view(
            String sql, List<RelationReference> references, Catalog catalog, EvalContext context) {
        Map<Integer, String> names = new HashMap<>();
        for (RelationReference reference : references) {
            if (!SqlParser.isName(sql, reference.position())) {
                continue;
            }
            int element = Types.userElementOid(reference.relationId());
            if (element != 0 && SqlParser.lastName(sql, reference.position()).startsWith("_")) {
                continue;
            }
            switch (catalog.find(element == 0 ? reference.relationId() : element)) {
                case TypeDef type -> names.put(reference.position(), name(type, catalog, context));
                case Relation relation ->
                        names.put(
                                reference.position(),
                                reference.columns().isEmpty()
                                        ? name(relation, catalog, context)
                                        : reference(sql, reference, relation, catalog, context));
                case null, default -> {}
            }
        }
        String text = SqlParser.renamed(sql, names);
        return " " + text + (text.endsWith(";") ? "" : ";");
    }

    /** A relation's name, or a subquery where names of columns have changed since. */
    private static String reference(
            String sql,
            RelationReference reference,
            Relation relation,
            Catalog catalog,
            EvalContext context) {
        List<ColumnDef> now =
                switch (relation) {
                    case TableDef table -> table.visibleColumns();
                    case ViewDef view -> view.columns();
                    default -> List.of();
                };
        Map<Integer, String> byNumber = new HashMap<>();
        now.forEach(c -> byNumber.put(c.number(), c.name()));
        List<String> before = new ArrayList<>();
        List<String> shown = new ArrayList<>();
        for (RelationReference.Named column : reference.columns()) {
            String name = byNumber.get(column.number());
            if (name != null) {
                before.add(column.name());
                String quoted = RegNames.quoteIdentifier(name);
                shown.add(
                        name.equals(column.name())
                                ? quoted
                                : quoted + " AS " + RegNames.quoteIdentifier(column.name()));
            }
        }
        String name = name(relation, catalog, context);
        String written = SqlParser.lastName(sql, reference.position());
        boolean aliased = SqlParser.isAliased(sql, reference.position());
        if (before.equals(now.stream().map(ColumnDef::name).toList())) {
            return aliased || written.equals(relation.name())
                    ? name
                    : name + " " + RegNames.quoteIdentifier(written);
        }
        return "(SELECT "
                + String.join(", ", shown)
                + " FROM "
                + name
                + ")"
                + (aliased ? "" : " " + RegNames.quoteIdentifier(written));
    }

    private static String include(IndexDef index, TableDef table) {
        return index.include().isEmpty() ? "" : " INCLUDE (" + names(table, index.include()) + ")";
    }

    private static String qualified(int schemaId, String name, Catalog catalog) {
        CatalogObject schema = catalog.find(schemaId);
        String quoted = RegNames.quoteIdentifier(name);
        return schema == null ? quoted : RegNames.quoteIdentifier(schema.name()) + "." + quoted;
    }

    /**
     * @param tableName how a referenced table is to be named
     */
    static @Nullable String constraint(
            int id,
            Catalog catalog,
            EvalContext context,
            java.util.function.IntFunction<String> tableName,
            boolean pretty) {
        for (TableDef table : catalog.objects(TableDef.class)) {
            for (Constraint constraint : table.constraints()) {
                if (constraint.id() == id) {
                    return constraint(table, constraint, catalog, context, tableName, pretty);
                }
            }
        }
        for (TypeDef type : catalog.objects(TypeDef.class)) {
            if (type.kind() instanceof TypeDef.Domain domain) {
                for (TypeDef.DomainCheck check : domain.checks()) {
                    if (check.id() == id) {
                        return check(check.sql(), pretty, catalog, context)
                                + (check.validated() ? "" : " NOT VALID");
                    }
                }
            }
        }
        return null;
    }

    private static String constraint(
            TableDef table,
            Constraint constraint,
            Catalog catalog,
            EvalContext context,
            java.util.function.IntFunction<String> tableName,
            boolean pretty) {
        return switch (constraint) {
            case Constraint.PrimaryKey key -> "PRIMARY KEY (" + names(table, key.columns()) + ")";
            case Constraint.Unique unique -> {
                boolean distinct =
                        !(catalog.find(unique.indexId()) instanceof IndexDef index)
                                || index.nullsDistinct();
                yield "UNIQUE "
                        + (distinct ? "" : "NULLS NOT DISTINCT ")
                        + "("
                        + names(table, unique.columns())
                        + ")"
                        + timing(unique);
            }
            case Constraint.Check check ->
                    check(check.sql(), pretty, catalog, context)
                            + (check.noInherit() ? " NO INHERIT" : "")
                            + (check.validated() ? "" : " NOT VALID");
            case Constraint.ForeignKey key -> {
                TableDef parent = catalog.findTable(key.parentTableId());
                yield "FOREIGN KEY ("
                        + names(table, key.columns())
                        + ") REFERENCES "
                        + tableName.apply(key.parentTableId())
                        + "("
                        + (parent == null ? "" : names(parent, key.parentColumns()))
                        + ")"
                        + (key.matchFull() ? " MATCH FULL" : "")
                        + action(" ON UPDATE ", key.onUpdate())
                        + action(" ON DELETE ", key.onDelete())
                        + (key.deleteColumns().isEmpty()
                                ? ""
                                : " (" + names(table, key.deleteColumns()) + ")")
                        + timing(key)
                        + (key.validated() ? "" : " NOT VALID");
            }
        };
    }

    private static String check(String sql, boolean pretty, Catalog catalog, EvalContext context) {
        String condition = shown(sql, catalog, context);
        return pretty ? "CHECK (" + condition + ")" : "CHECK ((" + condition + "))";
    }

    private static String timing(Constraint constraint) {
        return (constraint.deferrable() ? " DEFERRABLE" : "")
                + (constraint.initiallyDeferred() ? " INITIALLY DEFERRED" : "");
    }

    private static String action(String prefix, Constraint.Action action) {
        return action == Constraint.Action.NO_ACTION
                ? ""
                : prefix + action.name().replace('_', ' ');
    }

    private static String names(TableDef table, List<Integer> columns) {
        return columns.stream()
                .map(number -> RegNames.quoteIdentifier(table.column(number).name()))
                .collect(Collectors.joining(", "));
    }

    /** format_type: the name of a type with its modifier; "???" for an unknown oid. */
    static String type(int oid, @Nullable Long typmod, EvalContext context) {
        if (oid >= SystemStorage.FIRST_USER_ID) {
            SqlType type = context.catalog().findType(oid);
            return type == null ? "???" : RegNames.typeName(type, context);
        }
        return type(oid, typmod);
    }

    public static String type(int oid, @Nullable Long typmod) {
        if (oid == 0) {
            return "-";
        }
        SqlType type = Types.findByOid(oid);
        if (type == null) {
            return "???";
        }
        if (type.isArray() && type.name().startsWith("_")) {
            return type(type.elementOid(), typmod) + "[]";
        }
        int modifier = typmod == null ? -1 : (int) (long) typmod;
        if (modifier < 0) {
            // Without a length, bpchar is not SQL's character, which would be character(1).
            return type.equals(Types.BPCHAR) && typmod != null ? "bpchar" : type.sqlName();
        }
        return switch (type.name()) {
            case "varchar", "bpchar" -> type.sqlName() + "(" + (modifier - 4) + ")";
            case "numeric" ->
                    "numeric("
                            + ((modifier - 4) >> 16 & 0xFFFF)
                            + ","
                            + ((((modifier - 4) & 0x7FF) ^ 1024) - 1024)
                            + ")";
            case "time", "timetz", "timestamp", "timestamptz" -> {
                String name = type.sqlName();
                int space = name.indexOf(' ');
                yield name.substring(0, space) + "(" + modifier + ")" + name.substring(space);
            }
            case "interval" -> {
                int precision = modifier & INTERVAL_FULL_PRECISION;
                yield "interval"
                        + fields(modifier >> 16 & IntervalText.FULL_RANGE)
                        + (precision == INTERVAL_FULL_PRECISION ? "" : "(" + precision + ")");
            }
            default -> type.sqlName();
        };
    }

    private static String fields(int range) {
        if (range == IntervalText.FULL_RANGE) {
            return "";
        }
        String first = "";
        String last = "";
        int[] bits = {
            IntervalText.YEAR,
            IntervalText.MONTH,
            IntervalText.DAY,
            IntervalText.HOUR,
            IntervalText.MINUTE,
            IntervalText.SECOND
        };
        String[] names = {"year", "month", "day", "hour", "minute", "second"};
        for (int i = 0; i < bits.length; i++) {
            if ((range & bits[i]) != 0) {
                first = first.isEmpty() ? names[i] : first;
                last = names[i];
            }
        }
        return first.equals(last) ? " " + first : " " + first + " to " + last;
    }
}
