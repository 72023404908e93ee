package dev.driftdb.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads of a table whose rows have many versions beside one with the same rows that have one: what
 * history costs those who do not ask for it, and those who do, as a curve over the number of
 * versions. Loads run in turns.
 */
final class HistoryBenchmark implements Benchmark {
    private static final String ONE = "history_one";
    private static final String MANY = "history_many";
    private static final int ROUNDS = 10;
    private static final int[] VERSIONS = {1, 10, 100, 1_000};

    /** With more versions a row the tables have fewer rows. */
    private static final int VERSIONS_MAX = 2_000_000;

    private static final Target TAX = Target.atMost(1.1);
    private static final Target POINT = Target.atMost(1.5);
    private static final Target SCAN = Target.atMost(2);

    /** Of the scan's target. */
    private static final int SCAN_VERSIONS = 10;

    @Override
    public String name() {
        return "history";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        for (int versions : VERSIONS) {
            if (versions <= rig.settings().versionsMax()) {
                run(rig, table, versions);
            }
        }
    }

    private static void run(Rig rig, FigureTable table, int versions) throws Exception {
        Endpoint endpoint = rig.node().endpoint();
        int keys = Math.min(rig.settings().historyKeys(), VERSIONS_MAX / versions);
        int updates = versions - 1;
        load(rig, endpoint, ONE, keys, updates);
        long before = stateBytes(endpoint);
        load(rig, endpoint, MANY, keys, 0);
        long copy = stateBytes(endpoint) - before;
        long[] offsets = new long[versions];
        offsets[0] = endpoint.queryLong("SELECT driftdb.current_offset()");
        rig.say("updating every row " + updates + " times");
        for (int update = 1; update <= updates; update++) {
            endpoint.execute("UPDATE " + MANY + " SET v = v + 1");
            offsets[update] = endpoint.queryLong("SELECT driftdb.current_offset()");
        }
        long stored = stateBytes(endpoint) - before - copy;
        int half = updates / 2;
        String then = MANY + " FOR SYSTEM_TIME AS OF OFFSET " + offsets[half];
        String any = MANY + " FOR SYSTEM_TIME AS OF OFFSET ?";

        rig.say("point reads");
        List<Timings> points =
                inTurns(
                        rig,
                        List.of(
                                () -> point(endpoint, ONE, keys, updates),
                                () -> point(endpoint, MANY, keys, updates),
                                () -> point(endpoint, then, keys, half),
                                () ->
                                        new PastReader(
                                                endpoint,
                                                "SELECT v FROM " + any + " WHERE id = ?",
                                                offsets,
                                                keys,
                                                Long::sum)));
        rig.say("scans");
        List<Timings> scans =
                inTurns(
                        rig,
                        List.of(
                                () -> scan(endpoint, ONE, keys, updates),
                                () -> scan(endpoint, MANY, keys, updates),
                                () -> scan(endpoint, then, keys, half),
                                () ->
                                        new PastReader(
                                                endpoint,
                                                "SELECT sum(v) FROM " + any,
                                                offsets,
                                                0,
                                                (_, made) -> sum(keys, made))));
        String of = ", " + Figures.count(versions) + " versions a row";
        report(table, "point read" + of, points, POINT);
        report(
                table,
                "full scan of " + Figures.count(keys) + " rows" + of,
                scans,
                versions == SCAN_VERSIONS ? SCAN : null);
        if (updates > 0) {
            double version = (double) stored / ((long) keys * updates);
            double row = (double) copy / keys;
            table.add(
                    "disk of one version more" + of,
                    Math.round(version) + " bytes",
                    "of a row loaded " + Math.round(row) + " bytes",
                    version / row);
        }
    }

    /** All files of the state, as they are now. */
    private static long stateBytes(Endpoint endpoint) throws Exception {
        endpoint.execute("CHECKPOINT");
        return endpoint.queryLong("SELECT size FROM driftdb.snapshots ORDER BY taken DESC LIMIT 1");
    }

    private static void load(Rig rig, Endpoint endpoint, String name, int keys, int more)
            throws Exception {
        rig.say("loading " + Figures.count(keys) + " rows into " + name);
        endpoint.execute(
                "DROP TABLE IF EXISTS " + name,
                "CREATE TABLE " + name + " (id bigint PRIMARY KEY, v bigint, note text)");
        endpoint.copyIn(name, keys, id -> id + "\t" + (id + more) + "\trow number " + id);
    }

    private static Load.Worker point(Endpoint endpoint, String table, int keys, int more)
            throws Exception {
        return new PointReader(
                endpoint, "SELECT v FROM " + table + " WHERE id = ?", keys, id -> id + more);
    }

    private static Load.Worker scan(Endpoint endpoint, String table, int keys, int more)
            throws Exception {
        return new QueryReader(endpoint, "SELECT sum(v) FROM " + table, sum(keys, more));
    }

    private static long sum(int keys, int more) {
        return (long) keys * (keys - 1) / 2 + (long) keys * more;
    }

    private static List<Timings> inTurns(Rig rig, List<Load.WorkerFactory> loads) throws Exception {
        Duration turn = rig.settings().load().dividedBy(ROUNDS);
        List<List<Timings>> rounds = new ArrayList<>();
        loads.forEach(load -> rounds.add(new ArrayList<>()));
        for (int round = 0; round < ROUNDS; round++) {
            Duration warmUp = round == 0 ? rig.settings().warmUp() : turn.dividedBy(4);
            for (int i = 0; i < loads.size(); i++) {
                rounds.get(i).add(Load.run(1, warmUp, turn, loads.get(i)));
            }
        }
        return rounds.stream().map(Timings::of).toList();
    }

    /** Timings of one version, many versions, many read at one point, and each at another point. */
    private static void report(
            FigureTable table, String what, List<Timings> timings, @Nullable Target target) {
        double one = timings.get(0).median();
        double many = timings.get(1).median();
        double past = timings.get(2).median();
        double anyPast = timings.get(3).median();
        table.add(
                "history tax: " + what,
                "p50 " + Figures.time(many),
                "1 version p50 " + Figures.time(one),
                many / one,
                TAX);
        String travel = "time travel: " + what + ", as of half of the versions ago";
        String current = "current p50 " + Figures.time(many);
        if (target == null) {
            table.add(travel, "p50 " + Figures.time(past), current, past / many);
        } else {
            table.add(travel, "p50 " + Figures.time(past), current, past / many, target);
        }
        table.add(
                "time travel: " + what + ", each at another offset",
                "p50 " + Figures.time(anyPast),
                current,
                anyPast / many);
    }
}
