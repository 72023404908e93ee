package dev.driftdb.query.execute;

import dev.driftdb.query.expr.EvalContext;

/** What a running statement has: evaluation, tables, and a bound on memory. */
public interface ExecutionContext extends EvalContext {
    TableAccess tables();

    /** Bytes that one operator may hold before it spills or refuses with 53200. */
    long operatorBytesMax();
}
