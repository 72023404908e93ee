package dev.driftdb.query.catalog;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.CatalogText;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.CommentDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Types that are not built in, and comments, as system relations show them. */
final class UserTypeRows {
    private static final int PG_CLASS = 1259;
    private static final int PG_CONSTRAINT = 2606;
    private static final int PG_DATABASE = 1262;
    private static final int PG_AUTHID = 1260;
    private static final int PG_TABLESPACE = 1213;

    private UserTypeRows() {}

    static void define(RowSources sources) {
        sources.pgCatalog("pg_enum", (relation, catalog, _) -> labels(relation, catalog));
        sources.pgCatalog(
                "pg_description",
                (relation, catalog, _) ->
                        catalog.objects(CommentDef.class).stream()
                                .filter(comment -> !isShared(comment) && isAlive(comment, catalog))
                                .map(comment ->
                                        relation.row(
                                                "objoid", comment.objectId(),
                                                "classoid", comment.classOid(),
                                                "objsubid", comment.column(),
                                                "description", comment.text())));
        sources.pgCatalog(
                "pg_shdescription",
                (relation, catalog, _) ->
                        catalog.objects(CommentDef.class).stream()
                                .filter(UserTypeRows::isShared)
                                .map(comment ->
                                        relation.row(
                                                "objoid", comment.objectId(),
                                                "classoid", comment.classOid(),
                                                "description", comment.text())));
        sources.informationSchema(
                "domains",
                (relation, catalog, context) ->
                        domains(catalog).map(type -> domain(relation, catalog, context, type)));
        sources.informationSchema(
                "domain_constraints",
                (relation, catalog, context) ->
                        domains(catalog)
                                .flatMap(type ->
                                        ((TypeDef.Domain) type.kind())
                                                .checks().stream()
                                                        .map(check ->
                                                                relation.row(
                                                                        "constraint_catalog",
                                                                        context.database(),
                                                                        "constraint_schema",
                                                                        schema(catalog, type),
                                                                        "constraint_name",
                                                                        check.name(),
                                                                        "domain_catalog",
                                                                        context.database(),
                                                                        "domain_schema",
                                                                        schema(catalog, type),
                                                                        "domain_name",
                                                                        type.name(),
                                                                        "is_deferrable",
                                                                        "NO",
                                                                        "initially_deferred",
                                                                        "NO"))));
        sources.informationSchema(
                "domain_udt_usage",
                (relation, catalog, context) ->
                        domains(catalog)
                                .map(type -> {
                                    SqlType over = ((TypeDef.Domain) type.kind()).over();
                                    return relation.row(
                                            "udt_catalog", context.database(),
                                            "udt_schema", schemaOf(over, catalog),
                                            "udt_name", over.name(),
                                            "domain_catalog", context.database(),
                                            "domain_schema", schema(catalog, type),
                                            "domain_name", type.name());
                                }));
    }

    private static boolean isShared(CommentDef comment) {
        return comment.classOid() == PG_DATABASE
                || comment.classOid() == PG_AUTHID
                || comment.classOid() == PG_TABLESPACE;
    }

    private static boolean hasConstraint(Catalog catalog, int id) {
        return catalog.objects(TableDef.class).stream()
                        .anyMatch(table -> table.constraints().stream().anyMatch(c -> c.id() == id))
                || domains(catalog)
                        .anyMatch(type ->
                                ((TypeDef.Domain) type.kind())
                                        .checks().stream().anyMatch(c -> c.id() == id));
    }

    /** The column or constraint that it is about may be gone. */
    private static boolean isAlive(CommentDef comment, Catalog catalog) {
        if (comment.classOid() == PG_CONSTRAINT) {
            return hasConstraint(catalog, comment.objectId());
        }
        if (comment.classOid() != PG_CLASS || comment.column() == 0) {
            return true;
        }
        List<ColumnDef> columns =
                switch (catalog.find(comment.objectId())) {
                    case TableDef table -> table.columns();
                    case ViewDef view -> view.columns();
                    case TypeDef type when type.kind() instanceof TypeDef.Composite composite ->
                            composite.attributes();
                    case null, default -> List.of();
                };
        return comment.column() <= columns.size() && !columns.get(comment.column() - 1).dropped();
    }

    private static Stream<TypeDef> domains(Catalog catalog) {
        return catalog.objects(TypeDef.class).stream()
                .filter(type -> type.kind() instanceof TypeDef.Domain);
    }

    private static String schema(Catalog catalog, TypeDef type) {
        CatalogObject schema = catalog.find(type.schemaId());
        return schema == null ? "" : schema.name();
    }

    /** The modifier of the type below a domain, -1 for none. */
    static int modifier(SqlType type) {
        int modifier = -1;
        for (SqlType at = type; at.definition() instanceof UserType.Domain made; at = made.over()) {
            modifier = made.typmod();
        }
        return modifier;
    }

    /** The name of the schema that a type is in. */
    static String schemaOf(SqlType type, Catalog catalog) {
        SqlType named =
                type.definition() instanceof UserType.ArrayOf array ? array.element() : type;
        if (named.definition() == null) {
            return "pg_catalog";
        }
        CatalogObject schema =
                switch (catalog.find(named.oid())) {
                    case TypeDef found -> catalog.find(found.schemaId());
                    case TableDef table -> catalog.find(table.schemaId());
                    case ViewDef view -> catalog.find(view.schemaId());
                    case null, default -> null;
                };
        return schema == null ? "" : schema.name();
    }

