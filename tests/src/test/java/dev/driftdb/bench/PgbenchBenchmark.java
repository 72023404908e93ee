package dev.driftdb.bench;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * pgbench with 8 clients, TPC-B-like in its three query modes and select-only, in turns against
 * DriftDB and PostgreSQL. After each run the money must be all there.
 */
final class PgbenchBenchmark implements Benchmark {
    private static final Target SHARE_OF_POSTGRES = Target.atLeast(0.5);

    /** What a script moves money between. */
    enum Writes {
        NOTHING,
        ACCOUNTS,
        ACCOUNTS_TELLERS_AND_BRANCHES
    }

    record Mode(String label, List<String> options, Writes writes) {}

    private static final List<Mode> MODES =
            List.of(
                    new Mode(
                            "TPC-B-like, -M simple",
                            List.of("-M", "simple"),
                            Writes.ACCOUNTS_TELLERS_AND_BRANCHES),
                    new Mode(
                            "TPC-B-like, -M extended",
                            List.of("-M", "extended"),
                            Writes.ACCOUNTS_TELLERS_AND_BRANCHES),
                    new Mode(
                            "TPC-B-like, -M prepared",
                            List.of("-M", "prepared"),
                            Writes.ACCOUNTS_TELLERS_AND_BRANCHES),
                    new Mode(
                            "select-only, -M prepared",
                            List.of("-S", "-M", "prepared"),
                            Writes.NOTHING));

    @Override
    public String name() {
        return "pgbench";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        Optional<Path> program = Programs.find("pgbench");
        if (program.isEmpty()) {
            table.add("pgbench", "not run: pgbench is not on this machine");
            return;
        }
        List<Pgbench> runs = new ArrayList<>();
        for (Endpoint endpoint : rig.endpoints()) {
            Pgbench pgbench = new Pgbench(program.get(), endpoint);
            int scale = rig.settings().pgbenchScale();
            rig.say("pgbench -i -s " + scale + " on " + endpoint.product());
            pgbench.initialize(scale);
            runs.add(pgbench);
        }
        for (Mode mode : MODES) {
            List<Double> tps = new ArrayList<>();
            for (Pgbench pgbench : runs) {
                rig.say(mode.label() + " on " + pgbench.endpoint().product());
                runAndCheck(pgbench, mode, rig.settings().warmUp());
                tps.add(runAndCheck(pgbench, mode, rig.settings().load()));
            }
            report(table, "pgbench -c 8 -j 2, " + mode.label(), tps, SHARE_OF_POSTGRES);
        }
    }

    static double runAndCheck(Pgbench pgbench, Mode mode, Duration time) throws Exception {
        Endpoint endpoint = pgbench.endpoint();
        long before = endpoint.queryLong("SELECT sum(abalance) FROM pgbench_accounts");
        Pgbench.Result result = pgbench.run(mode.options(), time);
        if (mode.writes() != Writes.NOTHING) {
            checkMoney(endpoint, mode.writes(), before, result.transactions());
        }
        return result.tps();
    }

    /** pgbench empties the history when it starts, so that has only what this run moved. */
    private static void checkMoney(Endpoint endpoint, Writes writes, long before, long transactions)
            throws SQLException {
        long accounts = endpoint.queryLong("SELECT sum(abalance) FROM pgbench_accounts");
        if (writes == Writes.ACCOUNTS_TELLERS_AND_BRANCHES) {
            endpoint.expect("SELECT sum(tbalance) FROM pgbench_tellers", accounts);
            endpoint.expect("SELECT sum(bbalance) FROM pgbench_branches", accounts);
        }
        endpoint.expect("SELECT sum(delta) FROM pgbench_history", accounts - before);
        endpoint.expect("SELECT count(*) FROM pgbench_history", transactions);
    }

    static void report(FigureTable table, String benchmark, List<Double> tps, Target target) {
        double own = tps.getFirst();
        if (tps.size() == 1) {
            table.add(benchmark, Figures.rate(own, "tx"));
        } else {
            double peer = tps.getLast();
            table.add(
                    benchmark,
                    Figures.rate(own, "tx"),
                    "PostgreSQL " + Figures.rate(peer, "tx"),
                    own / peer,
                    target);
        }
    }
}
