package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.TableAccess;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A data-modifying statement: all is changed at the first call of next(), then come its results.
 */
public abstract class ModifyRows implements Rows {
    final Frame frame;
    final TableAccess tables;
    private final Eval @Nullable [] returning;
    private final List<@Nullable Object[]> returned = new ArrayList<>();
    private final MemoryBudget memory;
    private boolean done;
    private int position;
    private long affected;

    ModifyRows(Frame frame, Eval @Nullable [] returning) {
        this.frame = frame;
        this.tables = frame.context().tables();
        this.returning = returning;
        this.memory = new MemoryBudget("A data-modifying statement", frame);
    }

    /** Does everything, calling {@link #changed} for each row. */
    abstract void run();

    final MemoryBudget memory() {
        return memory;
    }

    /** All rows of an input, which is closed; held within the statement's memory. */
    final List<@Nullable Object[]> readAll(Rows input) {
        List<@Nullable Object[]> all = new ArrayList<>();
        try (input) {
            for (@Nullable Object[] row = input.next(); row != null; row = input.next()) {
                frame.tick();
                memory.add(row);
                all.add(row);
            }
        }
        return all;
    }

    /**
     * A stored row with new values.
     *
     * @param row what the values are computed from
     */
    final @Nullable Object[] assigned(
            @Nullable Object[] old, List<Insert.Assignment> assignments, @Nullable Object[] row) {
        @Nullable Object[] values = old.clone();
        for (Insert.Assignment assignment : assignments) {
            values[assignment.columnNumber() - 1] = assignment.value().eval(row, frame);
        }
        return values;
    }

    /**
     * @param row what RETURNING reads
     */
    final void changed(@Nullable Object[] row) {
        affected++;
        Eval[] evals = returning;
        if (evals != null) {
            @Nullable Object[] result = new @Nullable Object[evals.length];
            for (int i = 0; i < result.length; i++) {
                result[i] = evals[i].eval(row, frame);
            }
            memory.add(result);
            returned.add(result);
        }
    }

    /** Rows inserted, updated or deleted so far. */
    public final long affected() {
        return affected;
    }

    /** What a statement's rows say of how many rows it changed. */
    public static long affectedBy(Rows rows) {
        return switch (rows) {
            case ModifyRows modify -> modify.affected();
            case Measured.Measuring measured -> affectedBy(measured.rows());
            case WithTables.BodyRows body -> affectedBy(body.rows());
            default -> throw new IllegalStateException("not a data-modifying statement");
        };
    }

    @Override
    public final @Nullable Object @Nullable [] next() {
        if (!done) {
            done = true;
            run();
        }
        return position < returned.size() ? returned.get(position++) : null;
    }

    @Override
    public void close() {
        memory.release();
    }
}
