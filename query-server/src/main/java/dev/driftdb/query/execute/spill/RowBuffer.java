package dev.driftdb.query.execute.spill;

import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Rows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A list of rows that grows at its end: the first ones in memory, as many as fit, the others in a
 * temporary file. Read any number of times, also while it grows. For one thread.
 */
public final class RowBuffer implements AutoCloseable {
    private final Frame frame;
    private final MemoryBudget memory;
    private final List<@Nullable Object[]> first = new ArrayList<>();
    private @Nullable SpillFile file;

    /**
     * @param owner whom an error names, such as "A window"
     */
    public RowBuffer(String owner, Frame frame) {
        this.frame = frame;
        this.memory = MemoryBudget.spilling(owner, frame);
    }

    public long size() {
        return first.size() + (file == null ? 0 : file.rows());
    }

    public void add(@Nullable Object[] row) {
        if (file == null) {
            if (memory.fits(row)) {
                first.add(row);
                return;
            }
            file = frame.context().spillSpace().create();
        }
        file.write(row);
    }

    /** All rows; at the end again later there may be more. */
    public Rows read() {
        return read(0);
    }

    /** The rows from a number on, 0 the first. */
    public Rows read(long from) {
        return new Rows() {
            private long position = from;
            private @Nullable Rows rest;

            @Override
            public @Nullable Object @Nullable [] next() {
                if (position < first.size()) {
                    return first.get((int) position++);
                }
                SpillFile behind = file;
                if (behind == null) {
                    return null;
                }
                Rows rows = rest;
                if (rows == null) {
                    rows = behind.read(position - first.size());
                    rest = rows;
                }
                @Nullable Object[] row = rows.next();
                position += row == null ? 0 : 1;
                return row;
            }

            @Override
            public void close() {}
        };
    }

    /** The bytes that are held in memory. */
    public long memoryBytes() {
        return memory.bytes();
    }

    public boolean spilled() {
        return file != null;
    }

    /** Forgets all rows. */
    public void clear() {
        first.clear();
        memory.release();
        if (file != null) {
            file.close();
            file = null;
        }
    }

    @Override
    public void close() {
        clear();
    }
}
