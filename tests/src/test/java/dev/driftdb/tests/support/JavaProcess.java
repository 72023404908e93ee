package dev.driftdb.tests.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program with the classes of this test run in a process of its own, and what it says. Safe for
 * any thread.
 */
final class JavaProcess implements AutoCloseable {
    private final Process process;
    private final Matcher ready;
    private final List<String> output;
    private final Thread reader;

    private JavaProcess(Process process, Matcher ready, List<String> output, Thread reader) {
        this.process = process;
        this.ready = ready;
        this.output = output;
        this.reader = reader;
    }

    /**
     * Returns when a line of its output matches.
     *
     * @param launcher words before the command, such as {@code prlimit}
     * @throws IOException with the output if the process ends before
     */
    static JavaProcess start(
            List<String> launcher, String mainClass, List<String> arguments, Pattern ready)
            throws IOException {
        Process process = launch(launcher, mainClass, arguments);
        List<String> output = new CopyOnWriteArrayList<>();
        BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            output.add(line);
            Matcher matcher = ready.matcher(line);
            if (matcher.find()) {
                Thread reader = Thread.ofVirtual().start(() -> readRest(lines, output));
                return new JavaProcess(process, matcher, output, reader);
            }
        }
        throw new IOException("the process did not start:\n" + String.join("\n", output));
    }

    private static Process launch(List<String> launcher, String mainClass, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("-Xmx768m");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Starts one and kills it after a while, wherever it is then. */
    static void startAndKill(String mainClass, List<String> arguments, Duration after)
            throws IOException, InterruptedException {
        Process process = launch(List.of(), mainClass, arguments);
        Thread reader = Thread.ofVirtual().start(() -> drain(process));
        boolean ended = process.waitFor(after.toMillis(), TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        reader.join();
        if (ended) {
            throw new IOException("the process has ended by itself");
        }
    }

    private static void drain(Process process) {
        try {
            process.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // Killed: its pipe is closed.
        }
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

    /** What the pattern found in the line that says that it is ready. */
    Matcher ready() {
        return ready;
    }

    List<String> output() {
        return output;
    }

    String outputText() {
        return String.join("\n", output);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends a signal by its name, such as STOP. */
    void signal(String name) throws IOException, InterruptedException {
        int exit =
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .inheritIO()
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new IOException("kill -" + name + " has failed");
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM. */
    void terminate() {
        // Not Process.destroy(), which would also close the pipe that the last words come through.
        process.toHandle().destroy();
    }

    /** The exit code, after all output was read; kills what does not end in time. */
    int awaitExit(Duration wait) throws InterruptedException {
        if (!process.waitFor(wait.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
            throw new AssertionError("the process does not end:\n" + outputText());
        }
        reader.join();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
