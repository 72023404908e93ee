package dev.driftdb.query.statistics;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.RowReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Reads a table and keeps a sample of its rows. */
final class Analysis {
    /** Rows of a sample for each common value or histogram group that may be kept. */
    private static final int ROWS_PER_TARGET = 300;

    private static final int BREATH_MASK = 0x3FF;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Sampled(byte[] row, long position) {}

    private final TableDef table;
    private final int target;
    private final Runnable breath;
    private final List<Sampled> sample = new ArrayList<>();
    private long rows;
    private long bytes;

    /**
     * @param target default_statistics_target
     * @param breath called now and then: to give way, or to end it by an exception
     */
    Analysis(TableDef table, int target, Runnable breath) {
        this.table = table;
        this.target = target;
        this.breath = breath;
    }

    /**
     * @param wanted column numbers; null for all
     * @param before what was known, of which the other columns are kept
     */
    TableStatistics run(
            ReadView view,
            @Nullable Set<Integer> wanted,
            @Nullable TableStatistics before,
            long nowMicros,
            boolean automatic) {
        int size = ROWS_PER_TARGET * target;
        // The same table gives the same sample.
        SplittableRandom random = new SplittableRandom(table.id());
        try (RowCursor cursor = view.scan(table.storageId(), KeyRange.ALL, false)) {
            while (cursor.next()) {
                if ((rows & BREATH_MASK) == 0) {
                    breath.run();
                }
                long position = rows++;
                byte[] row = cursor.row();
                bytes += row.length;
                if (sample.size() < size) {
                    sample.add(new Sampled(row, position));
                } else {
                    long slot = random.nextLong(rows);
                    if (slot < size) {
                        sample.set((int) slot, new Sampled(row, position));
                    }
                }
            }
        }
        sample.sort(Comparator.comparingLong(Sampled::position));
        Map<Integer, ColumnStatistics> columns = new HashMap<>();
        if (before != null && wanted != null) {
            columns.putAll(before.columns());
        }
        RowReader reader = new RowReader();
        for (ColumnDef column : table.visibleColumns()) {
            if (wanted != null && !wanted.contains(column.number())) {
                continue;
            }
            breath.run();
            ColumnSample values = new ColumnSample(column.type());
            for (Sampled sampled : sample) {
                reader.reset(sampled.row());
                values.add(reader.value(column));
            }
            columns.put(column.number(), values.statistics((double) rows, target));
        }
        return new TableStatistics(
                table.id(), table.storageId(), rows, bytes, nowMicros, automatic, columns);
    }

    long rows() {
        return rows;
    }

    int sampledRows() {
        return sample.size();
    }
}
