package dev.driftdb.bench;

import java.util.ArrayList;
import java.util.List;

/** A count over all rows with a filter that about one row in a hundred passes. */
final class ScanBenchmark implements Benchmark {
    private static final String TABLE = "scan_rows";
    private static final int ONE_IN = 100;
    private static final Target ROWS_PER_SECOND = Target.atLeast(500_000);

    @Override
    public String name() {
        return "scan";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        int rows = rig.settings().rows();
        int passing = Math.max(1, rows / ONE_IN);
        String select = "SELECT count(*) FROM " + TABLE + " WHERE v > " + (rows - passing - 1);
        List<Double> rowRates = new ArrayList<>();
        for (Endpoint endpoint : rig.endpoints()) {
            load(rig, endpoint, rows);
            rig.say("scanning in " + endpoint.product());
            Timings timings =
                    Load.run(
                            1,
                            rig.settings().warmUp(),
                            rig.settings().load(),
                            () -> new QueryReader(endpoint, select, passing));
            rowRates.add(rows / (timings.median() / 1e9));
        }
        double own = rowRates.getFirst();
        String figure = Figures.rate(own, "rows");
        table.addJudged(
                "filtered scan of " + Figures.count(rows) + " rows, 1 % pass",
                figure,
                own,
                " rows/s",
                ROWS_PER_SECOND);
        if (rowRates.size() > 1) {
            double peer = rowRates.getLast();
            table.add(
                    "filtered scan, the same beside PostgreSQL",
                    figure,
                    "PostgreSQL " + Figures.rate(peer, "rows"),
                    own / peer);
        }
    }

    private static void load(Rig rig, Endpoint endpoint, int rows) throws Exception {
        rig.say("loading " + Figures.count(rows) + " rows into " + endpoint.product());
        endpoint.execute(
                "DROP TABLE IF EXISTS " + TABLE,
                "CREATE TABLE " + TABLE + " (id bigint PRIMARY KEY, v integer, note text)");
        endpoint.copyIn(TABLE, rows, id -> id + "\t" + scattered(id, rows) + "\trow number " + id);
        endpoint.execute("VACUUM ANALYZE " + TABLE);
    }

    /**
     * Each number below {@code rows} once, so that the passing rows lie everywhere in the table.
     */
    static long scattered(long id, int rows) {
        long step = 618_034_003; // prime, so it shares no factor with a smaller number of rows
        return id * step % rows;
    }
}
