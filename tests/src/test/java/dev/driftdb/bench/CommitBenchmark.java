package dev.driftdb.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Autocommit INSERTs of one small row, in turns with the floor on the same broker: what disk and
 * machine do in one turn, they do in the next.
 */
final class CommitBenchmark implements Benchmark {
    static final int SESSIONS = 16;

    private static final int SESSIONS_MANY = 64;

    private static final int ROUNDS = 4;
    private static final Target LATENCY = Target.atMost(1.5);
    private static final Target RATE = Target.atLeast(0.5);
    private static final String TABLE = "commit_rows";

    private final AtomicLong lastId = new AtomicLong();

    @Override
    public String name() {
        return "commit";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        DriftNode node = rig.node();
        Endpoint endpoint = node.endpoint();
        lastId.set(0);
        endpoint.execute(
                "DROP TABLE IF EXISTS " + TABLE,
                "CREATE TABLE " + TABLE + " (id bigint PRIMARY KEY, v integer)");
        try (FloorLoop floor = new FloorLoop(node.bootstrapServers())) {
            Pair one = inTurns(rig, 1, endpoint, floor);
            table.add(
                    "commit: autocommit INSERT of a row, 1 session, p50",
                    one.commits().latencies(),
                    "floor " + one.floor().latencies(),
                    one.commits().median() / one.floor().median(),
                    LATENCY);
            table.add(
                    "commit: the same, p99",
                    Figures.time(one.commits().quantile(0.99)),
                    "floor " + Figures.time(one.floor().quantile(0.99)),
                    one.commits().quantile(0.99) / one.floor().quantile(0.99));
            for (int sessions : List.of(SESSIONS, SESSIONS_MANY)) {
                Pair many = inTurns(rig, sessions, endpoint, floor);
                table.add(
                        "commit: the same, " + sessions + " sessions",
                        Figures.rate(many.commits().perSecond(), "commits"),
                        "floor " + Figures.rate(many.floor().perSecond(), "records"),
                        many.commits().perSecond() / many.floor().perSecond(),
                        RATE);
            }
        }
        // Every id was given to one INSERT, and every INSERT was acknowledged.
        endpoint.expect("SELECT count(*) FROM " + TABLE, lastId.get());
        endpoint.expect("SELECT max(id) FROM " + TABLE, lastId.get());
    }

    private record Pair(Timings commits, Timings floor) {}

    private Pair inTurns(Rig rig, int threads, Endpoint endpoint, FloorLoop floor)
            throws Exception {
        rig.say(threads + (threads == 1 ? " session" : " sessions"));
        Duration turn = rig.settings().load().dividedBy(ROUNDS);
        List<Timings> commits = new ArrayList<>();
        List<Timings> floors = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Duration warmUp = round == 0 ? rig.settings().warmUp() : turn.dividedBy(4);
            floors.add(Load.run(threads, warmUp, turn, () -> floor::appendAndRead));
            commits.add(Load.run(threads, warmUp, turn, () -> new Inserter(endpoint)));
        }
        return new Pair(Timings.of(commits), Timings.of(floors));
    }

    private final class Inserter implements Load.Worker {
        private final Connection connection;
        private final PreparedStatement insert;

        Inserter(Endpoint endpoint) throws SQLException {
            connection = endpoint.connect();
            insert = connection.prepareStatement("INSERT INTO " + TABLE + " VALUES (?, ?)");
        }

        @Override
        public void run() throws SQLException {
            long id = lastId.incrementAndGet();
            insert.setLong(1, id);
            insert.setInt(2, (int) (id % 1000));
            if (insert.executeUpdate() != 1) {
                throw new IllegalStateException("INSERT did not report one row");
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
