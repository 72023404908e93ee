package dev.driftdb.materializer.simulation;

import static dev.driftdb.materializer.testing.Tables.GROUP;
import static dev.driftdb.materializer.testing.Tables.STORAGE;
import static dev.driftdb.materializer.testing.Tables.UNIQUE;
import static dev.driftdb.materializer.testing.Tables.byIndex;
import static dev.driftdb.materializer.testing.Tables.createTable;
import static dev.driftdb.materializer.testing.Tables.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.simulation.ModelTable.Attempt;
import dev.driftdb.materializer.simulation.ModelTable.Condition;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many writers, each from a state that others may have changed since, whose records reach the log
 * in any order: every outcome and every row must be the model's, whatever the batches.
 *
 * <p>{@code -Ddriftdb.simulation.records} says how many records; a million take some 20 s.
 */
class ResolveSimulationTest {
    private static final int RECORDS = Integer.getInteger("driftdb.simulation.records", 50_000);

    /** How many entries a writer's view may be behind. */
    private static final int PAST_MAX = 64;

    private static final int WRITERS = 24;
    private static final int BATCH_MAX = 40;
    private static final int RECORDS_BETWEEN_COMPARISONS = 2_000;
    private static final long CLOCK_MS = 1_000;

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Writers writers = new Writers(random);
    private final ModelTable model = new ModelTable();
    private final Deque<ModelTable> past = new ArrayDeque<>();
    private final Deque<Long> pastOffsets = new ArrayDeque<>();
    private final Map<Integer, Long> sources = new HashMap<>();
    private int committed;
    private int rejected;

    /** A writer's transaction and how many of its records are in the log. */
    private static final class Running {
        final Attempt attempt;
        int sent;

        Running(Attempt attempt) {
            this.attempt = attempt;
        }

        boolean isLast() {
            return sent == attempt.records().size() - 1;
        }
    }

    @Test
    void outcomes_and_rows_are_those_of_the_model(@TempDir Path directory) {
        System.out.println("simulation of resolve and apply: -Ddriftdb.seed=" + seed);
        try (LocalReplica replica = open(directory, "one");
                LocalReplica other = open(directory, "other")) {
            replica.append(List.of(createTable()));
            other.append(List.of(createTable()));
            remember(0);
            List<Running> running = new ArrayList<>();
            List<LogRecord> unseen = new ArrayList<>();
            long offset = 1;
            while (offset < RECORDS) {
                List<LogRecord> batch = new ArrayList<>();
                Map<UUID, Outcome> expected = new HashMap<>();
                for (int i = random.nextInt(BATCH_MAX); i >= 0; i--) {
                    batch.add(step(running, offset, expected));
                    offset++;
                }
                append(replica, batch, expected);
                unseen.addAll(batch);
                if (unseen.size() >= RECORDS_BETWEEN_COMPARISONS) {
                    other.append(unseen);
                    unseen.clear();
                    compare(replica);
                    assertThat(other.stateHash()).isEqualTo(replica.stateHash());
                }
            }
            assertThat(committed).isGreaterThan(RECORDS / 10);
            assertThat(rejected).isGreaterThan(RECORDS / 10);
        }
    }

    private static LocalReplica open(Path directory, String name) {
        return new LocalReplica(directory.resolve(name), ReplicaSettings.small(), () -> CLOCK_MS);
    }

    /** One record of some writer, and what becomes of it in the model. */
    private LogRecord step(List<Running> running, long offset, Map<UUID, Outcome> expected) {
        while (running.size() < WRITERS) {
            running.add(new Running(begin()));
        }
        Running writer = running.get(random.nextInt(WRITERS));
        LogRecord record = writer.attempt.records().get(writer.sent);
        if (writer.isLast()) {
            Outcome outcome = resolve(writer.attempt, offset);
            expected.put(record.id(), outcome);
            running.remove(writer);
        } else {
            writer.sent++;
        }
        remember(offset);
        return record;
    }

    private Attempt begin() {
        int back = random.nextInt(past.size());
        ModelTable seen = past.stream().skip(back).findFirst().orElseThrow();
        long offset = pastOffsets.stream().skip(back).findFirst().orElseThrow();
        return writers.next(seen, offset);
    }

    private void remember(long offset) {
        past.addFirst(model.copy());
        pastOffsets.addFirst(offset);
        if (past.size() > PAST_MAX) {
            past.removeLast();
            pastOffsets.removeLast();
        }
    }

    private Outcome resolve(Attempt attempt, long offset) {
        LogRecord.SourcePosition source = attempt.source();
        boolean used =
                source != null && sources.getOrDefault(source.partition(), -1L) >= source.offset();
        if (attempt.chunkLost() || used) {
            rejected++;
            return new Outcome.Rejected(offset, null);
        }
        for (Condition condition : attempt.conditions()) {
            if (!model.holds(condition)) {
                rejected++;
                return new Outcome.Rejected(offset, Writers.precondition(condition));
            }
        }
        ModelTable.Read read = attempt.read();
        if (read != null) {
            assertThat(model.sum(read.from(), read.to())).isEqualTo(read.sum());
        }
        attempt.steps().forEach(step -> model.apply(step, offset));
        if (source != null) {
            sources.put(source.partition(), source.offset());
        }
        committed++;
        return new Outcome.Committed(offset, CLOCK_MS);
    }

    private static void append(
            LocalReplica replica, List<LogRecord> batch, Map<UUID, Outcome> expected) {
        Map<UUID, CompletableFuture<Outcome>> outcomes = new HashMap<>();
        expected.keySet().forEach(id -> outcomes.put(id, replica.outcomeOf(id)));
        replica.append(batch);
        expected.forEach((id, outcome) -> {
            CompletableFuture<Outcome> told = outcomes.get(id);
            assertThat(told == null ? null : told.getNow(null)).isEqualTo(outcome);
        });
    }

    private void compare(LocalReplica replica) {
        try (ReadView view = replica.latest()) {
            List<String> wanted = model.rows();
            assertThat(rows(view, STORAGE)).isEqualTo(wanted);
            List<String> values =
                    wanted.stream().map(row -> row.substring(0, row.indexOf('@'))).toList();
            assertThat(byIndex(view, GROUP, false)).containsExactlyInAnyOrderElementsOf(values);
            assertThat(byIndex(view, UNIQUE, false)).containsExactlyInAnyOrderElementsOf(values);
        }
    }
}
