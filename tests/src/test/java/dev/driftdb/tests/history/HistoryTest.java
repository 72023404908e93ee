package dev.driftdb.tests.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.history.RecordedTransaction.End;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random transactions at all levels on two servers of one log, which are killed, and whose broker
 * is, while they run. {@code -Ddriftdb.history.seconds=N} runs longer, {@code -Ddriftdb.seed=N}
 * makes the same choices again.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
final class HistoryTest {
    private static final int SECONDS = Integer.getInteger("driftdb.history.seconds", 10);
    private static final Duration PAUSE_MIN = Duration.ofMillis(500);
    private static final int PAUSE_SPREAD_MS = 2_000;

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());
    private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();

    @Test
    void no_anomaly_beyond_what_each_level_allows_and_a_constant_total(@TempDir Path directory)
            throws Exception {
        ListsAndRegisters workload = new ListsAndRegisters();
        Bank bank = new Bank();
        try (Servers servers = new Servers(directory)) {
            try (Connection connection = servers.connect(0, true)) {
                ListsAndRegisters.create(connection);
                Bank.create(connection);
            }
            load(servers, List.of(workload, workload, workload, bank, bank));
            settle(servers);
            History history;
            try (Connection connection = servers.connect(0, true)) {
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                history = workload.history(connection);
                connection.commit();
            }
            report("history: " + figures(history));
            report("bank: " + bank.figures());
            report(servers.faults().size() + " faults " + servers.faults() + "; " + how());
            assertThat(unexpected).as(how()).isEmpty();
            assertThat(HistoryChecker.check(history)).as(how()).isEmpty();
            assertThat(bank.wrong()).as("totals other than " + Bank.TOTAL + ", " + how()).isEmpty();
            for (int server = 0; server < Servers.COUNT; server++) {
                assertThat(value(servers, server, "SELECT sum(balance) FROM account"))
                        .as(how())
                        .isEqualTo(Long.toString(Bank.TOTAL));
            }
            assertThat(hashes(servers)).as("state hashes, " + how()).hasSize(1);
        }
    }

    private String how() {
        return "-Ddriftdb.seed=" + seed;
    }

    private static void report(String figures) {
        System.out.println(figures);
    }

    /** A client of each on both servers, and one fault after the other, for the time given. */
    private void load(Servers servers, List<Client.Workload> workloads)
            throws IOException, InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < workloads.size() * Servers.COUNT; i++) {
            Client client =
                    new Client(
                            servers,
                            i % Servers.COUNT,
                            workloads.get(i / Servers.COUNT),
                            new Random(seed + i),
                            () -> !stop.get(),
                            unexpected);
            clients.add(Thread.ofPlatform().start(client));
        }
        try {
            Random random = new Random(seed);
            long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
            for (int number = 0; System.nanoTime() < end || number < 2; number++) {
                Thread.sleep(PAUSE_MIN.plusMillis(random.nextInt(PAUSE_SPREAD_MS)));
                servers.fault(random, number);
            }
            Thread.sleep(PAUSE_MIN);
        } finally {
            stop.set(true);
            for (Thread client : clients) {
                client.join();
            }
        }
    }

    /**
     * Nothing comes after this: each server has appended something behind all that was on its way.
     */
    private static void settle(Servers servers) throws SQLException, InterruptedException {
        // What was reported as unknown may be appended so long.
        Thread.sleep(Duration.ofSeconds(Servers.COMMIT_TIMEOUT_S + 1));
        for (int server = 0; server < Servers.COUNT; server++) {
            try (Connection connection = servers.connect(server, true);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE settled_" + server + " ()");
            }
        }
    }

    private static List<String> hashes(Servers servers) throws SQLException {
        String offset = value(servers, 0, "SELECT driftdb.current_offset()");
        List<String> hashes = new ArrayList<>();
        for (int server = 0; server < Servers.COUNT; server++) {
            hashes.add(value(servers, server, "SELECT driftdb.state_hash(" + offset + ")"));
        }
        return hashes.stream().distinct().toList();
    }

    private static String value(Servers servers, int server, String query) throws SQLException {
        try (Connection connection = servers.connect(server, true);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    private static String figures(History history) {
        Map<End, Integer> ends = new EnumMap<>(End.class);
        Map<Level, Integer> levels = new EnumMap<>(Level.class);
        int steps = 0;
        for (RecordedTransaction transaction : history.transactions()) {
            ends.merge(transaction.end(), 1, Integer::sum);
            if (transaction.end() == End.COMMITTED) {
                levels.merge(transaction.level(), 1, Integer::sum);
                steps += transaction.steps().size();
            }
        }
        return history.transactions().size()
                + " transactions "
                + ends
                + ", committed by level "
                + levels
                + " with "
                + steps
                + " steps";
    }
}
