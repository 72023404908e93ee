package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.spill.RowBuffer;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Every pair of rows for which a condition is true: for joins without equalities, and LATERAL. */
public final class NestedLoopJoin implements Operator {
    private final JoinType type;
    private final Operator left;
    private final Operator right;
    private final RowJoiner joiner;
    private final @Nullable Eval condition;
    private final boolean lateral;

    /**
     * @param lateral whether the right side is opened anew for every left row, which it reads
     */
    public NestedLoopJoin(
            JoinType type,
            Operator left,
            Operator right,
            RowJoiner joiner,
            @Nullable Eval condition,
            boolean lateral) {
        this.type = type;
        this.left = left;
        this.right = right;
        this.joiner = joiner;
        this.condition = condition;
        this.lateral = lateral;
    }

    @Override
    public Rows open(Frame frame) {
        return new Loop(frame);
    }

    private final class Loop implements Rows {
        private final Frame frame;
        private final Rows leftRows;
        private final RowBuffer inner;
        private Rows innerRows = Rows.NONE;
        private final BitSet innerMatched = new BitSet();
        private boolean innerRead;
        private @Nullable Rows lateralRows;
        private @Nullable Object @Nullable [] current;
        private int position;
        private boolean matched;
        private boolean leftDone;

        Loop(Frame frame) {
            this.frame = frame;
            this.leftRows = left.open(frame);
            this.inner = new RowBuffer("A nested loop join", frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            while (!leftDone) {
                @Nullable Object[] row = current;
                if (row == null) {
                    row = leftRows.next();
                    if (row == null) {
                        leftDone = true;
                        position = 0;
                        innerRows = inner.read();
                        break;
                    }
                    start(row);
                }
                @Nullable Object[] result = advance(row);
                if (result != null) {
                    return result;
                }
            }
            return type == JoinType.RIGHT || type == JoinType.FULL ? unmatchedInner() : null;
        }

        private void start(@Nullable Object[] row) {
            current = row;
            matched = false;
            position = 0;
            if (lateral) {
                lateralRows = right.open(frame.inside(row));
                return;
            }
            if (!innerRead) {
                innerRead = true;
                try (Rows rows = right.open(frame)) {
                    for (@Nullable Object[] r = rows.next(); r != null; r = rows.next()) {
                        frame.tick();
                        inner.add(r);
                    }
                }
            }
            innerRows = inner.read();
        }

        private @Nullable Object @Nullable [] innerRow() {
            if (lateralRows != null) {
                return lateralRows.next();
            }
            @Nullable Object[] row = innerRows.next();
            position += row == null ? 0 : 1;
            return row;
        }

        /** The next result of the current left row; null when it has no more. */
        private @Nullable Object @Nullable [] advance(@Nullable Object[] row) {
            for (@Nullable Object[] other = innerRow(); other != null; other = innerRow()) {
                frame.tick();
                @Nullable Object[] joined = joiner.join(row, other);
                if (condition != null && !condition.test(joined, frame)) {
                    continue;
                }
                matched = true;
                switch (type) {
                    case SEMI -> {
                        endLeftRow();
                        return row;
                    }
                    case ANTI -> {
                        endLeftRow();
                        return null;
                    }
                    case RIGHT, FULL -> innerMatched.set(position - 1);
                    case INNER, LEFT -> {}
                }
                return joined;
            }
            endLeftRow();
            if (matched) {
                return null;
            }
            return switch (type) {
                case LEFT, FULL -> joiner.join(row, null);
                case ANTI -> row;
                case INNER, RIGHT, SEMI -> null;
            };
        }

        private void endLeftRow() {
            current = null;
            if (lateralRows != null) {
                lateralRows.close();
                lateralRows = null;
            }
        }

        private @Nullable Object @Nullable [] unmatchedInner() {
            if (!innerRead) {
                start(Eval.NO_ROW);
                current = null;
            }
            for (@Nullable Object[] row = innerRows.next(); row != null; row = innerRows.next()) {
                frame.tick();
                if (!innerMatched.get(position++)) {
                    return joiner.join(null, row);
                }
            }
            return null;
        }

        @Override
        public void close() {
            if (lateralRows != null) {
                lateralRows.close();
            }
            leftRows.close();
            inner.close();
        }
    }
}
