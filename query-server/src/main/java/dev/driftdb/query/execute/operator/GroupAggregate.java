package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.ValueKey;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** GROUP BY over rows whose groups come one after another: one group is held at a time. */
public final class GroupAggregate implements Operator {
    private final Operator input;
    private final Eval[] groupBy;
    private final ValueKey keys;
    private final List<AggregateSpec> aggregates;

    /**
     * @param keys of the group expressions, at least one
     */
    public GroupAggregate(
            Operator input, Eval[] groupBy, ValueKey keys, List<AggregateSpec> aggregates) {
        this.input = input;
        this.groupBy = groupBy;
        this.keys = keys;
        this.aggregates = List.copyOf(aggregates);
    }

    @Override
    public Rows open(Frame frame) {
        Rows rows = input.open(frame);
        return new Rows() {
            private final MemoryBudget memory = new MemoryBudget("An aggregation", frame);
            private final AggregateSpec.Group[] states = new AggregateSpec.Group[aggregates.size()];

            // The first row of the next group.
            private @Nullable Object @Nullable [] ahead;

            private @Nullable Object aheadKey;
            private boolean started;

            private void advance() {
                @Nullable Object[] row = rows.next();
                ahead = row;
                if (row != null) {
                    frame.tick();
                    aheadKey = keys.of(groupBy, row, frame);
                }
            }

            @Override
            public @Nullable Object @Nullable [] next() {
                if (!started) {
                    started = true;
                    advance();
                }
                @Nullable Object[] first = ahead;
                if (first == null) {
                    return null;
                }
                @Nullable Object[] values = new @Nullable Object[groupBy.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = groupBy[i].eval(first, frame);
                }
                for (int i = 0; i < states.length; i++) {
                    states[i] = aggregates.get(i).start();
                }
                memory.release();
                Object key = aheadKey;
                for (@Nullable Object[] row = first;
                        row != null && (key == null ? aheadKey == null : key.equals(aheadKey));
                        row = ahead) {
                    for (AggregateSpec.Group state : states) {
                        state.add(row, frame, memory);
                    }
                    advance();
                }
                @Nullable Object[] result = Arrays.copyOf(values, values.length + states.length);
                for (int i = 0; i < states.length; i++) {
                    result[values.length + i] = states[i].result(values, frame);
                }
                return result;
            }

            @Override
            public void close() {
                rows.close();
                memory.release();
            }
        };
    }
}
