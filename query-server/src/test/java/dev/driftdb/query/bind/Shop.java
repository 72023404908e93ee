package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.catalog.SystemRelation;
import dev.driftdb.query.catalog.SystemRelations;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.BuiltinFunctions;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.parse.SqlParser;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.ColumnDef.Identity;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.IndexDef.IndexColumn;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A small shop to bind against: users, orders, items, a view and a sequence. */
final class Shop implements BindContext {
    static final int USERS = 16400;
    static final int ORDERS = 16410;
    static final int ITEMS = 16420;

    /** The entry that made everything; before it there is nothing. */
    static final long MADE_AT = 100;

    private static final SystemRelation PG_CLASS =
            new SystemRelation(
                    1259,
                    "pg_catalog",
                    "pg_class",
                    List.of(
                            ColumnDef.of(1, "oid", Types.OID),
                            ColumnDef.of(2, "relname", Types.NAME)),
                    (catalog, context) -> List.<@Nullable Object[]>of().iterator());

    private static final SystemRelations SYSTEM =
            new SystemRelations() {
                @Override
                public @Nullable SystemRelation find(String schema, String name) {
                    return schema.equals("pg_catalog") && name.equals("pg_class") ? PG_CLASS : null;
                }

                @Override
                public Collection<SystemRelation> all() {
                    return List.of(PG_CLASS);
                }
            };

    private static final FunctionCatalog FUNCTIONS = new BuiltinFunctions(SYSTEM);
    private static final Catalog CATALOG = made();

    final Map<Integer, SqlType> parameterTypes = new HashMap<>();
    @Nullable Long sessionAsOf;
    boolean cacheable;

    private static Catalog made() {
        TableDef users =
                new TableDef(
                        USERS,
                        SchemaDef.PUBLIC,
                        "users",
                        RoleDef.BOOTSTRAP,
                        USERS,
                        List.of(
                                notNull(ColumnDef.of(1, "id", Types.INT4), null, Identity.NONE),
                                notNull(ColumnDef.of(2, "name", Types.TEXT), null, Identity.NONE),
                                new ColumnDef(
                                        3,
                                        "email",
                                        Types.VARCHAR,
                                        24,
                                        false,
                                        "'none'",
                                        null,
                                        Identity.NONE,
                                        false)),
                        List.of(1),
                        List.of(
                                new Constraint.PrimaryKey(16401, "users_pkey", List.of(1), 16402),
                                new Constraint.Unique(16403, "users_email_key", List.of(3), 16404)),
                        Map.of());
        TableDef orders =
                new TableDef(
                        ORDERS,
                        SchemaDef.PUBLIC,
                        "orders",
                        RoleDef.BOOTSTRAP,
                        ORDERS,
                        List.of(
                                notNull(
                                        ColumnDef.of(1, "id", Types.INT8),
                                        "nextval('orders_id_seq'::regclass)",
                                        Identity.ALWAYS),
                                ColumnDef.of(2, "user_id", Types.INT4),
                                ColumnDef.of(3, "total", Types.NUMERIC),
                                ColumnDef.of(4, "placed", Types.TIMESTAMPTZ),
                                ColumnDef.of(5, "note", Types.TEXT)),
                        List.of(1),
                        List.of(
                                new Constraint.PrimaryKey(16411, "orders_pkey", List.of(1), 16412),
                                new Constraint.Check(16413, "orders_total_check", "total >= 0")),
                        Map.of());
        TableDef items =
                new TableDef(
                        ITEMS,
                        SchemaDef.PUBLIC,
                        "items",
                        RoleDef.BOOTSTRAP,
                        ITEMS,
                        List.of(
                                ColumnDef.of(1, "id", Types.INT8),
                                ColumnDef.of(2, "tags", Types.TEXT_ARRAY),
                                ColumnDef.of(3, "day", Types.DATE)),
                        List.of(),
                        List.of(),
                        Map.of());
        ViewDef view =
                new ViewDef(
                        16430,
                        SchemaDef.PUBLIC,
                        "named",
                        RoleDef.BOOTSTRAP,
                        List.of(
                                ColumnDef.of(1, "id", Types.INT4),
                                ColumnDef.of(2, "label", Types.TEXT)),
                        "SELECT id, name FROM users WHERE name <> ''",
                        List.of("public"));
        SequenceDef sequence =
                new SequenceDef(
                        16440,
                        SchemaDef.PUBLIC,
                        "orders_id_seq",
                        RoleDef.BOOTSTRAP,
                        Types.INT8,
                        1,
                        1,
                        1,
                        Long.MAX_VALUE,
                        1,
                        false,
                        ORDERS,
                        1);
        return Catalog.EMPTY.with(
                MADE_AT,
                List.of(
                        users,
                        index(16402, "users_pkey", USERS, 1, true),
                        index(16404, "users_email_key", USERS, 3, false),
                        orders,
                        index(16412, "orders_pkey", ORDERS, 1, true),
                        items,
                        view,
                        sequence),
                List.of());
    }

