package dev.driftdb.query.statistics;

import dev.driftdb.materializer.state.StorageActivity;
import dev.driftdb.schemas.catalog.TableDef;
import org.jspecify.annotations.Nullable;

/** What is known of tables' contents. Safe for any thread. */
public interface Statistics {
    /** How many rows a table has of which nothing is known. */
    long UNKNOWN_ROWS = 1000;

    /** Nothing is known. */
    Statistics NONE =
            new Statistics() {
                @Override
                public double rows(TableDef table) {
                    return UNKNOWN_ROWS;
                }

                @Override
                public @Nullable TableStatistics of(TableDef table) {
                    return null;
                }

                @Override
                public StorageActivity activity(TableDef table) {
                    return StorageActivity.NONE;
                }

                @Override
                public long changedSinceAnalyze(TableDef table) {
                    return 0;
                }
            };

    /** How many rows it has now, roughly. */
    double rows(TableDef table);

    /** What the last ANALYZE found; null if there was none. */
    @Nullable TableStatistics of(TableDef table);

    /** What was done to it since this server started. */
    StorageActivity activity(TableDef table);

    /** Rows inserted, updated and deleted since the last ANALYZE, or since the start. */
    long changedSinceAnalyze(TableDef table);

    /** What is known of one column; null if nothing. */
    default @Nullable ColumnStatistics column(TableDef table, int number) {
        TableStatistics known = of(table);
        ColumnStatistics column = known == null ? null : known.columns().get(number);
        return column != null && column.type().equals(table.column(number).type()) ? column : null;
    }
}
