package dev.driftdb.query.statistics;

import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.StorageActivity;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.TableDef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The statistics of one server's tables, in memory and in a file. Safe for any thread. */
public final class StatisticsStore implements Statistics, AutoCloseable {
    /** How long an estimate from the sizes of files is good enough. */
    private static final long ESTIMATE_NANOS_MAX = 2_000_000_000L;

    /**
     * @param base the table's activity when it was analyzed
     */
    private record Known(TableStatistics statistics, StorageActivity base) {}

    private record Estimate(long rows, long nanos) {}

    /** What one ANALYZE has looked at. */
    public record Report(long rows, int sampledRows) {}

    private final Replica replica;
    private final @Nullable StatisticsFile file;
    private final Map<Integer, Known> tables = new ConcurrentHashMap<>();
    private final Map<Integer, Estimate> estimates = new ConcurrentHashMap<>();
    private final AtomicLong version = new AtomicLong();

    /**
     * @param file where they are kept; null for nowhere
     */
    public StatisticsStore(Replica replica, @Nullable Path file) {
        this.replica = replica;
        this.file = file == null ? null : new StatisticsFile(file);
        if (this.file != null) {
            for (TableStatistics table : this.file.read()) {
                tables.put(table.tableId(), new Known(table, StorageActivity.NONE));
            }
        }
    }

    /** Changes with every ANALYZE: plans made before are to be made anew. */
    public long version() {
        return version.get();
    }

    @Override
    public double rows(TableDef table) {
        Known known = tables.get(table.id());
        if (known != null && known.statistics().storageId() == table.storageId()) {
            long growth = activity(table).growth() - known.base().growth();
            return Math.max(0, known.statistics().rows() + growth);
        }
        return Math.max(UNKNOWN_ROWS, estimate(table.storageId()));
    }

    private long estimate(int storageId) {
        long now = System.nanoTime();
        Estimate last = estimates.get(storageId);
        if (last == null || now - last.nanos() > ESTIMATE_NANOS_MAX) {
            last = new Estimate(replica.estimatedRows(storageId), now);
            estimates.put(storageId, last);
        }
        return last.rows();
    }

    @Override
    public @Nullable TableStatistics of(TableDef table) {
        Known known = tables.get(table.id());
        return known == null ? null : known.statistics();
    }

    @Override
    public StorageActivity activity(TableDef table) {
        return replica.activity(table.storageId());
    }

    @Override
    public long changedSinceAnalyze(TableDef table) {
        long changed = activity(table).changed();
        Known known = tables.get(table.id());
        return known == null || known.statistics().storageId() != table.storageId()
                ? changed
                : changed - known.base().changed();
    }

    /**
     * Reads a table as it is committed now and remembers what it finds.
     *
     * @param wanted column numbers; null for all
     * @param target default_statistics_target
     * @param breath called now and then while it reads
     */
    public Report analyze(
            TableDef table,
            @Nullable Set<Integer> wanted,
            int target,
            long nowMicros,
            boolean automatic,
            Runnable breath) {
        StorageActivity base = activity(table);
        Analysis analysis = new Analysis(table, target, breath);
        TableStatistics before = of(table);
        TableStatistics found;
        try (ReadView view = replica.latest()) {
            found = analysis.run(view, wanted, before, nowMicros, automatic);
        }
        tables.put(table.id(), new Known(found, base));
        version.incrementAndGet();
        save();
        return new Report(analysis.rows(), analysis.sampledRows());
    }

    private synchronized void save() {
        if (file == null) {
            return;
        }
        Catalog catalog = replica.catalog();
        List<TableStatistics> kept = new ArrayList<>();
        tables.values().removeIf(known -> !isTable(catalog, known));
        for (Known known : tables.values()) {
            TableStatistics table = known.statistics();
            long growth = replica.activity(table.storageId()).growth() - known.base().growth();
            kept.add(
                    new TableStatistics(
                            table.tableId(),
                            table.storageId(),
                            Math.max(0, table.rows() + growth),
                            table.bytes(),
                            table.analyzedMicros(),
                            table.automatic(),
                            table.columns()));
        }
        file.write(kept);
    }

    private static boolean isTable(Catalog catalog, Known known) {
        return catalog.find(known.statistics().tableId()) instanceof TableDef;
    }

    @Override
    public void close() {
        save();
    }
}
