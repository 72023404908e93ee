package dev.driftdb.tests.support;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code driftdb start} in a process of its own, with the classes of this test run. */
public final class NodeProcess implements AutoCloseable {
    private static final Pattern CONNECT = Pattern.compile("psql -h \\S+ -p (\\d+)");
    private static final Pattern KAFKA = Pattern.compile("^  Kafka +(\\S+)");
    private static final String MAIN = "dev.driftdb.query.server.DriftDb";
    private static final Duration STOP_MAX = Duration.ofSeconds(30);

    /** 128 + SIGTERM: how a JVM ends whose shutdown hooks have run. */
    private static final int SIGTERM_EXIT = 143;

    private final JavaProcess process;
    private final int port;

    private NodeProcess(JavaProcess process) {
        this.process = process;
        this.port = Integer.parseInt(process.ready().group(1));
    }

    /**
     * Returns when the node says that it is ready.
     *
     * @param options further options of {@code driftdb start}
     */
    public static NodeProcess start(Path dataDirectory, String... options) throws IOException {
        return start(List.of(), dataDirectory, options);
    }

    /**
     * @param launcher words before the command, such as {@code prlimit}
     */
    public static NodeProcess start(List<String> launcher, Path dataDirectory, String... options)
            throws IOException {
        return new NodeProcess(
                JavaProcess.start(launcher, MAIN, arguments(dataDirectory, options), CONNECT));
    }

    /** A node that is killed this long after its process began, wherever it is then. */
    public static void startAndKill(Path dataDirectory, Duration after)
            throws IOException, InterruptedException {
        JavaProcess.startAndKill(MAIN, arguments(dataDirectory), after);
    }

    private static List<String> arguments(Path dataDirectory, String... options) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "start",
                                "--data-dir",
                                dataDirectory.toString(),
                                "--port",
                                "0",
                                "--http-port",
                                "0",
                                "--kafka-port",
                                "0"));
        arguments.addAll(List.of(options));
        return arguments;
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    /** Where its Kafka is. */
    public String bootstrapServers() {
        for (String line : output()) {
            Matcher kafka = KAFKA.matcher(line);
            if (kafka.find()) {
                return kafka.group(1);
            }
        }
        throw new IllegalStateException("the node does not say where its Kafka is");
    }

    /** What the node has said so far, in lines. */
    public List<String> output() {
        return process.output();
    }

    public Sql connect() {
        return connect(new Properties());
    }

    public Sql connect(Properties properties) {
        return Sql.connect(
                "jdbc:postgresql://127.0.0.1:" + port + "/", TestNode.DATABASE, properties);
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.kill();
    }

    /** SIGTERM: the node stops cleanly, and says so. */
    public void stop() throws InterruptedException {
        process.terminate();
        int exit = process.awaitExit(STOP_MAX);
        if (exit != SIGTERM_EXIT || !process.output().contains("Stopping.")) {
            throw new AssertionError("exit " + exit + ":\n" + process.outputText());
        }
    }

    /** The exit code of a node that ends by itself. */
    public int awaitExit(Duration wait) throws InterruptedException {
        return process.awaitExit(wait);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.close();
    }
}
