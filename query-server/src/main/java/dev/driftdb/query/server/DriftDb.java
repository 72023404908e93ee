package dev.driftdb.query.server;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code driftdb} command. */
@Command(
        name = "driftdb",
        version = "driftdb 0.1.0",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "A SQL database whose durable store is an Apache Kafka log.",
        subcommands = {StartCommand.class, DemoCommand.class})
public final class DriftDb {
    /** Netty records where a share of its buffers was touched: for debugging, and it costs. */
    private static final String LEAK_DETECTION = "io.netty.leakDetection.level";

    private DriftDb() {}

    public static void main(String[] arguments) {
        if (System.getProperty(LEAK_DETECTION) == null) {
            System.setProperty(LEAK_DETECTION, "disabled");
        }
        System.exit(
                run(
                        arguments,
                        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                        new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
    }

    /** The exit code: 0 done, 1 failed, 2 wrong usage. */
    public static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        CommandLine command =
                new CommandLine(new DriftDb())
                        .setOut(out)
                        .setErr(err)
                        .setDefaultValueProvider(new SettingSources(System.getenv()))
                        .setExecutionExceptionHandler((failure, failed, parsed) -> {
                            if (failure instanceof StartException) {
                                err.println("driftdb: " + failure.getMessage());
                            } else {
                                failure.printStackTrace(err);
                            }
                            return 1;
                        });
        if (arguments.length == 0) {
            command.usage(err);
            return 2;
        }
        return command.execute(arguments);
    }
}
