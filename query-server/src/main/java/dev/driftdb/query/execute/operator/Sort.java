package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Rows in order; in memory. Below a LIMIT it keeps only as many as are asked for. */
public final class Sort implements Operator {
    /** From this many rows on the whole input is sorted and cut instead. */
    private static final int TOP_ROWS_MAX = 100_000;

    private final Operator input;
    private final RowOrder order;
    private final @Nullable LimitBounds bounds;

    /**
     * @param bounds of the LIMIT above, null for none
     */
    public Sort(Operator input, RowOrder order, @Nullable LimitBounds bounds) {
        this.input = input;
        this.order = order;
        this.bounds = bounds;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Item(@Nullable Object[] keys, @Nullable Object[] row, long number) {}

    @Override
    public Rows open(Frame frame) {
        return new Rows() {
            private @Nullable List<Item> sorted;
            private int position;

            @Override
            public @Nullable Object @Nullable [] next() {
                List<Item> items = sorted;
                if (items == null) {
                    items = sort(frame);
                    sorted = items;
                }
                return position < items.size() ? items.get(position++).row() : null;
            }

            @Override
            public void close() {
                sorted = List.of();
            }
        };
    }

    private List<Item> sort(Frame frame) {
        // Equal keys keep the order of the input.
        Comparator<Item> comparator =
                (a, b) -> {
                    int result = order.compareKeys(a.keys(), b.keys());
                    return result != 0 ? result : Long.compare(a.number(), b.number());
                };
        long top = bounds == null ? Long.MAX_VALUE : bounds.rowsNeeded(frame);
        MemoryBudget memory = new MemoryBudget("A sort", frame);
        List<Item> items;
        try (Rows rows = input.open(frame)) {
            items =
                    top <= TOP_ROWS_MAX
                            ? top(rows, frame, comparator, (int) top)
                            : all(rows, frame, memory);
        }
        items.sort(comparator);
        return items;
    }

    private List<Item> all(Rows rows, Frame frame, MemoryBudget memory) {
        List<Item> items = new ArrayList<>();
        for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
            frame.tick();
            memory.add(row);
            items.add(new Item(order.keysOf(row, frame), row, items.size()));
        }
        return items;
    }

    private List<Item> top(Rows rows, Frame frame, Comparator<Item> comparator, int count) {
        if (count == 0) {
            return new ArrayList<>();
        }
        PriorityQueue<Item> heap = new PriorityQueue<>(comparator.reversed());
        long number = 0;
        for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
            frame.tick();
            Item item = new Item(order.keysOf(row, frame), row, number++);
            if (heap.size() < count) {
                heap.add(item);
            } else {
                Item last = heap.element();
                if (comparator.compare(item, last) < 0) {
                    heap.remove();
                    heap.add(item);
                }
            }
        }
        return new ArrayList<>(heap);
    }
}
