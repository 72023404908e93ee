package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.NAME;
import static dev.driftdb.schemas.type.Types.OID;
import static dev.driftdb.schemas.type.Types.PG_NODE_TREE;
import static dev.driftdb.schemas.type.Types.REGCLASS;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.CommentDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.26: catalog information, visibility, privileges, sequences. */
final class CatalogFunctions {
    private CatalogFunctions() {}

    static void define(Definitions d, RegNames names) {
        definitions(d, names);
        visibility(d, names);
        privileges(d, names);
        sequences(d);
        sizes(d);
        lookups(d, names);
        comments(d);
        functions(d, names);
    }

    private static void stable(
            Definitions d, String name, SqlType result, Body.Nary body, SqlType... arguments) {
        d.define(name, result, arguments).stable().eval(body);
    }

    private static int id(@Nullable Object[] arguments, int index) {
        return (int) SystemFunctions.number(arguments, index);
    }

    private static void definitions(Definitions d, RegNames names) {
        stable(d, "pg_get_expr", TEXT, CatalogFunctions::expression, PG_NODE_TREE, OID);
        stable(d, "pg_get_expr", TEXT, CatalogFunctions::expression, PG_NODE_TREE, OID, BOOL);
        stable(
                d,
                "pg_get_indexdef",
                TEXT,
                (a, c) -> CatalogText.index(id(a, 0), c.catalog(), c),
                OID);
        stable(
                d,
                "pg_get_indexdef",
                TEXT,
                (a, c) ->
                        id(a, 1) == 0
                                ? CatalogText.index(id(a, 0), c.catalog(), c)
                                : CatalogText.indexColumn(id(a, 0), id(a, 1), c.catalog(), c),
                OID,
                INT4,
                BOOL);
        d.define("pg_get_constraintdef", TEXT, OID, BOOL)
                .defaults(1)
                .stable()
                .eval((a, c) ->
                        CatalogText.constraint(
                                id(a, 0),
                                c.catalog(),
                                c,
                                table -> names.format(REGCLASS, table, c),
                                a.length > 1 && Boolean.TRUE.equals(a[1])));
        d.define("pg_get_viewdef", TEXT, OID, BOOL)
                .defaults(1)
                .stable()
                .eval((a, c) -> CatalogText.view(id(a, 0), c.catalog(), c));
        d.define("pg_get_viewdef", TEXT, TEXT, BOOL)
                .defaults(1)
                .stable()
                .eval((a, c) -> {
                    int id = (int) (long) names.parse(REGCLASS, SystemFunctions.text(a, 0), c);
                    return CatalogText.view(id, c.catalog(), c);
                });
        stable(d, "pg_get_serial_sequence", TEXT, (a, c) -> serial(a, names, c), TEXT, TEXT);
        d.define("format_type", TEXT, OID, INT4)
                .nullable()
                .stable()
                .eval((a, c) -> a[0] == null ? null : CatalogText.type(id(a, 0), (Long) a[1], c));
        // No table is partitioned: each is all of its tree.
        for (String name : List.of("pg_partition_ancestors")) {
            d.table(
                    name,
                    REGCLASS,
                    (a, _) -> {
                        List<@Nullable Object[]> none = List.of();
                        return none.iterator();
                    },
                    REGCLASS);
        }
        d.define("pg_get_triggerdef", TEXT, OID, BOOL).defaults(1).stable().eval((_, _) -> null);
        d.define("pg_get_ruledef", TEXT, OID, BOOL).defaults(1).stable().eval((_, _) -> null);
        d.define("pg_get_partkeydef", TEXT, OID).stable().eval((_, _) -> null);
        d.define("pg_get_statisticsobjdef_columns", TEXT, OID).stable().eval((_, _) -> null);
    }

    /**
     * @param catalogName the system catalog that the object is a row of; null for any
     */
    private static @Nullable String comment(
            int objectId, @Nullable String catalogName, int column, EvalContext context) {
        for (CommentDef comment : context.catalog().commentsOn(objectId)) {
            boolean fits =
                    catalogName == null
                            || comment.classOid()
                                    == switch (catalogName) {
                                        case "pg_class" -> 1259;
                                        case "pg_type" -> 1247;
                                        case "pg_namespace" -> 2615;
                                        case "pg_constraint" -> 2606;
                                        case "pg_database" -> 1262;
                                        case "pg_authid" -> 1260;
                                        default -> 0;
                                    };
            if (fits && comment.column() == column) {
                return comment.text();
            }
        }
        return null;
    }

