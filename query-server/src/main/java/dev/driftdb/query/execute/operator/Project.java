package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import org.jspecify.annotations.Nullable;

/** Expressions over each row. */
public final class Project implements Operator {
    private final Operator input;
    private final Eval[] expressions;
    private final int inputWidth;
    private final int hidden;

    /**
     * @param inputWidth columns of the input without the hidden ones
     * @param hidden how many row ids are handed through
     */
    public Project(Operator input, Eval[] expressions, int inputWidth, int hidden) {
        this.input = input;
        this.expressions = expressions;
        this.inputWidth = inputWidth;
        this.hidden = hidden;
    }

    @Override
    public Rows open(Frame frame) {
        Rows rows = input.open(frame);
        return new Rows() {
            @Override
            public @Nullable Object @Nullable [] next() {
                @Nullable Object[] row = rows.next();
                if (row == null) {
                    return null;
                }
                @Nullable Object[] result = new @Nullable Object[expressions.length + hidden];
                for (int i = 0; i < expressions.length; i++) {
                    result[i] = expressions[i].eval(row, frame);
                }
                if (hidden > 0) {
                    System.arraycopy(row, inputWidth, result, expressions.length, hidden);
                }
                return result;
            }

            @Override
            public void close() {
                rows.close();
            }
        };
    }
}
