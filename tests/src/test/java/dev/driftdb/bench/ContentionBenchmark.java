package dev.driftdb.bench;

import dev.driftdb.bench.PgbenchBenchmark.Mode;
import dev.driftdb.bench.PgbenchBenchmark.Writes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How fast the lock of a row goes from one transaction to the next: pgbench with one branch, whose
 * row every transaction updates, and without branches, beside a PostgreSQL that does not wait for
 * its disk ({@code synchronous_commit = off}). DriftDB goes on waiting for its log.
 */
final class ContentionBenchmark implements Benchmark {
    private static final Target AS_FAST = Target.atLeast(1);

    private static final List<Mode> MODES =
            List.of(
                    new Mode(
                            "TPC-B-like of 1 branch, -M prepared",
                            List.of("-M", "prepared"),
                            Writes.ACCOUNTS_TELLERS_AND_BRANCHES),
                    new Mode(
                            "TPC-B-like of 1 branch, -M simple",
                            List.of("-M", "simple"),
                            Writes.ACCOUNTS_TELLERS_AND_BRANCHES),
                    new Mode(
                            "without branches (-N), -M prepared",
                            List.of("-N", "-M", "prepared"),
                            Writes.ACCOUNTS));

    @Override
    public String name() {
        return "contention";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        Optional<Path> program = Programs.find("pgbench");
        if (program.isEmpty()) {
            table.add("contention", "not run: pgbench is not on this machine");
            return;
        }
        List<Pgbench> runs = new ArrayList<>();
        for (Endpoint endpoint : rig.endpoints()) {
            setSynchronousCommit(endpoint, "off");
            Pgbench pgbench = new Pgbench(program.get(), endpoint);
            pgbench.initialize(1);
            runs.add(pgbench);
        }
        for (Mode mode : MODES) {
            List<Double> tps = new ArrayList<>();
            for (Pgbench pgbench : runs) {
                rig.say(mode.label() + " on " + pgbench.endpoint().product());
                PgbenchBenchmark.runAndCheck(pgbench, mode, rig.settings().warmUp());
                tps.add(PgbenchBenchmark.runAndCheck(pgbench, mode, rig.settings().load()));
            }
            PgbenchBenchmark.report(
                    table, "pgbench -c 8 -j 2, " + mode.label() + " (*)", tps, AS_FAST);
        }
        for (Pgbench pgbench : runs) {
            setSynchronousCommit(pgbench.endpoint(), "on");
        }
    }

    /** Of later sessions, and of PostgreSQL only. */
    private static void setSynchronousCommit(Endpoint endpoint, String value) throws Exception {
        if (endpoint.product().equals("PostgreSQL")) {
            endpoint.execute(
                    "ALTER DATABASE " + Endpoint.DATABASE + " SET synchronous_commit = " + value);
        }
    }
}
