package dev.driftdb.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * How long the log is, and what that costs: a node that begins without its state, with a snapshot
 * and without; the first read of a point before the horizon, and those after it.
 */
final class ReplayBenchmark implements Benchmark {
    private static final String TABLE = "replayed";
    private static final int SESSIONS = 16;

    /** Entries behind the snapshot when the node starts. */
    private static final int TAIL = 1_000;

    private static final int DISTANCE_MIN = 1_000;
    private static final int STEP = 10;
    private static final Target AS_HISTORY = Target.atMost(1.5);

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        rig.stopSharedNode();
        Path data = rig.newDataDirectory();
        int longest = rig.settings().tiny() ? STEP * DISTANCE_MIN : rig.settings().rows();
        long begin;
        try (DriftNode node = rig.start(data)) {
            node.endpoint().execute("CREATE TABLE " + TABLE + " (id bigint PRIMARY KEY, v bigint)");
            begin = node.endpoint().queryLong("SELECT driftdb.current_offset()");
        }
        int entries = 0;
        for (int length = longest / STEP; length <= longest; length *= STEP) {
            try (DriftNode node = rig.start(data)) {
                rig.say("appending to " + Figures.count(length) + " entries");
                insert(node.endpoint(), entries, length - TAIL);
                node.endpoint().execute("CHECKPOINT");
                insert(node.endpoint(), length - TAIL, length);
            }
            entries = length;
            starts(rig, table, data, length);
        }
        // What a snapshot has is read from it: the log is to be replayed.
        Rig.delete(data.resolve("snapshots"));
        try (DriftNode node = rig.start(data)) {
            replays(rig, table, node.endpoint(), begin, entries);
        }
        Rig.delete(data);
    }

    /** Rows {@code from} to {@code to}, each in an entry of its own. */
    private static void insert(Endpoint endpoint, int from, int to) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(SESSIONS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int session = 0; session < SESSIONS; session++) {
                int first = from + session;
                all.add(
                        threads.submit(() -> {
                            try (Connection connection = endpoint.connect();
                                    PreparedStatement insert =
                                            connection.prepareStatement(
                                                    "INSERT INTO " + TABLE + " VALUES (?, ?)")) {
                                for (int id = first; id < to; id += SESSIONS) {
                                    insert.setLong(1, id);
                                    insert.setLong(2, id);
                                    insert.executeUpdate();
                                }
                            }
                            return null;
                        }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private static void starts(Rig rig, FigureTable table, Path data, int length) throws Exception {
        rig.say("starting without a state");
        Rig.delete(data.resolve("state"));
        double restored = secondsToReady(rig, data, length);
        Path snapshots = data.resolve("snapshots");
        Path aside = data.resolve("snapshots-aside");
        Files.move(snapshots, aside);
        Rig.delete(data.resolve("state"));
        double folded = secondsToReady(rig, data, length);
        Rig.delete(snapshots);
        Files.move(aside, snapshots);
        table.add(
                "start without a state, " + Figures.count(length) + " entries in the log",
                "from a snapshot and "
                        + Figures.count(TAIL)
                        + " entries "
                        + Figures.seconds(restored),
                "from the log alone " + Figures.seconds(folded),
                restored / folded);
    }

    private static double secondsToReady(Rig rig, Path data, int length) throws Exception {
        try (DriftNode node = rig.start(data)) {
            node.endpoint().expect("SELECT count(*) FROM " + TABLE, length);
            return node.secondsToReady();
        }
    }

    private static void replays(
            Rig rig, FigureTable table, Endpoint endpoint, long begin, int entries)
            throws Exception {
        endpoint.execute(
                "ALTER TABLE " + TABLE + " SET (history_retention = '0')",
                "SELECT pg_sleep(0.01)",
                "VACUUM " + TABLE);
        rig.say("reading before the horizon");
        int reached = 0;
        for (int distance = DISTANCE_MIN; distance < entries; distance *= STEP) {
            // Each goes on where the one before has ended.
            String then = TABLE + " FOR SYSTEM_TIME AS OF OFFSET " + (begin + distance);
            long start = System.nanoTime();
            endpoint.expect("SELECT count(*) FROM " + then, distance);
            double first = System.nanoTime() - start;
            Duration load = rig.settings().load();
            Timings past =
                    Load.run(
                            1,
                            rig.settings().warmUp(),
                            load,
                            () ->
                                    new QueryReader(
                                            endpoint,
                                            "SELECT count(*) FROM " + then + " WHERE id = 0",
                                            1));
            Timings now =
                    Load.run(
                            1,
                            load,
                            load,
                            () ->
                                    new QueryReader(
                                            endpoint,
                                            "SELECT count(*) FROM " + TABLE + " WHERE id = 0",
                                            1));
            int away = distance - reached;
            reached = distance;
            String what = Figures.count(away) + " entries away";
            table.add(
                    "first read before the horizon, " + what,
                    Figures.time(first)
                            + ", "
                            + Figures.rate(
                                    away * (double) TimeUnit.SECONDS.toNanos(1) / first,
                                    "entries"));
            table.add(
                    "point reads after it, " + what,
                    "p50 " + Figures.time(past.median()),
                    "current p50 " + Figures.time(now.median()),
                    past.median() / now.median(),
                    AS_HISTORY);
        }
    }
}