    private static ColumnDef notNull(ColumnDef c, @Nullable String defaultSql, Identity identity) {
        return new ColumnDef(
                c.number(), c.name(), c.type(), -1, true, defaultSql, null, identity, false);
    }

    private static IndexDef index(int id, String name, int table, int column, boolean primary) {
        return new IndexDef(
                id,
                SchemaDef.PUBLIC,
                name,
                table,
                List.of(IndexColumn.ascending(column)),
                true,
                true,
                primary);
    }

    BoundStatement bind(String sql) {
        Binder binder = new Binder(this);
        BoundStatement bound = binder.bind(new SqlParser().parse(sql).getFirst().statement());
        cacheable = binder.cacheable();
        return bound;
    }

    static String plan(String sql) {
        return PlanText.of(new Shop().bind(sql));
    }

    /** state message [at position]. */
    static String error(String sql) {
        try {
            return "no error: " + plan(sql);
        } catch (SqlException e) {
            return e.state().code()
                    + " "
                    + e.getMessage()
                    + (e.position() > 0 ? " at " + e.position() : "");
        }
    }

    @Override
    public Catalog catalog() {
        return CATALOG;
    }

    @Override
    public Catalog catalogAt(long offset) {
        return offset < MADE_AT ? Catalog.EMPTY : CATALOG;
    }

    @Override
    public long offset() {
        return 200;
    }

    @Override
    public Long resolveBound(TimePoint point) {
        return resolve(point);
    }

    @Override
    public Long resolve(TimePoint point) {
        return switch (point) {
            case TimePoint.Offset(SqlExpr.NumberLiteral(String text, int _)) ->
                    Long.parseLong(text);
            case TimePoint.Offset _,
                    TimePoint.At _,
                    TimePoint.Ago _,
                    TimePoint.Value _,
                    TimePoint.Tag _ ->
                    150L;
        };
    }

    @Override
    public @Nullable Long sessionAsOf() {
        return sessionAsOf;
    }

    @Override
    public FunctionCatalog functions() {
        return FUNCTIONS;
    }

    @Override
    public SystemRelations systemRelations() {
        return SYSTEM;
    }

    @Override
    public List<String> searchPath() {
        return List.of("public");
    }

    @Override
    public String database() {
        return "shop";
    }

    @Override
    public Map<Integer, SqlType> parameterTypes() {
        return parameterTypes;
    }

    /** Folding asks for the format and the catalog only; anything else would be a bug. */
    @Override
    public EvalContext evalContext() {
        return (EvalContext)
                Proxy.newProxyInstance(
                        Shop.class.getClassLoader(),
                        new Class<?>[] {EvalContext.class},
                        (proxy, method, arguments) ->
                                switch (method.getName()) {
                                    case "format" -> FormatSettings.UTC;
                                    case "catalog" -> CATALOG;
                                    case "searchPath" -> List.of("public");
                                    default -> throw new IllegalStateException(method.getName());
                                });
    }
}
