package dev.driftdb.query.statistics;

import java.util.Map;

/**
 * What ANALYZE found in one table.
 *
 * @param storageId where its rows were then: another one has other rows
 * @param rows how many there were
 * @param bytes of their keys and values
 * @param analyzedMicros when, in microseconds since 2000-01-01 UTC
 * @param automatic whether nobody asked for it
 * @param columns by column number; those that were never analyzed are missing
 */
public record TableStatistics(
        int tableId,
        int storageId,
        long rows,
        long bytes,
        long analyzedMicros,
        boolean automatic,
        Map<Integer, ColumnStatistics> columns) {
    public TableStatistics {
        columns = Map.copyOf(columns);
    }
}
