package dev.driftdb.materializer.simulation;

import static dev.driftdb.materializer.testing.Tables.GROUP;
import static dev.driftdb.materializer.testing.Tables.STORAGE;
import static dev.driftdb.materializer.testing.Tables.UNIQUE;
import static dev.driftdb.materializer.testing.Tables.byIndex;
import static dev.driftdb.materializer.testing.Tables.createTable;
import static dev.driftdb.materializer.testing.Tables.rows;
import static dev.driftdb.materializer.testing.Tables.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.replica.CoreReplica;
import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.replica.MemoryState;
import dev.driftdb.materializer.simulation.ModelTable.Attempt;
import dev.driftdb.materializer.simulation.ModelTable.Condition;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * One log, its writers, the model, and replicas that fold it: one whose outcomes are compared, one
 * that crashes and writes large entries in small parts, and RocksDB if asked for.
 */
final class Simulation {
    /** How many entries a writer's view may be behind. */
    private static final int PAST_MAX = 64;

    private static final int WRITERS = 24;
    private static final int BATCH_MAX = 40;
    private static final int RECORDS_BETWEEN_COMPARISONS = 2_000;
    private static final int PART_OPERATIONS = 3;
    private static final int RECORDS_PER_BATCH = 8;
    private static final int RECORDS_PER_CRASH = 150;
    private static final int ENTRIES_PER_DUPLICATE = 40;
    private static final int CHUNKS_PER_DUPLICATE = 20;
    private static final int ENTRIES_PER_LOSS = 60;
    private static final int ENTRIES_PER_FOLLOWER = 6;
    private static final long CLOCK_MS = 1_000;

    private final Random random;
    private final Writers writers;
    private final ModelTable model = new ModelTable();

    /** The model after the last entries, and their offsets, in a ring. */
    private final ModelTable[] past = new ModelTable[PAST_MAX];

    private final long[] pastOffsets = new long[PAST_MAX];
    private int pastCount;

    private final Map<Integer, Long> sources = new HashMap<>();
    private final List<Running> running = new ArrayList<>();
    private final CoreReplica core =
            new CoreReplica(new MemoryState(Integer.MAX_VALUE, /* crashes= */ false));
    private final CoreReplica crashing =
            new CoreReplica(new MemoryState(PART_OPERATIONS, /* crashes= */ true));
    private final List<LocalReplica> onDisk;
    private final List<LogRecord> unseen = new ArrayList<>();
    private long offset;
    private int committed;
    private int rejected;
    private int crashes;

    /**
     * @param onDisk the first gets what each batch has, the others much at once
     */
    Simulation(long seed, LocalReplica... onDisk) {
        random = new Random(seed);
        writers = new Writers(random);
        this.onDisk = List.of(onDisk);
    }

    int committed() {
        return committed;
    }

    int rejected() {
        return rejected;
    }

    int crashes() {
        return crashes;
    }

    /** A writer's transaction and how many of its records are in the log. */
    private static final class Running {
        final Attempt attempt;

        /** All of it has been in the log: the entry comes again. */
        final boolean again;

        int sent;

        Running(Attempt attempt, boolean again) {
            this.attempt = attempt;
            this.again = again;
            this.sent = again ? attempt.records().size() - 1 : 0;
        }

        boolean isLast() {
            return sent == attempt.records().size() - 1;
        }
    }

    void run(int records) {
        LogRecord create = createTable();
        process(create);
        onDisk.forEach(replica -> replica.append(List.of(create)));
        core.endBatch();
        remember();
        offset++;
        int compared = 0;
        while (offset < records) {
            List<LogRecord> batch = new ArrayList<>();
            Map<UUID, Outcome> expected = new HashMap<>();
            for (int i = random.nextInt(BATCH_MAX); i >= 0; i--) {
                batch.add(step(expected));
                offset++;
            }
            append(batch, expected);
            compared += batch.size();
            if (compared >= RECORDS_BETWEEN_COMPARISONS) {
                compared = 0;
                compare();
            }
        }
        compare();
    }

    /** One record of some writer, and what becomes of it in the model. */
    private LogRecord step(Map<UUID, Outcome> expected) {
        while (running.size() < WRITERS) {
            running.add(new Running(begin(), false));
        }
        Running writer = running.get(random.nextInt(running.size()));
        while (writer.isLast() && random.nextInt(ENTRIES_PER_LOSS) == 0) {
            // Its session has gone: the entry never comes.
            running.remove(writer);
            running.add(new Running(begin(), false));
            writer = running.get(random.nextInt(running.size()));
        }
        LogRecord record = writer.attempt.records().get(writer.sent);
        if (writer.isLast()) {
            Outcome outcome = resolve(writer);
            // Who waits is told of the first.
            expected.putIfAbsent(record.id(), outcome);
            running.remove(writer);
            if (random.nextInt(ENTRIES_PER_DUPLICATE) == 0) {
                running.add(new Running(writer.attempt, true));
            }
        } else if (random.nextInt(CHUNKS_PER_DUPLICATE) != 0) {
            writer.sent++;
        }
        remember();
        return record;
    }

