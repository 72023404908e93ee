package dev.driftdb.query.statistics;

import dev.driftdb.schemas.type.SqlType;
import java.util.List;

/**
 * What a sample says of one column's values.
 *
 * @param type of the column when it was analyzed
 * @param nullFraction how many of the rows are NULL, 0 to 1
 * @param averageWidth bytes of a value that is not NULL
 * @param distinct as pg_stats.n_distinct: a number of values, or, negative, a fraction of the rows;
 *     0 if unknown
 * @param mostCommonValues the most frequent values, most frequent first
 * @param frequencies how many of all rows have each of them, 0 to 1
 * @param histogram values that part the others into groups of about equal size, in order; empty if
 *     there are too few
 * @param correlation between the order of rows and that of values, -1 to 1
 */
public record ColumnStatistics(
        SqlType type,
        double nullFraction,
        int averageWidth,
        double distinct,
        List<Object> mostCommonValues,
        List<Double> frequencies,
        List<Object> histogram,
        double correlation) {
    public ColumnStatistics {
        mostCommonValues = List.copyOf(mostCommonValues);
        frequencies = List.copyOf(frequencies);
        histogram = List.copyOf(histogram);
    }

    /** How many distinct values a table of so many rows has; 0 if unknown. */
    public double distinctOf(double rows) {
        return distinct < 0 ? -distinct * rows : distinct;
    }

    /** The fraction of rows whose values are among the most common. */
    public double commonFraction() {
        double sum = 0;
        for (double frequency : frequencies) {
            sum += frequency;
        }
        return Math.min(1, sum);
    }
}
