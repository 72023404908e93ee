package dev.driftdb.query.catalog;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.CatalogText;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.type.UserType;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** information_schema: schemas, tables, columns, views, sequences, roles and privileges. */
final class InformationSchema {
    private static final List<String> TABLE_PRIVILEGES =
            List.of("INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER");
    private static final List<String> COLUMN_PRIVILEGES =
            List.of("INSERT", "SELECT", "UPDATE", "REFERENCES");
    private static final int BINARY = 2;

    /** A table or view, the engine's own included. */
    private record Described(
            String schema,
            String name,
            String owner,
            boolean table,
            boolean system,
            List<ColumnDef> columns,
            @Nullable TableDef definition,
            @Nullable ViewDef view) {}

    /** One privilege on a table. */
    private record Grant(String grantor, String grantee, String privilege, boolean grantable) {}

    private final List<DeclaredRelation> declared;

    private InformationSchema(List<DeclaredRelation> declared) {
        this.declared = declared;
    }

    static void define(RowSources sources, List<DeclaredRelation> declared) {
        InformationSchema schema = new InformationSchema(declared);
        sources.informationSchema("schemata", InformationSchema::schemata);
        sources.informationSchema("tables", schema::tables);
        sources.informationSchema("columns", schema::columns);
        sources.informationSchema("views", schema::views);
        sources.informationSchema("sequences", InformationSchema::sequences);
        sources.informationSchema(
                "table_privileges",
                (relation, catalog, context) ->
                        schema.tablePrivileges(relation, catalog, context, true));
        sources.informationSchema(
                "role_table_grants",
                (relation, catalog, context) ->
                        schema.tablePrivileges(relation, catalog, context, false));
        sources.informationSchema(
                "column_privileges",
                (relation, catalog, context) ->
                        schema.columnPrivileges(relation, catalog, context, true));
        sources.informationSchema(
                "role_column_grants",
                (relation, catalog, context) ->
                        schema.columnPrivileges(relation, catalog, context, false));
        sources.informationSchema(
                "information_schema_catalog_name",
                (relation, _, context) ->
                        Stream.<@Nullable Object[]>of(
                                relation.row("catalog_name", context.database())));
        sources.informationSchema(
                "enabled_roles",
                (relation, catalog, context) -> enabledRoles(relation, catalog, context));
        sources.informationSchema("character_sets", InformationSchema::characterSets);
        sources.informationSchema(
                "collations",
                (relation, _, context) ->
                        Stream.of("default", "C", "POSIX")
                                .map(name ->
                                        relation.row(
                                                "collation_catalog",
                                                context.database(),
                                                "collation_schema",
                                                "pg_catalog",
                                                "collation_name",
                                                name,
                                                "pad_attribute",
                                                "NO PAD")));
        sources.informationSchema(
                "collation_character_set_applicability",
                (relation, _, context) ->
                        Stream.of("default", "C", "POSIX")
                                .map(name ->
                                        relation.row(
                                                "collation_catalog",
                                                context.database(),
                                                "collation_schema",
                                                "pg_catalog",
                                                "collation_name",
                                                name,
                                                "character_set_name",
                                                "UTF8")));
    }

    static String yesNo(boolean yes) {
        return yes ? "YES" : "NO";
    }

    private Stream<Described> relations(Catalog catalog) {
        String bootstrap = RelationViews.nameOf(catalog, RoleDef.BOOTSTRAP);
        return Stream.concat(
                declared.stream()
                        .map(system ->
                                new Described(
                                        system.schema(),
                                        system.name(),
                                        bootstrap,
                                        system.kind().equals("r"),
                                        true,
                                        system.columns(),
                                        null,
                                        null)),
                catalog.objects().stream().flatMap(object -> described(catalog, object)));
    }

    private static Stream<Described> described(Catalog catalog, CatalogObject object) {
        return switch (object) {
            case TableDef table when catalog.materializedView(table.id()) != null -> Stream.empty();
            case TableDef table ->
                    Stream.of(
                            new Described(
                                    RelationViews.nameOf(catalog, table.schemaId()),
                                    table.name(),
                                    RelationViews.nameOf(catalog, table.ownerId()),
                                    true,
                                    false,
                                    table.visibleColumns(),
                                    table,
                                    null));
            case ViewDef view ->
                    Stream.of(
                            new Described(
                                    RelationViews.nameOf(catalog, view.schemaId()),
                                    view.name(),
                                    RelationViews.nameOf(catalog, view.ownerId()),
                                    false,
                                    false,
                                    view.columns(),
                                    null,
                                    view));
            default -> Stream.empty();
        };
    }

    private static Stream<@Nullable Object[]> schemata(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return catalog.objects(SchemaDef.class).stream()
                .map(schema ->
                        relation.row(
                                "catalog_name", context.database(),
                                "schema_name", schema.name(),
                                "schema_owner", RelationViews.nameOf(catalog, schema.ownerId())));
    }

