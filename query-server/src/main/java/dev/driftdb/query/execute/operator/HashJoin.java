package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Joins by equal keys: one side in a hash table, the other passes by. */
public final class HashJoin implements Operator {
    private final JoinType type;
    private final Operator left;
    private final Operator right;
    private final RowJoiner joiner;
    private final Eval[] leftKeys;
    private final Eval[] rightKeys;
    private final ValueKey keys;
    private final @Nullable Eval residual;
    private final boolean buildLeft;

    /**
     * @param rightKeys over the right row alone
     * @param residual what else must hold, over the joined row
     * @param buildLeft whether the left side is hashed; only for INNER
     */
    public HashJoin(
            JoinType type,
            Operator left,
            Operator right,
            RowJoiner joiner,
            Eval[] leftKeys,
            Eval[] rightKeys,
            ValueKey keys,
            @Nullable Eval residual,
            boolean buildLeft) {
        this.type = type;
        this.left = left;
        this.right = right;
        this.joiner = joiner;
        this.leftKeys = leftKeys;
        this.rightKeys = rightKeys;
        this.keys = keys;
        this.residual = residual;
        this.buildLeft = buildLeft;
    }

    @Override
    public Rows open(Frame frame) {
        return new Probe(frame);
    }

    /** Rows of the hashed side with the same key. */
    private static final class Entry {
        final @Nullable Object[] row;
        final @Nullable Entry next;
        boolean matched;

        Entry(@Nullable Object[] row, @Nullable Entry next) {
            this.row = row;
            this.next = next;
        }
    }

    private final class Probe implements Rows {
        private final Frame frame;
        private final Map<Object, Entry> table = new HashMap<>();
        private final List<Entry> built = new ArrayList<>();
        private final boolean keepsUnmatched = type == JoinType.RIGHT || type == JoinType.FULL;
        private @Nullable Rows probing;
        private @Nullable Object @Nullable [] current;
        private @Nullable Entry candidate;
        private boolean matched;
        private boolean probeDone;
        private int position;

        Probe(Frame frame) {
            this.frame = frame;
        }

        private Rows build() {
            MemoryBudget memory = new MemoryBudget("A hash join", frame);
            Eval[] buildKeys = buildLeft ? leftKeys : rightKeys;
            try (Rows rows = (buildLeft ? left : right).open(frame)) {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    Object key = keys.ofNonNull(buildKeys, row, frame);
                    if (key == null && !keepsUnmatched) {
                        continue;
                    }
                    memory.add(row);
                    Entry entry = new Entry(row, key == null ? null : table.get(key));
                    if (key != null) {
                        table.put(key, entry);
                    }
                    if (keepsUnmatched) {
                        built.add(entry);
                    }
                }
            }
            return (buildLeft ? right : left).open(frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            if (probing == null) {
                probing = build();
            }
            Rows rows = probing;
            while (!probeDone) {
                @Nullable Object[] row = current;
                if (row == null) {
                    row = rows.next();
                    if (row == null) {
                        probeDone = true;
                        break;
                    }
                    frame.tick();
                    current = row;
                    matched = false;
                    Object key = keys.ofNonNull(buildLeft ? rightKeys : leftKeys, row, frame);
                    candidate = key == null ? null : table.get(key);
                }
                @Nullable Object[] result = advance(row);
                if (result != null) {
                    return result;
                }
            }
            while (position < built.size()) {
                Entry entry = built.get(position++);
                if (!entry.matched) {
                    return joiner.join(null, entry.row);
                }
            }
            return null;
        }

        private @Nullable Object @Nullable [] advance(@Nullable Object[] row) {
            while (candidate != null) {
                Entry entry = candidate;
                candidate = entry.next;
                if (residual == null && type == JoinType.SEMI) {
                    current = null;
                    return row;
                }
                if (residual == null && type == JoinType.ANTI) {
                    current = null;
                    return null;
                }
                @Nullable Object[] joined =
                        buildLeft ? joiner.join(entry.row, row) : joiner.join(row, entry.row);
                if (residual != null && !residual.test(joined, frame)) {
                    frame.tick();
                    continue;
                }
                matched = true;
                entry.matched = true;
                if (type == JoinType.SEMI || type == JoinType.ANTI) {
                    current = null;
                    return type == JoinType.SEMI ? row : null;
                }
                return joined;
            }
            current = null;
            if (matched) {
                return null;
            }
            return switch (type) {
                case LEFT, FULL -> joiner.join(row, null);
                case ANTI -> row;
                case INNER, RIGHT, SEMI -> null;
            };
        }

        @Override
        public void close() {
            if (probing != null) {
                probing.close();
            }
            table.clear();
            built.clear();
        }
    }
}
