package dev.driftdb.tests.support;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs the machine's psql on the shared node; a test without psql on the machine is skipped. */
public final class PsqlRunner {
    private static final int TIMEOUT_S = 60;

    private PsqlRunner() {}

    /** What psql prints, errors in place. The script is read from its standard input. */
    public static String run(String database, String script, String... options)
            throws IOException, InterruptedException {
        Assumptions.assumeTrue(installed(), "skipped: there is no psql on this machine");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "psql",
                                "-X",
                                "-h",
                                "127.0.0.1",
                                "-p",
                                String.valueOf(TestNode.port()),
                                "-U",
                                "driftdb",
                                "-d",
                                database));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PGCLIENTENCODING", "UTF8");
        Process psql = builder.start();
        Thread.ofVirtual()
                .start(() -> {
                    try (var input = psql.getOutputStream()) {
                        input.write(script.getBytes(StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        psql.destroy();
                    }
                });
        String output;
        try (InputStream stream = psql.getInputStream()) {
            output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (!psql.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            psql.destroyForcibly();
            throw new AssertionError("psql does not end");
        }
        return output;
    }

    public static boolean installed() throws InterruptedException {
        try {
            Process version =
                    new ProcessBuilder("psql", "--version").redirectErrorStream(true).start();
            version.getInputStream().readAllBytes();
            return version.waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
