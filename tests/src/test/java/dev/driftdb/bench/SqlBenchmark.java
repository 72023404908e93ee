package dev.driftdb.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.postgresql.PGStatement;

/**
 * Statements between a point read and a report: selects through a secondary index, a five-way join,
 * an INSERT of many rows, COPY, UPDATE and DELETE of a whole table, and what a statement costs that
 * the server has not seen before.
 */
final class SqlBenchmark implements Benchmark {
    private static final int RANGE = 100;
    private static final int INSERT_ROWS = 1_000;
    private static final int NAMES = 50;
    private static final Target AT_MOST_TWICE = Target.atMost(2);
    private static final Target PLAN_NANOS = Target.atMost(1);

    @Override
    public String name() {
        return "sql";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        int rows = rig.settings().pointRows();
        List<Endpoint> endpoints = rig.endpoints();
        for (Endpoint endpoint : endpoints) {
            load(rig, endpoint, rows);
        }
        measure(
                rig,
                table,
                "point select through a secondary index",
                endpoint ->
                        new PointReader(
                                endpoint, "SELECT v FROM sql_rows WHERE n = ?", rows, k -> k * 3));
        measure(
                rig,
                table,
                "range select of " + RANGE + " rows through a secondary index",
                endpoint -> new RangeReader(endpoint, rows));
        measure(
                rig,
                table,
                "five-way join from one row",
                endpoint -> new JoinReader(endpoint, rows));
        measure(
                rig,
                table,
                "INSERT of " + Figures.count(INSERT_ROWS) + " rows in one statement, rolled back",
                InsertWriter::new);
        copy(rig, table, endpoints);
        unseen(rig, table, endpoints.getFirst());
    }

    private static void load(Rig rig, Endpoint endpoint, int rows) throws Exception {
        rig.say("loading " + Figures.count(rows) + " rows into " + endpoint.product());
        endpoint.execute(
                "DROP TABLE IF EXISTS sql_rows, sql_names, sql_inserted",
                "CREATE TABLE sql_rows"
                        + " (k bigint PRIMARY KEY, n bigint, v bigint, name_id integer, note text)",
                "CREATE TABLE sql_names (id integer PRIMARY KEY, name text)",
                "CREATE TABLE sql_inserted (a integer, b integer, c text, d numeric, e text)",
                "INSERT INTO sql_names SELECT i, 'name ' || i FROM generate_series(0, "
                        + (NAMES - 1)
                        + ") i");
        endpoint.copyIn(
                "sql_rows",
                rows,
                k -> k + "\t" + k + "\t" + k * 3 + "\t" + k % NAMES + "\trow number " + k);
        endpoint.execute(
                "CREATE INDEX ON sql_rows (n)", "VACUUM ANALYZE sql_rows", "ANALYZE sql_names");
    }

    private interface WorkerOf {
        Load.Worker open(Endpoint endpoint) throws Exception;
    }

    /** One session; the ratio is of the median times. */
    private static void measure(Rig rig, FigureTable table, String label, WorkerOf worker)
            throws Exception {
        List<Timings> timings = new ArrayList<>();
        List<Endpoint> endpoints = rig.endpoints();
        for (Endpoint endpoint : endpoints) {
            rig.say(label + " in " + endpoint.product());
            timings.add(
                    Load.run(
                            1,
                            rig.settings().warmUp(),
                            rig.settings().load(),
                            () -> worker.open(endpoint)));
        }
        if (timings.size() == 1) {
            table.add(label, timings.getFirst().latencies());
        } else {
            table.add(
                    label,
                    timings.getFirst().latencies(),
                    endpoints.getLast().product() + " " + timings.getLast().latencies(),
                    timings.getFirst().median() / timings.getLast().median(),
                    AT_MOST_TWICE);
        }
    }

    private static void copy(Rig rig, FigureTable table, List<Endpoint> endpoints)
            throws Exception {
        int rows = rig.settings().rows();
        String many = Figures.count(rows) + " rows";
        once(
                rig,
                table,
                "COPY of " + many,
                endpoint -> {
                    endpoint.execute(
                            "DROP TABLE IF EXISTS sql_copied",
                            "CREATE TABLE sql_copied (id bigint PRIMARY KEY, v integer, note text)");
                    return () ->
                            endpoint.copyIn(
                                    "sql_copied",
                                    rows,
                                    id -> id + "\t" + id % 1000 + "\trow number " + id);
                });
        for (Endpoint endpoint : endpoints) {
            endpoint.expect("SELECT count(*) FROM sql_copied", rows);
        }
        once(
                rig,
                table,
                "UPDATE of all " + many,
                endpoint -> () -> endpoint.execute("UPDATE sql_copied SET v = v + 1"));
        once(
                rig,
                table,
                "DELETE of all " + many,
                endpoint -> () -> endpoint.execute("DELETE FROM sql_copied"));
        for (Endpoint endpoint : endpoints) {
            endpoint.expect("SELECT count(*) FROM sql_copied", 0);
        }
    }

    /** What is timed. */
    private interface Work {
        void run() throws Exception;
    }

    private interface WorkOf {
        Work prepare(Endpoint endpoint) throws Exception;
    }

