package dev.driftdb.query.session;

import dev.driftdb.pgwire.message.BackendMessage;
import dev.driftdb.pgwire.server.PgSink;
import dev.driftdb.query.ast.Definition;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.parse.TokenShape;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The simple query protocol of a session: all statements of a string, one after the other. */
final class SimpleQuery {
    /** Longer texts are not those of BEGIN, COMMIT and their kin. */
    private static final int CONTROL_LENGTH_MAX = 64;

    private final Session session;
    private final Statements statements;
    private final Answers answers;

    /** Statements that come after a COPY which waits for the client's data. */
    private final ArrayDeque<ParsedStatement> rest = new ArrayDeque<>();

    private boolean copying;

    /** The last text that was looked at, and its shape: it is often asked for twice. */
    private String shapedText = "";

    private @Nullable TokenShape shape;

    SimpleQuery(Session session, Statements statements, Answers answers) {
        this.session = session;
        this.statements = statements;
        this.answers = answers;
    }

    void run(String sql, PgSink out) {
        session.beginActivity(sql);
        rest.clear();
        PlannedStatement control = findControl(sql);
        if (control != null) {
            run(control, plan -> new Object[0], true, out);
            end();
            return;
        }
        TokenShape known = shapeOf(sql);
        if (known == null || !runShared(known, out)) {
            List<ParsedStatement> parsed = session.databaseOf().parser().parse(sql);
            rememberControl(sql, parsed);
            rest.addAll(parsed);
            if (rest.isEmpty()) {
                out.send(new BackendMessage.EmptyQueryResponse());
            }
            runRest(rest.size() == 1, out);
        }
    }

    /** Whether nothing in it takes long or commits before it is answered, see WireSession. */
    boolean runsQuickly(String sql) {
        PlannedStatement control = findControl(sql);
        if (control != null) {
            return true;
        }
        TokenShape known = shapeOf(sql);
        PlannedStatement planned =
                known == null ? null : SimpleStatements.findKnown(session.databaseOf(), known);
        PlannedStatement.Plan plan = planned == null ? null : session.queries().knownPlan(planned);
        return planned != null
                && plan != null
                && planned.isBrief(plan)
                && (plan.executable().readOnly() || session.block().isExplicit());
    }

    private @Nullable TokenShape shapeOf(String sql) {
        if (sql.length() > StatementCache.TEXT_LENGTH_MAX) {
            return null; // Such texts have no shape, and are not to be held on to.
        }
        if (!sql.equals(shapedText)) {
            shape = SimpleStatements.shapeOf(sql);
            shapedText = sql;
        }
        return shape;
    }

    // BEGIN, COMMIT and ROLLBACK, which are always written the same.

    private @Nullable PlannedStatement findControl(String sql) {
        return sql.length() > CONTROL_LENGTH_MAX
                ? null
                : session.databaseOf().statements().find(controlKey(sql));
    }

    private void rememberControl(String sql, List<ParsedStatement> parsed) {
        if (sql.length() <= CONTROL_LENGTH_MAX
                && parsed.size() == 1
                && isControl(parsed.getFirst().statement())) {
            session.databaseOf()
                    .statements()
                    .put(controlKey(sql), new PlannedStatement(parsed.getFirst(), Map.of()));
        }
    }

    private static StatementCache.Key controlKey(String sql) {
        return new StatementCache.Control(sql);
    }

    /** Statements that only begin or end a transaction, and are not read at another time. */
    static boolean isControl(Statement statement) {
        return switch (statement) {
            case TransactionStatement.Begin begin -> begin.modes().asOf() == null;
            case TransactionStatement.Commit _, TransactionStatement.Rollback _ -> true;
            default -> false;
        };
    }

    // Statements.

    /** False if the text has to be parsed for itself; nothing has been done then. */
    private boolean runShared(TokenShape known, PgSink out) {
        try {
            PlannedStatement planned = SimpleStatements.find(session.databaseOf(), known);
            run(planned, plan -> SimpleStatements.values(known, plan, answers.format()), true, out);
        } catch (SimpleStatements.Misfit e) {
            return false;
        }
        end();
        return true;
    }

    private void runRest(boolean only, PgSink out) {
        while (!rest.isEmpty()) {
            ParsedStatement next = rest.poll();
            run(new PlannedStatement(next, Map.of()), plan -> new Object[0], only, out);
            if (answers.isCopyingIn()) {
                copying = true;
                return;
            }
        }
        end();
    }

    private void end() {
        session.block().endImplicit();
        session.endActivity();
    }

    /**
     * @param only whether it is the only statement of its string: then it commits before it is
     *     answered, and a lost race can be run again
     */
    private void run(
            PlannedStatement planned,
            Function<PlannedStatement.Plan, @Nullable Object[]> values,
            boolean only,
            PgSink out) {
        Result result;
        boolean again = planned.isQuery() || planned.statement() instanceof Definition;
        if (only && session.block().status() == 'I' && again) {
            result = session.queries().autocommit(() -> statements.run(planned, values));
        } else {
            result = statements.run(planned, values);
        }
        answers.answer(result, only || rest.isEmpty(), out);
    }

    /** Whether the COPY that waits for data is one of a simple query, the last of its string. */
    boolean endsWithCopy() {
        return copying && rest.isEmpty();
    }

    /** The COPY has ended: goes on with what came after it, if it was in a simple query. */
    void goOnAfterCopy(PgSink out) {
        if (copying) {
            copying = false;
            runRest(false, out);
        }
    }

    /** An error: nothing more of the string is run. */
    void abandon() {
        rest.clear();
        copying = false;
    }
}
