package dev.driftdb.query.execute.operator;

import dev.driftdb.query.ast.Query.SetKind;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.execute.spill.HashPartitions;
import dev.driftdb.query.execute.spill.PairedRows;
import dev.driftdb.query.execute.spill.SpillFile;
import java.util.HashMap;
import java.util.Map;
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
        if (kind != SetKind.UNION) {
            return new Parts(frame);
        }
        Rows both = new Both(frame);
        return all ? both : new FirstRows("UNION", frame, both, keys::ofRow);
    }

    /** The left rows, then the right ones. */
    private final class Both implements Rows {
        private final Frame frame;
        private Rows rows;
        private boolean onRight;

        Both(Frame frame) {
            this.frame = frame;
            this.rows = left.open(frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            while (true) {
                @Nullable Object[] row = rows.next();
                if (row != null) {
                    frame.tick();
                    return row;
                }
                if (onRight) {
                    return null;
                }
                rows.close();
                onRight = true;
                rows = right.open(frame);
            }
        }

        @Override
        public void close() {
            rows.close();
        }
    }

    /** {@link Matching}, and what of it does not fit in memory. */
    private final class Parts extends PairedRows<Matching> {
        private final Frame frame;

        Parts(Frame frame) {
            super(left, right);
            this.frame = frame;
        }

        @Override
        protected Matching answer(Operator leftInput, Operator rightInput, int level) {
            return new Matching(frame, leftInput, rightInput, level, this);
        }
    }

    /** INTERSECT and EXCEPT: the right side is counted, the left side passes by. */
    private final class Matching implements Rows {
        private final Frame frame;
        private final Operator leftInput;
        private final Operator rightInput;
        private final int level;
        private final Parts parts;
        private final Map<@Nullable Object, Long> counts = new HashMap<>();
        private final MemoryBudget memory;
        private @Nullable Rows leftRows;

        Matching(Frame frame, Operator leftInput, Operator rightInput, int level, Parts parts) {
            this.frame = frame;
            this.leftInput = leftInput;
            this.rightInput = rightInput;
            this.level = level;
            this.parts = parts;
            this.memory = MemoryBudget.spilling(kind.name(), frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            Rows rows = leftRows;
            if (rows == null) {
                rows = count();
                leftRows = rows;
            }
            for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                frame.tick();
                Object key = keys.ofRow(row);
                if (passes(key)) {
                    return row;
                }
            }
            return null;
        }

        /** The left rows whose keys are all counted; what was not counted waits in files. */
        private Rows count() {
            HashPartitions uncounted = null;
            try (Rows rows = rightInput.open(frame)) {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    Object key = keys.ofRow(row);
                    if (uncounted == null && !counts.containsKey(key) && !memory.fits(row)) {
                        if (level == HashPartitions.LEVELS_MAX) {
                            memory.add(row);
                        } else {
                            uncounted = new HashPartitions(frame, level);
                        }
                    }
                    if (uncounted == null || counts.containsKey(key)) {
                        counts.merge(key, 1L, Long::sum);
                    } else {
                        uncounted.write(hash(key), row);
                    }
                }
            }
            return uncounted == null ? leftInput.open(frame) : part(uncounted);
        }

        private Rows part(HashPartitions rightParts) {
            HashPartitions others = new HashPartitions(frame, level);
            SpillFile counted = frame.context().spillSpace().create();
            try (Rows rows = leftInput.open(frame)) {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    Object key = keys.ofRow(row);
                    if (counts.containsKey(key)) {
                        counted.write(row);
                    } else {
                        others.write(hash(key), row);
                    }
                }
            }
            parts.putAside(others, rightParts);
            return counted.read();
        }

        private static int hash(@Nullable Object key) {
            return key == null ? 0 : key.hashCode();
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
            memory.release();
        }
    }
}
