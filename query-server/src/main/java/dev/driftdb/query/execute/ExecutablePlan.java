package dev.driftdb.query.execute;

import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A planned statement: immutable, shared by any number of executions on any thread. */
public interface ExecutablePlan {
    List<OutputColumn> columns();

    Execution open(ExecutionContext context);

    /** What it locks of its tables while its transaction runs. */
    TableLocks tableLocks();

    /** Whether it only reads. */
    boolean readOnly();

    /**
     * Whether, by all that is known, it takes no longer than handing it to another thread would,
     * unless it has to wait for a lock.
     */
    boolean brief();

    /** The planner's estimate of what a run costs, in rows of a plain scan. */
    double cost();

    /** Whether constants in place of parameters might have made another plan. */
    default boolean constantsMatter() {
        return false;
    }

    /** The tables whose row ids come behind the columns of each row, in order. */
    default List<TableDef> rowIds() {
        return List.of();
    }

    /** One run. */
    interface Execution extends AutoCloseable {
        /** The next row, null at the end; a row may be used until the next call. */
        @Nullable Object @Nullable [] next();

        /** Rows inserted, updated or deleted, or returned by a SELECT, so far. */
        long rowCount();

        @Override
        void close();
    }
}
