package dev.driftdb.query.execute;

import dev.driftdb.query.execute.spill.SpillSpace;
import dev.driftdb.query.expr.EvalContext;

/** What a running statement has: evaluation, tables, and a bound on memory. */
public interface ExecutionContext extends EvalContext {
    TableAccess tables();

    /** What the statement's operators may hold together; who needs more refuses with 53200. */
    QueryMemory memory();

    /** Bytes that one operator holds before it writes rows to files (work_mem). */
    default long workBytes() {
        return memory().bytesMax();
    }

    /** What the statement has read and written so far, where somebody counts it. */
    default Resources resources() {
        return Resources.NONE;
    }

    /** Where operators of this statement write what they cannot hold. */
    SpillSpace spillSpace();
}
