package dev.driftdb.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The 22 queries of TPC-H, one after the other in one session, beside PostgreSQL. Every answer is
 * compared with PostgreSQL's, row for row.
 */
final class TpchBenchmark implements Benchmark {
    private static final Target AT_MOST_TWICE = Target.atMost(2);

    /** Runs of a query that are not measured: code is compiled, caches are filled. */
    private static final int WARM_UP_RUNS = 4;

    private static final int MEASURED_RUNS = 5;

    @Override
    public String name() {
        return "tpch";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        double scale = rig.settings().tpchScale();
        List<Endpoint> endpoints = rig.endpoints();
        List<Connection> sessions = new ArrayList<>();
        try {
            for (Endpoint endpoint : endpoints) {
                Connection session = endpoint.connect();
                sessions.add(session);
                rig.say("loading TPC-H at scale " + scale + " into " + endpoint.product());
                try (Statement statement = session.createStatement()) {
                    statement.execute("CREATE SCHEMA tpch");
                    statement.execute("SET search_path = tpch");
                }
                Tpch.load(session, scale);
            }
            List<Double> ratios = new ArrayList<>();
            for (int query = 1; query <= Tpch.QUERIES; query++) {
                rig.say("query " + query);
                measure(table, query, scale, endpoints, sessions, ratios);
            }
            if (!ratios.isEmpty()) {
                table.add(
                        "TPC-H, geometric mean of the ratios",
                        ratios.stream().filter(ratio -> ratio < 1).count()
                                + " of "
                                + ratios.size()
                                + " queries faster",
                        "-",
                        Math.exp(ratios.stream().mapToDouble(Math::log).average().orElseThrow()));
            }
        } finally {
            for (Connection session : sessions) {
                session.close();
            }
        }
    }

    private static void measure(
            FigureTable table,
            int query,
            double scale,
            List<Endpoint> endpoints,
            List<Connection> sessions,
            List<Double> ratios)
            throws Exception {
        List<String> statements = Tpch.statements(query);
        List<Double> medians = new ArrayList<>();
        List<String> expected = List.of();
        // PostgreSQL last, so that a wrong answer is told as DriftDB's.
        for (int i = 0; i < sessions.size(); i++) {
            try (Statement statement = sessions.get(i).createStatement()) {
                for (String before : statements.subList(0, statements.size() - 1)) {
                    statement.execute(before);
                }
                List<String> rows = rows(statement, statements.getLast());
                if (i > 0 && !rows.equals(expected)) {
                    throw new IllegalStateException(
                            "query "
                                    + query
                                    + ": "
                                    + endpoints.getFirst().product()
                                    + " answers "
                                    + expected
                                    + " and "
                                    + endpoints.get(i).product()
                                    + " "
                                    + rows);
                }
                expected = rows;
                medians.add(medianNanos(statement, statements.getLast()));
            }
        }
        String label = "TPC-H query " + query + ", scale " + scale;
        String own = Figures.time(medians.getFirst());
        if (medians.size() == 1) {
            table.add(label, own);
        } else {
            double ratio = medians.getFirst() / medians.getLast();
            ratios.add(ratio);
            table.add(
                    label,
                    own,
                    endpoints.getLast().product() + " " + Figures.time(medians.getLast()),
                    ratio,
                    AT_MOST_TWICE);
        }
    }

    private static double medianNanos(Statement statement, String sql) throws SQLException {
        for (int run = 0; run < WARM_UP_RUNS; run++) {
            rows(statement, sql);
        }
        long[] nanos = new long[MEASURED_RUNS];
        for (int run = 0; run < MEASURED_RUNS; run++) {
            long start = System.nanoTime();
            rows(statement, sql);
            nanos[run] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[MEASURED_RUNS / 2];
    }

    /** The rows as text, sorted: where the query leaves the order open, it may differ. */
    private static List<String> rows(Statement statement, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                StringBuilder row = new StringBuilder();
                for (int column = 1; column <= columns; column++) {
                    row.append(result.getString(column)).append('|');
                }
                rows.add(row.toString());
            }
        }
        rows.sort(null);
        return rows;
    }
}
