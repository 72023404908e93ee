package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.function.TableFunction;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions that return rows in a select list: their rows side by side, the longest decides. */
public final class ProjectSet implements Operator {
    private final Operator input;
    private final int inputWidth;
    private final FunctionRows[] calls;
    private final int width;

    public ProjectSet(
            Operator input, int inputWidth, List<TableFunction> functions, List<Eval[]> arguments) {
        this.input = input;
        this.inputWidth = inputWidth;
        this.calls = new FunctionRows[functions.size()];
        int columns = inputWidth;
        for (int i = 0; i < calls.length; i++) {
            calls[i] = new FunctionRows(functions.get(i), arguments.get(i));
            columns += calls[i].width();
        }
        this.width = columns;
    }

    @Override
    public Rows open(Frame frame) {
        Rows rows = input.open(frame);
        return new Rows() {
            private @Nullable Object @Nullable [] current;
            private List<Iterator<@Nullable Object[]>> results = List.of();

            @Override
            public @Nullable Object @Nullable [] next() {
                while (true) {
                    @Nullable Object[] row = current;
                    if (row != null && results.stream().anyMatch(Iterator::hasNext)) {
                        frame.tick();
                        return combine(row);
                    }
                    row = rows.next();
                    if (row == null) {
                        return null;
                    }
                    current = row;
                    List<Iterator<@Nullable Object[]>> opened = new ArrayList<>(calls.length);
                    for (FunctionRows call : calls) {
                        opened.add(call.call(row, frame));
                    }
                    results = opened;
                }
            }

            private @Nullable Object[] combine(@Nullable Object[] row) {
                @Nullable Object[] result = new @Nullable Object[width];
                System.arraycopy(row, 0, result, 0, inputWidth);
                int column = inputWidth;
                for (int i = 0; i < calls.length; i++) {
                    if (results.get(i).hasNext()) {
                        @Nullable Object[] values = results.get(i).next();
                        System.arraycopy(values, 0, result, column, calls[i].width());
                    }
                    column += calls[i].width();
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
