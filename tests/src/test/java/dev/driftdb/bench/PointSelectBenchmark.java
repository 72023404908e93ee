package dev.driftdb.bench;

import java.util.ArrayList;
import java.util.List;

/** {@code SELECT v FROM t WHERE k = ?} over the wire, prepared, random keys. */
final class PointSelectBenchmark implements Benchmark {
    private static final String TABLE = "point_rows";
    private static final String SELECT = "SELECT v FROM " + TABLE + " WHERE k = ?";
    private static final int[] CONNECTIONS = {1, 8};

    @Override
    public String name() {
        return "point";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        int rows = rig.settings().pointRows();
        List<Endpoint> endpoints = rig.endpoints();
        for (Endpoint endpoint : endpoints) {
            rig.say("loading " + Figures.count(rows) + " rows into " + endpoint.product());
            endpoint.execute(
                    "DROP TABLE IF EXISTS " + TABLE,
                    "CREATE TABLE " + TABLE + " (k bigint PRIMARY KEY, v bigint, note text)");
            endpoint.copyIn(TABLE, rows, k -> k + "\t" + value(k) + "\trow number " + k);
            endpoint.execute("VACUUM ANALYZE " + TABLE);
        }
        for (int connections : CONNECTIONS) {
            List<Timings> timings = new ArrayList<>();
            for (Endpoint endpoint : endpoints) {
                rig.say(label(connections) + " to " + endpoint.product());
                timings.add(
                        Load.run(
                                connections,
                                rig.settings().warmUp(),
                                rig.settings().load(),
                                () ->
                                        new PointReader(
                                                endpoint,
                                                SELECT,
                                                rows,
                                                PointSelectBenchmark::value)));
            }
            report(table, connections, timings);
        }
    }

    private static void report(FigureTable table, int connections, List<Timings> timings) {
        String benchmark = "point select by key, " + label(connections);
        Timings own = timings.getFirst();
        if (timings.size() == 1) {
            table.add(benchmark, figure(own));
        } else {
            Timings peer = timings.getLast();
            table.add(
                    benchmark,
                    figure(own),
                    "PostgreSQL " + figure(peer),
                    own.perSecond() / peer.perSecond());
        }
    }

    private static String label(int connections) {
        return connections + (connections == 1 ? " connection" : " connections");
    }

    private static String figure(Timings timings) {
        return Figures.rate(timings.perSecond(), "reads")
                + ", p50 "
                + Figures.time(timings.median());
    }

    private static long value(long key) {
        return key * 7 + 3;
    }
}
