package dev.driftdb.bench;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code driftdb bench}: runs the benchmarks and prints one table with their conditions. The exit
 * code is 1 if one could not be run or gave a wrong answer; a target that is missed is only told.
 */
@Command(
        name = "driftdb bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures DriftDB on this machine and prints one table (docs/benchmarks.md).")
public final class Bench implements Callable<Integer> {
    /** In the order in which they run and are printed. */
    private static final List<Benchmark> BENCHMARKS =
            List.of(
                    new FloorBenchmark(),
                    new CommitBenchmark(),
                    new PointSelectBenchmark(),
                    new ScanBenchmark(),
                    new SqlBenchmark(),
                    new TpchBenchmark(),
                    new PgbenchBenchmark(),
                    new ContentionBenchmark(),
                    new HistoryBenchmark(),
                    new StartBenchmark(),
                    new RebuildBenchmark(),
                    new ReplayBenchmark(),
                    new EncodeBenchmark());

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description =
                    "floor, commit, point, scan, sql, tpch, pgbench, contention, history, start, rebuild, replay, encode (default: all)")
    private List<String> only = List.of();

    @Option(
            names = "--seconds",
            defaultValue = "10",
            description = "how long each load is measured (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--scale",
            defaultValue = "10",
            description = "pgbench's scale, 100,000 accounts each (default: ${DEFAULT-VALUE})")
    private int scale;

    @Option(
            names = "--rows",
            defaultValue = "1000000",
            description = "rows of the scanned and the rebuilt tables (default: ${DEFAULT-VALUE})")
    private int rows;

    @Option(
            names = "--work-dir",
            description = "where the throw-away directory is made (default: that of the system)")
    private @Nullable Path workDirectory;

    @Option(
            names = "--tiny",
            description = "one second and few rows each: shows that everything works")
    private boolean tiny;

    @Spec private @Nullable CommandSpec spec;

    private Bench() {}

    public static void main(String[] arguments) {
        System.exit(
                new CommandLine(new Bench())
                        .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                        .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                        .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        CommandLine command = command();
        PrintWriter out = command.getOut();
        PrintWriter progress = command.getErr();
        List<Benchmark> chosen = chosen(command);
        Settings settings = settings(command);
        FigureTable table = new FigureTable(!settings.tiny());
        boolean allRan = true;
        try (Rig rig = new Rig(settings, Path.of(root(), "driftdb"), parent(), progress)) {
            Conditions.print(out, rig);
            for (Benchmark benchmark : chosen) {
                progress.println(benchmark.name());
                try {
                    benchmark.run(rig, table);
                } catch (InterruptedException e) {
                    throw e;
                } catch (Exception e) {
                    // The others still run, on a node that has not seen what went wrong.
                    allRan = false;
                    e.printStackTrace(progress);
                    table.addFailure(benchmark.name(), firstLine(e));
                    rig.stopSharedNode();
                }
            }
        }
        table.print(out);
        return allRan ? 0 : 1;
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private CommandLine command() {
        if (spec == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return spec.commandLine();
    }

    private Settings settings(CommandLine command) {
        try {
            return tiny ? Settings.smoke() : Settings.full(seconds, scale, rows);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        }
    }

    private List<Benchmark> chosen(CommandLine command) {
        for (String name : only) {
            if (BENCHMARKS.stream().noneMatch(benchmark -> benchmark.name().equals(name))) {
                throw new ParameterException(
                        command,
                        "no benchmark is called \""
                                + name
                                + "\"; there are "
                                + BENCHMARKS.stream()
                                        .map(Benchmark::name)
                                        .collect(Collectors.joining(", ")));
            }
        }
        return BENCHMARKS.stream()
                .filter(benchmark -> only.isEmpty() || only.contains(benchmark.name()))
                .toList();
    }

    private Path parent() {
        return workDirectory != null
                ? workDirectory.toAbsolutePath()
                : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** The folder of the {@code driftdb} command; tests/bench says which. */
    private static String root() {
        return System.getProperty("driftdb.root", System.getProperty("user.dir"));
    }
}
