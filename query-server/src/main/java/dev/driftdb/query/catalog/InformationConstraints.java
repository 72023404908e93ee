package dev.driftdb.query.catalog;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.CatalogText;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** information_schema: constraints and the columns they are about. */
final class InformationConstraints {
    /** A constraint with its table. */
    private record Owned(TableDef table, Constraint constraint) {}

    private InformationConstraints() {}

    static void define(RowSources sources) {
        sources.informationSchema("table_constraints", InformationConstraints::tableConstraints);
        sources.informationSchema("key_column_usage", InformationConstraints::keyColumns);
        sources.informationSchema("constraint_column_usage", InformationConstraints::columnUsage);
        sources.informationSchema("constraint_table_usage", InformationConstraints::tableUsage);
        sources.informationSchema("check_constraints", InformationConstraints::checks);
        sources.informationSchema("referential_constraints", InformationConstraints::references);
    }

    private static Stream<Owned> constraints(Catalog catalog) {
        return catalog.objects(TableDef.class).stream()
                .flatMap(table ->
                        table.constraints().stream()
                                .map(constraint -> new Owned(table, constraint)));
    }

    private static String schemaOf(Catalog catalog, TableDef table) {
        return RelationViews.nameOf(catalog, table.schemaId());
    }

    /** NOT NULL is a CHECK here, by a name made of the ids of schema, table and column. */
    private static String notNullName(TableDef table, ColumnDef column) {
        return table.schemaId() + "_" + table.id() + "_" + column.number() + "_not_null";
    }

    private static Stream<ColumnDef> notNullColumns(TableDef table) {
        return table.visibleColumns().stream()
                .filter(column -> RelationRows.isNotNull(table, column));
    }

    private static Stream<@Nullable Object[]> tableConstraints(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        Stream<@Nullable Object[]> declared =
                constraints(catalog)
                        .map(owned ->
                                tableConstraint(
                                        relation,
                                        catalog,
                                        context,
                                        owned.table(),
                                        owned.constraint().name(),
                                        owned.constraint()));
        Stream<@Nullable Object[]> notNull =
                catalog.objects(TableDef.class).stream()
                        .flatMap(table ->
                                notNullColumns(table)
                                        .map(column ->
                                                tableConstraint(
                                                        relation,
                                                        catalog,
                                                        context,
                                                        table,
                                                        notNullName(table, column),
                                                        null)));
        return Stream.concat(declared, notNull);
    }

    /**
     * @param constraint null for a NOT NULL
     */
    private static @Nullable Object[] tableConstraint(
            DeclaredRelation relation,
            Catalog catalog,
            EvalContext context,
            TableDef table,
            String name,
            @Nullable Constraint constraint) {
        boolean deferrable = constraint != null && constraint.deferrable();
        boolean deferred = constraint != null && constraint.initiallyDeferred();
        return relation.row(
                "constraint_catalog", context.database(),
                "constraint_schema", schemaOf(catalog, table),
                "constraint_name", name,
                "table_catalog", context.database(),
                "table_schema", schemaOf(catalog, table),
                "table_name", table.name(),
                "constraint_type",
                        switch (constraint) {
                            case Constraint.PrimaryKey _ -> "PRIMARY KEY";
                            case Constraint.Unique _ -> "UNIQUE";
                            case Constraint.ForeignKey _ -> "FOREIGN KEY";
                            case Constraint.Check _ -> "CHECK";
                            case null -> "CHECK";
                        },
                "is_deferrable", InformationSchema.yesNo(deferrable),
                "initially_deferred", InformationSchema.yesNo(deferred),
                "enforced", "YES",
                "nulls_distinct",
                        constraint instanceof Constraint.Unique unique
                                ? InformationSchema.yesNo(nullsDistinct(catalog, unique))
                                : null);
    }

    private static boolean nullsDistinct(Catalog catalog, Constraint.Unique unique) {
        return !(catalog.find(unique.indexId()) instanceof IndexDef index) || index.nullsDistinct();
    }

    private static List<Integer> keyColumns(Constraint constraint) {
        return switch (constraint) {
            case Constraint.PrimaryKey key -> key.columns();
            case Constraint.Unique unique -> unique.columns();
            case Constraint.ForeignKey key -> key.columns();
            case Constraint.Check _ -> List.of();
        };
    }

    private static Stream<@Nullable Object[]> keyColumns(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return constraints(catalog)
                .flatMap(owned -> {
                    TableDef table = owned.table();
                    List<Integer> columns = keyColumns(owned.constraint());
                    return IntStream.range(0, columns.size())
                            .mapToObj(i ->
                                    relation.row(
                                            "constraint_catalog", context.database(),
                                            "constraint_schema", schemaOf(catalog, table),
                                            "constraint_name", owned.constraint().name(),
                                            "table_catalog", context.database(),
                                            "table_schema", schemaOf(catalog, table),
                                            "table_name", table.name(),
                                            "column_name", table.column(columns.get(i)).name(),
                                            "ordinal_position", i + 1,
                                            "position_in_unique_constraint",
                                                    parentPosition(
                                                            catalog, owned.constraint(), i)));
                });
    }

