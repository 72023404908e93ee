package dev.driftdb.materializer.simulation;

import dev.driftdb.schemas.log.LogRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the table of {@link dev.driftdb.materializer.testing.Tables} is said to be: some ids, each
 * with its values, and when it was last written or deleted. As plain as can be.
 */
final class ModelTable {
    static final int IDS = 32;
    static final long NULL = Long.MIN_VALUE;
    static final long ABSENT = -1;

    /** The offset of the row that is there, or {@link #ABSENT}. */
    final long[] version;

    /** The transaction that has written the row, null if there is none. */
    final @Nullable UUID[] writer;

    final long[] u;
    final long[] g;

    /** The offset of the last change, deletions too. */
    final long[] changed;

    ModelTable() {
        version = new long[IDS];
        writer = new UUID[IDS];
        u = new long[IDS];
        g = new long[IDS];
        changed = new long[IDS];
        Arrays.fill(version, ABSENT);
        Arrays.fill(changed, ABSENT);
    }

    private ModelTable(ModelTable from) {
        version = from.version.clone();
        writer = from.writer.clone();
        u = from.u.clone();
        g = from.g.clone();
        changed = from.changed.clone();
    }

    ModelTable copy() {
        return new ModelTable(this);
    }

    /** Makes this the same as another. */
    void set(ModelTable from) {
        System.arraycopy(from.version, 0, version, 0, IDS);
        System.arraycopy(from.writer, 0, writer, 0, IDS);
        System.arraycopy(from.u, 0, u, 0, IDS);
        System.arraycopy(from.g, 0, g, 0, IDS);
        System.arraycopy(from.changed, 0, changed, 0, IDS);
    }

    boolean has(int id) {
        return version[id] != ABSENT;
    }

    /** What a writer asks for, in the model's own words. */
    sealed interface Condition {
        record RowVersion(int id, long offset) implements Condition {}

        record RowWrittenBy(int id, UUID transaction) implements Condition {}

        record UniqueAbsent(long value) implements Condition {}

        record UniqueExists(long value) implements Condition {}

        record IdAbsent(int id) implements Condition {}

        record IdExists(int id) implements Condition {}

        record GroupEmpty(long value) implements Condition {}

        record RangeUnchanged(int from, int to, long since) implements Condition {}
    }

    boolean holds(Condition condition) {
        return switch (condition) {
            case Condition.RowVersion(int id, long offset) -> version[id] == offset;
            case Condition.RowWrittenBy(int id, UUID transaction) -> transaction.equals(writer[id]);
            case Condition.UniqueAbsent(long value) -> !any(u, value);
            case Condition.UniqueExists(long value) -> any(u, value);
            case Condition.IdAbsent(int id) -> !has(id);
            case Condition.IdExists(int id) -> has(id);
            case Condition.GroupEmpty(long value) -> !any(g, value);
            case Condition.RangeUnchanged(int from, int to, long since) -> {
                boolean unchanged = true;
                for (int id = from; id < to; id++) {
                    unchanged &= changed[id] <= since;
                }
                yield unchanged;
            }
        };
    }

    private boolean any(long[] column, long value) {
        for (int id = 0; id < IDS; id++) {
            if (has(id) && column[id] == value) {
                return true;
            }
        }
        return false;
    }

    /** What a writer changes. */
    sealed interface Step {
        record Put(int id, long u, long g) implements Step {}

        record Delete(int id) implements Step {}

        record Clear() implements Step {}
    }

    void apply(Step step, long offset, UUID transaction) {
        switch (step) {
            case Step.Put put -> {
                version[put.id()] = offset;
                writer[put.id()] = transaction;
                changed[put.id()] = offset;
                u[put.id()] = put.u();
                g[put.id()] = put.g();
            }
            case Step.Delete delete -> delete(delete.id(), offset);
            case Step.Clear _ -> {
                for (int id = 0; id < IDS; id++) {
                    delete(id, offset);
                }
            }
        }
    }

    private void delete(int id, long offset) {
        if (has(id)) {
            version[id] = ABSENT;
            writer[id] = null;
            changed[id] = offset;
        }
    }

    /** The sum of g over the ids of a range, NULL as 0: what a reader of a range computes. */
    long sum(int from, int to) {
        long sum = 0;
        for (int id = from; id < to; id++) {
            sum += has(id) && g[id] != NULL ? g[id] + 1 : 0;
        }
        return sum;
    }

    /** Rows as {@link dev.driftdb.materializer.testing.Tables#rows} writes them. */
    List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (int id = 0; id < IDS; id++) {
            if (has(id)) {
                rows.add(id + "," + text(u[id]) + "," + text(g[id]) + "@" + version[id]);
            }
        }
        return rows;
    }

    private static String text(long value) {
        return value == NULL ? "null" : Long.toString(value);
    }

    /**
     * A transaction on its way to the log.
     *
     * @param read a check that what the writer has read is still so, if it is committed
     * @param source the ingested record that it came from
     */
    record Attempt(
            List<LogRecord> records,
            List<Condition> conditions,
            List<Step> steps,
            boolean chunkLost,
            LogRecord.@Nullable SourcePosition source,
            @Nullable Read read) {
        UUID id() {
            return records.getLast().id();
        }

        /** Whether it leaves a row under an id. */
        boolean leaves(int id) {
            boolean there = false;
            for (Step step : steps) {
                switch (step) {
                    case Step.Put put -> there |= put.id() == id;
                    case Step.Delete delete -> there &= delete.id() != id;
                    case Step.Clear _ -> there = false;
                }
            }
            return there;
        }

        /** How many chunks its entry says it has. */
        int chunks() {
            return records.getLast() instanceof LogRecord.TransactionEntry entry
                    ? entry.chunkCount()
                    : 0;
        }
    }

    /** The sum of a range as the writer has seen it. */
    record Read(int from, int to, long sum) {}
}
