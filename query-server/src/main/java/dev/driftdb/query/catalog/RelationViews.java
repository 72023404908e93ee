package dev.driftdb.query.catalog;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The views of pg_catalog over relations: pg_tables, pg_views, pg_indexes and their kin. */
final class RelationViews {
    private final List<DeclaredRelation> declared;
    private final Supplier<? extends FunctionCatalog> functions;

    private RelationViews(
            List<DeclaredRelation> declared, Supplier<? extends FunctionCatalog> functions) {
        this.declared = declared;
        this.functions = functions;
    }

    static void define(
            RowSources sources,
            List<DeclaredRelation> declared,
            Supplier<? extends FunctionCatalog> functions) {
        RelationViews views = new RelationViews(declared, functions);
        sources.pgCatalog("pg_tables", (relation, catalog, _) -> views.tables(relation, catalog));
        sources.pgCatalog("pg_views", views::views);
        sources.pgCatalog("pg_matviews", views::materializedViews);
        sources.pgCatalog("pg_indexes", views::indexes);
        sources.pgCatalog("pg_sequences", RelationViews::sequences);
        sources.pgCatalog(
                "pg_stat_all_tables",
                (relation, catalog, context) ->
                        Stream.concat(
                                views.systemStatistics(relation),
                                StatisticsRows.tables(relation, catalog, context)));
        sources.pgCatalog(
                "pg_stat_sys_tables", (relation, _, _) -> views.systemStatistics(relation));
        sources.pgCatalog("pg_stat_user_tables", StatisticsRows::tables);
        sources.pgCatalog("pg_stats", StatisticsRows::columns);
    }

    /** The name of a schema or role by its id; empty if there is none. */
    static String nameOf(Catalog catalog, int id) {
        CatalogObject object = catalog.find(id);
        return object == null ? "" : object.name();
    }

    private Stream<@Nullable Object[]> tables(DeclaredRelation relation, Catalog catalog) {
        String owner = nameOf(catalog, RoleDef.BOOTSTRAP);
        return Stream.concat(
                declared.stream()
                        .filter(system -> system.kind().equals("r"))
                        .map(system ->
                                relation.row(
                                        "schemaname", system.schema(),
                                        "tablename", system.name(),
                                        "tableowner", owner,
                                        "hasindexes", false,
                                        "hasrules", false,
                                        "hastriggers", false,
                                        "rowsecurity", false)),
                catalog.objects(TableDef.class).stream()
                        .filter(table -> catalog.materializedView(table.id()) == null)
                        .map(table ->
                                relation.row(
                                        "schemaname", nameOf(catalog, table.schemaId()),
                                        "tablename", table.name(),
                                        "tableowner", nameOf(catalog, table.ownerId()),
                                        "hasindexes", !catalog.indexesOf(table.id()).isEmpty(),
                                        "hasrules", false,
                                        "hastriggers", hasForeignKeys(catalog, table),
                                        "rowsecurity", false)));
    }

    /** As pg_class.relhastriggers: PostgreSQL's clients expect foreign keys to be triggers. */
    static boolean hasForeignKeys(Catalog catalog, TableDef table) {
        return table.constraints().stream().anyMatch(Constraint.ForeignKey.class::isInstance)
                || !catalog.referencesTo(table.id()).isEmpty();
    }

    private Stream<@Nullable Object[]> materializedViews(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return catalog.objects(TableDef.class).stream()
                .filter(table -> catalog.materializedView(table.id()) != null)
                .map(table ->
                        relation.row(
                                "schemaname",
                                nameOf(catalog, table.schemaId()),
                                "matviewname",
                                table.name(),
                                "matviewowner",
                                nameOf(catalog, table.ownerId()),
                                "hasindexes",
                                !catalog.indexesOf(table.id()).isEmpty(),
                                "ispopulated",
                                RelationRows.isPopulated(catalog, table),
                                "definition",
                                definition(context, table.id())));
    }

    private @Nullable Object definition(EvalContext context, int id) {
        return call(context, "pg_get_viewdef", List.of(Types.OID, Types.BOOL), (long) id, false);
    }

    private Stream<@Nullable Object[]> views(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        String owner = nameOf(catalog, RoleDef.BOOTSTRAP);
        return Stream.concat(
                // The engine computes these: there is no text that defines them.
                declared.stream()
                        .filter(system -> system.kind().equals("v"))
                        .map(system ->
                                relation.row(
                                        "schemaname", system.schema(),
                                        "viewname", system.name(),
                                        "viewowner", owner)),
                catalog.objects(ViewDef.class).stream()
                        .map(view ->
                                relation.row(
                                        "schemaname", nameOf(catalog, view.schemaId()),
                                        "viewname", view.name(),
                                        "viewowner", nameOf(catalog, view.ownerId()),
                                        "definition", definition(context, view.id()))));
    }

    private Stream<@Nullable Object[]> indexes(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return catalog.objects(IndexDef.class).stream()
                .map(index ->
                        relation.row(
                                "schemaname",
                                nameOf(catalog, index.schemaId()),
                                "tablename",
                                nameOf(catalog, index.tableId()),
                                "indexname",
                                index.name(),
                                "indexdef",
                                call(
                                        context,
                                        "pg_get_indexdef",
                                        List.of(Types.OID),
                                        (long) index.id())));
    }

    /** A built-in function's value, as the definition of the view in PostgreSQL calls it. */
    private @Nullable Object call(
            EvalContext context, String name, List<SqlType> types, Object... arguments) {
        for (ScalarFunction function : functions.get().scalars(name)) {
            if (function.arguments().equals(types)) {
                return switch (function.implementation().specialize(types, function.result())) {
                    case Body.Unary unary -> unary.apply(arguments[0]);
                    case Body.Binary binary -> binary.apply(arguments[0], arguments[1]);
                    case Body.Nary nary -> nary.apply(arguments, context);
                };
            }
        }
        throw new IllegalStateException("no function " + name + types);
    }

    private static Stream<@Nullable Object[]> sequences(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return catalog.objects(SequenceDef.class).stream()
                .map(sequence -> {
                    SequenceState state = context.sequenceState(sequence.id());
                    return relation.row(
                            "schemaname", nameOf(catalog, sequence.schemaId()),
                            "sequencename", sequence.name(),
                            "sequenceowner", nameOf(catalog, sequence.ownerId()),
                            "data_type", sequence.type().oid(),
                            "start_value", sequence.start(),
                            "min_value", sequence.min(),
                            "max_value", sequence.max(),
                            "increment_by", sequence.increment(),
                            "cycle", sequence.cycle(),
                            "cache_size", sequence.cache(),
                            "last_value", state.called() ? (Long) state.last() : null);
                });
    }

    /** The tables only: accesses are not counted, so every counter is NULL. */
    private Stream<@Nullable Object[]> systemStatistics(DeclaredRelation relation) {
        return declared.stream()
                .filter(system -> system.kind().equals("r"))
                .map(system ->
                        relation.row(
                                "relid", system.id(),
                                "schemaname", system.schema(),
                                "relname", system.name()));
    }
}
