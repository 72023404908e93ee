package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Some of a table's rows, chosen by their keys: see {@link KeySample}. */
public final class SampleScan implements Operator {
    private final StoredTable table;
    private final StoredTable.Access.Scan access;
    private final Eval percentage;
    private final @Nullable Eval seed;
    private final int slot;

    /**
     * @param percentage real
     * @param seed double precision; null for one that is drawn once in a run of the statement
     * @param slot of the frame, where that one is remembered
     */
    public SampleScan(
            StoredTable table,
            StoredTable.Access.Scan access,
            Eval percentage,
            @Nullable Eval seed,
            int slot) {
        this.table = table;
        this.access = access;
        this.percentage = percentage;
        this.seed = seed;
        this.slot = slot;
    }

    /**
     * @throws SqlException 2202H for a percentage that is NULL or not from 0 to 100, 2202G for a
     *     seed that is NULL
     */
    @Override
    public Rows open(Frame frame) {
        Object percent = percentage.eval(Eval.NO_ROW, frame);
        if (percent == null) {
            throw new SqlException(
                    SqlState.INVALID_TABLESAMPLE_ARGUMENT, "TABLESAMPLE parameter cannot be null");
        }
        long drawn = seed == null ? drawn(frame) : given(seed.eval(Eval.NO_ROW, frame));
        double value = ((Number) percent).doubleValue();
        if (!(value >= 0 && value <= 100)) {
            throw new SqlException(
                    SqlState.INVALID_TABLESAMPLE_ARGUMENT,
                    "sample percentage must be between 0 and 100");
        }
        return table.open(frame, access, KeySample.of(drawn, value));
    }

    private static long given(@Nullable Object seed) {
        if (seed == null) {
            throw new SqlException(
                    SqlState.INVALID_TABLESAMPLE_REPEAT,
                    "TABLESAMPLE REPEATABLE parameter cannot be null");
        }
        double value = ((Number) seed).doubleValue();
        // Both zeros are one number.
        return value == 0 ? 0 : Double.doubleToLongBits(value);
    }

    /** Each reading in one run of a statement chooses the same rows. */
    private long drawn(Frame frame) {
        Object known = frame.root().slot(slot);
        if (known == null) {
            known = ThreadLocalRandom.current().nextLong();
            frame.root().remember(slot, known);
        }
        return (Long) known;
    }
}
