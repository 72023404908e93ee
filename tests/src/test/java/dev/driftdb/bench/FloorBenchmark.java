package dev.driftdb.bench;

import java.time.Duration;

/** What the broker alone gives, for one thread and for many. */
final class FloorBenchmark implements Benchmark {
    @Override
    public String name() {
        return "floor";
    }

    @Override
    public void run(Rig rig, FigureTable table) throws Exception {
        Duration warmUp = rig.settings().warmUp();
        Duration measured = rig.settings().load();
        try (FloorLoop floor = new FloorLoop(rig.node().bootstrapServers())) {
            rig.say("1 thread");
            Timings one = Load.run(1, warmUp, measured, () -> floor::appendAndRead);
            table.addPeer("floor: append and read back a record, 1 thread", one.latencies());
            rig.say(CommitBenchmark.SESSIONS + " threads");
            Timings many =
                    Load.run(
                            CommitBenchmark.SESSIONS, warmUp, measured, () -> floor::appendAndRead);
            table.addPeer(
                    "floor: the same, " + CommitBenchmark.SESSIONS + " threads",
                    Figures.rate(many.perSecond(), "records"));
        }
    }
}
