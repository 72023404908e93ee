package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.function.AggregateFunction.Accumulator;
import dev.driftdb.query.function.WindowFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls over one window. The input comes sorted by partition and order; one partition is held
 * at a time.
 */
public final class Window implements Operator {
    private final Operator input;
    private final int width;
    private final RowOrder partitions;
    private final @Nullable RowOrder order;
    private final WindowBounds bounds;
    private final List<WindowCallSpec> calls;
    private final boolean readsPeers;

    /**
     * @param width of a row with the values of all windows' calls
     * @param order null without ORDER BY: all rows are peers
     */
    public Window(
            Operator input,
            int width,
            RowOrder partitions,
            @Nullable RowOrder order,
            WindowBounds bounds,
            List<WindowCallSpec> calls) {
        this.input = input;
        this.width = width;
        this.partitions = partitions;
        this.order = order;
        this.bounds = bounds;
        this.calls = List.copyOf(calls);
        this.readsPeers =
                order != null
                        && (bounds.readsPeers()
                                || calls.stream()
                                        .map(WindowCallSpec::function)
                                        .anyMatch(f -> f != null && f.readsPeers()));
    }

    @Override
    public Rows open(Frame frame) {
        return new Partitions(frame);
    }

    private final class Partitions implements Rows {
        private final Frame frame;
        private final MemoryBudget memory;
        private final @Nullable Object startOffset;
        private final @Nullable Object endOffset;
        private final Rows rows;
        private @Nullable Object @Nullable [] ahead;
        private @Nullable WindowPartition partition;
        private List<Call> running = List.of();
        private int position;

        Partitions(Frame frame) {
            this.frame = frame;
            this.memory = new MemoryBudget("A window", frame);
            this.startOffset = bounds.offset(bounds.startOffset(), "starting", frame);
            this.endOffset = bounds.offset(bounds.endOffset(), "ending", frame);
            this.rows = input.open(frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            WindowPartition current = partition;
            if (current == null || position >= current.size()) {
                current = load();
                if (current == null) {
                    return null;
                }
                partition = current;
                position = 0;
            }
            frame.tick();
            current.moveTo(position);
            @Nullable Object[] row = Arrays.copyOf(current.row(position), width);
            for (Call call : running) {
                row[call.spec().column()] = call.value(position);
            }
            position++;
            return row;
        }

        private @Nullable WindowPartition load() {
            memory.release();
            @Nullable Object[] row = ahead;
            ahead = null;
            if (row == null) {
                row = rows.next();
            }
            if (row == null) {
                return null;
            }
            @Nullable Object[] key = partitions.keysOf(row, frame);
            List<@Nullable Object[]> members = new ArrayList<>();
            while (row != null) {
                frame.tick();
                memory.add(row);
                members.add(row);
                row = rows.next();
                if (row != null
                        && key.length > 0
                        && partitions.compareKeys(key, partitions.keysOf(row, frame)) != 0) {
                    ahead = row;
                    row = null;
                }
            }
            WindowPartition loaded = withPeers(members);
            List<Call> started = new ArrayList<>();
            for (WindowCallSpec spec : calls) {
                started.add(call(spec, loaded));
            }
            running = started;
            return loaded;
        }

        private WindowPartition withPeers(List<@Nullable Object[]> members) {
            int[] groupOf = {};
            int[] starts = {0, members.size()};
            RowOrder peers = order;
            if (readsPeers && peers != null) {
                groupOf = new int[members.size()];
                int[] buffer = new int[members.size()];
                int groups = 0;
                @Nullable Object[] previous = Eval.NO_ROW;
                for (int i = 0; i < groupOf.length; i++) {
                    frame.tick();
                    @Nullable Object[] keys = peers.keysOf(members.get(i), frame);
                    if (i == 0 || peers.compareKeys(previous, keys) != 0) {
                        buffer[groups++] = i;
                    }
                    groupOf[i] = groups - 1;
                    previous = keys;
                }
                starts = WindowPartition.starts(buffer, groups, members.size());
            }
            return new WindowPartition(
                    members, groupOf, starts, bounds, startOffset, endOffset, frame);
        }

        private Call call(WindowCallSpec spec, WindowPartition loaded) {
            Supplier<Accumulator> accumulators = spec.accumulators();
            if (accumulators != null) {
                WindowAggregate aggregate = new WindowAggregate(spec, accumulators, loaded, frame);
                return new Call(spec, _ -> aggregate.value());
            }
            WindowFunction.Kind kind = spec.function();
            if (kind == null) {
                throw new IllegalStateException("a window call without a function");
            }
            return new Call(spec, WindowValues.of(kind, spec.arguments(), loaded, frame));
        }

        @Override
        public void close() {
            rows.close();
            partition = null;
            running = List.of();
            memory.release();
        }
    }

    /** A call that runs over one partition. */
    private record Call(WindowCallSpec spec, WindowValues.Value values) {
        @Nullable Object value(int position) {
            return values.at(position);
        }
    }
}
