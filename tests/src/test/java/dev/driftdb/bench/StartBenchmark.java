package dev.driftdb.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** From the command to the answer to a query, on a data directory of before. */
final class StartBenchmark implements Benchmark {
    private static final String TABLE = "start_rows";
    private static final int STARTS = 3;
    private static final Target SECONDS = Target.atMost(8);

    @Override
    public String name() {
        return "start";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        rig.stopSharedNode();
        Path data = rig.newDataDirectory();
        int rows = rig.settings().pointRows();
        double first;
        try (DriftNode node = rig.start(data)) {
            first = node.secondsToReady();
            node.endpoint().execute("CREATE TABLE " + TABLE + " (id bigint PRIMARY KEY, v text)");
            node.endpoint().copyIn(TABLE, rows, id -> id + "\trow number " + id);
        }
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            try (DriftNode node = rig.start(data)) {
                seconds.add(node.secondsToReady());
                node.endpoint().expect("SELECT count(*) FROM " + TABLE, rows);
            }
        }
        Collections.sort(seconds);
        double median = seconds.get(STARTS / 2);
        table.add("first start to ready, empty directory", Figures.seconds(first));
        table.addJudged(
                "second start to ready, " + Figures.count(rows) + " rows, median of " + STARTS,
                Figures.seconds(median),
                median,
                " s",
                SECONDS);
    }
}
