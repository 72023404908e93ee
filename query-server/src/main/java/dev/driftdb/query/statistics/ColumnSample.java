package dev.driftdb.query.statistics;

import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of one column in a sample of rows, in the order of the rows. */
final class ColumnSample {
    /** Longer values are counted, but neither compared nor kept. */
    private static final int VALUE_BYTES_MAX = 1024;

    /** From this share of the rows on, distinct values are taken to grow with the table. */
    private static final double GROWING_DISTINCT = 0.1;

    /** How much more frequent than the average a common value has to be. */
    private static final double COMMON_FACTOR = 1.25;

    private record Item(Object value, int position) {}

    private record Run(Object value, int count, int first) {}

    private final SqlType type;
    private final List<Item> items = new ArrayList<>();
    private int rows;
    private int present;
    private long bytes;

    ColumnSample(SqlType type) {
        this.type = type;
    }

    void add(@Nullable Object value) {
        rows++;
        if (value == null) {
            return;
        }
        present++;
        int size = type.length() > 0 ? type.length() : RowCodec.encodeValue(type, value).length();
        bytes += size;
        if (size <= VALUE_BYTES_MAX && ValueOrder.isOrdered(type)) {
            items.add(new Item(value, rows));
        }
    }

    /**
     * @param tableRows rows of the whole table
     * @param target how many common values and histogram groups are kept at most
     */
    ColumnStatistics statistics(double tableRows, int target) {
        double nullFraction = rows == 0 ? 0 : 1 - (double) present / rows;
        int width =
                present == 0
                        ? Math.max(0, type.length())
                        : (int) Math.round((double) bytes / present);
        if (items.isEmpty()) {
            return new ColumnStatistics(
                    type, nullFraction, width, 0, List.of(), List.of(), List.of(), 0);
        }
        Comparator<Object> order = ValueOrder.of(type);
        items.sort((a, b) -> {
            int result = order.compare(a.value(), b.value());
            return result != 0 ? result : Integer.compare(a.position(), b.position());
        });
        List<Run> runs = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= items.size(); i++) {
            if (i == items.size()
                    || order.compare(items.get(i).value(), items.get(start).value()) != 0) {
                runs.add(new Run(items.get(start).value(), i - start, start));
                start = i;
            }
        }
        double distinct = distinct(runs, tableRows, nullFraction);
        List<Run> common = common(runs, distinct, target);
        List<Object> values = new ArrayList<>();
        List<Double> frequencies = new ArrayList<>();
        for (Run run : common) {
            values.add(run.value());
            frequencies.add((double) run.count() / rows);
        }
        return new ColumnStatistics(
                type,
                nullFraction,
                width,
                distinct,
                values,
                frequencies,
                histogram(runs, common, target),
                correlation());
    }

    /** Haas and Stokes' estimator from how many values were seen just once. */
    private double distinct(List<Run> runs, double tableRows, double nullFraction) {
        int once = 0;
        for (Run run : runs) {
            once += run.count() == 1 ? 1 : 0;
        }
        // Values too long to be compared are taken to be all different.
        once += present - items.size();
        double seen = runs.size() + (present - items.size());
        double estimate;
        if (once == seen) {
            return -(1 - nullFraction);
        }
        if (once == 0 || rows >= tableRows) {
            estimate = seen;
        } else {
            double total = Math.max(present, tableRows * (1 - nullFraction));
            estimate = present * seen / (present - once + once * (double) present / total);
            estimate = Math.clamp(estimate, seen, total);
        }
        return estimate > GROWING_DISTINCT * tableRows
                ? -estimate / tableRows
                : Math.rint(estimate);
    }

    private List<Run> common(List<Run> runs, double distinct, int target) {
        boolean all = distinct > 0 && runs.size() <= target && distinct <= runs.size();
        double least = all ? 1 : Math.max(2, COMMON_FACTOR * items.size() / runs.size());
        List<Run> common = new ArrayList<>();
        for (Run run : runs) {
            if (run.count() >= least) {
                common.add(run);
            }
        }
        common.sort(Comparator.comparingInt((Run run) -> -run.count()));
        return common.size() > target ? common.subList(0, target) : common;
    }

    private List<Object> histogram(List<Run> runs, List<Run> common, int target) {
        java.util.Set<Integer> left = new java.util.HashSet<>();
        common.forEach(run -> left.add(run.first()));
        List<Object> values = new ArrayList<>();
        int others = 0;
        for (Run run : runs) {
            if (!left.contains(run.first())) {
                others++;
                for (int i = 0; i < run.count(); i++) {
                    values.add(run.value());
                }
            }
        }
        if (others < 2) {
            return List.of();
        }
        int bounds = Math.min(target + 1, others);
        List<Object> histogram = new ArrayList<>(bounds);
        for (int i = 0; i < bounds; i++) {
            histogram.add(values.get((int) ((long) i * (values.size() - 1) / (bounds - 1))));
        }
        return histogram;
    }

    /** Of the ranks of values with the positions of their rows. */
    private double correlation() {
        int count = items.size();
        if (count < 2) {
            return count == 1 ? 1 : 0;
        }
        double mean = (count - 1) / 2.0;
        double positionSum = 0;
        for (Item item : items) {
            positionSum += item.position();
        }
        double positionMean = positionSum / count;
        double both = 0;
        double ranks = 0;
        double positions = 0;
        for (int i = 0; i < count; i++) {
            double x = i - mean;
            double y = items.get(i).position() - positionMean;
            both += x * y;
            ranks += x * x;
            positions += y * y;
        }
        return positions == 0 ? 0 : Math.clamp(both / Math.sqrt(ranks * positions), -1, 1);
    }
}
