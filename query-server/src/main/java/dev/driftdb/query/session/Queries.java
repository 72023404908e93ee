package dev.driftdb.query.session;

import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.execute.ExecutablePlan;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session's queries and data-modifying statements: finds their plans and runs them. For the
 * session's thread only.
 */
final class Queries {
    /** How often an autocommitted statement is run again after a lost race. */
    private static final int RERUNS_MAX = 10;

    private final Session session;

    Queries(Session session) {
        this.session = session;
    }

    /** A statement's plan if it stands for the newest state, found without opening that. */
    PlannedStatement.@Nullable Plan knownPlan(PlannedStatement planned) {
        Transaction now = session.block().running();
        SessionSettings settings = session.settings();
        boolean newest =
                now == null
                        ? session.connectionAsOf() == null && settings.asOf().isBlank()
                        : now.readsNewest() && !now.defines();
        Database database = session.databaseOf();
        return newest && !settings.linearizable()
                ? planned.planFor(
                        database.replica().catalog(),
                        session.searchPath(),
                        database.statistics().version())
                : null;
    }

    /**
     * Runs a query or a data-modifying statement. A SELECT's rows are computed as they are pulled,
     * but where nothing may wait: there, as for any other statement, it has run when this returns,
     * since nothing may have been answered when it has to run once more.
     *
     * @param values the parameters by position, in the classes of the plan's parameter types; asked
     *     once more, for the last plan, where it depends on the parameters
     */
    Result run(
            PlannedStatement planned, Function<PlannedStatement.Plan, @Nullable Object[]> values) {
        while (true) {
            try {
                return runOnce(planned, values);
            } catch (StaleViewException e) {
                session.awaitPredecessors(session.block().transaction());
            }
        }
    }

    private Result runOnce(
            PlannedStatement planned, Function<PlannedStatement.Plan, @Nullable Object[]> values) {
        session.block().checkNotFailed();
        StatementContext context = session.openAtOnce();
        int before = context.transaction().undoSize();
        boolean opened = false;
        try {
            PlannedStatement.Plan plan = planned.plan(context);
            while (mustOpenAgain(context, plan.executable())) {
                context.close();
                context = session.openAtOnce();
                plan = planned.plan(context);
            }
            context.setParameters(values.apply(plan));
            if (plan.openPoints()) {
                plan = planned.planWithParameters(context);
                context.setParameters(values.apply(plan));
            }
            ExecutablePlan executable = plan.executable();
            String tag = Tags.of(planned.statement());
            if (!executable.readOnly()) {
                context.transaction().checkWritable(Tags.inReadOnly(planned.statement()));
                context.transaction().tag(tag);
            }
            if (executable.readOnly()) {
                if (!session.mayWait()) {
                    context.requireBrief();
                    return finished(
                            executable, new QueryRows(executable.open(context), context, tag));
                }
                Result.RowSource rows = new QueryRows(executable.open(context), context, tag);
                opened = true;
                return new Result.Rows(executable.columns(), rows);
            }
            Result result =
                    finished(executable, new QueryRows(executable.open(context), context, tag));
            session.dueChecks().afterStatement(context.transaction(), context.catalog());
            return result;
        } catch (MustWait | StaleViewException e) {
            // It runs once more from its beginning; the locks that it has taken it keeps.
            context.transaction().rollbackTo(before);
            context.transaction().checks.forgetStatement();
            if (context.tookLong()) {
                planned.tookLong();
            }
            throw e;
        } finally {
            if (!opened) {
                context.close();
            }
        }
    }

    /**
     * Takes the locks of a statement on its tables. What goes on from a transaction that is not
     * visible yet, but for a few rows found by their keys, waits for it.
     *
     * @return whether it has waited: then a view from before is too old
     */
    private boolean mustOpenAgain(StatementContext context, ExecutablePlan executable) {
        boolean waited = session.lockTables(context.transaction(), executable.tableLocks());
        if ((executable.readOnly() || !executable.brief())
                && context.access().lacksPredecessors()) {
            session.awaitPredecessors(context.transaction());
            return true;
        }
        return waited;
    }

    private static Result finished(ExecutablePlan executable, QueryRows rows) {
        List<@Nullable Object[]> returned = new ArrayList<>();
        String tag;
        try {
            for (Object[] row = rows.next(); row != null; row = rows.next()) {
                returned.add(row.clone());
            }
            tag = rows.tag();
        } finally {
            rows.closeExecution();
        }
        return executable.columns().isEmpty() && !executable.readOnly()
                ? new Result.Command(tag)
                : new Result.Rows(executable.columns(), new ListRows(returned, tag));
    }

    /**
     * Runs a statement in a transaction of its own, again if it lost a race against another server.
     * Only outside of a transaction, and only what answers nothing before it has committed.
     */
    Result autocommit(Supplier<Result> statement) {
        for (int run = 1; ; run++) {
            Result result = statement.get();
            boolean pending =
                    result instanceof Result.Rows rows && rows.source() instanceof QueryRows;
            if (pending || !(result instanceof Result.Rows || result instanceof Result.Command)) {
                return result;
            }
            try {
                session.block().endImplicit();
                return result;
            } catch (SqlException e) {
                if (!session.block().hasLostRace() || run > RERUNS_MAX) {
                    throw e;
                }
            }
        }
    }
}
