package dev.driftdb.query.execute;

import dev.driftdb.query.execute.spill.SpillSpace;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/** What a running statement has: evaluation, tables, and a bound on memory. */
public interface ExecutionContext extends EvalContext {
    TableAccess tables();

    /** What the statement's operators may hold together; who needs more refuses with 53200. */
    QueryMemory memory();

    /** Bytes that one operator holds before it writes rows to files (work_mem). */
    default long workBytes() {
        return memory().bytesMax();
    }

    /**
     * The key of the row that a cursor of the session is on; null if it was deleted since.
     *
     * @throws dev.driftdb.schemas.error.SqlException 34000 if there is no such cursor; 24000 if it
     *     is on no row, or on none of this table
     */
    default @Nullable Bytes currentRow(TableDef table, String cursor) {
        throw new SqlException(
                SqlState.INVALID_CURSOR_NAME, "cursor \"" + cursor + "\" does not exist");
    }

    /** What the statement has read and written so far, where somebody counts it. */
    default Resources resources() {
        return Resources.NONE;
    }

    /** Where operators of this statement write what they cannot hold. */
    SpillSpace spillSpace();
}
