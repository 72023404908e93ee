package dev.driftdb.query.session;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.query.define.Comments;
import dev.driftdb.query.define.DomainDefinitions;
import dev.driftdb.query.define.Drops;
import dev.driftdb.query.define.IndexDefinitions;
import dev.driftdb.query.define.MaterializedViews;
import dev.driftdb.query.define.ObjectAlterations;
import dev.driftdb.query.define.SequenceDefinitions;
import dev.driftdb.query.define.TableAlterations;
import dev.driftdb.query.define.TableDefinitions;
import dev.driftdb.query.define.Truncations;
import dev.driftdb.query.define.TypeAlterations;
import dev.driftdb.query.define.TypeDefinitions;
import dev.driftdb.query.define.ViewDefinitions;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.HashMap;
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
        switch (statement) {
            case Statement.Commit _, Statement.Rollback _, Statement.RollbackToSavepoint _ -> {}
            default -> session.block().checkNotFailed();
        }
        return switch (statement) {
            case Statement.Select _,
                    Statement.Insert _,
                    Statement.Update _,
                    Statement.Delete _,
                    Statement.Merge _ ->
                    session.queries().run(planned, values);
            case Statement.Explain explain ->
                    new Explanations(session, definitions, prepared)
                            .explain(planned, explain, values);
            case Statement.Copy copy -> copy(copy);
            case Statement.Empty _ -> new Result.Command("");
            case Statement.Begin begin -> transactions.begin(begin.modes());
            case Statement.Commit commit -> transactions.commit(commit.chain());
            case Statement.Rollback rollback -> transactions.rollback(rollback.chain());
            case Statement.Savepoint savepoint -> {
                session.block().explicit("SAVEPOINT").savepoint(savepoint.name());
                yield Result.done(statement);
            }
            case Statement.ReleaseSavepoint release -> {
                session.block().explicit("RELEASE SAVEPOINT").releaseSavepoint(release.name());
                yield Result.done(statement);
            }
            case Statement.RollbackToSavepoint rollback -> {
                session.block()
                        .explicit("ROLLBACK TO SAVEPOINT")
                        .rollbackToSavepoint(rollback.name());
                session.block().recovered();
                yield Result.done(statement);
            }
            case Statement.SetTransaction set -> transactions.setTransaction(set);
            case Statement.SetConstraints set -> transactions.setConstraints(set);
            case Statement.Set set -> settings.set(set);
            case Statement.Reset reset -> settings.reset(reset);
            case Statement.Show show -> settings.show(show.name());
            case Statement.Prepare prepare -> prepare(prepare);
            case Statement.Execute execute -> execute(execute);
            case Statement.Deallocate deallocate -> {
                if (deallocate.name() == null) {
                    prepared.clear();
                } else {
                    prepared.remove(deallocate.name());
                }
                yield Result.done(statement);
            }
            case Statement.DeclareCursor declare -> {
                if (!declare.hold()) {
                    session.block().explicit("DECLARE CURSOR");
                }
                cursors.declare(session, declare);
                yield Result.done(statement);
            }
            case Statement.Fetch fetch -> cursors.fetch(session, fetch);
            case Statement.CloseCursor close -> {
                cursors.close(close.name());
                yield Result.done(statement);
            }
            case Statement.Discard discard -> discard(discard);
            case Statement.Vacuum vacuum -> vacuum(vacuum);
            case Statement.Checkpoint _ -> throw SqlException.notSupported("CHECKPOINT");
            case Statement.LockTable _ -> throw SqlException.notSupported("LOCK TABLE");
            case Statement.Truncate truncate ->
                    definitions.define(
                            statement, scope -> new Truncations(scope).truncate(truncate));
            case Statement.CreateTable create ->
                    definitions.define(
                            statement, scope -> new TableDefinitions(scope).create(create));
            case Statement.CreateTableAs create -> definitions.createTableAs(create);
            case Statement.AlterTable alter ->
                    definitions.define(
                            statement, scope -> new TableAlterations(scope).alter(alter));
            case Statement.CreateIndex create ->
                    definitions.define(
                            statement, scope -> new IndexDefinitions(scope).create(create));
            case Statement.Reindex reindex -> {
                if (reindex.concurrently() && session.block().isExplicit()) {
                    throw new SqlException(
                            SqlState.ACTIVE_SQL_TRANSACTION,
                            "REINDEX CONCURRENTLY cannot run inside a transaction block");
                }
                // Indexes are no files of their own that could bloat: they only must exist.
                yield definitions.define(
                        statement, scope -> new IndexDefinitions(scope).find(reindex));
            }
            case Statement.CreateView create ->
                    definitions.define(
                            statement, scope -> new ViewDefinitions(scope).create(create));
            case Statement.CreateSequence create ->
                    definitions.define(
                            statement, scope -> new SequenceDefinitions(scope).create(create));
            case Statement.AlterSequence alter ->
                    definitions.define(
                            statement, scope -> new SequenceDefinitions(scope).alter(alter));
            case Statement.CreateSchema create -> definitions.createSchema(create);
            case Statement.CreateMaterializedView create -> {
                long[] rows = {0};
                definitions.define(
                        statement, scope -> rows[0] = new MaterializedViews(scope).create(create));
                yield rows[0] < 0
                        ? Result.done(statement)
                        : new Result.Command("SELECT " + rows[0]);
            }
            case Statement.RefreshMaterializedView refresh ->
                    definitions.define(
                            statement, scope -> new MaterializedViews(scope).refresh(refresh));
            case Statement.CreateEnum create ->
                    definitions.define(
                            statement, scope -> new TypeDefinitions(scope).create(create));
            case Statement.CreateComposite create ->
                    definitions.define(
                            statement, scope -> new TypeDefinitions(scope).create(create));
            case Statement.AlterType alter ->
                    definitions.define(statement, scope -> new TypeAlterations(scope).alter(alter));
            case Statement.CreateDomain create ->
                    definitions.define(
                            statement, scope -> new DomainDefinitions(scope).create(create));
            case Statement.AlterDomain alter ->
                    definitions.define(
                            statement, scope -> new DomainDefinitions(scope).alter(alter));
            case Statement.Comment comment ->
                    definitions.define(statement, scope -> new Comments(scope).comment(comment));
            case Statement.Drop drop ->
                    definitions.define(statement, scope -> new Drops(scope).drop(drop));
            case Statement.AlterObject alter ->
                    definitions.define(
                            statement, scope -> new ObjectAlterations(scope).alter(alter));
        };
    }

    private Result prepare(Statement.Prepare prepare) {
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
        if (planned.isQuery()) {
            try (StatementContext context = session.open()) {
                planned.plan(context);
            }
        }
        prepared.put(prepare.name(), planned);
        return Result.done(prepare);
    }

    private Result execute(Statement.Execute execute) {
        PlannedStatement planned = prepared.get(execute.name());
        return run(planned, plan -> ArgumentValues.of(execute, plan, session));
    }

    private Result copy(Statement.Copy copy) {
        if (copy.from()) {
            return new Result.CopyIn(new CopyFrom(session, copy));
        }
        return new CopyTo(session, copy).open();
    }

    private Result discard(Statement.Discard discard) {
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
            }
            case "temp", "temporary" -> session.temporary().drop();
            case "sequences" -> session.sequenceValues().forget();
            default -> {
                // Plans renew themselves.
            }
        }
        return Result.done(discard);
    }

    /** Dead rows need no care here: but the tables must exist, and may be analyzed. */
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
