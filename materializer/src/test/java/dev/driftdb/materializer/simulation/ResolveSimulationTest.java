package dev.driftdb.materializer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.state.ReplicaSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
    private static final int RECORDS = Integer.getInteger("driftdb.simulation.records", 250_000);

    /** At the same time, each with a seed of its own. */
    private static final int SIMULATIONS = 2;

    /** RocksDB takes the same steps for so many of them. */
    private static final int RECORDS_ON_DISK =
            Math.min(RECORDS, Integer.getInteger("driftdb.simulation.records.disk", 30_000));

    private static final long CLOCK_MS = 1_000;

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());

    @Test
    void outcomes_and_rows_are_those_of_the_model() throws Exception {
        System.out.println("simulations of resolve and apply: -Ddriftdb.seed=" + seed);
        long start = System.nanoTime();
        List<Future<Simulation>> simulations = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(SIMULATIONS)) {
            for (int number = 0; number < SIMULATIONS; number++) {
                Simulation simulation = new Simulation(seed + number);
                simulations.add(threads.submit(() -> simulation.run(RECORDS), simulation));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        for (Future<Simulation> run : simulations) {
            Simulation simulation = run.get();
            assertThat(simulation.committed()).isGreaterThan(RECORDS / 10);
            assertThat(simulation.rejected()).isGreaterThan(RECORDS / 10);
            assertThat(simulation.crashes()).isGreaterThan(RECORDS / 1_000);
        }
        System.out.printf(
                "%d times %,d records, %,.0f a second in all%n",
                SIMULATIONS, RECORDS, SIMULATIONS * RECORDS / seconds);
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
