package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.function.AggregateFunction.Accumulator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One aggregate call: what is added, which rows count, in which order.
 *
 * @param direct arguments in front of WITHIN GROUP, over the values of the group expressions
 * @param gathers whether the accumulator grows with every row
 * @param hypothetical whether rows are compared with the direct arguments instead of added
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record AggregateSpec(
        Supplier<Accumulator> accumulators,
        Eval[] direct,
        Eval[] arguments,
        boolean skipNulls,
        boolean gathers,
        boolean hypothetical,
        @Nullable Eval filter,
        @Nullable ValueKey distinct,
        @Nullable RowOrder order) {

    Group start() {
        return new Group(this);
    }

    /** The state of one aggregate in one group. */
    static final class Group {
        private final AggregateSpec spec;
        private final Accumulator accumulator;
        private @Nullable Set<@Nullable Object> seen;
        private @Nullable List<Ordered> waiting;

        @SuppressWarnings("ArrayRecordComponent") // never compared
        private record Ordered(@Nullable Object[] keys, @Nullable Object[] arguments) {}

        Group(AggregateSpec spec) {
            this.spec = spec;
            this.accumulator = spec.accumulators.get();
            this.seen = spec.distinct == null ? null : new HashSet<>();
            this.waiting = spec.order == null ? null : new ArrayList<>();
        }

        void add(@Nullable Object[] row, Frame frame, MemoryBudget memory) {
            if (spec.filter != null && !spec.filter.test(row, frame)) {
                return;
            }
            Eval[] evals = spec.arguments;
            @Nullable Object[] values =
                    evals.length == 0 ? Eval.NO_ROW : new @Nullable Object[evals.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = evals[i].eval(row, frame);
                if (values[i] == null && spec.skipNulls) {
                    return;
                }
            }
            if (seen != null && spec.distinct != null) {
                if (!seen.add(spec.distinct.ofRow(values))) {
                    return;
                }
                memory.add(values);
            }
            if (waiting != null && spec.order != null) {
                memory.add(values);
                waiting.add(new Ordered(spec.order.keysOf(row, frame), values));
            } else {
                if (spec.gathers) {
                    memory.add(values);
                }
                accumulator.add(values, frame.context());
            }
        }

        /**
         * @param values of the group expressions
         */
        @Nullable Object result(@Nullable Object[] values, Frame frame) {
            @Nullable Object[] direct = Eval.NO_ROW;
            if (spec.direct.length > 0) {
                direct = new @Nullable Object[spec.direct.length];
                for (int i = 0; i < direct.length; i++) {
                    direct[i] = spec.direct[i].eval(values, frame);
                }
            }
            RowOrder order = spec.order;
            if (waiting != null && order != null) {
                waiting.sort((a, b) -> order.compareKeys(a.keys(), b.keys()));
                if (spec.hypothetical) {
                    compare(waiting, order, direct);
                } else {
                    for (Ordered ordered : waiting) {
                        frame.tick();
                        accumulator.add(ordered.arguments(), frame.context());
                    }
                }
                waiting = null;
            }
            return accumulator.result(direct);
        }

        private void compare(List<Ordered> rows, RowOrder order, @Nullable Object[] direct) {
            @Nullable Object @Nullable [] previous = null;
            for (Ordered row : rows) {
                boolean differs = previous == null || order.compareKeys(previous, row.keys()) != 0;
                accumulator.add(
                        new @Nullable Object[] {
                            (long) order.compareKeys(row.keys(), direct), differs
                        });
                previous = row.keys();
            }
        }
    }
}
