package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.CommonRows;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.spill.RowBuffer;
import org.jspecify.annotations.Nullable;

/** A query that is run once, as far as somebody reads it, and read any number of times. */
final class SharedRows implements CommonRows, AutoCloseable {
    private final Operator operator;
    private final Frame frame;
    private final RowBuffer buffer;
    private @Nullable Rows source;
    private boolean done;

    SharedRows(Operator operator, Frame frame, String name) {
        this.operator = operator;
        this.frame = frame;
        this.buffer = new RowBuffer("Common table " + name, frame);
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
            endSource();
            return false;
        }
        buffer.add(row);
        return true;
    }

    @Override
    public Rows open() {
        return new Rows() {
            private final Rows rows = buffer.read();

            @Override
            public @Nullable Object @Nullable [] next() {
                @Nullable Object[] row = rows.next();
                return row == null && pull() ? rows.next() : row;
            }

            @Override
            public void close() {}
        };
    }

    private void endSource() {
        done = true;
        if (source != null) {
            source.close();
            source = null;
        }
    }

    @Override
    public void close() {
        endSource();
        buffer.close();
    }
}
