package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.RunReport;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.execute.spill.HashPartitions;
import dev.driftdb.query.execute.spill.SpillFile;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * GROUP BY with any number of grouping sets, in hash tables; groups come in the order of their
 * first rows. When no further group fits in work_mem, rows of other groups wait in files.
 */
public final class Aggregate implements Operator {
    private static final long GROUP_BYTES = 96;
    private static final long ACCUMULATOR_BYTES = 48;

    private final Operator input;
    private final Eval[] groupBy;
    private final ValueKey keys;
    private final int[][] groupingSets;
    private final List<AggregateSpec> aggregates;
    private final int[][] groupings;

    /**
     * @param keys of the group expressions
     * @param groupingSets indexes into {@code groupBy}
     * @param groupings the arguments of each GROUPING() that gets a column
     */
    public Aggregate(
            Operator input,
            Eval[] groupBy,
            ValueKey keys,
            int[][] groupingSets,
            List<AggregateSpec> aggregates,
            int[][] groupings) {
        this.input = input;
        this.groupBy = groupBy;
        this.keys = keys;
        this.groupingSets = groupingSets;
        this.aggregates = List.copyOf(aggregates);
        this.groupings = groupings;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Group(@Nullable Object[] values, AggregateSpec.Group[] states) {}

    /** The groups of one grouping set. */
    private static final class GroupingSet {
        final int number;
        final Map<@Nullable Object, Group> groups = new LinkedHashMap<>();

        /** The group of the row before: rows of a group often come one after another. */
        @Nullable Group last;

        @Nullable Object lastKey;

        /** Where rows of further groups are; null while there is room. */
        @Nullable HashPartitions others;

        GroupingSet(int number) {
            this.number = number;
        }
    }

    /** Input rows of one grouping set's groups in a file. */
    private record Waiting(int set, SpillFile file, int level) {}

    @Override
    public Rows open(Frame frame) {
        return new Groups(frame);
    }

    private final class Groups implements Rows {
        private final Frame frame;
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private @Nullable Deque<GroupingSet> sets;
        private Iterator<Group> groups = Collections.emptyIterator();
        private MemoryBudget memory;
        private int set;
        private int batches;
        private long bytes;
        private long diskBytes;

        Groups(Frame frame) {
            this.frame = frame;
            this.memory = MemoryBudget.spilling("An aggregation", frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            Deque<GroupingSet> collected = sets;
            if (collected == null) {
                List<GroupingSet> all = new ArrayList<>();
                for (int i = 0; i < groupingSets.length; i++) {
                    all.add(new GroupingSet(i));
                }
                try (Rows rows = input.open(frame)) {
                    collected = collect(all, rows, 0);
                }
                sets = collected;
            }
            while (!groups.hasNext()) {
                GroupingSet next = collected.poll();
                if (next == null) {
                    Waiting file = waiting.poll();
                    if (file == null) {
                        return null;
                    }
                    List<GroupingSet> one = List.of(new GroupingSet(file.set()));
                    collected.addAll(collect(one, file.file().read(), file.level()));
                    file.file().close();
                    continue;
                }
                groups = next.groups.values().iterator();
                set = next.number;
            }
            frame.tick();
            return result(groups.next(), groupingSets[set], frame);
        }

        private Deque<GroupingSet> collect(List<GroupingSet> into, Rows rows, int level) {
            memory.release();
            memory = MemoryBudget.spilling("An aggregation", frame);
            for (GroupingSet each : into) {
                if (groupingSets[each.number].length == 0) {
                    each.groups.put(null, start(new @Nullable Object[groupBy.length], memory));
                }
            }
            @Nullable Object[] values = new @Nullable Object[groupBy.length];
            for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                frame.tick();
                for (int i = 0; i < values.length; i++) {
                    values[i] = groupBy[i].eval(row, frame);
                }
                for (int s = 0; s < into.size(); s++) {
                    Group group = find(into.get(s), row, values, memory, level);
                    if (group != null) {
                        for (AggregateSpec.Group state : group.states()) {
                            state.add(row, frame, memory);
                        }
                    }
                }
            }
            for (GroupingSet each : into) {
                HashPartitions parts = each.others;
                for (int i = 0; parts != null && i < HashPartitions.COUNT; i++) {
                    SpillFile file = parts.file(i);
                    if (file != null) {
                        waiting.push(new Waiting(each.number, file, level + 1));
                        diskBytes += file.bytes();
                    }
                }
            }
            batches++;
            bytes = Math.max(bytes, memory.most());
            return new ArrayDeque<>(into);
        }

        /** The group of a row; null if the row waits in a file. */
        private @Nullable Group find(
                GroupingSet in,
                @Nullable Object[] row,
                @Nullable Object[] values,
                MemoryBudget memory,
                int level) {
            int[] columns = groupingSets[in.number];
            Object key = null;
            if (columns.length == 1) {
                key = keys.normal(columns[0], values[columns[0]]);
            } else if (columns.length > 1) {
                @Nullable Object[] parts = new @Nullable Object[columns.length];
                for (int i = 0; i < parts.length; i++) {
                    parts[i] = keys.normal(columns[i], values[columns[i]]);
                }
                key = keys.of(parts);
            }
            Group group = in.last;
            if (group != null && key != null && key.equals(in.lastKey)) {
                return group;
            }
            group = in.groups.get(key);
            if (group != null) {
                in.last = group;
                in.lastKey = key;
                return group;
            }
            if (in.others == null
                    && memory.isFull()
                    && !in.groups.isEmpty()
                    && level < HashPartitions.LEVELS_MAX) {
                in.others = new HashPartitions(frame, level);
            }
            if (in.others != null) {
                in.others.write(key == null ? 0 : key.hashCode(), row);
                return null;
            }
            @Nullable Object[] shown = new @Nullable Object[groupBy.length];
            for (int column : columns) {
                shown[column] = values[column];
            }
            group = start(shown, memory);
            in.groups.put(key, group);
            in.last = group;
            in.lastKey = key;
            return group;
        }

        @Override
        public void report(RunReport report) {
            report.grouped(batches, bytes, diskBytes);
        }

        @Override
        public void close() {
            sets = new ArrayDeque<>();
            groups = Collections.emptyIterator();
            memory.release();
            waiting.forEach(file -> file.file().close());
            waiting.clear();
        }
    }

    private Group start(@Nullable Object[] values, MemoryBudget memory) {
        AggregateSpec.Group[] states = new AggregateSpec.Group[aggregates.size()];
        for (int i = 0; i < states.length; i++) {
            states[i] = aggregates.get(i).start();
        }
        memory.add(values);
        memory.add(GROUP_BYTES + states.length * ACCUMULATOR_BYTES);
        return new Group(values, states);
    }

    private @Nullable Object[] result(Group group, int[] set, Frame frame) {
        int width = groupBy.length + aggregates.size();
        @Nullable Object[] row = Arrays.copyOf(group.values(), width + groupings.length);
        for (int i = 0; i < group.states().length; i++) {
            row[groupBy.length + i] = group.states()[i].result(group.values(), frame);
        }
        for (int i = 0; i < groupings.length; i++) {
            row[width + i] = grouping(groupings[i], set);
        }
        return row;
    }

    /** One bit per argument, the last one lowest: 1 where the set does not group by it. */
    private static long grouping(int[] arguments, int[] set) {
        long bits = 0;
        for (int argument : arguments) {
            boolean grouped = Arrays.stream(set).anyMatch(column -> column == argument);
            bits = bits << 1 | (grouped ? 0 : 1);
        }
        return bits;
    }
}
