package dev.driftdb.query.server;

import dev.driftdb.materializer.snapshot.SnapshotPolicy;
import dev.driftdb.query.retention.HistoryRetention;
import dev.driftdb.schemas.error.SqlException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code driftdb start}: runs a node until it is told to stop. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts a node: a single-node Kafka (unless --bootstrap-servers names a cluster) and the SQL server.",
            "Each option may also be set by an environment variable (DRIFTDB_HTTP_PORT for --http-port)",
            "or in the properties file that DRIFTDB_CONFIG names (http-port=8080)."
        })
final class StartCommand implements Callable<Integer> {
    /** How long a node that cannot go on may take to stop. */
    private static final Duration STOP_MAX = Duration.ofSeconds(10);

    @Option(
            names = "--data-dir",
            defaultValue = "data",
            description = "where all data is kept (default: ${DEFAULT-VALUE})")
    private Path dataDirectory = Path.of("data");

    @Option(
            names = "--database",
            defaultValue = "driftdb",
            description = "name of the database (default: ${DEFAULT-VALUE})")
    private String database = "driftdb";

    @Option(
            names = "--listen-address",
            defaultValue = "127.0.0.1",
            description =
                    "address of the SQL and HTTP ports; every client is trusted (default: ${DEFAULT-VALUE})")
    private String listenAddress = "127.0.0.1";

    @Option(
            names = "--port",
            defaultValue = "5433",
            description = "port for PostgreSQL clients, 0 for any (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--http-port",
            defaultValue = "8080",
            description = "port for /health and /metrics, 0 for any (default: ${DEFAULT-VALUE})")
    private int httpPort;

    @Option(
            names = "--kafka-port",
            defaultValue = "9092",
            description = "port of the embedded Kafka, 0 for any (default: ${DEFAULT-VALUE})")
    private int kafkaPort;

    @Option(
            names = "--bootstrap-servers",
            description = "an existing Kafka cluster instead of the embedded one")
    private @Nullable String bootstrapServers;

    @Option(
            names = "--kafka-property",
            paramLabel = "NAME=VALUE",
            description = "a setting for every Kafka client; may be repeated")
    private Map<String, String> kafkaProperties = new HashMap<>();

    @Option(
            names = "--max-connections",
            defaultValue = "100",
            description = "sessions at a time (default: ${DEFAULT-VALUE})")
    private int maxConnections;

    @Option(
            names = "--message-mb-max",
            defaultValue = "64",
            description = "largest message of a client, MiB (default: ${DEFAULT-VALUE})")
    private int messageMbMax;

    @Option(
            names = "--commit-timeout-s",
            defaultValue = "30",
            description =
                    "seconds until a commit's outcome is reported as unknown (default: ${DEFAULT-VALUE})")
    private int commitTimeoutSeconds;

    @Option(
            names = "--query-mb-max",
            defaultValue = "512",
            description = "memory of one running query, MiB (default: ${DEFAULT-VALUE})")
    private int queryMbMax;

    @Option(
            names = "--relaxed-durability",
            description =
                    "do not flush the log at each commit: a power loss may lose commits that were acknowledged")
    private boolean relaxedDurability;

    @Option(
            names = "--history-retention",
            defaultValue = "infinity",
            description = {
                "how long the history of tables stays readable at once, as an interval;",
                "WITH (history_retention = ...) of a table goes before it (default: ${DEFAULT-VALUE})"
            })
    private String historyRetention = "infinity";

    @Option(
            names = "--snapshots",
            paramLabel = "LOCATION",
            description = {
                "where this node, and no other, stores its snapshots: a directory,",
                "or s3://BUCKET/PREFIX with ?endpoint=URL&region=NAME",
                "(default: snapshots in the data directory)"
            })
    private @Nullable String snapshots;

    @Option(
            names = "--restore-from",
            paramLabel = "LOCATION",
            description =
                    "another node's snapshots, to begin from when this one has no state; may be repeated")
    private List<String> restoreFrom = new ArrayList<>();

    @Option(
            names = "--snapshot-every-entries",
            defaultValue = "1000000",
            description = "entries of the log between two snapshots (default: ${DEFAULT-VALUE})")
    private long snapshotEveryEntries;

    @Option(
            names = "--snapshot-every-s",
            defaultValue = "86400",
            description = "seconds between two snapshots (default: ${DEFAULT-VALUE})")
    private long snapshotEverySeconds;

    @Option(
            names = "--snapshots-kept",
            defaultValue = "3",
            description = "so many of the newest snapshots stay (default: ${DEFAULT-VALUE})")
    private int snapshotsKept;

    @Option(
            names = "--snapshot-days-kept",
            defaultValue = "7",
            description =
                    "and the last snapshot of each of so many days (default: ${DEFAULT-VALUE})")
    private int snapshotDaysKept;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = out();
        long startNanos = System.nanoTime();
        CountDownLatch stopped = new CountDownLatch(1);
        try (Node node = Node.start(config())) {
            Thread main = Thread.currentThread();
            Thread hook = new Thread(() -> awaitStop(main, stopped), "shutdown");
            Runtime.getRuntime().addShutdownHook(hook);
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            out.printf("DriftDB is ready (%.1f s).%n", seconds);
            out.println("  Kafka     " + node.bootstrapServers());
            out.println("  Log       " + node.durability());
            out.println("  HTTP      http://" + listenAddress + ":" + node.httpPort() + "/health");
            out.println(
                    "  Connect   psql -h "
                            + listenAddress
                            + " -p "
                            + node.port()
                            + " -U driftdb "
                            + database);
            return waitForEnd(node, out);
        } finally {
            stopped.countDown();
        }
    }

    /** A signal ends the process only after the node has stopped cleanly. */
    private static void awaitStop(Thread main, CountDownLatch stopped) {
        main.interrupt();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void haltLater() {
        try {
            Thread.sleep(STOP_MAX);
            Runtime.getRuntime().halt(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int waitForEnd(Node node, PrintWriter out) {
        try {
            String reason = node.fatal().get();
            out.println("driftdb: stopping because " + reason);
            out.flush();
            // What has failed may not end either; nothing is lost by not waiting for it.
            Thread.ofPlatform().daemon().name("driftdb-halt").start(StartCommand::haltLater);
            return 1;
        } catch (InterruptedException e) {
            out.println("Stopping.");
            return 0;
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private PrintWriter out() {
        if (spec == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return spec.commandLine().getOut();
    }

    private ServerConfig config() {
        return new ServerConfig(
                dataDirectory,
                database,
                listenAddress,
                port,
                httpPort,
                kafkaPort,
                bootstrapServers,
                kafkaProperties,
                maxConnections,
                messageMbMax << 20,
                Duration.ofSeconds(commitTimeoutSeconds),
                (long) queryMbMax << 20,
                relaxedDurability,
                past());
    }

    private PastConfig past() {
        try {
            return new PastConfig(
                    HistoryRetention.parse(historyRetention),
                    snapshots,
                    restoreFrom,
                    new SnapshotPolicy(
                            snapshotEveryEntries,
                            Duration.ofSeconds(snapshotEverySeconds),
                            snapshotsKept,
                            snapshotDaysKept));
        } catch (SqlException | IllegalArgumentException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }
}
