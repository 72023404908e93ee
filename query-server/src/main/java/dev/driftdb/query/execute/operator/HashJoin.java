package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.RunReport;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.execute.spill.HashPartitions;
import dev.driftdb.query.execute.spill.PairedRows;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import org.jspecify.annotations.Nullable;

/** Joins by equal keys: one side in a hash table, the other passes by. Any type, either side. */
public final class HashJoin implements Operator {
    private final Operator build;
    private final Operator probe;
    private final RowJoiner joiner;
    private final Eval[] buildKeys;
    private final Eval[] probeKeys;
    private final ValueKey keys;
    private final @Nullable Eval residual;
    private final boolean buildLeft;

    /** Whether pairs are answered; else single rows of the left side, with or without a partner. */
    private final boolean pairs;

    /** Whether rows of a side that have no partner are answered. */
    private final boolean buildUnmatched;

    private final boolean probeUnmatched;

    /** Whether rows of a side that have a partner are answered, once and alone. */
    private final boolean buildMatched;

    private final boolean probeMatched;

    /**
     * @param rightKeys over the right row alone
     * @param residual what else must hold, over the joined row
     * @param buildLeft whether the left side is hashed
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
        this.build = buildLeft ? left : right;
        this.probe = buildLeft ? right : left;
        this.joiner = joiner;
        this.buildKeys = buildLeft ? leftKeys : rightKeys;
        this.probeKeys = buildLeft ? rightKeys : leftKeys;
        this.keys = keys;
        this.residual = residual;
        this.buildLeft = buildLeft;
        boolean leftUnmatched =
                type == JoinType.LEFT || type == JoinType.FULL || type == JoinType.ANTI;
        boolean rightUnmatched = type == JoinType.RIGHT || type == JoinType.FULL;
        this.pairs = type != JoinType.SEMI && type != JoinType.ANTI;
        this.buildUnmatched = buildLeft ? leftUnmatched : rightUnmatched;
        this.probeUnmatched = buildLeft ? rightUnmatched : leftUnmatched;
        this.buildMatched = type == JoinType.SEMI && buildLeft;
        this.probeMatched = type == JoinType.SEMI && !buildLeft;
    }

    @Override
    public Rows open(Frame frame) {
        return new Run(frame);
    }

    /** One join after another: that of the inputs, then those of their parts. */
    private final class Run extends PairedRows<Probe> {
        private final Frame frame;
        private int batches;
        private int buckets;
        private long bytes;

        Run(Frame frame) {
            super(build, probe);
            this.frame = frame;
        }

        @Override
        protected Probe answer(Operator buildInput, Operator probeInput, int level) {
            return new Probe(frame, buildInput, probeInput, level, this);
        }

        @Override
        protected void note(Probe join, boolean parted) {
            batches += parted ? 1 : 0;
            buckets = Math.max(buckets, join.table.bucketCount());
            bytes = Math.max(bytes, join.bytes);
        }

        @Override
        public void report(RunReport report) {
            noteCurrent();
            report.hashed(buckets, Math.max(1, batches), bytes);
        }
    }

    private final class Probe implements Rows {
        private final Frame frame;
        private final Operator buildInput;
        private final Operator probeInput;
        private final int level;
        private final Run run;
        private final JoinTable table = new JoinTable();
        private final MemoryBudget memory;

        /** The most that the hashed rows have taken. */
        private long bytes;

        private @Nullable Rows probing;
        private @Nullable Object @Nullable [] current;
        private @Nullable Object currentKey;
        private int currentHash;
        private JoinTable.@Nullable Entry candidate;
        private boolean matched;
        private boolean probeDone;
        private JoinTable.@Nullable Entry unmatched;

        Probe(Frame frame, Operator buildInput, Operator probeInput, int level, Run run) {
            this.frame = frame;
            this.buildInput = buildInput;
            this.probeInput = probeInput;
            this.level = level;
            this.run = run;
            this.memory = MemoryBudget.spilling("A hash join", frame);
        }

