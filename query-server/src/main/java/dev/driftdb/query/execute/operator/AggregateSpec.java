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

/** One aggregate call: what is added, which rows count, in which order. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record AggregateSpec(
        Supplier<Accumulator> accumulators,
        Eval[] arguments,
        boolean skipNulls,
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
                accumulator.add(values);
            }
        }

        @Nullable Object result() {
            RowOrder order = spec.order;
            if (waiting != null && order != null) {
                waiting.sort((a, b) -> order.compareKeys(a.keys(), b.keys()));
                waiting.forEach(ordered -> accumulator.add(ordered.arguments()));
                waiting = null;
            }
            return accumulator.result();
        }
    }
}
