package dev.driftdb.materializer.simulation;

import static dev.driftdb.materializer.testing.Tables.GROUP;
import static dev.driftdb.materializer.testing.Tables.PRIMARY;
import static dev.driftdb.materializer.testing.Tables.SQL;
import static dev.driftdb.materializer.testing.Tables.STORAGE;
import static dev.driftdb.materializer.testing.Tables.T_G;
import static dev.driftdb.materializer.testing.Tables.T_U;
import static dev.driftdb.materializer.testing.Tables.UNIQUE;
import static dev.driftdb.materializer.testing.Tables.delete;
import static dev.driftdb.materializer.testing.Tables.indexKey;
import static dev.driftdb.materializer.testing.Tables.key;
import static dev.driftdb.materializer.testing.Tables.nextUuid;
import static dev.driftdb.materializer.testing.Tables.put;

import dev.driftdb.materializer.simulation.ModelTable.Attempt;
import dev.driftdb.materializer.simulation.ModelTable.Condition;
import dev.driftdb.materializer.simulation.ModelTable.Read;
import dev.driftdb.materializer.simulation.ModelTable.Step;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Precondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes transactions as sessions and services make them: from a state that may be old by now. */
final class Writers {
    private static final int IDS = ModelTable.IDS;
    private static final int UNIQUE_VALUES = 40;
    private static final int GROUPS = 5;
    private static final int SOURCES = 3;

    private final Random random;
    private final long[] sourceOffsets = new long[SOURCES];

    Writers(Random random) {
        this.random = random;
    }

    /**
     * @param seen the table as the writer sees it
     * @param offset of what it sees
     * @param before another transaction that is on its way to the log, some of whose rows it goes
     *     on from
     */
    Attempt next(ModelTable seen, long offset, @Nullable Attempt before) {
        UUID transaction = nextUuid();
        List<Condition> conditions = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        Read read = null;
        ModelTable own = seen.copy();
        if (before != null) {
            follow(before, own, conditions, steps, transaction);
        }
        int kind = random.nextInt(100);
        if (kind == 0) {
            steps.add(new Step.Clear());
        } else if (kind < 15) {
            int from = random.nextInt(IDS);
            int to = from + 1 + random.nextInt(IDS - from);
            read = new Read(from, to, seen.sum(from, to));
            conditions.add(new Condition.RangeUnchanged(from, to, offset));
            write(
                    random.nextInt(IDS),
                    read.sum() % GROUPS,
                    own,
                    conditions,
                    steps,
                    offset,
                    transaction);
        } else {
            for (int i = random.nextInt(4); i >= 0; i--) {
                change(own, conditions, steps, offset, transaction);
            }
        }
        if (random.nextInt(10) == 0) {
            conditions.add(
                    switch (random.nextInt(4)) {
                        case 0 -> new Condition.GroupEmpty(random.nextInt(GROUPS));
                        case 1 -> new Condition.UniqueExists(random.nextInt(UNIQUE_VALUES));
                        case 2 -> new Condition.IdExists(random.nextInt(IDS));
                        default -> new Condition.IdAbsent(random.nextInt(IDS));
                    });
        }
        return attempt(transaction, conditions, steps, read);
    }

    /** Writes rows that another transaction is about to leave, and that nobody sees yet. */
    private void follow(
            Attempt before,
            ModelTable own,
            List<Condition> conditions,
            List<Step> steps,
            UUID transaction) {
        for (int id = 0; id < IDS; id++) {
            if (before.leaves(id) && random.nextInt(2) == 0) {
                conditions.add(new Condition.RowWrittenBy(id, before.id()));
                long g = random.nextInt(GROUPS);
                step(new Step.Put(id, ModelTable.NULL, g), own, steps, transaction);
            }
        }
    }

    private void change(
            ModelTable own,
            List<Condition> conditions,
            List<Step> steps,
            long offset,
            UUID transaction) {
        int id = random.nextInt(IDS);
        if (own.has(id) && random.nextInt(4) == 0) {
            require(id, own, conditions, offset);
            step(new Step.Delete(id), own, steps, transaction);
            return;
        }
        write(id, random.nextInt(GROUPS), own, conditions, steps, offset, transaction);
    }