    private Stream<@Nullable Object[]> tables(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return relations(catalog)
                .map(described ->
                        relation.row(
                                "table_catalog", context.database(),
                                "table_schema", described.schema(),
                                "table_name", described.name(),
                                "table_type",
                                        described.table()
                                                ? TemporarySchemas.isTemporary(described.schema())
                                                        ? "LOCAL TEMPORARY"
                                                        : "BASE TABLE"
                                                : "VIEW",
                                "is_insertable_into", yesNo(isWritable(catalog, described)),
                                "is_typed", "NO"));
    }

    private static boolean isWritable(Catalog catalog, Described described) {
        ViewDef view = described.view();
        return view == null ? described.table() && !described.system() : isUpdatable(catalog, view);
    }

    /** Whether rows can be changed through a view: it says so, and so does the one under it. */
    private static boolean isUpdatable(Catalog catalog, ViewDef view) {
        if (view.options().getOrDefault(ViewDef.UPDATABLE_COLUMNS, "").isEmpty()
                || view.references().isEmpty()) {
            return false;
        }
        return switch (catalog.find(view.references().getFirst().relationId())) {
            case TableDef table -> catalog.materializedView(table.id()) == null;
            case ViewDef under -> isUpdatable(catalog, under);
            case null, default -> false;
        };
    }

    private static boolean isWritable(Catalog catalog, Described described, ColumnDef column) {
        ViewDef view = described.view();
        return isWritable(catalog, described)
                && (view == null || view.isUpdatable(column.number()));
    }

    private Stream<@Nullable Object[]> columns(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return relations(catalog)
                .flatMap(described ->
                        described.columns().stream()
                                .map(column ->
                                        column(relation, catalog, context, described, column)));
    }

    private static @Nullable Object[] column(
            DeclaredRelation relation,
            Catalog catalog,
            EvalContext context,
            Described described,
            ColumnDef column) {
        String database = context.database();
        TableDef table = described.definition();
        boolean domain = column.type().definition() instanceof UserType.Domain;
        InformationTypes type =
                InformationTypes.of(
                        column.type().base(),
                        domain ? UserTypeRows.modifier(column.type()) : column.typmod());
        boolean notNull = table == null ? column.notNull() : RelationRows.isNotNull(table, column);
        SequenceDef identity =
                table == null || !column.isIdentity()
                        ? null
                        : identitySequence(catalog, table, column);
        boolean collated = column.type().equals(dev.driftdb.schemas.type.Types.NAME);
        return relation.row(
                "table_catalog", database,
                "table_schema", described.schema(),
                "table_name", described.name(),
                "column_name", column.name(),
                "ordinal_position", column.number(),
                "column_default",
                        RelationRows.hasDefault(column) && !column.isGenerated()
                                ? CatalogText.named(column.defaultSql(), catalog, context)
                                : null,
                "is_nullable", yesNo(!notNull),
                "data_type", type.dataType(),
                "character_maximum_length", type.characterLength(),
                "character_octet_length", type.octetLength(),
                "numeric_precision", type.precision(),
                "numeric_precision_radix", type.radix(),
                "numeric_scale", type.scale(),
                "datetime_precision", type.datetimePrecision(),
                "interval_type", InformationTypes.intervalFields(column.type(), column.typmod()),
                "collation_catalog", collated ? database : null,
                "collation_schema", collated ? "pg_catalog" : null,
                "collation_name", collated ? "C" : null,
                "domain_catalog", domain ? database : null,
                "domain_schema", domain ? UserTypeRows.schemaOf(column.type(), catalog) : null,
                "domain_name", domain ? column.type().name() : null,
                "udt_catalog", database,
                "udt_schema", UserTypeRows.schemaOf(column.type().base(), catalog),
                "udt_name", column.type().base().name(),
                "dtd_identifier", Integer.toString(column.number()),
                "is_self_referencing", "NO",
                "is_identity", yesNo(column.isIdentity()),
                "identity_generation",
                        switch (column.identity()) {
                            case NONE, STORED -> null;
                            case ALWAYS -> "ALWAYS";
                            case BY_DEFAULT -> "BY DEFAULT";
                        },
                "identity_start", identity == null ? null : Long.toString(identity.start()),
                "identity_increment", identity == null ? null : Long.toString(identity.increment()),
                "identity_maximum", identity == null ? null : Long.toString(identity.max()),
                "identity_minimum", identity == null ? null : Long.toString(identity.min()),
                "identity_cycle", yesNo(identity != null && identity.cycle()),
                "is_generated", column.isGenerated() ? "ALWAYS" : "NEVER",
                "generation_expression",
                        column.isGenerated()
                                ? CatalogText.named(column.defaultSql(), catalog, context)
                                : null,
                "is_updatable", yesNo(isWritable(catalog, described, column)));
    }

