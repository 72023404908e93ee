package dev.driftdb.tests.history;

import dev.driftdb.tests.support.BrokerProcess;
import dev.driftdb.tests.support.NodeProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Two servers on one broker, each a process, and the faults that befall them: SIGKILL, a clean
 * stop, a broker that is killed or stands still. One thread for faults, any for connections.
 */
final class Servers implements AutoCloseable {
    static final int COUNT = 2;

    /** Longer than any fault but the one that is meant to be longer. */
    static final int COMMIT_TIMEOUT_S = 4;

    private static final int LONG_OUTAGE_MS = COMMIT_TIMEOUT_S * 1_000 + 2_000;
    private static final int SHORT_OUTAGE_MS = 1_500;
    private static final int SOCKET_TIMEOUT_S = 60;

    private final Path directory;
    private final BrokerProcess broker;
    private final AtomicReferenceArray<NodeProcess> nodes = new AtomicReferenceArray<>(COUNT);
    private final List<String> faults = new ArrayList<>();

    Servers(Path directory) throws IOException {
        this.directory = directory;
        this.broker = BrokerProcess.start(directory.resolve("broker"));
        CompletableFuture<?>[] starts = new CompletableFuture<?>[COUNT];
        for (int server = 0; server < COUNT; server++) {
            int started = server;
            starts[server] = CompletableFuture.runAsync(() -> startFirst(started));
        }
        CompletableFuture.allOf(starts).join();
    }

    private void startFirst(int server) {
        try {
            start(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void start(int server) throws IOException {
        nodes.set(
                server,
                NodeProcess.start(
                        directory.resolve("node" + server),
                        "--bootstrap-servers",
                        broker.bootstrapServers(),
                        "--commit-timeout-s",
                        Integer.toString(COMMIT_TIMEOUT_S)));
    }

    /**
     * A new session.
     *
     * @throws SQLException while the server does not run
     */
    Connection connect(int server, boolean linearizable) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "driftdb");
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_S));
        if (linearizable) {
            properties.setProperty("options", "-c driftdb.read_consistency=linearizable");
        }
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + nodes.get(server).port() + "/driftdb", properties);
    }

    /** What was done, in order. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** One fault, and all run again afterwards. */
    void fault(Random random, int number) throws IOException, InterruptedException {
        int server = random.nextInt(COUNT);
        // The first two are always these, so that the shortest run has both.
        int what = number == 0 ? 0 : number == 1 ? 4 : random.nextInt(8);
        switch (what) {
            case 0, 1, 2 -> {
                faults.add("SIGKILL of server " + server);
                nodes.get(server).kill();
                start(server);
            }
            case 3 -> {
                faults.add("stop of server " + server);
                nodes.get(server).stop();
                start(server);
            }
            case 4, 5 -> {
                faults.add("SIGKILL of the broker");
                broker.kill();
                broker.restart();
            }
            case 6 -> {
                boolean longer = random.nextBoolean();
                faults.add(longer ? "broker unavailable for long" : "broker stands still");
                broker.pause();
                Thread.sleep(longer ? LONG_OUTAGE_MS : SHORT_OUTAGE_MS);
                broker.resume();
            }
            default -> {
                faults.add("SIGKILL of the broker and of server " + server);
                broker.kill();
                nodes.get(server).kill();
                broker.restart();
                start(server);
            }
        }
    }

    @Override
    public void close() {
        for (int server = 0; server < COUNT; server++) {
            NodeProcess node = nodes.get(server);
            if (node != null) {
                node.close();
            }
        }
        broker.close();
    }
}
