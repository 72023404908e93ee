package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import org.jspecify.annotations.Nullable;

/** LIMIT, OFFSET and FETCH FIRST … WITH TIES. */
public final class Limit implements Operator {
    private final Operator input;
    private final LimitBounds bounds;
    private final @Nullable RowOrder ties;

    /**
     * @param ties the order whose equals come along (WITH TIES), null without
     */
    public Limit(Operator input, LimitBounds bounds, @Nullable RowOrder ties) {
        this.input = input;
        this.bounds = bounds;
        this.ties = ties;
    }

    @Override
    public Rows open(Frame frame) {
        long limit = ties == null ? bounds.limit(frame) : bounds.limitWithTies(frame);
        long offset = bounds.offset(frame);
        Rows rows = input.open(frame);
        return new Rows() {
            private long skipped;
            private long given;
            private @Nullable Object @Nullable [] lastKeys;

            @Override
            public @Nullable Object @Nullable [] next() {
                while (skipped < offset) {
                    frame.tick();
                    if (rows.next() == null) {
                        return null;
                    }
                    skipped++;
                }
                if (given < limit) {
                    @Nullable Object[] row = rows.next();
                    given++;
                    if (row != null && ties != null && given == limit) {
                        lastKeys = ties.keysOf(row, frame);
                    }
                    return row;
                }
                @Nullable Object[] keys = lastKeys;
                if (keys == null || ties == null) {
                    return null;
                }
                @Nullable Object[] row = rows.next();
                if (row != null && ties.compareKeys(keys, ties.keysOf(row, frame)) == 0) {
                    return row;
                }
                lastKeys = null;
                return null;
            }

            @Override
            public void close() {
                rows.close();
            }
        };
    }
}
