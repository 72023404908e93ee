package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.CommonRows;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A query that is run once, as far as somebody reads it, and read any number of times. */
final class SharedRows implements CommonRows, AutoCloseable {
    private final Operator operator;
    private final Frame frame;
    private final List<@Nullable Object[]> buffer = new ArrayList<>();
    private final MemoryBudget memory;
    private @Nullable Rows source;
    private boolean done;

    SharedRows(Operator operator, Frame frame, String name) {
        this.operator = operator;
        this.frame = frame;
        this.memory = new MemoryBudget("Common table " + name, frame);
    }

    /** Runs it to its end now. */
    void complete() {
        while (pull()) {
            frame.tick();
        }
    }

    private boolean pull() {
        if (done) {
            return false;
        }
        if (source == null) {
            source = operator.open(frame);
        }
        @Nullable Object[] row = source.next();
        if (row == null) {
            done = true;
            close();
            return false;
        }
        memory.add(row);
        buffer.add(row);
        return true;
    }

    @Override
    public Rows open() {
        return new Rows() {
            private int position;

            @Override
            public @Nullable Object @Nullable [] next() {
                return position < buffer.size() || pull() ? buffer.get(position++) : null;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {
        if (source != null) {
            source.close();
            source = null;
        }
        done = true;
    }
}
