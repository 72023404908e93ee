package dev.driftdb.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's own pgbench, unmodified, against one server.
 *
 * @param program where pgbench is
 */
record Pgbench(Path program, Endpoint endpoint) {
    private static final Pattern TPS = Pattern.compile("(?m)^tps = ([0-9.]+)");
    private static final Pattern PROCESSED =
            Pattern.compile("(?m)^number of transactions actually processed: ([0-9]+)");
    private static final Pattern FAILED =
            Pattern.compile("(?m)^number of failed transactions: ([0-9]+)");

    /**
     * What a run reported.
     *
     * @param transactions that were acknowledged
     */
    record Result(double tps, long transactions) {}

    void initialize(int scale) throws IOException, InterruptedException {
        call(List.of("-i", "-s", Integer.toString(scale)));
    }

    /**
     * @param options {@code -S}, {@code -M} and the like
     * @throws IllegalStateException if a transaction failed or a client gave up
     */
    Result run(List<String> options, Duration time) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(options);
        all.addAll(
                List.of("-c", "8", "-j", "2", "-T", Long.toString(Math.max(1, time.toSeconds()))));
        String report = call(all);
        // Before version 15 a failed transaction ended its client, and with that the run.
        Matcher failed = FAILED.matcher(report);
        if (failed.find() && Long.parseLong(failed.group(1)) != 0) {
            throw new IllegalStateException(
                    failed.group(1) + " transactions failed on " + endpoint.product());
        }
        return new Result(
                Double.parseDouble(find(TPS, report)), Long.parseLong(find(PROCESSED, report)));
    }

    private String call(List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(
                List.of(
                        "-h",
                        Endpoint.HOST,
                        "-p",
                        Integer.toString(endpoint.port()),
                        "-U",
                        Endpoint.USER));
        command.addAll(options);
        command.add(Endpoint.DATABASE);
        return CommandOutput.of(command).orThrow();
    }

    private static String find(Pattern pattern, String report) {
        Matcher matcher = pattern.matcher(report);
        if (!matcher.find()) {
            throw new IllegalStateException("pgbench did not report " + pattern + ":\n" + report);
        }
        return String.valueOf(matcher.group(1));
    }
}
