package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.function.TableFunction;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** One call of a function that returns rows. */
final class FunctionRows {
    private final TableFunction function;
    private final Eval[] arguments;

    FunctionRows(TableFunction function, Eval[] arguments) {
        this.function = function;
        this.arguments = arguments;
    }

    int width() {
        return function.columnNames().size();
    }

    Iterator<@Nullable Object[]> call(@Nullable Object[] row, Frame frame) {
        @Nullable Object[] values = new @Nullable Object[arguments.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = arguments[i].eval(row, frame);
            if (values[i] == null && function.strict()) {
                return Collections.emptyIterator();
            }
        }
        return function.body().rows(values, frame.context());
    }
}
