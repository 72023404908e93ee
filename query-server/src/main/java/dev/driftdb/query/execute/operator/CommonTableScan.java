package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;

/** Reads a common table that an operator around it has defined. */
public final class CommonTableScan implements Operator {
    private final int id;

    public CommonTableScan(int id) {
        this.id = id;
    }

    @Override
    public Rows open(Frame frame) {
        return frame.commonTable(id).open();
    }
}