    private Attempt begin() {
        int back = random.nextInt(Math.min(pastCount, PAST_MAX));
        int slot = (pastCount - 1 - back) % PAST_MAX;
        Attempt before =
                !running.isEmpty() && random.nextInt(ENTRIES_PER_FOLLOWER) == 0
                        ? running.get(random.nextInt(running.size())).attempt
                        : null;
        return writers.next(past[slot], pastOffsets[slot], before);
    }

    private void remember() {
        int slot = pastCount % PAST_MAX;
        if (pastCount < PAST_MAX) {
            past[slot] = model.copy();
        } else {
            past[slot].set(model);
        }
        pastOffsets[slot] = offset;
        pastCount++;
    }

    private Outcome resolve(Running writer) {
        Attempt attempt = writer.attempt;
        LogRecord.SourcePosition source = attempt.source();
        boolean used =
                source != null && sources.getOrDefault(source.partition(), -1L) >= source.offset();
        // The chunks went with the first entry.
        boolean chunksGone = attempt.chunkLost() || (writer.again && attempt.chunks() > 0);
        if (chunksGone || used) {
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
        if (read != null && model.sum(read.from(), read.to()) != read.sum()) {
            throw new AssertionError("what was read has changed at offset " + offset);
        }
        for (ModelTable.Step step : attempt.steps()) {
            model.apply(step, offset, attempt.id());
        }
        if (source != null) {
            sources.put(source.partition(), source.offset());
        }
        committed++;
        return new Outcome.Committed(offset, CLOCK_MS);
    }

    private void append(List<LogRecord> batch, Map<UUID, Outcome> expected) {
        Map<UUID, CompletableFuture<Outcome>> outcomes = new HashMap<>();
        expected.keySet().forEach(id -> outcomes.put(id, core.outcomeOf(id)));
        long next = offset - batch.size();
        for (LogRecord record : batch) {
            process(next++, record);
        }
        core.endBatch();
        check(expected, outcomes);
        if (!onDisk.isEmpty()) {
            expected.keySet().forEach(id -> outcomes.put(id, onDisk.getFirst().outcomeOf(id)));
            onDisk.getFirst().append(batch);
            check(expected, outcomes);
            unseen.addAll(batch);
        }
    }

    private void process(LogRecord record) {
        process(offset, record);
    }

    private void process(long at, LogRecord record) {
        byte[] value = LogCodec.encode(record);
        core.process(at, value);
        crashing.process(at, value);
        if (random.nextInt(RECORDS_PER_BATCH) == 0) {
            crashing.endBatch();
        }
        if (random.nextInt(RECORDS_PER_CRASH) == 0) {
            crashing.crash();
            crashes++;
        }
    }

    private static void check(
            Map<UUID, Outcome> expected, Map<UUID, CompletableFuture<Outcome>> outcomes) {
        expected.forEach((id, outcome) -> {
            CompletableFuture<Outcome> told = outcomes.get(id);
            Outcome found = told == null ? null : told.getNow(null);
            if (!outcome.equals(found)) {
                throw new AssertionError("expected " + outcome + ", told " + found);
            }
        });
    }

    private void compare() {
        crashing.endBatch();
        List<String> wanted = model.rows();
        List<String> values =
                wanted.stream().map(row -> row.substring(0, row.indexOf('@'))).toList();
        List<String> found = new ArrayList<>();
        for (StoredRow row : core.state.stored(STORAGE)) {
            found.add(text(row.row()) + "@" + row.offset());
        }
        assertThat(found).isEqualTo(wanted);
        for (int index : new int[] {GROUP, UNIQUE}) {
            assertThat(core.state.indexed(index).stream().map(this::value).toList())
                    .containsExactlyInAnyOrderElementsOf(values);
        }
        assertThat(crashing.state.content()).isEqualTo(core.state.content());
        for (LocalReplica replica : onDisk) {
            if (replica != onDisk.getFirst()) {
                replica.append(unseen);
            }
            compare(replica, wanted, values);
            assertThat(replica.stateHash()).isEqualTo(onDisk.getFirst().stateHash());
        }
        unseen.clear();
    }

    private String value(dev.driftdb.schemas.type.Bytes key) {
        StoredRow row = core.state.row(STORAGE, key);
        return row == null ? "nothing" : text(row.row());
    }

    private void compare(LocalReplica replica, List<String> wanted, List<String> values) {
        try (ReadView view = replica.latest()) {
            assertThat(rows(view, STORAGE)).isEqualTo(wanted);
            for (int index : new int[] {GROUP, UNIQUE}) {
                List<String> inOrder = byIndex(view, index, false);
                assertThat(inOrder).containsExactlyInAnyOrderElementsOf(values);
                assertThat(inOrder)
                        .isEqualTo(core.state.indexed(index).stream().map(this::value).toList());
            }
        }
    }
}
