package dev.driftdb.bench;

import dev.driftdb.ingest.LogTopic;
import dev.driftdb.schemas.log.TopicNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.utils.AppInfoParser;

/** What the figures depend on, printed above them. */
final class Conditions {
    private static final int MIB = 1024 * 1024;

    private Conditions() {}

    static void print(PrintWriter out, Rig rig) throws IOException, InterruptedException {
        Settings settings = rig.settings();
        line(out, "machine", machine());
        line(out, "JDK", System.getProperty("java.vm.name") + " " + Runtime.version());
        line(
                out,
                "DriftDB",
                "one node as ./driftdb start runs it (a process of its own, heap "
                        + Optional.ofNullable(System.getenv("DRIFTDB_HEAP")).orElse("2g")
                        + "), embedded Kafka "
                        + AppInfoParser.getVersion());
        line(out, "durability", durability(rig));
        line(out, "PostgreSQL", postgres());
        line(
                out,
                "disk",
                Files.getFileStore(rig.directory()).type()
                        + "; everything on loopback; clients, servers and peers share the cores");
        line(
                out,
                "load",
                String.format(
                        Locale.ROOT,
                        "%d s each after %.1f s of warm-up; pgbench scale %d; %,d rows to scan",
                        settings.load().toSeconds(),
                        settings.warmUp().toMillis() / 1e3,
                        settings.pgbenchScale(),
                        settings.rows()));
        if (settings.tiny()) {
            out.println("TINY: this run shows that the benchmarks work; its figures mean nothing.");
        }
        out.println();
        out.flush();
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf(Locale.ROOT, "%-11s %s%n", name, value);
    }

    private static String machine() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        String memory =
                system instanceof com.sun.management.OperatingSystemMXBean here
                        ? here.getTotalMemorySize() / MIB + " MiB"
                        : "unknown memory";
        return String.format(
                Locale.ROOT,
                "%d cores, %s, %s %s, load average %.1f before the first",
                system.getAvailableProcessors(),
                memory,
                system.getName(),
                system.getArch(),
                system.getSystemLoadAverage());
    }

    /** As the log's topic has it. */
    private static String durability(Rig rig) throws IOException, InterruptedException {
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", rig.node().bootstrapServers()))) {
            return LogTopic.ensure(
                            admin,
                            new TopicNames(Endpoint.DATABASE),
                            LogTopic.Settings.SYNCED_BY_REPLICA)
                    .durability();
        }
    }

    private static String postgres() throws IOException, InterruptedException {
        Optional<Path> programs = Programs.serverFolder();
        if (programs.isEmpty()) {
            return "not on this machine: no comparison with it";
        }
        String version =
                CommandOutput.of(
                                List.of(programs.get().resolve("postgres").toString(), "--version"))
                        .orThrow()
                        .strip();
        return version + ", fresh cluster, synchronous_commit=on, defaults otherwise";
    }
}
