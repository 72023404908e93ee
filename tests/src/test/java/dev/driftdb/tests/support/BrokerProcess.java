package dev.driftdb.tests.support;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A Kafka broker in a process of its own, which may be killed and started again on the same port
 * while its clients live. One thread.
 */
public final class BrokerProcess implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("broker on port (\\d+)");
    private static final Duration STOP_MAX = Duration.ofSeconds(30);

    private final Path directory;
    private final List<String> settings;
    private JavaProcess process;
    private final int port;

    private BrokerProcess(Path directory, List<String> settings, JavaProcess process) {
        this.directory = directory;
        this.settings = settings;
        this.process = process;
        this.port = Integer.parseInt(process.ready().group(1));
    }

    /**
     * Returns when the broker takes requests.
     *
     * @param settings broker settings, NAME=VALUE
     */
    public static BrokerProcess start(Path directory, String... settings) throws IOException {
        List<String> all = new ArrayList<>();
        // After a crash the next start waits until the controller has given up the former self.
        all.add("broker.session.timeout.ms=1000");
        all.add("broker.heartbeat.interval.ms=200");
        all.addAll(List.of(settings));
        return new BrokerProcess(directory, all, launch(directory, 0, all));
    }

    private static JavaProcess launch(Path directory, int port, List<String> settings)
            throws IOException {
        List<String> arguments = new ArrayList<>();
        arguments.add(directory.toString());
        arguments.add(Integer.toString(port));
        arguments.addAll(settings);
        return JavaProcess.start(List.of(), BrokerProgram.class.getName(), arguments, READY);
    }

    public int port() {
        return port;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    public List<String> output() {
        return process.output();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.kill();
    }

    /** SIGTERM, and waits for the end. */
    public void stop() throws InterruptedException {
        process.terminate();
        process.awaitExit(STOP_MAX);
    }

    /** SIGSTOP: it answers nothing until {@link #resume}. */
    public void pause() throws IOException, InterruptedException {
        process.signal("STOP");
    }

    public void resume() throws IOException, InterruptedException {
        process.signal("CONT");
    }

    /** A new process on the same port and directory, after the last has ended. */
    public void restart() throws IOException {
        process.close();
        process = launch(directory, port, settings);
    }

    @Override
    public void close() {
        process.close();
    }
}
