package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.RunReport;
import dev.driftdb.query.execute.spill.HashPartitions;
import dev.driftdb.query.execute.spill.SpillFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The first row of each key. When no further key fits in work_mem, rows with other keys are parted
 * by hash into files, which are looked at one after another.
 */
final class FirstRows implements Rows {
    /** A file of rows that wait. */
    private record Waiting(SpillFile file, int level) {}

    private final String owner;
    private final Frame frame;
    private final Function<@Nullable Object[], @Nullable Object> keyOf;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private Set<@Nullable Object> seen = new HashSet<>();
    private MemoryBudget memory;
    private Rows rows;
    private @Nullable SpillFile reading;
    private @Nullable HashPartitions parts;
    private int level;
    private int batches = 1;
    private long bytes;
    private long diskBytes;

    FirstRows(
            String owner,
            Frame frame,
            Rows rows,
            Function<@Nullable Object[], @Nullable Object> keyOf) {
        this.owner = owner;
        this.frame = frame;
        this.rows = rows;
        this.keyOf = keyOf;
        this.memory = MemoryBudget.spilling(owner, frame);
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        while (true) {
            @Nullable Object[] row = rows.next();
            if (row == null) {
                if (!startNext()) {
                    return null;
                }
                continue;
            }
            frame.tick();
            Object key = keyOf.apply(row);
            if (seen.contains(key)) {
                continue;
            }
            if (parts == null && (memory.fits(row) || level == HashPartitions.LEVELS_MAX)) {
                if (level == HashPartitions.LEVELS_MAX) {
                    memory.add(row);
                }
                seen.add(key);
                return row;
            }
            HashPartitions open = parts;
            if (open == null) {
                open = new HashPartitions(frame, level);
                parts = open;
            }
            open.write(key == null ? 0 : key.hashCode(), row);
        }
    }

    /** Goes on with rows that wait; false if there are none. */
    private boolean startNext() {
        endPart();
        Waiting next = waiting.poll();
        if (next == null) {
            return false;
        }
        seen = new HashSet<>();
        bytes = Math.max(bytes, memory.most());
        batches++;
        memory.release();
        memory = MemoryBudget.spilling(owner, frame);
        reading = next.file();
        level = next.level();
        rows = next.file().read();
        return true;
    }

    private void endPart() {
        rows.close();
        rows = Rows.NONE;
        if (reading != null) {
            reading.close();
            reading = null;
        }
        HashPartitions written = parts;
        parts = null;
        if (written != null) {
            for (int i = 0; i < HashPartitions.COUNT; i++) {
                SpillFile file = written.file(i);
                if (file != null) {
                    waiting.push(new Waiting(file, written.level() + 1));
                    diskBytes += file.bytes();
                }
            }
        }
    }

    @Override
    public void report(RunReport report) {
        report.grouped(batches, Math.max(bytes, memory.most()), diskBytes);
    }

    @Override
    public void close() {
        endPart();
        waiting.forEach(next -> next.file().close());
        waiting.clear();
        seen = new HashSet<>();
        memory.release();
    }
}
