package dev.driftdb.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads of a table whose rows have many versions beside one with the same rows that have one: what
 * history costs those who do not ask for it, and those who do. Loads run in turns.
 */
final class HistoryBenchmark implements Benchmark {
    private static final String ONE = "history_one";
    private static final String MANY = "history_many";
    private static final int ROUNDS = 10;
    private static final Target TAX = Target.atMost(1.2);

    @Override
    public String name() {
        return "history";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        Endpoint endpoint = rig.node().endpoint();
        int keys = rig.settings().historyKeys();
        int versions = rig.settings().versions();
        int updates = versions - 1;
        load(rig, endpoint, ONE, keys, updates);
        load(rig, endpoint, MANY, keys, 0);
        rig.say("updating every row " + updates + " times");
        int half = updates / 2;
        long past = -1;
        for (int update = 1; update <= updates; update++) {
            endpoint.execute("UPDATE " + MANY + " SET v = v + 1");
            if (update == half) {
                past = endpoint.queryLong("SELECT driftdb.current_offset()");
            }
        }
        String then = MANY + " FOR SYSTEM_TIME AS OF OFFSET " + past;

        rig.say("point reads");
        List<Timings> points =
                inTurns(
                        rig,
                        List.of(
                                () -> point(endpoint, ONE, keys, updates),
                                () -> point(endpoint, MANY, keys, updates),
                                () -> point(endpoint, then, keys, half)));
        rig.say("scans");
        List<Timings> scans =
                inTurns(
                        rig,
                        List.of(
                                () -> scan(endpoint, ONE, keys, updates),
                                () -> scan(endpoint, MANY, keys, updates),
                                () -> scan(endpoint, then, keys, half)));
        report(table, "point read", versions, points);
        report(table, "full scan of " + Figures.count(keys) + " rows", versions, scans);
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
        long sum = (long) keys * (keys - 1) / 2 + (long) keys * more;
        return new QueryReader(endpoint, "SELECT sum(v) FROM " + table, sum);
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

    /** Timings of one version, many versions, and many versions read in the past. */
    private static void report(
            FigureTable table, String what, int versions, List<Timings> timings) {
        double one = timings.get(0).median();
        double many = timings.get(1).median();
        double past = timings.get(2).median();
        table.add(
                "history tax: " + what + ", " + versions + " versions a row",
                "p50 " + Figures.time(many),
                "1 version p50 " + Figures.time(one),
                many / one,
                TAX);
        table.add(
                "time travel: " + what + " as of half of the versions ago",
                "p50 " + Figures.time(past),
                "current p50 " + Figures.time(many),
                past / many);
    }
}
