package dev.driftdb.query.session;

import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.ast.CursorStatement;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Definition;
import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.query.define.TableLookup;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What each statement does in a session. For the session's thread only. */
final class Statements {
    private final Session session;
    private final PreparedStatements prepared;
    private final Cursors cursors;
    private final DefinitionStatements definitions;
    private final TransactionStatements transactions;
    private final SettingStatements settings;

    Statements(Session session, PreparedStatements prepared, Cursors cursors) {
        this.session = session;
        this.prepared = prepared;
        this.cursors = cursors;
        this.definitions = new DefinitionStatements(session, this, prepared);
        this.transactions = new TransactionStatements(session, cursors);
        this.settings = new SettingStatements(session, transactions);
    }

    /**
     * Runs a statement.
     *
     * @param values the parameters for a plan, in the classes of its parameter types
     */
    Result run(
            PlannedStatement planned, Function<PlannedStatement.Plan, @Nullable Object[]> values) {
        Statement statement = planned.statement();
        checkNotFailed(statement);
        return switch (statement) {
            case DataStatement _ -> session.queries().run(planned, values);
            case Definition definition -> definitions.run(definition);
            case TransactionStatement transaction -> transactions.run(transaction);
            case CursorStatement cursor -> cursors.run(session, cursor);
            case SessionStatement own -> run(own);
            case Statement.Explain explain ->
                    new Explanations(session, definitions, prepared)
                            .explain(planned, explain, values);
            case Statement.Copy copy -> copy(copy);
            case Statement.Vacuum vacuum -> vacuum(vacuum);
            case Statement.Restore restore -> TableRestoration.run(session, restore);
            case Statement.Checkpoint checkpoint -> checkpoint(checkpoint);
            case Statement.Revert revert -> TransactionReversion.run(session, revert);
            case Statement.Empty _ -> new Result.Command("");
        };
    }

    /** 25P02 in a failed transaction, unless the statement is a way out of it. */
    void checkNotFailed(Statement statement) {
        switch (statement) {
            case TransactionStatement.Commit _,
                    TransactionStatement.Rollback _,
                    TransactionStatement.RollbackToSavepoint _,
                    Statement.Empty _ -> {}
            default -> session.block().checkNotFailed();
        }
    }

    private Result run(SessionStatement statement) {
        return switch (statement) {
            case SessionStatement.Set set -> settings.set(set);
            case SessionStatement.Reset reset -> settings.reset(reset);
            case SessionStatement.Show show -> settings.show(show.name());
            case SessionStatement.Prepare prepare -> prepare(prepare);
            case SessionStatement.Execute execute -> execute(execute);
            case SessionStatement.Deallocate deallocate -> {
                if (deallocate.name() == null) {
                    prepared.clear();
                } else {
                    prepared.remove(deallocate.name());
                }
                yield Result.done(statement);
            }
            case SessionStatement.Discard discard -> discard(discard);
        };
    }

    private Result prepare(SessionStatement.Prepare prepare) {
        Map<Integer, SqlType> types = new HashMap<>();
        for (int i = 0; i < prepare.types().size(); i++) {
            try (StatementContext context = session.peek()) {
                types.put(
                        i + 1,
                        TypeNames.resolve(
                                        prepare.types().get(i),
                                        context.catalog(),
                                        context.searchPath())
                                .type()
                                .base());
            }
        }
        int count =
                session.databaseOf().parser().parse(prepare.text()).stream()
                        .mapToInt(ParsedStatement::parameterCount)
                        .max()
                        .orElse(0);
        PlannedStatement planned =
                new PlannedStatement(
                        new ParsedStatement(prepare.statement(), prepare.text(), count), types);
        PlannedStatement.Plan plan = null;
        if (planned.isQuery()) {
            try (StatementContext context = session.open()) {
                plan = planned.plan(context);
            }
        }
        prepared.put(prepare.name(), new PreparedStatement(planned, plan));
        return Result.done(prepare);
    }

    private Result execute(SessionStatement.Execute execute) {
        PreparedStatement found = prepared.get(execute.name());
        List<@Nullable Object[]> once = new ArrayList<>(1); // arguments may have side effects
        return found.with(planned ->
                run(
                        planned,
                        plan -> {
                            PlannedStatement.Plan same = found.same(plan);
                            if (once.isEmpty()) {
                                once.add(ArgumentValues.of(execute, same, session));
                            }
                            return once.getFirst();
                        }));
    }

    private Result copy(Statement.Copy copy) {
        if (copy.from()) {
            return new Result.CopyIn(new CopyFrom(session, copy));
        }
        return new CopyTo(session, copy).open();
    }

    private Result discard(SessionStatement.Discard discard) {
        switch (discard.what()) {
            case "all" -> {
                if (session.block().isExplicit()) {
                    throw new SqlException(
                            SqlState.ACTIVE_SQL_TRANSACTION,
                            "DISCARD ALL cannot run inside a transaction block");
                }
                cursors.close(null);
                prepared.clear();
                session.settings().resetAll();
                session.sequenceValues().forget();
                session.temporary().drop();
                session.advisory().releaseAll();
            }
            case "temp", "temporary" -> session.temporary().drop();
            case "sequences" -> session.sequenceValues().forget();
            default -> {
                // Plans renew themselves.
            }
        }
        return Result.done(discard);
    }

    private Result checkpoint(Statement.Checkpoint checkpoint) {
        if (!session.mayWait()) {
            throw MustWait.onThread();
        }
        try (StatementContext context = session.open()) {
            if (checkpoint.table() != null) {
                TableLookup.table(context.definitions(), checkpoint.table());
            }
            context.engine().replica().takeSnapshot(context::checkCanceled);
        }
        return Result.done(checkpoint);
    }

    /** Drops history past its retention, and analyzes. */
    private Result vacuum(Statement.Vacuum vacuum) {
        if (vacuum.vacuum() && session.block().isExplicit()) {
            throw new SqlException(
                    SqlState.ACTIVE_SQL_TRANSACTION,
                    "VACUUM cannot run inside a transaction block");
        }
        try (StatementContext context = session.open()) {
            new TableAnalysis(session, context).run(vacuum);
        }
        return Result.done(vacuum);
    }
}
