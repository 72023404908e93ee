package dev.driftdb.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The state directory deleted: how fast a node folds the whole log again, of few large transactions
 * and of many small ones. The time is that of the whole start.
 */
final class RebuildBenchmark implements Benchmark {
    private static final String TABLE = "rebuild_rows";
    private static final int SESSIONS = 16;

    @Override
    public String name() {
        return "rebuild";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        rig.stopSharedNode();
        measure(rig, table, "bulk-loaded rows", endpoint -> bulk(rig, endpoint));
        measure(rig, table, "rows of a commit each", endpoint -> single(rig, endpoint));
    }

    /** Writes rows 1 and up; answers how many. */
    private interface Loader {
        long load(Endpoint endpoint) throws Exception;
    }

    private static void measure(Rig rig, FigureTable table, String what, Loader loader)
            throws Exception {
        Path data = rig.newDataDirectory();
        long rows;
        try (DriftNode node = rig.start(data)) {
            node.endpoint().execute("CREATE TABLE " + TABLE + " (id bigint PRIMARY KEY, v text)");
            rig.say("loading " + what);
            rows = loader.load(node.endpoint());
        }
        double withState;
        try (DriftNode node = rig.start(data)) {
            withState = node.secondsToReady();
        }
        Rig.delete(data.resolve("state"));
        try (DriftNode node = rig.start(data)) {
            node.endpoint().expect("SELECT count(*) FROM " + TABLE, rows);
            double seconds = node.secondsToReady();
            table.add(
                    "rebuild of the state, " + Figures.count(rows) + " " + what,
                    Figures.rate(rows / seconds, "rows") + ", ready in " + Figures.seconds(seconds),
                    "with its state " + Figures.seconds(withState),
                    seconds / withState);
        }
    }

    private static long bulk(Rig rig, Endpoint endpoint) throws Exception {
        int rows = rig.settings().rows();
        endpoint.copyIn(TABLE, rows, id -> id + "\trow number " + id);
        return rows;
    }

    private static long single(Rig rig, Endpoint endpoint) throws Exception {
        AtomicLong lastId = new AtomicLong();
        Load.run(
                SESSIONS,
                Duration.ZERO,
                rig.settings().load(),
                () -> new Inserter(endpoint.connect(), lastId));
        return lastId.get();
    }

    private static final class Inserter implements Load.Worker {
        private final Connection connection;
        private final PreparedStatement insert;
        private final AtomicLong lastId;

        Inserter(Connection connection, AtomicLong lastId) throws SQLException {
            this.connection = connection;
            this.insert = connection.prepareStatement("INSERT INTO " + TABLE + " VALUES (?, ?)");
            this.lastId = lastId;
        }

        @Override
        public void run() throws SQLException {
            long id = lastId.incrementAndGet();
            insert.setLong(1, id);
            insert.setString(2, "row number " + id);
            insert.executeUpdate();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
