package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;

/** Rows in the order of an index, or what {@code fallback} answers where there are no indexes. */
public final class IndexScan implements Operator {
    private final StoredTable table;
    private final StoredTable.Access access;
    private final Operator fallback;

    public IndexScan(StoredTable table, StoredTable.Access access, Operator fallback) {
        this.table = table;
        this.access = access;
        this.fallback = fallback;
    }

    @Override
    public Rows open(Frame frame) {
        return frame.context().tables().hasIndexes()
                ? table.open(frame, access, Eval.NO_ROW)
                : fallback.open(frame);
    }
}