    /** One run on each; the ratio is of the times. */
    private static void once(Rig rig, FigureTable table, String label, WorkOf workOf)
            throws Exception {
        List<Double> seconds = new ArrayList<>();
        List<Endpoint> endpoints = rig.endpoints();
        for (Endpoint endpoint : endpoints) {
            Work work = workOf.prepare(endpoint);
            rig.say(label + " in " + endpoint.product());
            long start = System.nanoTime();
            work.run();
            seconds.add((System.nanoTime() - start) / 1e9);
        }
        String own = Figures.seconds(seconds.getFirst());
        if (seconds.size() == 1) {
            table.add(label, own);
        } else {
            table.add(
                    label,
                    own,
                    endpoints.getLast().product() + " " + Figures.seconds(seconds.getLast()),
                    seconds.getFirst() / seconds.getLast(),
                    AT_MOST_TWICE);
        }
    }

    /** Parse, bind and plan: EXPLAIN of a text that differs each time in more than constants. */
    private static void unseen(Rig rig, FigureTable table, Endpoint endpoint) throws Exception {
        rig.say("statements that were not seen before");
        Timings timings =
                Load.run(
                        1,
                        rig.settings().warmUp(),
                        rig.settings().load(),
                        () -> new UnseenStatements(endpoint));
        table.addJudged(
                "parse, bind and plan of a statement not seen before, round trip included",
                timings.latencies(),
                timings.median() / 1e6,
                " ms",
                PLAN_NANOS);
    }

    /** A query with one or two parameters in the neighbourhood of a random key. */
    private static final class RangeReader implements Load.Worker {
        private final Connection connection;
        private final PreparedStatement select;
        private final int keys;

        RangeReader(Endpoint endpoint, int rows) throws SQLException {
            connection = endpoint.connect();
            select =
                    connection.prepareStatement(
                            "SELECT sum(v) FROM sql_rows WHERE n BETWEEN ? AND ?");
            keys = rows - RANGE;
        }

        @Override
        public void run() throws SQLException {
            long first = ThreadLocalRandom.current().nextInt(keys);
            long last = first + RANGE - 1;
            select.setLong(1, first);
            select.setLong(2, last);
            check(select, 3 * (first + last) * RANGE / 2);
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    private static final class JoinReader implements Load.Worker {
        private final Connection connection;
        private final PreparedStatement select;
        private final int keys;

        JoinReader(Endpoint endpoint, int rows) throws SQLException {
            connection = endpoint.connect();
            select =
                    connection.prepareStatement(
                            """
                            SELECT b.v + c.v + length(x.name) + length(y.name)
                            FROM sql_rows a
                            JOIN sql_rows b ON b.k = a.k + 1
                            JOIN sql_rows c ON c.n = b.n + 1
                            JOIN sql_names x ON x.id = a.name_id
                            JOIN sql_names y ON y.id = c.name_id
                            WHERE a.k = ?
                            """);
            keys = rows - 2;
        }

        @Override
        public void run() throws SQLException {
            long key = ThreadLocalRandom.current().nextInt(keys);
            select.setLong(1, key);
            check(select, 3 * (key + 1) + 3 * (key + 2) + nameLength(key) + nameLength(key + 2));
        }

        private static int nameLength(long key) {
            return ("name " + key % NAMES).length();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    private static void check(PreparedStatement select, long expected) throws SQLException {
        try (ResultSet rows = select.executeQuery()) {
            if (!rows.next() || rows.getLong(1) != expected) {
                throw new IllegalStateException("a query that gives " + expected + " did not");
            }
        }
    }

    /** Rolled back, so that the table stays small: what is measured is the statement. */
    private static final class InsertWriter implements Load.Worker {
        private final Connection connection;
        private final Statement statement;
        private final String insert;

        InsertWriter(Endpoint endpoint) throws SQLException {
            connection = endpoint.connect();
            connection.setAutoCommit(false);
            statement = connection.createStatement();
            StringBuilder sql = new StringBuilder("INSERT INTO sql_inserted VALUES ");
            for (int row = 0; row < INSERT_ROWS; row++) {
                sql.append(row == 0 ? "" : ", ")
                        .append("(")
                        .append(row)
                        .append(", ")
                        .append(row * 7)
                        .append(", 'text ")
                        .append(row)
                        .append("', ")
                        .append(row)
                        .append(".25, NULL)");
            }
            insert = sql.toString();
        }

        @Override
        public void run() throws SQLException {
            if (statement.executeUpdate(insert) != INSERT_ROWS) {
                throw new IllegalStateException("an INSERT lost rows");
            }
            connection.rollback();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    private static final class UnseenStatements implements Load.Worker {
        private final Connection connection;
        private final Statement statement;
        private long number;

        UnseenStatements(Endpoint endpoint) throws SQLException {
            connection = endpoint.connect();
            statement = connection.createStatement();
            // Else the driver gives each of them a name, and lets go of names at its leisure.
            statement.unwrap(PGStatement.class).setPrepareThreshold(0);
        }

        @Override
        public void run() throws SQLException {
            String column = "c" + number++;
            try (ResultSet plan =
                    statement.executeQuery(
                            "EXPLAIN SELECT r.v AS "
                                    + column
                                    + ", n.name FROM sql_rows r JOIN sql_names n ON n.id = r.name_id"
                                    + " WHERE r.k = 42 AND n.name <> 'x' ORDER BY "
                                    + column)) {
                if (!plan.next()) {
                    throw new IllegalStateException("a plan without lines");
                }
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
