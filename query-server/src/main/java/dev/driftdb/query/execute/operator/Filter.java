package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import org.jspecify.annotations.Nullable;

/** The rows for which a condition is true. */
public final class Filter implements Operator {
    private final Operator input;
    private final Eval condition;

    public Filter(Operator input, Eval condition) {
        this.input = input;
        this.condition = condition;
    }

    @Override
    public Rows open(Frame frame) {
        Rows rows = input.open(frame);
        return new Rows() {
            @Override
            public @Nullable Object @Nullable [] next() {
                @Nullable Object[] row = rows.next();
                while (row != null && !condition.test(row, frame)) {
                    frame.tick();
                    row = rows.next();
                }
                return row;
            }

            @Override
            public void close() {
                rows.close();
            }
        };
    }
}
