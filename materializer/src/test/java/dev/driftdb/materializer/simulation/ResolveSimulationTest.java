package dev.driftdb.materializer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.state.ReplicaSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many writers, each from a state that others may have changed since, whose records reach the log
 * in any order, some of them twice and some never: every outcome and every row must be the model's,
 * wherever batches end and crashes come.
 *
 * <p>{@code -Ddriftdb.simulation.records} says how many records, {@code -Ddriftdb.seed} which.
 */
class ResolveSimulationTest {
    private static final int RECORDS = Integer.getInteger("driftdb.simulation.records", 400_000);

    /** RocksDB takes the same steps for so many of them. */
    private static final int RECORDS_ON_DISK =
            Math.min(RECORDS, Integer.getInteger("driftdb.simulation.records.disk", 30_000));

    private static final long CLOCK_MS = 1_000;

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());

    @Test
    void outcomes_and_rows_are_those_of_the_model() {
        long start = System.nanoTime();
        Simulation simulation = new Simulation(seed);
        simulation.run(RECORDS);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "simulation of resolve and apply: -Ddriftdb.seed=%d, %,d records, %,.0f a second,"
                        + " %,d crashes%n",
                seed, RECORDS, RECORDS / seconds, simulation.crashes());
        assertThat(simulation.committed()).isGreaterThan(RECORDS / 10);
        assertThat(simulation.rejected()).isGreaterThan(RECORDS / 10);
        assertThat(simulation.crashes()).isGreaterThan(RECORDS / 1_000);
    }

    @Test
    void rocksdb_does_what_the_state_in_memory_does(@TempDir Path directory) {
        System.out.println("simulation with RocksDB: -Ddriftdb.seed=" + seed);
        try (LocalReplica one = open(directory, "one");
                LocalReplica other = open(directory, "other")) {
            new Simulation(seed, one, other).run(RECORDS_ON_DISK);
        }
    }

    private static LocalReplica open(Path directory, String name) {
        return new LocalReplica(directory.resolve(name), ReplicaSettings.small(), () -> CLOCK_MS);
    }
}
