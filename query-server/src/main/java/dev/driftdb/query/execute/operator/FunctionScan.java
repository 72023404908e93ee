package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.function.HeldRows;
import dev.driftdb.query.function.TableFunction;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Rows of a function in FROM. */
public final class FunctionScan implements Operator {
    private final FunctionRows call;
    private final boolean withOrdinality;

    public FunctionScan(TableFunction function, Eval[] arguments, boolean withOrdinality) {
        this.call = new FunctionRows(function, arguments);
        this.withOrdinality = withOrdinality;
    }

    @Override
    public Rows open(Frame frame) {
        Iterator<@Nullable Object[]> rows = call.call(Eval.NO_ROW, frame);
        return new Rows() {
            private long ordinal;

            @Override
            public @Nullable Object @Nullable [] next() {
                if (!rows.hasNext()) {
                    return null;
                }
                frame.tick();
                @Nullable Object[] row = rows.next();
                if (withOrdinality) {
                    row = Arrays.copyOf(row, row.length + 1);
                    row[row.length - 1] = ++ordinal;
                }
                return row;
            }

            @Override
            public void close() {
                if (rows instanceof HeldRows held) {
                    held.close();
                }
            }
        };
    }
}
