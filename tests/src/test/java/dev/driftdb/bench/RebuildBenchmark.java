package dev.driftdb.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The state directory deleted: how fast a node folds the whole log again, into a table with a
 * primary key and one index. Of large transactions that insert, of large ones that also update, and
 * of many small ones. The figure of resolve and apply is the replica's own, from its first record
 * to its last; beside it what reading and what RocksDB take alone.
 */
final class RebuildBenchmark implements Benchmark {
    /** Of the indexed column. */
    static final int INDEXED_VALUES = 1_000;

    private static final String TABLE = "rebuild_rows";
    private static final int SESSIONS = 16;
    private static final int ROWS_PER_COMMIT_MAX = 4;
    private static final int CHANGES_PER_SECOND_MIN = 150_000;

    /** What the replica says at its start. */
    private static final Pattern FOLDED =
            Pattern.compile("folded \\d+ records with (\\d+) row changes in (\\d+) ms");

    @Override
    public String name() {
        return "rebuild";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        rig.stopSharedNode();
        rig.say("RocksDB alone");
        table.addPeer(
                "floor: RocksDB alone, a row and an index entry each",
                Figures.rate(
                        RebuildFloor.rocksAlone(rig.newDataDirectory(), rig.settings().rows()),
                        "rows"));
        measure(rig, table, "bulk-loaded rows", true, endpoint -> bulk(rig, endpoint));
        measure(rig, table, "rows loaded and updated", false, endpoint -> updated(rig, endpoint));
        measure(
                rig,
                table,
                "rows in commits of 1 to " + ROWS_PER_COMMIT_MAX,
                false,
                endpoint -> small(rig, endpoint));
    }

    /** Fills the table; answers how many rows it has. */
    private interface Loader {
        long load(Endpoint endpoint) throws Exception;
    }

    private static void measure(
            Rig rig, FigureTable table, String what, boolean judged, Loader loader)
            throws Exception {
        Path data = rig.newDataDirectory();
        long rows;
        try (DriftNode node = rig.start(data)) {
            node.endpoint()
                    .execute(
                            "CREATE TABLE "
                                    + TABLE
                                    + " (id bigint PRIMARY KEY, k bigint NOT NULL, v text)",
                            "CREATE INDEX ON " + TABLE + " (k)");
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
                    "ready in " + Figures.seconds(seconds),
                    "with its state " + Figures.seconds(withState),
                    seconds / withState);
            double applied = changesPerSecond(Path.of(data + ".log"));
            String line = "resolve and apply, " + what;
            String figure = Figures.rate(applied, "changes");
            if (judged && !rig.settings().tiny()) {
                table.addJudged(
                        line,
                        figure,
                        applied,
                        " changes/s",
                        Target.atLeast(CHANGES_PER_SECOND_MIN));
            }
            rig.say("reading the log alone");
            double read = RebuildFloor.readAndDecode(node.bootstrapServers());
            table.add(
                    line + ", beside a consumer that decodes",
                    figure,
                    Figures.rate(read, "changes"),
                    applied / read);
        }
    }

    /** What the replica's last start said. */
    private static double changesPerSecond(Path log) throws IOException {
        List<Double> rates = new ArrayList<>();
        Matcher folded = FOLDED.matcher(Files.readString(log));
        while (folded.find()) {
            double changes = Double.parseDouble(folded.group(1));
            rates.add(changes * 1_000 / Math.max(1, Double.parseDouble(folded.group(2))));
        }
        if (rates.isEmpty()) {
            throw new IllegalStateException("the node did not say how fast it folded the log");
        }
        return rates.getLast();
    }

    private static long bulk(Rig rig, Endpoint endpoint) throws Exception {
        int rows = rig.settings().rows();
        endpoint.copyIn(TABLE, rows, id -> id + "\t" + id % INDEXED_VALUES + "\trow number " + id);
        return rows;
    }

    /** As many changes again: half of the rows in the index too. */
    private static long updated(Rig rig, Endpoint endpoint) throws Exception {
        long rows = bulk(rig, endpoint);
        endpoint.execute(
                "UPDATE " + TABLE + " SET v = v || '!' WHERE id < " + rows / 2,
                "UPDATE " + TABLE + " SET k = k + 1 WHERE id >= " + rows / 2);
        return rows;
    }

    private static long small(Rig rig, Endpoint endpoint) throws Exception {
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
        private final List<PreparedStatement> inserts = new ArrayList<>();
        private final AtomicLong lastId;
        private int commits;

        Inserter(Connection connection, AtomicLong lastId) throws SQLException {
            this.connection = connection;
            this.lastId = lastId;
            for (int rows = 1; rows <= ROWS_PER_COMMIT_MAX; rows++) {
                inserts.add(
                        connection.prepareStatement(
                                "INSERT INTO "
                                        + TABLE
                                        + " VALUES (?, ?, ?)"
                                        + ", (?, ?, ?)".repeat(rows - 1)));
            }
        }

        @Override
        public void run() throws SQLException {
            int rows = 1 + commits++ % ROWS_PER_COMMIT_MAX;
            PreparedStatement insert = inserts.get(rows - 1);
            long id = lastId.addAndGet(rows) - rows;
            int parameter = 1;
            for (int i = 1; i <= rows; i++) {
                insert.setLong(parameter++, id + i);
                insert.setLong(parameter++, (id + i) % INDEXED_VALUES);
                insert.setString(parameter++, "row number " + (id + i));
            }
            insert.executeUpdate();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
