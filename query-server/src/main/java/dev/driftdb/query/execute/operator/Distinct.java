package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.ValueKey;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The first of all rows with equal keys. */
public final class Distinct implements Operator {
    private final Operator input;
    private final ValueKey keys;
    private final Eval @Nullable [] on;

    /**
     * @param on what must differ; null for the whole row
     */
    public Distinct(Operator input, ValueKey keys, Eval @Nullable [] on) {
        this.input = input;
        this.keys = keys;
        this.on = on;
    }

    @Override
    public Rows open(Frame frame) {
        Rows rows = input.open(frame);
        Set<@Nullable Object> seen = new HashSet<>();
        MemoryBudget memory = new MemoryBudget("DISTINCT", frame);
        return new Rows() {
            @Override
            public @Nullable Object @Nullable [] next() {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    if (seen.add(on == null ? keys.ofRow(row) : keys.of(on, row, frame))) {
                        memory.add(row);
                        return row;
                    }
                }
                return null;
            }

            @Override
            public void close() {
                rows.close();
            }
        };
    }
}
