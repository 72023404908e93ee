package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.ValueKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * GROUP BY with any number of grouping sets, in hash tables; groups come in the order of their
 * first rows.
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

    @Override
    public Rows open(Frame frame) {
        return new Rows() {
            private @Nullable List<Map<@Nullable Object, Group>> sets;
            private int set = -1;
            private Iterator<Group> groups = Collections.emptyIterator();

            @Override
            public @Nullable Object @Nullable [] next() {
                List<Map<@Nullable Object, Group>> collected = sets;
                if (collected == null) {
                    collected = collect(frame);
                    sets = collected;
                }
                while (!groups.hasNext()) {
                    if (++set >= collected.size()) {
                        return null;
                    }
                    groups = collected.get(set).values().iterator();
                }
                frame.tick();
                return result(groups.next(), groupingSets[set], frame);
            }

            @Override
            public void close() {
                sets = List.of();
            }
        };
    }

    private List<Map<@Nullable Object, Group>> collect(Frame frame) {
        MemoryBudget memory = new MemoryBudget("An aggregation", frame);
        List<Map<@Nullable Object, Group>> sets = new ArrayList<>();
        for (int[] columns : groupingSets) {
            Map<@Nullable Object, Group> groups = new LinkedHashMap<>();
            if (columns.length == 0) {
                groups.put(null, start(new @Nullable Object[groupBy.length], memory));
            }
            sets.add(groups);
        }
        @Nullable Object[] values = new @Nullable Object[groupBy.length];
        try (Rows rows = input.open(frame)) {
            for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                frame.tick();
                for (int i = 0; i < values.length; i++) {
                    values[i] = groupBy[i].eval(row, frame);
                }
                for (int s = 0; s < groupingSets.length; s++) {
                    Group group = find(sets.get(s), groupingSets[s], values, memory);
                    for (AggregateSpec.Group state : group.states()) {
                        state.add(row, frame, memory);
                    }
                }
            }
        }
        return sets;
    }

    private Group find(
            Map<@Nullable Object, Group> groups,
            int[] columns,
            @Nullable Object[] values,
            MemoryBudget memory) {
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
        Group group = groups.get(key);
        if (group == null) {
            @Nullable Object[] shown = new @Nullable Object[groupBy.length];
            for (int column : columns) {
                shown[column] = values[column];
            }
            group = start(shown, memory);
            groups.put(key, group);
        }
        return group;
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
