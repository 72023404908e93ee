package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.RunReport;
import dev.driftdb.query.execute.spill.SpillFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Rows in order. Below a LIMIT it keeps only as many as are asked for; else what does not fit in
 * work_mem is sorted in parts, which are written to files and merged. Rows with equal keys keep the
 * order of the input.
 */
public final class Sort implements Operator {
    /** From this many rows on the whole input is sorted and cut instead. */
    private static final int TOP_ROWS_MAX = 100_000;

    /** So many files are merged at once. */
    private static final int MERGE_MAX = 64;

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
            private @Nullable Rows sorted;

            @Override
            public @Nullable Object @Nullable [] next() {
                Rows rows = sorted;
                if (rows == null) {
                    rows = sort(frame);
                    sorted = rows;
                }
                return rows.next();
            }

            @Override
            public void close() {
                if (sorted != null) {
                    sorted.close();
                }
                sorted = Rows.NONE;
            }

            @Override
            public void report(RunReport report) {
                if (sorted != null) {
                    sorted.report(report);
                }
            }
        };
    }

    private Rows sort(Frame frame) {
        long top = bounds == null ? Long.MAX_VALUE : bounds.rowsNeeded(frame);
        try (Rows rows = input.open(frame)) {
            return top <= TOP_ROWS_MAX ? top(rows, frame, (int) top) : new Parts(frame).sort(rows);
        }
    }

    private int compare(Item a, Item b) {
        int result = order.compareKeys(a.keys(), b.keys());
        return result != 0 ? result : Long.compare(a.number(), b.number());
    }

    private Rows inMemory(List<Item> items, String method, MemoryBudget memory) {
        items.sort(this::compare);
        return new Rows() {
            private int position;

            @Override
            public @Nullable Object @Nullable [] next() {
                return position < items.size() ? items.get(position++).row() : null;
            }

            @Override
            public void close() {
                memory.release();
            }

            @Override
            public void report(RunReport report) {
                report.sorted(method, false, memory.most());
            }
        };
    }

    private Rows top(Rows rows, Frame frame, int count) {
        if (count == 0) {
            return Rows.NONE;
        }
        MemoryBudget memory = new MemoryBudget("A sort", frame);
        Comparator<Item> comparator = this::compare;
        PriorityQueue<Item> heap = new PriorityQueue<>(comparator.reversed());
        long number = 0;
        for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
            frame.tick();
            @Nullable Object[] keys = order.keysOf(row, frame);
            if (heap.size() < count) {
                memory.add(row);
                heap.add(new Item(keys, row, number++));
            } else if (order.compareKeys(keys, heap.element().keys()) < 0) {
                heap.remove();
                heap.add(new Item(keys, row, number++));
            }
        }
        return inMemory(new ArrayList<>(heap), "top-N heapsort", memory);
    }

    /** The whole input: in memory, or in files of sorted parts. */
    private final class Parts {
        private final Frame frame;
        private final MemoryBudget memory;
        private List<Item> items = new ArrayList<>();
        private List<SpillFile> files = new ArrayList<>();

        Parts(Frame frame) {
            this.frame = frame;
            this.memory = MemoryBudget.spilling("A sort", frame);
        }

        Rows sort(Rows rows) {
            for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                frame.tick();
                Item item = new Item(order.keysOf(row, frame), row, items.size());
                if (!memory.fits(row) && !items.isEmpty()) {
                    writePart();
                    memory.release();
                }
                items.add(item);
            }
            if (files.isEmpty()) {
                return inMemory(items, "merge sort", memory);
            }
            if (!items.isEmpty()) {
                writePart();
            }
            memory.release();
            while (files.size() > MERGE_MAX) {
                files = mergeSome();
            }
            long bytes = 0;
            for (SpillFile file : files) {
                bytes += file.bytes();
            }
            return new Merge(files, bytes);
        }

        private void writePart() {
            items.sort(Sort.this::compare);
            SpillFile file = frame.context().spillSpace().create();
            for (Item item : items) {
                frame.tick();
                file.write(item.row());
            }
            files.add(file);
            items = new ArrayList<>();
        }

        private List<SpillFile> mergeSome() {
            List<SpillFile> merged = new ArrayList<>();
            for (int from = 0; from < files.size(); from += MERGE_MAX) {
                List<SpillFile> some =
                        files.subList(from, Math.min(files.size(), from + MERGE_MAX));
                SpillFile file = frame.context().spillSpace().create();
                try (Merge rows = new Merge(some, 0)) {
                    for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                        frame.tick();
                        file.write(row);
                    }
                }
                merged.add(file);
            }
            return merged;
        }

        /** Sorted files as one; it removes them. */
        private final class Merge implements Rows {
            private record Head(Item item, Rows rest) {}

            private final List<SpillFile> parts;
            private final long bytes;
            private final PriorityQueue<Head> heads =
                    new PriorityQueue<>((a, b) -> compare(a.item(), b.item()));

            Merge(List<SpillFile> parts, long bytes) {
                this.parts = List.copyOf(parts);
                this.bytes = bytes;
                for (int i = 0; i < parts.size(); i++) {
                    advance(parts.get(i).read(), i);
                }
            }

            private void advance(Rows rows, long part) {
                @Nullable Object[] row = rows.next();
                if (row != null) {
                    heads.add(new Head(new Item(order.keysOf(row, frame), row, part), rows));
                }
            }

            @Override
            public @Nullable Object @Nullable [] next() {
                Head head = heads.poll();
                if (head == null) {
                    return null;
                }
                frame.tick();
                advance(head.rest(), head.item().number());
                return head.item().row();
            }

            @Override
            public void close() {
                heads.clear();
                parts.forEach(SpillFile::close);
            }

            @Override
            public void report(RunReport report) {
                report.sorted("external merge", true, bytes);
            }
        }
    }
}