    /** Where the column that the i-th one refers to stands in the key it refers to, from 1. */
    private static @Nullable Long parentPosition(Catalog catalog, Constraint constraint, int i) {
        if (!(constraint instanceof Constraint.ForeignKey key)) {
            return null;
        }
        IndexDef index = catalog.parentIndex(key);
        int number = key.parentColumns().get(i);
        return index == null
                ? null
                : (Long)
                        (index.columns().stream()
                                        .map(IndexDef.IndexColumn::number)
                                        .toList()
                                        .indexOf(number)
                                + 1L);
    }

    /** Of a foreign key, the columns it refers to. CHECK conditions are not looked into. */
    private static Stream<@Nullable Object[]> columnUsage(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return constraints(catalog)
                .flatMap(owned -> {
                    TableDef used = usedTable(catalog, owned);
                    if (used == null) {
                        return Stream.empty();
                    }
                    List<Integer> columns =
                            owned.constraint() instanceof Constraint.ForeignKey key
                                    ? key.parentColumns()
                                    : keyColumns(owned.constraint());
                    return columns.stream()
                            .map(number ->
                                    relation.row(
                                            "table_catalog", context.database(),
                                            "table_schema", schemaOf(catalog, used),
                                            "table_name", used.name(),
                                            "column_name", used.column(number).name(),
                                            "constraint_catalog", context.database(),
                                            "constraint_schema", schemaOf(catalog, owned.table()),
                                            "constraint_name", owned.constraint().name()));
                });
    }

    private static @Nullable TableDef usedTable(Catalog catalog, Owned owned) {
        return owned.constraint() instanceof Constraint.ForeignKey key
                ? catalog.findTable(key.parentTableId())
                : owned.table();
    }

    private static Stream<@Nullable Object[]> tableUsage(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        List<@Nullable Object[]> rows = new ArrayList<>();
        constraints(catalog)
                .filter(owned -> !(owned.constraint() instanceof Constraint.Check))
                .forEach(owned -> {
                    TableDef used = usedTable(catalog, owned);
                    if (used != null) {
                        rows.add(
                                relation.row(
                                        "table_catalog", context.database(),
                                        "table_schema", schemaOf(catalog, used),
                                        "table_name", used.name(),
                                        "constraint_catalog", context.database(),
                                        "constraint_schema", schemaOf(catalog, owned.table()),
                                        "constraint_name", owned.constraint().name()));
                    }
                });
        return rows.stream();
    }

    private static Stream<@Nullable Object[]> checks(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        Stream<@Nullable Object[]> declared =
                constraints(catalog)
                        .filter(owned -> owned.constraint() instanceof Constraint.Check)
                        .map(owned ->
                                check(
                                        relation,
                                        context,
                                        schemaOf(catalog, owned.table()),
                                        owned.constraint().name(),
                                        "(("
                                                + CatalogText.shown(
                                                        ((Constraint.Check) owned.constraint())
                                                                .sql(),
                                                        catalog,
                                                        context)
                                                + "))"));
        Stream<@Nullable Object[]> notNull =
                catalog.objects(TableDef.class).stream()
                        .flatMap(table ->
                                notNullColumns(table)
                                        .map(column ->
                                                check(
                                                        relation,
                                                        context,
                                                        schemaOf(catalog, table),
                                                        notNullName(table, column),
                                                        column.name() + " IS NOT NULL")));
        return Stream.concat(declared, notNull);
    }

    private static @Nullable Object[] check(
            DeclaredRelation relation,
            EvalContext context,
            String schema,
            String name,
            String clause) {
        return relation.row(
                "constraint_catalog", context.database(),
                "constraint_schema", schema,
                "constraint_name", name,
                "check_clause", clause);
    }

    private static Stream<@Nullable Object[]> references(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return constraints(catalog)
                .filter(owned -> owned.constraint() instanceof Constraint.ForeignKey)
                .map(owned -> {
                    Constraint.ForeignKey key = (Constraint.ForeignKey) owned.constraint();
                    TableDef parent = catalog.findTable(key.parentTableId());
                    Constraint target = ConstraintRows.parentConstraint(catalog, key);
                    String schema = parent == null ? null : schemaOf(catalog, parent);
                    String unique = target == null ? null : target.name();
                    return relation.row(
                            "constraint_catalog", context.database(),
                            "constraint_schema", schemaOf(catalog, owned.table()),
                            "constraint_name", key.name(),
                            "unique_constraint_catalog", unique == null ? null : context.database(),
                            "unique_constraint_schema", unique == null ? null : schema,
                            "unique_constraint_name", unique,
                            "match_option", key.matchFull() ? "FULL" : "NONE",
                            "update_rule", key.onUpdate().name().replace('_', ' '),
                            "delete_rule", key.onDelete().name().replace('_', ' '));
                });
    }
}
