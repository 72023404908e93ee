package dev.driftdb.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A server that the benchmark started and ends by its process, also when the benchmark itself is
 * ended by a signal. Used by the main thread.
 */
final class ChildProcess implements AutoCloseable {
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration POLL_PAUSE = Duration.ofMillis(10);

    /** How much of the log a failure shows. */
    private static final int LOG_LINES_SHOWN = 20;

    /** Also the lock of {@link #ending}. */
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    private static boolean ending;

    private final String name;
    private final Process process;
    private final Path log;
    private final long startNanos;

    private ChildProcess(String name, Process process, Path log, long startNanos) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.startNanos = startNanos;
    }

    /**
     * @param log takes everything that the process prints
     */
    static ChildProcess start(String name, List<String> command, Path log) throws IOException {
        long startNanos = System.nanoTime();
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Process process;
        synchronized (RUNNING) {
            if (ending) {
                throw new IllegalStateException("the benchmark is ending");
            }
            process = builder.start();
            RUNNING.add(process);
        }
        process.getOutputStream().close();
        return new ChildProcess(name, process, log, startNanos);
    }

    /**
     * Waits until the server answers a query.
     *
     * @return seconds from the start of the process to the answer
     */
    double awaitAnswer(Endpoint endpoint) throws InterruptedException {
        while (true) {
            try {
                endpoint.expect("SELECT 1", 1);
                return (System.nanoTime() - startNanos) / 1e9;
            } catch (SQLException e) {
                if (!process.isAlive()) {
                    throw new IllegalStateException(name + " ended at its start:\n" + logEnd(), e);
                }
                if (System.nanoTime() - startNanos > READY_TIMEOUT.toNanos()) {
                    throw new IllegalStateException(name + " did not get ready:\n" + logEnd(), e);
                }
                Thread.sleep(POLL_PAUSE);
            }
        }
    }

    private String logEnd() {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return String.join(
                    "\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
        } catch (IOException e) {
            return "(its log cannot be read: " + e.getMessage() + ")";
        }
    }

    /** Asks the process to stop cleanly and waits until it has. */
    @Override
    public void close() {
        try {
            process.destroy();
            if (!process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IllegalStateException(
                        name + " had to be killed: it did not stop:\n" + logEnd());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } finally {
            RUNNING.remove(process);
        }
    }

    /** Ends every child and lets none start any more: for a process that is ending itself. */
    static void endAll() {
        synchronized (RUNNING) {
            ending = true;
        }
        RUNNING.forEach(Process::destroy);
        for (Process process : RUNNING) {
            try {
                if (!process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }
    }
}