    private static @Nullable Object expression(@Nullable Object[] a, EvalContext context) {
        return CatalogText.named(SystemFunctions.text(a, 0), context.catalog(), context);
    }

    private static @Nullable String serial(
            @Nullable Object[] a, RegNames names, EvalContext context) {
        Catalog catalog = context.catalog();
        String tableName = SystemFunctions.text(a, 0);
        int id = (int) (long) names.parse(REGCLASS, tableName, context);
        TableDef table = catalog.findTable(id);
        String columnName = SystemFunctions.text(a, 1);
        ColumnDef column = table == null ? null : table.findColumn(columnName);
        if (column == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_COLUMN,
                    "column \""
                            + columnName
                            + "\" of relation \""
                            + RegNames.split(tableName).getLast()
                            + "\" does not exist");
        }
        for (SequenceDef sequence : catalog.objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == id && sequence.ownerColumn() == column.number()) {
                List<String> name = names.relationName(sequence.id(), catalog);
                return name == null
                        ? null
                        : RegNames.quoteIdentifier(name.get(0))
                                + "."
                                + RegNames.quoteIdentifier(name.get(1));
            }
        }
        return null;
    }

    private static void visibility(Definitions d, RegNames names) {
        stable(
                d,
                "pg_table_is_visible",
                BOOL,
                (a, c) ->
                        names.relationName(id(a, 0), c.catalog()) == null
                                ? null
                                : (Boolean) names.isRelationVisible(id(a, 0), c),
                OID);
        stable(
                d,
                "pg_type_is_visible",
                BOOL,
                (a, c) -> {
                    SqlType type = c.catalog().findType(id(a, 0));
                    return type == null ? null : (Boolean) RegNames.isTypeVisible(type, c);
                },
                OID);
        stable(
                d,
                "pg_function_is_visible",
                BOOL,
                (a, _) -> {
                    ScalarFunction function = names.function(id(a, 0));
                    return function == null
                            ? null
                            : (Boolean) function.schema().equals("pg_catalog");
                },
                OID);
        // These objects live in pg_catalog only, which is always searched.
        for (String kind :
                List.of(
                        "operator",
                        "opclass",
                        "opfamily",
                        "collation",
                        "conversion",
                        "statistics_obj",
                        "ts_config",
                        "ts_dict",
                        "ts_parser",
                        "ts_template")) {
            stable(d, "pg_" + kind + "_is_visible", BOOL, (_, _) -> true, OID);
        }
    }

    /**
     * Every role may do everything that exists: DriftDB keeps no privileges. The functions still
     * refuse objects that do not exist.
     */
    private static void privileges(Definitions d, RegNames names) {
        Map<String, SqlType> kinds =
                Map.of(
                        "table",
                        REGCLASS,
                        "any_column",
                        REGCLASS,
                        "sequence",
                        REGCLASS,
                        "schema",
                        Types.REGNAMESPACE,
                        "type",
                        Types.REGTYPE,
                        "function",
                        Types.REGPROCEDURE);
        kinds.forEach((kind, reg) -> {
            String name = "has_" + kind + "_privilege";
            boolean sequence = kind.equals("sequence");
            Body.Nary byName =
                    (a, c) -> {
                        Object object = String.valueOf(a[a.length - 2]);
                        Object id = names.parse(reg, (String) object, c);
                        if (sequence) {
                            requireSequence((int) (long) (Long) id, c);
                        }
                        return true;
                    };
            Body.Nary byOid =
                    (a, c) -> {
                        Object oid = Objects.requireNonNull(a[a.length - 2]);
                        Boolean known = existsOid(names, reg, oid, c);
                        if (sequence && known != null) {
                            requireSequence((int) (long) (Long) oid, c);
                        }
                        return known;
                    };
            granted(d, kind, name, byName, TEXT, TEXT);
            granted(d, kind, name, byOid, OID, TEXT);
            for (SqlType user : List.of(NAME, OID)) {
                granted(d, kind, name, byName, user, TEXT, TEXT);
                granted(d, kind, name, byOid, user, OID, TEXT);
            }
        });
        for (String kind : List.of("database", "tablespace", "language", "server")) {
            String name = "has_" + kind + "_privilege";
            Body.Nary named =
                    (a, c) -> {
                        Privileges.requireObject(kind, SystemFunctions.text(a, a.length - 2), c);
                        return true;
                    };
            granted(d, kind, name, named, TEXT, TEXT);
            granted(d, kind, name, (_, _) -> true, OID, TEXT);
            for (SqlType user : List.of(NAME, OID)) {
                granted(d, kind, name, named, user, TEXT, TEXT);
                granted(d, kind, name, (_, _) -> true, user, OID, TEXT);
            }
        }
        Body.Nary member =
                (a, c) -> {
                    Privileges.requireRole(a[a.length - 2], c);
                    return true;
                };
        for (SqlType role : List.of(NAME, OID)) {
            granted(d, "role", "pg_has_role", member, role, TEXT);
            for (SqlType user : List.of(NAME, OID)) {
                granted(d, "role", "pg_has_role", member, user, role, TEXT);
            }
        }
        for (SqlType table : List.of(TEXT, OID)) {
            for (SqlType column : List.of(TEXT, Types.INT2)) {
                String name = "has_column_privilege";
                granted(d, "column", name, (a, c) -> column(names, a, 0, c), table, column, TEXT);
                for (SqlType user : List.of(NAME, OID)) {
                    granted(
                            d,
                            "column",
                            name,
                            (a, c) -> column(names, a, 1, c),
                            user,
                            table,
                            column,
                            TEXT);
                }
            }
        }
    }

    /** A function whose last argument is a list of privileges and whose first may be a role. */
    private static void granted(
            Definitions d, String kind, String name, Body.Nary body, SqlType... arguments) {
        int withUser = kind.equals("column") ? 4 : 3;
        stable(
                d,
                name,
                BOOL,
                (a, c) -> {
                    if (arguments.length == withUser) {
                        Privileges.requireRole(a[0], c);
                    }
                    Privileges.check(kind, SystemFunctions.text(a, a.length - 1));
                    return body.apply(a, c);
                },
                arguments);
    }

    private static void requireSequence(int id, EvalContext context) {
        if (context.catalog().find(id) instanceof Relation relation
                && !(relation instanceof SequenceDef)) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE, "\"" + relation.name() + "\" is not a sequence");
        }
    }

    /** NULL for an oid that names nothing. */
    private static @Nullable Boolean existsOid(
            RegNames names, SqlType type, @Nullable Object oid, EvalContext context) {
        int id = (int) (long) (Long) Objects.requireNonNull(oid);
        boolean known = !type.equals(REGCLASS) || names.relationName(id, context.catalog()) != null;
        return known ? Boolean.TRUE : null;
    }

    private static @Nullable Boolean column(
            RegNames names, @Nullable Object[] a, int at, EvalContext context) {
        Object written = a[at];
        boolean byName = written instanceof String;
        int id =
                byName
                        ? (int) (long) names.parse(REGCLASS, String.valueOf(written), context)
                        : (int) (long) (Long) Objects.requireNonNull(written);
        List<String> relation = names.relationName(id, context.catalog());
        if (relation == null) {
            return null;
        }
        TableDef table = context.catalog().findTable(id);
        if (table != null
                && a[at + 1] instanceof String column
                && table.findColumn(column) == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_COLUMN,
                    "column \""
                            + column
                            + "\" of relation \""
                            + relation.get(1)
                            + "\" does not exist");
        }
        return true;
    }

    private static void sequences(Definitions d) {
        d.define("nextval", INT8, REGCLASS).changing().eval((a, c) -> c.nextval(sequence(a, c)));
        d.define("currval", INT8, REGCLASS).changing().eval((a, c) -> c.currval(sequence(a, c)));
        d.define("lastval", INT8).changing().eval((_, c) -> c.lastval());
        d.define("setval", INT8, REGCLASS, INT8)
                .changing()
                .eval((a, c) -> c.setval(sequence(a, c), SystemFunctions.number(a, 1), true));
        d.define("setval", INT8, REGCLASS, INT8, BOOL)
                .changing()
                .eval((a, c) ->
                        c.setval(
                                sequence(a, c),
                                SystemFunctions.number(a, 1),
                                Boolean.TRUE.equals(a[2])));
    }

    private static int sequence(@Nullable Object[] arguments, EvalContext context) {
        int id = id(arguments, 0);
        return switch (context.catalog().find(id)) {
            case SequenceDef sequence -> sequence.id();
            case null ->
                    throw new SqlException(
                            SqlState.UNDEFINED_TABLE,
                            "relation with OID " + id + " does not exist");
            case TableDef t -> throw notASequence(t.name());
            case IndexDef i -> throw notASequence(i.name());
            case ViewDef v -> throw notASequence(v.name());
            case TypeDef t -> throw notASequence(t.name());
            case CommentDef c -> throw notASequence(c.name());
            case RoleDef r -> throw notASequence(r.name());
            case dev.driftdb.schemas.catalog.TagDef t -> throw notASequence(t.name());
            case dev.driftdb.schemas.catalog.MaterializedView m -> throw notASequence(m.name());
            case dev.driftdb.schemas.catalog.SchemaDef s -> throw notASequence(s.name());
        };
    }

    private static SqlException notASequence(String name) {
        return new SqlException(SqlState.WRONG_OBJECT_TYPE, "\"" + name + "\" is not a sequence");
    }

    /** The state is not measured by table: all sizes are 0, as of an empty table. */
    private static void sizes(Definitions d) {
        for (String name :
                List.of(
                        "pg_relation_size",
                        "pg_total_relation_size",
                        "pg_table_size",
                        "pg_indexes_size")) {
            stable(d, name, INT8, (_, _) -> 0L, REGCLASS);
        }
        stable(d, "pg_relation_size", INT8, (_, _) -> 0L, REGCLASS, TEXT);
        stable(d, "pg_database_size", INT8, (_, _) -> 0L, NAME);
        stable(d, "pg_database_size", INT8, (_, _) -> 0L, OID);
        stable(
                d,
                "pg_relation_filenode",
                OID,
                (a, c) ->
                        c.catalog().find(id(a, 0)) instanceof TableDef table
                                ? (Long) (long) table.storageId()
                                : null,
                REGCLASS);
    }

    private static @Nullable Object findOrNull(
            RegNames names, SqlType type, String name, EvalContext context) {
        try {
            return names.find(type, name, context);
        } catch (SqlException _) {
            // What cannot be a name names nothing.
            return null;
        }
    }

    private static void lookups(Definitions d, RegNames names) {
        for (SqlType type :
                List.of(
                        REGCLASS,
                        Types.REGTYPE,
                        Types.REGPROC,
                        Types.REGPROCEDURE,
                        Types.REGNAMESPACE,
                        Types.REGROLE)) {
            stable(
                    d,
                    "to_" + type.name(),
                    type,
                    (a, c) -> findOrNull(names, type, SystemFunctions.text(a, 0), c),
                    TEXT);
        }
        stable(
                d,
                "pg_get_userbyid",
                NAME,
                (a, c) ->
                        c.catalog().find(id(a, 0)) instanceof RoleDef role
                                ? role.name()
                                : "unknown (OID=" + a[0] + ")",
                OID);
    }

    /** COMMENT ON is not kept, so there is nothing to describe. */
    private static void comments(Definitions d) {
        stable(d, "obj_description", TEXT, (a, c) -> comment(id(a, 0), null, 0, c), OID);
        for (String name : List.of("obj_description", "shobj_description")) {
            stable(
                    d,
                    name,
                    TEXT,
                    (a, c) -> comment(id(a, 0), SystemFunctions.text(a, 1), 0, c),
                    OID,
                    NAME);
        }
        stable(
                d,
                "col_description",
                TEXT,
                (a, c) -> comment(id(a, 0), "pg_class", id(a, 1), c),
                OID,
                INT4);
    }

    private static void functions(Definitions d, RegNames names) {
        for (String name :
                List.of("pg_get_function_arguments", "pg_get_function_identity_arguments")) {
            stable(
                    d,
                    name,
                    TEXT,
                    (a, _) -> {
                        ScalarFunction function = names.function(id(a, 0));
                        return function == null
                                ? null
                                : String.join(", ", RegNames.typeNames(function.arguments()));
                    },
                    OID);
        }
        stable(
                d,
                "pg_get_function_result",
                TEXT,
                (a, _) -> {
                    ScalarFunction function = names.function(id(a, 0));
                    return function == null ? null : function.result().sqlName();
                },
                OID);
    }
}
