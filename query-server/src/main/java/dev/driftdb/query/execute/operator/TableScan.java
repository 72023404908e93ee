package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;

/** Rows of a table by keys, by ranges of keys, or all, at the statement's view or in the past. */
public final class TableScan implements Operator {
    private final StoredTable table;
    private final StoredTable.Access access;

    public TableScan(StoredTable table, StoredTable.Access access) {
        this.table = table;
        this.access = access;
    }

    @Override
    public Rows open(Frame frame) {
        return table.open(frame, access, Eval.NO_ROW);
    }
}
