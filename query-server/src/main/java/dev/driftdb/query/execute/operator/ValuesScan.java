package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import org.jspecify.annotations.Nullable;

/** Rows that are written in the statement. */
public final class ValuesScan implements Operator {
    private final Eval[][] rows;

    public ValuesScan(Eval[][] rows) {
        this.rows = rows;
    }

    @Override
    public Rows open(Frame frame) {
        return new Rows() {
            private int position;

            @Override
            public @Nullable Object @Nullable [] next() {
                if (position == rows.length) {
                    return null;
                }
                frame.tick();
                Eval[] evals = rows[position++];
                @Nullable Object[] row = new @Nullable Object[evals.length];
                for (int i = 0; i < row.length; i++) {
                    row[i] = evals[i].eval(Eval.NO_ROW, frame);
                }
                return row;
            }

            @Override
            public void close() {}
        };
    }
}
