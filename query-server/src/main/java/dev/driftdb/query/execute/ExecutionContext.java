package dev.driftdb.query.execute;

import dev.driftdb.query.execute.spill.SpillSpace;
import dev.driftdb.query.expr.EvalContext;

/** What a running statement has: evaluation, tables, and a bound on memory. */
public interface ExecutionContext extends EvalContext {
    TableAccess tables();

    /** Bytes that one operator may hold before it refuses with 53200. */
    long operatorBytesMax();

    /** Bytes that one operator holds before it writes rows to files (work_mem). */
    default long workBytes() {
        return operatorBytesMax();
    }

    /** What the statement has read and written so far, where somebody counts it. */
    default Resources resources() {
        return Resources.NONE;
    }

    /** Where operators of this statement write what they cannot hold. */
    SpillSpace spillSpace();
}