    private static @Nullable Object[] domain(
            DeclaredRelation relation, Catalog catalog, EvalContext context, TypeDef type) {
        String database = context.database();
        TypeDef.Domain domain = (TypeDef.Domain) type.kind();
        SqlType base = domain.over().base();
        InformationTypes shown = InformationTypes.of(domain.over(), domain.typmod());
        return relation.row(
                "domain_catalog", database,
                "domain_schema", schema(catalog, type),
                "domain_name", type.name(),
                "data_type", domain.over().definition() == null ? base.sqlName() : "USER-DEFINED",
                "character_maximum_length", shown.characterLength(),
                "character_octet_length", shown.octetLength(),
                "numeric_precision", shown.precision(),
                "numeric_precision_radix", shown.radix(),
                "numeric_scale", shown.scale(),
                "datetime_precision", shown.datetimePrecision(),
                "domain_default", CatalogText.named(domain.defaultSql(), catalog, context),
                "udt_catalog", database,
                "udt_schema", schemaOf(domain.over(), catalog),
                "udt_name", domain.over().name(),
                "dtd_identifier", "1");
    }

    private static Stream<@Nullable Object[]> labels(DeclaredRelation relation, Catalog catalog) {
        return catalog.objects(TypeDef.class).stream()
                .filter(type -> type.kind() instanceof TypeDef.Enumeration)
                .flatMap(type -> {
                    List<TypeDef.EnumLabel> labels = ((TypeDef.Enumeration) type.kind()).labels();
                    return IntStream.range(0, labels.size())
                            .mapToObj(i ->
                                    relation.row(
                                            "oid", labels.get(i).id(),
                                            "enumtypid", type.id(),
                                            "enumsortorder", (float) (i + 1),
                                            "enumlabel", labels.get(i).name()));
                });
    }

    // ---- pg_type ----

    /** Rows of pg_type of the types that are not built in, each followed by its array type. */
    static Stream<@Nullable Object[]> types(
            DeclaredRelation relation, Catalog catalog, TypeData data) {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (CatalogObject object : catalog.objects()) {
            switch (object) {
                case TypeDef type -> add(rows, relation, catalog, data, type, type.schemaId());
                case TableDef table -> add(rows, relation, catalog, data, table, table.schemaId());
                case ViewDef view -> add(rows, relation, catalog, data, view, view.schemaId());
                default -> {}
            }
        }
        return rows.stream();
    }

    private static void add(
            List<@Nullable Object[]> rows,
            DeclaredRelation relation,
            Catalog catalog,
            TypeData data,
            CatalogObject object,
            int schemaId) {
        SqlType type = catalog.findType(object.id());
        if (type == null) {
            return;
        }
        rows.add(row(relation, catalog, data, object, type, schemaId));
        SqlType array = Types.arrayOf(type);
        TypeData.Details details = data.of(Types.INT4_ARRAY);
        rows.add(
                relation.row(
                        "oid", array.oid(),
                        "typname", array.name(),
                        "typnamespace", schemaId,
                        "typlen", -1,
                        "typtype", 'b',
                        "typcategory", 'A',
                        "typsubscript", details.functions().get(0),
                        "typelem", type.oid(),
                        "typinput", details.functions().get(1),
                        "typoutput", details.functions().get(2),
                        "typreceive", details.functions().get(3),
                        "typsend", details.functions().get(4),
                        "typalign", "i",
                        "typstorage", "x"));
    }

    private static @Nullable Object[] row(
            DeclaredRelation relation,
            Catalog catalog,
            TypeData data,
            CatalogObject object,
            SqlType type,
            int schemaId) {
        TypeData.Details base = data.of(type.base());
        boolean enumeration = type.isEnum();
        boolean composite = !type.isDomain() && type.composite() != null;
        TypeDef.Domain domain =
                object instanceof TypeDef made && made.kind() instanceof TypeDef.Domain found
                        ? found
                        : null;
        return relation.row(
                "oid",
                type.oid(),
                "typname",
                type.name(),
                "typnamespace",
                schemaId,
                "typlen",
                type.length(),
                "typbyval",
                enumeration || (domain != null && base.byValue()),
                "typtype",
                enumeration ? 'e' : composite ? 'c' : 'd',
                "typcategory",
                type.category(),
                "typrelid",
                composite ? type.oid() : 0,
                "typarray",
                type.arrayOid(),
                "typalign",
                enumeration ? "i" : composite ? "d" : base.align(),
                "typstorage",
                enumeration ? "p" : composite ? "x" : base.storage(),
                "typnotnull",
                domain != null && domain.notNull(),
                "typbasetype",
                domain == null ? 0 : domain.over().oid(),
                "typtypmod",
                domain == null ? -1 : domain.typmod(),
                "typcollation",
                domain == null ? 0L : base.collation(),
                "typdefault",
                domain == null ? null : domain.defaultSql());
    }
}