        private Rows build() {
            HashPartitions parts = null;
            try (Rows rows = buildInput.open(frame)) {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    Object key = keys.ofNonNull(buildKeys, row, frame);
                    if (key == null && !buildUnmatched) {
                        continue;
                    }
                    if (parts == null && !memory.fits(row)) {
                        if (level == HashPartitions.LEVELS_MAX) {
                            memory.add(row);
                        } else {
                            parts = new HashPartitions(frame, level);
                            for (JoinTable.Entry entry = table.first();
                                    entry != null;
                                    entry = table.after(entry)) {
                                parts.write(entry.hash, entry.row);
                            }
                            table.clear();
                            memory.release();
                        }
                    }
                    if (parts == null) {
                        table.add(key, row);
                    } else {
                        parts.write(key == null ? 0 : JoinTable.hash(key), row);
                    }
                }
            }
            bytes = memory.most();
            if (parts != null) {
                return partProbe(parts);
            }
            if (table.isEmpty() && !probeUnmatched) {
                return Rows.NONE; // Nothing of the other side can have a partner.
            }
            return probeInput.open(frame);
        }

        /** The other side goes into files, too; only rows without a key are answered at once. */
        private Rows partProbe(HashPartitions built) {
            HashPartitions parts = new HashPartitions(frame, level);
            try (Rows rows = probeInput.open(frame)) {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    Object key = keys.ofNonNull(probeKeys, row, frame);
                    if (key != null || probeUnmatched) {
                        parts.write(key == null ? 0 : JoinTable.hash(key), row);
                    }
                }
            }
            run.putAside(built, parts);
            return Rows.NONE;
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            Rows rows = probing;
            if (rows == null) {
                rows = build();
                probing = rows;
            }
            while (!probeDone) {
                @Nullable Object[] row = current;
                if (row == null) {
                    row = rows.next();
                    if (row == null) {
                        probeDone = true;
                        unmatched = buildUnmatched ? table.first() : null;
                        break;
                    }
                    frame.tick();
                    current = row;
                    matched = false;
                    Object key = keys.ofNonNull(probeKeys, row, frame);
                    currentKey = key;
                    if (key == null) {
                        candidate = null;
                    } else {
                        currentHash = JoinTable.hash(key);
                        candidate = table.find(key, currentHash);
                    }
                }
                @Nullable Object[] result = advance(row);
                if (result != null) {
                    return result;
                }
            }
            return nextUnmatched();
        }

        private @Nullable Object @Nullable [] nextUnmatched() {
            while (unmatched != null) {
                JoinTable.Entry entry = unmatched;
                unmatched = table.after(entry);
                frame.tick();
                if (!entry.matched) {
                    return alone(entry.row, buildLeft);
                }
            }
            return null;
        }

        /** A row without a partner. */
        private @Nullable Object[] alone(@Nullable Object[] row, boolean left) {
            if (!pairs) {
                return row;
            }
            return left ? joiner.join(row, null) : joiner.join(null, row);
        }

        /** The next result of the current row; null when it has no more. */
        private @Nullable Object @Nullable [] advance(@Nullable Object[] row) {
            while (candidate != null) {
                JoinTable.Entry entry = candidate;
                candidate = currentKey == null ? null : table.next(entry, currentKey, currentHash);
                if (!pairs && buildLeft && entry.matched) {
                    continue; // Its answer is given or refused already.
                }
                @Nullable Object[] joined = null;
                if (residual != null || pairs) {
                    joined = buildLeft ? joiner.join(entry.row, row) : joiner.join(row, entry.row);
                    if (residual != null && !residual.test(joined, frame)) {
                        frame.tick();
                        continue;
                    }
                }
                matched = true;
                entry.matched = true;
                if (pairs && joined != null) {
                    return joined;
                }
                if (buildMatched) {
                    return entry.row;
                }
                if (!buildLeft) {
                    current = null;
                    candidate = null;
                    return probeMatched ? row : null;
                }
            }
            current = null;
            return !matched && probeUnmatched ? alone(row, !buildLeft) : null;
        }

        @Override
        public void close() {
            if (probing != null) {
                probing.close();
            }
            table.clear();
            memory.release();
        }
    }
}
