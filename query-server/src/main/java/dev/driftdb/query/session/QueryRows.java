package dev.driftdb.query.session;

import dev.driftdb.query.execute.ExecutablePlan;
import org.jspecify.annotations.Nullable;

/** The rows of a running plan; closing it ends the statement. */
final class QueryRows implements Result.RowSource {
    private final ExecutablePlan.Execution execution;
    private final StatementContext context;
    private final String command;
    private boolean closed;

    QueryRows(ExecutablePlan.Execution execution, StatementContext context, String command) {
        this.execution = execution;
        this.context = context;
        this.command = command;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        return execution.next();
    }

    @Override
    public String tag() {
        return Tags.withCount(command, execution.rowCount());
    }

    void closeExecution() {
        execution.close();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            execution.close();
            context.close();
        }
    }
}
