package dev.driftdb.tests.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code driftdb start} in a process of its own, with the classes of this test run. One thread. */
public final class NodeProcess implements AutoCloseable {
    private static final Pattern CONNECT = Pattern.compile("psql -h \\S+ -p (\\d+)");
    private static final int STOP_TIMEOUT_S = 30;

    /** 128 + SIGTERM: how a JVM ends whose shutdown hooks have run. */
    private static final int SIGTERM_EXIT = 143;

    private final Process process;
    private final int port;
    private final List<String> output;
    private final Thread reader;

    private NodeProcess(Process process, int port, List<String> output, Thread reader) {
        this.process = process;
        this.port = port;
        this.output = output;
        this.reader = reader;
    }

    /** Returns when the node says that it is ready. */
    public static NodeProcess start(Path dataDirectory) throws IOException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx768m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.driftdb.query.server.DriftDb",
                        "start",
                        "--data-dir",
                        dataDirectory.toString(),
                        "--port",
                        "0",
                        "--http-port",
                        "0",
                        "--kafka-port",
                        "0");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> output = new CopyOnWriteArrayList<>();
        BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            output.add(line);
            Matcher connect = CONNECT.matcher(line);
            if (connect.find()) {
                Thread reader = Thread.ofVirtual().start(() -> readRest(lines, output));
                return new NodeProcess(process, Integer.parseInt(connect.group(1)), output, reader);
            }
        }
        throw new IOException("the node did not start:\n" + String.join("\n", output));
    }

    /**
     * Else the process would wait for room in its pipe. A killed one closes the pipe in the middle.
     */
    private static void readRest(BufferedReader lines, List<String> output) {
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
            }
        } catch (IOException e) {
            output.add("(" + e.getMessage() + ")");
        }
    }

    public Sql connect() {
        return Sql.connect(
                "jdbc:postgresql://127.0.0.1:" + port + "/", TestNode.DATABASE, new Properties());
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM: the node stops cleanly, and says so. */
    public void stop() throws InterruptedException {
        // Not Process.destroy(), which would also close the pipe that the last words come through.
        process.toHandle().destroy();
        if (!process.waitFor(STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
            kill();
            throw new AssertionError("the node does not stop:\n" + String.join("\n", output));
        }
        reader.join();
        if (process.exitValue() != SIGTERM_EXIT || !output.contains("Stopping.")) {
            throw new AssertionError(
                    "exit " + process.exitValue() + ":\n" + String.join("\n", output));
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
