package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.ExecutablePlan;
import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.operator.ModifyRows;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement whose operators are chosen. */
record PlannedStatement(
        Operator operator,
        List<OutputColumn> columns,
        TableLocks tableLocks,
        int slotCount,
        boolean readOnly,
        boolean brief,
        boolean modifies,
        double cost,
        boolean constantsMatter,
        List<TableDef> rowIds)
        implements ExecutablePlan {
    @Override
    public Execution open(ExecutionContext context) {
        Frame frame = new Frame(context, slotCount);
        Rows rows = operator.open(frame);
        return new Execution() {
            private long returned;

            @Override
            public @Nullable Object @Nullable [] next() {
                @Nullable Object[] row = rows.next();
                if (row != null) {
                    returned++;
                }
                return row;
            }

            @Override
            public long rowCount() {
                return modifies ? ModifyRows.affectedBy(rows) : returned;
            }

            @Override
            public void close() {
                rows.close();
            }
        };
    }
}
