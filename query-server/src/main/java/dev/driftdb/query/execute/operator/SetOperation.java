package dev.driftdb.query.execute.operator;

import dev.driftdb.query.ast.Query.SetKind;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.ValueKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** UNION, INTERSECT, EXCEPT, each with or without ALL; NULLs are equal. */
public final class SetOperation implements Operator {
    private final SetKind kind;
    private final boolean all;
    private final Operator left;
    private final Operator right;
    private final ValueKey keys;

    public SetOperation(SetKind kind, boolean all, Operator left, Operator right, ValueKey keys) {
        this.kind = kind;
        this.all = all;
        this.left = left;
        this.right = right;
        this.keys = keys;
    }

    @Override
    public Rows open(Frame frame) {
        return kind == SetKind.UNION ? new Union(frame) : new Matching(frame);
    }

    private final class Union implements Rows {
        private final Frame frame;
        private final Set<@Nullable Object> seen = new HashSet<>();
        private final MemoryBudget memory;
        private Rows rows;
        private boolean onRight;

        Union(Frame frame) {
            this.frame = frame;
            this.memory = new MemoryBudget("UNION", frame);
            this.rows = left.open(frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            while (true) {
                @Nullable Object[] row = rows.next();
                if (row == null) {
                    if (onRight) {
                        return null;
                    }
                    rows.close();
                    onRight = true;
                    rows = right.open(frame);
                    continue;
                }
                frame.tick();
                if (all) {
                    return row;
                }
                if (seen.add(keys.ofRow(row))) {
                    memory.add(row);
                    return row;
                }
            }
        }

        @Override
        public void close() {
            rows.close();
        }
    }

    /** INTERSECT and EXCEPT: the right side is counted, the left side passes by. */
    private final class Matching implements Rows {
        private final Frame frame;
        private final Map<@Nullable Object, Long> counts = new HashMap<>();
        private @Nullable Rows leftRows;

        Matching(Frame frame) {
            this.frame = frame;
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            Rows rows = leftRows;
            if (rows == null) {
                count();
                rows = left.open(frame);
                leftRows = rows;
            }
            for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                frame.tick();
                if (passes(keys.ofRow(row))) {
                    return row;
                }
            }
            return null;
        }

        private void count() {
            MemoryBudget memory = new MemoryBudget(kind.name(), frame);
            try (Rows rows = right.open(frame)) {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    if (counts.merge(keys.ofRow(row), 1L, Long::sum) == 1) {
                        memory.add(row);
                    }
                }
            }
        }

        private boolean passes(@Nullable Object key) {
            long count = counts.getOrDefault(key, 0L);
            if (all) {
                if (count > 0) {
                    counts.put(key, count - 1);
                }
                return (count > 0) == (kind == SetKind.INTERSECT);
            }
            if (kind == SetKind.INTERSECT) {
                counts.remove(key);
                return count > 0;
            }
            // What was given once counts as seen from then on.
            counts.put(key, 1L);
            return count == 0;
        }

        @Override
        public void close() {
            if (leftRows != null) {
                leftRows.close();
            }
            counts.clear();
        }
    }
}
