package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import org.jspecify.annotations.Nullable;

/** For each left row the rows of a table that its key, key prefix or index finds. */
public final class LookupJoin implements Operator {
    private final JoinType type;
    private final Operator left;
    private final StoredTable right;
    private final StoredTable.Access access;
    private final RowJoiner joiner;
    private final @Nullable Eval condition;
    private final @Nullable Operator fallback;

    /**
     * @param access its bounds read the left row
     * @param fallback the same join without an index, null if {@code access} uses none
     */
    public LookupJoin(
            JoinType type,
            Operator left,
            StoredTable right,
            StoredTable.Access access,
            RowJoiner joiner,
            @Nullable Eval condition,
            @Nullable Operator fallback) {
        this.type = type;
        this.left = left;
        this.right = right;
        this.access = access;
        this.joiner = joiner;
        this.condition = condition;
        this.fallback = fallback;
    }

    @Override
    public Rows open(Frame frame) {
        if (fallback != null && !frame.context().tables().hasIndexes()) {
            return fallback.open(frame);
        }
        Rows leftRows = left.open(frame);
        return new Rows() {
            private @Nullable Object @Nullable [] current;
            private Rows found = Rows.NONE;
            private boolean matched;

            @Override
            public @Nullable Object @Nullable [] next() {
                while (true) {
                    @Nullable Object[] row = current;
                    if (row == null) {
                        row = leftRows.next();
                        if (row == null) {
                            return null;
                        }
                        current = row;
                        matched = false;
                        found = right.open(frame, access, row);
                    }
                    @Nullable Object[] result = advance(row);
                    if (result != null) {
                        return result;
                    }
                }
            }

            private @Nullable Object @Nullable [] advance(@Nullable Object[] row) {
                for (@Nullable Object[] other = found.next(); other != null; other = found.next()) {
                    frame.tick();
                    @Nullable Object[] joined = joiner.join(row, other);
                    if (condition != null && !condition.test(joined, frame)) {
                        continue;
                    }
                    matched = true;
                    if (type == JoinType.SEMI || type == JoinType.ANTI) {
                        endLeftRow();
                        return type == JoinType.SEMI ? row : null;
                    }
                    return joined;
                }
                endLeftRow();
                if (matched) {
                    return null;
                }
                return switch (type) {
                    case LEFT -> joiner.join(row, null);
                    case ANTI -> row;
                    case INNER, SEMI -> null;
                    case RIGHT, FULL -> throw new IllegalStateException("no lookup for " + type);
                };
            }

            private void endLeftRow() {
                current = null;
                found.close();
                found = Rows.NONE;
            }

            @Override
            public void close() {
                found.close();
                leftRows.close();
            }
        };
    }
}
