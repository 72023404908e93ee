package dev.driftdb.query.catalog;

import dev.driftdb.materializer.state.StorageActivity;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.statistics.ColumnStatistics;
import dev.driftdb.query.statistics.Statistics;
import dev.driftdb.query.statistics.TableStatistics;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * pg_stats and pg_stat_user_tables: what this server knows of its tables' contents and of what was
 * done to them since it started. Accesses are not counted, so their counters are NULL.
 */
final class StatisticsRows {
    private static final int PAGE_BYTES = 8192;

    private StatisticsRows() {}

    /** What ANALYZE found in the rows that the table has now; null if it never ran over them. */
    static @Nullable TableStatistics of(TableDef table, EvalContext context) {
        TableStatistics known = context.statistics().of(table);
        return known == null || known.storageId() != table.storageId() ? null : known;
    }

    static long pages(long bytes) {
        return (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
    }

    static Stream<@Nullable Object[]> tables(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        Statistics statistics = context.statistics();
        return catalog.objects(TableDef.class).stream()
                .map(table -> {
                    TableStatistics known = of(table, context);
                    StorageActivity activity = statistics.activity(table);
                    boolean automatic = known != null && known.automatic();
                    Long analyzed = known == null ? null : (Long) known.analyzedMicros();
                    return relation.row(
                            "relid",
                            table.id(),
                            "schemaname",
                            RelationViews.nameOf(catalog, table.schemaId()),
                            "relname",
                            table.name(),
                            "n_tup_ins",
                            activity.inserted(),
                            "n_tup_upd",
                            activity.updated(),
                            "n_tup_del",
                            activity.deleted(),
                            "n_live_tup",
                            known == null
                                    ? Math.max(0, activity.growth())
                                    : Math.round(statistics.rows(table)),
                            "n_dead_tup",
                            0L,
                            "n_mod_since_analyze",
                            statistics.changedSinceAnalyze(table),
                            "last_analyze",
                            automatic ? null : analyzed,
                            "last_autoanalyze",
                            automatic ? analyzed : null);
                });
    }

    static Stream<@Nullable Object[]> columns(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return catalog.objects(TableDef.class).stream()
                .flatMap(table -> {
                    TableStatistics known = of(table, context);
                    return known == null || known.rows() == 0
                            ? Stream.empty()
                            : table.visibleColumns().stream()
                                    .filter(column ->
                                            context.statistics().column(table, column.number())
                                                    != null)
                                    .map(column ->
                                            column(relation, catalog, context, table, column));
                });
    }

    private static @Nullable Object[] column(
            DeclaredRelation relation,
            Catalog catalog,
            EvalContext context,
            TableDef table,
            ColumnDef column) {
        ColumnStatistics known = context.statistics().column(table, column.number());
        if (known == null) {
            throw new IllegalStateException("column " + column.name() + " was not analyzed");
        }
        SqlType element = known.type().base();
        List<Float> frequencies =
                known.frequencies().stream().map(frequency -> (float) (double) frequency).toList();
        boolean ordered = !known.mostCommonValues().isEmpty() || !known.histogram().isEmpty();
        return relation.row(
                "schemaname",
                RelationViews.nameOf(catalog, table.schemaId()),
                "tablename",
                table.name(),
                "attname",
                column.name(),
                "inherited",
                false,
                "null_frac",
                (float) known.nullFraction(),
                "avg_width",
                known.averageWidth(),
                "n_distinct",
                (float) known.distinct(),
                "most_common_vals",
                known.mostCommonValues().isEmpty()
                        ? null
                        : SqlArray.of(element, known.mostCommonValues()),
                "most_common_freqs",
                frequencies.isEmpty() ? null : SqlArray.of(Types.FLOAT4, frequencies),
                "histogram_bounds",
                known.histogram().isEmpty() ? null : SqlArray.of(element, known.histogram()),
                "correlation",
                ordered ? (Float) (float) known.correlation() : null);
    }
}