    private static @Nullable SequenceDef identitySequence(
            Catalog catalog, TableDef table, ColumnDef column) {
        for (SequenceDef sequence : catalog.objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == table.id()
                    && sequence.ownerColumn() == column.number()) {
                return sequence;
            }
        }
        return null;
    }

    private Stream<@Nullable Object[]> views(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return Stream.concat(
                        // The engine computes these: there is no text that defines them.
                        declared.stream()
                                .filter(system -> system.kind().equals("v"))
                                .map(system ->
                                        new @Nullable String[] {
                                            system.schema(), system.name(), null, "NONE", "NO"
                                        }),
                        catalog.objects(ViewDef.class).stream()
                                .map(view ->
                                        new @Nullable String[] {
                                            RelationViews.nameOf(catalog, view.schemaId()),
                                            view.name(),
                                            view.query(),
                                            view.options()
                                                    .getOrDefault(ViewDef.CHECK_OPTION, "none")
                                                    .toUpperCase(java.util.Locale.ROOT),
                                            yesNo(isUpdatable(catalog, view))
                                        }))
                .map(view ->
                        relation.row(
                                "table_catalog", context.database(),
                                "table_schema", view[0],
                                "table_name", view[1],
                                "view_definition", view[2],
                                "check_option", view[3],
                                "is_updatable", view[4],
                                "is_insertable_into", view[4],
                                "is_trigger_updatable", "NO",
                                "is_trigger_deletable", "NO",
                                "is_trigger_insertable_into", "NO"));
    }

    private static Stream<@Nullable Object[]> sequences(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return catalog.objects(SequenceDef.class).stream()
                .map(sequence -> {
                    InformationTypes type = InformationTypes.of(sequence.type(), -1);
                    return relation.row(
                            "sequence_catalog", context.database(),
                            "sequence_schema", RelationViews.nameOf(catalog, sequence.schemaId()),
                            "sequence_name", sequence.name(),
                            "data_type", type.dataType(),
                            "numeric_precision", type.precision(),
                            "numeric_precision_radix", type.radix(),
                            "numeric_scale", type.scale(),
                            "start_value", Long.toString(sequence.start()),
                            "minimum_value", Long.toString(sequence.min()),
                            "maximum_value", Long.toString(sequence.max()),
                            "increment", Long.toString(sequence.increment()),
                            "cycle_option", yesNo(sequence.cycle()));
                });
    }

    /** An owner has every privilege on its relation; everyone may read the engine's own. */
    private static Stream<Grant> grants(Described described, List<String> privileges) {
        Stream<Grant> own =
                privileges.stream()
                        .map(name -> new Grant(described.owner(), described.owner(), name, true));
        return described.system()
                ? Stream.concat(
                        own, Stream.of(new Grant(described.owner(), "PUBLIC", "SELECT", false)))
                : own;
    }

    private Stream<@Nullable Object[]> tablePrivileges(
            DeclaredRelation relation, Catalog catalog, EvalContext context, boolean withPublic) {
        return relations(catalog)
                .flatMap(described ->
                        grants(described, TABLE_PRIVILEGES)
                                .filter(grant -> withPublic || !grant.grantee().equals("PUBLIC"))
                                .map(grant ->
                                        relation.row(
                                                "grantor", grant.grantor(),
                                                "grantee", grant.grantee(),
                                                "table_catalog", context.database(),
                                                "table_schema", described.schema(),
                                                "table_name", described.name(),
                                                "privilege_type", grant.privilege(),
                                                "is_grantable", yesNo(grant.grantable()),
                                                "with_hierarchy",
                                                        yesNo(
                                                                grant.privilege()
                                                                        .equals("SELECT")))));
    }

    private Stream<@Nullable Object[]> columnPrivileges(
            DeclaredRelation relation, Catalog catalog, EvalContext context, boolean withPublic) {
        return relations(catalog)
                .flatMap(described ->
                        described.columns().stream()
                                .flatMap(column ->
                                        grants(described, COLUMN_PRIVILEGES)
                                                .filter(grant ->
                                                        withPublic
                                                                || !grant.grantee()
                                                                        .equals("PUBLIC"))
                                                .map(grant ->
                                                        relation.row(
                                                                "grantor", grant.grantor(),
                                                                "grantee", grant.grantee(),
                                                                "table_catalog", context.database(),
                                                                "table_schema", described.schema(),
                                                                "table_name", described.name(),
                                                                "column_name", column.name(),
                                                                "privilege_type", grant.privilege(),
                                                                "is_grantable",
                                                                        yesNo(
                                                                                grant
                                                                                        .grantable())))));
    }

    /** The roles whose privileges the current user has: all of them for a superuser. */
    private static Stream<@Nullable Object[]> enabledRoles(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        RoleDef current = catalog.findRole(context.currentUser());
        return catalog.objects(RoleDef.class).stream()
                .filter(role -> current != null && (current.superuser() || role.equals(current)))
                .map(role -> relation.row("role_name", role.name()));
    }

    private static Stream<@Nullable Object[]> characterSets(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return Stream.<@Nullable Object[]>of(
                relation.row(
                        "character_set_name", "UTF8",
                        "character_repertoire", "UCS",
                        "form_of_use", "UTF8",
                        "default_collate_catalog", context.database(),
                        "default_collate_schema", "pg_catalog",
                        "default_collate_name", "C"));
    }
}
