package dev.driftdb.tests.history;

import dev.driftdb.tests.history.RecordedTransaction.End;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * One session after another on one server: runs transactions of a workload and records what came of
 * them. For one thread.
 */
final class Client implements Runnable {
    /** What a lost race or a fault may answer; anything else is a failure of the test. */
    private static final Set<String> ABORTS =
            Set.of("40001", "40P01", "23505", "53000", "57P01", "57P03", "25P02");

    private static final Set<String> UNKNOWN = Set.of("08007", "08006", "08003", "08001");
    private static final int RECONNECT_PAUSE_MS = 50;
    private static final List<Level> LEVELS = List.of(Level.values());

    /** What a client does between BEGIN and COMMIT; one instance serves all clients. */
    interface Workload {
        /**
         * Does steps and adds each, once it was answered.
         *
         * @throws SQLException as the server has it: the transaction has failed
         */
        void run(Connection connection, Level level, Random random, List<Step> steps)
                throws SQLException;

        /** Keeps a transaction. Safe for any thread. */
        void record(int server, Level level, boolean linearizable, Span span, List<Step> steps);
    }

    /** When a transaction ran and how it ended; see {@link RecordedTransaction}. */
    record Span(long begunNanos, long endedNanos, End end, String answer) {}

    private final Servers servers;
    private final int server;
    private final Workload workload;
    private final Random random;
    private final BooleanSupplier goesOn;
    private final Queue<String> unexpected;

    /**
     * @param goesOn asked before each transaction
     * @param unexpected gets errors that no fault explains
     */
    Client(
            Servers servers,
            int server,
            Workload workload,
            Random random,
            BooleanSupplier goesOn,
            Queue<String> unexpected) {
        this.servers = servers;
        this.server = server;
        this.workload = workload;
        this.random = random;
        this.goesOn = goesOn;
        this.unexpected = unexpected;
    }

    @Override
    public void run() {
        try {
            while (goesOn.getAsBoolean()) {
                boolean linearizable = random.nextBoolean();
                try (Connection connection = servers.connect(server, linearizable)) {
                    connection.setAutoCommit(false);
                    boolean open = true;
                    while (open && goesOn.getAsBoolean()) {
                        open = transaction(connection, linearizable);
                    }
                } catch (SQLException e) {
                    // Not there now.
                    Thread.sleep(RECONNECT_PAUSE_MS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            unexpected.add(e.toString());
            throw e;
        }
    }

    /** False when the connection is lost. */
    private boolean transaction(Connection connection, boolean linearizable) {
        Level level = LEVELS.get(random.nextInt(LEVELS.size()));
        List<Step> steps = new ArrayList<>();
        long begun = System.nanoTime();
        End end = End.ABORTED;
        String answer = "";
        boolean open = true;
        boolean committing = false;
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TRANSACTION ISOLATION LEVEL " + level.sql());
            }
            workload.run(connection, level, random, steps);
            if (random.nextInt(20) == 0) {
                connection.rollback();
            } else {
                committing = true;
                connection.commit();
                end = End.COMMITTED;
            }
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            answer = (committing ? "COMMIT: " : "") + state + " " + e.getMessage();
            if (UNKNOWN.contains(state)) {
                end = committing ? End.UNKNOWN : End.ABORTED;
                open = state.equals("08007");
            } else if (!ABORTS.contains(state)) {
                unexpected.add(state + " " + e.getMessage());
            }
            if (open) {
                open = rolledBack(connection);
            }
        }
        workload.record(
                server,
                level,
                linearizable,
                new Span(begun, System.nanoTime(), end, answer),
                steps);
        return open;
    }

    private static boolean rolledBack(Connection connection) {
        try {
            connection.rollback();
            return !connection.isClosed();
        } catch (SQLException e) {
            return false;
        }
    }
}