    private void write(
            int id,
            long group,
            ModelTable own,
            List<Condition> conditions,
            List<Step> steps,
            long offset,
            UUID transaction) {
        require(id, own, conditions, offset);
        long value = random.nextInt(3) == 0 ? ModelTable.NULL : random.nextInt(UNIQUE_VALUES);
        if (value != ModelTable.NULL && !(own.has(id) && own.u[id] == value)) {
            if (!own.holds(new Condition.UniqueAbsent(value))) {
                value = ModelTable.NULL; // a session would have refused it
            } else {
                conditions.add(new Condition.UniqueAbsent(value));
            }
        }
        long g = random.nextInt(6) == 0 ? ModelTable.NULL : group;
        step(new Step.Put(id, value, g), own, steps, transaction);
    }

    /** The row as the writer has seen it, unless it is its own by now. */
    private static void require(int id, ModelTable own, List<Condition> conditions, long offset) {
        if (own.changed[id] <= offset) {
            conditions.add(new Condition.RowVersion(id, own.version[id]));
        }
    }

    private static void step(Step step, ModelTable own, List<Step> steps, UUID transaction) {
        own.apply(step, Long.MAX_VALUE, transaction);
        steps.add(step);
    }

    // ---- records ----

    private Attempt attempt(
            UUID id, List<Condition> conditions, List<Step> steps, @Nullable Read read) {
        List<Precondition> preconditions = conditions.stream().map(Writers::precondition).toList();
        List<Change> changes = steps.stream().map(Writers::change).toList();
        List<LogRecord> records = new ArrayList<>();
        int chunks = random.nextInt(8) == 0 ? random.nextInt(4) : 0;
        boolean lost = chunks > 0 && random.nextInt(6) == 0;
        int lostNumber = lost ? random.nextInt(chunks) : -1;
        for (int number = 0; number < chunks; number++) {
            if (number != lostNumber) {
                records.add(
                        new LogRecord.Chunk(
                                id,
                                number,
                                part(preconditions, number, chunks + 1),
                                part(changes, number, chunks + 1)));
            }
        }
        LogRecord.SourcePosition source = random.nextInt(8) == 0 ? source() : null;
        records.add(
                new LogRecord.TransactionEntry(
                        id,
                        source == null
                                ? SQL
                                : new LogRecord.Metadata("ingest", "service", "", "INSERT", source),
                        part(preconditions, chunks, chunks + 1),
                        part(changes, chunks, chunks + 1),
                        chunks));
        return new Attempt(records, conditions, steps, lost, source, read);
    }

    private static <T> List<T> part(List<T> all, int number, int parts) {
        return all.subList(all.size() * number / parts, all.size() * (number + 1) / parts);
    }

    /** Mostly a new position, sometimes one that was used. */
    private LogRecord.SourcePosition source() {
        int partition = random.nextInt(SOURCES);
        long offset =
                random.nextInt(4) == 0
                        ? Math.max(0, sourceOffsets[partition] - random.nextInt(3))
                        : ++sourceOffsets[partition];
        return new LogRecord.SourcePosition("events", partition, offset);
    }

    static Precondition precondition(Condition condition) {
        return switch (condition) {
            case Condition.RowVersion(int id, long offset) ->
                    new Precondition.RowVersion(STORAGE, key(id), offset);
            case Condition.RowWrittenBy(int id, UUID transaction) ->
                    new Precondition.RowWrittenBy(STORAGE, key(id), transaction);
            case Condition.UniqueAbsent(long value) ->
                    new Precondition.KeyAbsent(UNIQUE, indexKey(T_U, value));
            case Condition.UniqueExists(long value) ->
                    new Precondition.KeyExists(UNIQUE, true, indexKey(T_U, value));
            case Condition.IdAbsent(int id) -> new Precondition.KeyAbsent(PRIMARY, key(id));
            case Condition.IdExists(int id) -> new Precondition.KeyExists(STORAGE, false, key(id));
            case Condition.GroupEmpty(long value) ->
                    new Precondition.RangeEmpty(
                            GROUP, true, indexKey(T_G, value), indexKey(T_G, value + 1));
            case Condition.RangeUnchanged(int from, int to, long since) ->
                    new Precondition.RangeUnchanged(STORAGE, key(from), key(to), since);
        };
    }

    private static Change change(Step step) {
        return switch (step) {
            case Step.Put(int id, long u, long g) ->
                    put(id, u == ModelTable.NULL ? null : u, g == ModelTable.NULL ? null : g);
            case Step.Delete(int id) -> delete(id);
            case Step.Clear _ -> new Change.Truncate(STORAGE);
        };
    }
}
