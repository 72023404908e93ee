package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.function.AggregateFunction.Accumulator;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate over the frames of one partition. What a frame has more than the one before is
 * added; what it has no longer is taken back where the aggregate can do that, else the frame is
 * added up again.
 */
final class WindowAggregate {
    private final WindowCallSpec spec;
    private final Supplier<Accumulator> accumulators;
    private final WindowPartition partition;
    private final Frame frame;
    private Accumulator accumulator;
    private int from;
    private int to;
    private boolean valid;
    private int[][] parts = {};
    private @Nullable Object value;

    WindowAggregate(
            WindowCallSpec spec,
            Supplier<Accumulator> accumulators,
            WindowPartition partition,
            Frame frame) {
        this.spec = spec;
        this.accumulators = accumulators;
        this.partition = partition;
        this.frame = frame;
        this.accumulator = accumulators.get();
    }

    /** Over the frame of the partition's current row. */
    @Nullable Object value() {
        if (partition.excludes()) {
            return withoutExcluded();
        }
        int start = partition.frameStart();
        int end = partition.frameEnd();
        if (valid && start == from && end == to) {
            return value;
        }
        if (start >= to || !takeBack(start)) {
            restart(start);
        }
        add(to, end);
        to = end;
        value = accumulator.result();
        valid = true;
        return value;
    }

    private @Nullable Object withoutExcluded() {
        int[][] wanted = partition.parts();
        if (!valid || !Arrays.deepEquals(parts, wanted)) {
            restart(0);
            for (int[] part : wanted) {
                add(part[0], part[1]);
            }
            parts = wanted;
            value = accumulator.result();
            valid = true;
        }
        return value;
    }

    private void restart(int start) {
        accumulator = accumulators.get();
        from = start;
        to = start;
        valid = false;
    }

    private void add(int start, int end) {
        for (int i = start; i < end; i++) {
            frame.tick();
            @Nullable Object @Nullable [] values = arguments(partition.row(i));
            if (values != null) {
                accumulator.add(values, frame.context());
            }
        }
    }

    private boolean takeBack(int start) {
        for (; from < start; from++) {
            if (!spec.repeatable()) {
                return false;
            }
            frame.tick();
            @Nullable Object @Nullable [] values = arguments(partition.row(from));
            if (values != null && !accumulator.remove(values)) {
                return false;
            }
        }
        return true;
    }

    /** Null for a row that does not count. */
    private @Nullable Object @Nullable [] arguments(@Nullable Object[] row) {
        Eval filter = spec.filter();
        if (filter != null && !filter.test(row, frame)) {
            return null;
        }
        Eval[] evals = spec.arguments();
        if (evals.length == 0) {
            return Eval.NO_ROW;
        }
        @Nullable Object[] values = new @Nullable Object[evals.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = evals[i].eval(row, frame);
            if (values[i] == null && spec.skipNulls()) {
                return null;
            }
        }
        return values;
    }
}
