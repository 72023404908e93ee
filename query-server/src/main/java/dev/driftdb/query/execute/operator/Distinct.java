package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.ValueKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The first of all rows with equal keys. */
public final class Distinct implements Operator {
    private final Operator input;
    private final ValueKey keys;
    private final Eval @Nullable [] on;
    private final boolean grouped;

    /**
     * @param on what must differ; null for the whole row
     * @param grouped whether rows with equal keys come one after another
     */
    public Distinct(Operator input, ValueKey keys, Eval @Nullable [] on, boolean grouped) {
        this.input = input;
        this.keys = keys;
        this.on = on;
        this.grouped = grouped;
    }

    private @Nullable Object keyOf(@Nullable Object[] row, Frame frame) {
        return on == null ? keys.ofRow(row) : keys.of(on, row, frame);
    }

    @Override
    public Rows open(Frame frame) {
        Rows rows = input.open(frame);
        return grouped
                ? new Changes(frame, rows)
                : new FirstRows("DISTINCT", frame, rows, row -> keyOf(row, frame));
    }

    /** Rows whose key is not that of the row before. */
    private final class Changes implements Rows {
        private final Frame frame;
        private final Rows rows;
        private boolean started;
        private @Nullable Object last;

        Changes(Frame frame, Rows rows) {
            this.frame = frame;
            this.rows = rows;
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                frame.tick();
                Object key = keyOf(row, frame);
                if (!started || !Objects.equals(key, last)) {
                    started = true;
                    last = key;
                    return row;
                }
            }
            return null;
        }

        @Override
        public void close() {
            rows.close();
        }
    }
}
