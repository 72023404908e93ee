package dev.driftdb.query.session;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.define.SchemaDefinitions;
import dev.driftdb.query.define.TableCopies;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What statements that define do in a session. For the session's thread only. */
final class DefinitionStatements {
    private final Session session;
    private final Statements statements;
    private final PreparedStatements prepared;

    DefinitionStatements(Session session, Statements statements, PreparedStatements prepared) {
        this.session = session;
        this.statements = statements;
        this.prepared = prepared;
    }

    Result define(Statement statement, Consumer<Definitions> action) {
        Transaction transaction = session.block().transaction();
        transaction.checkWritable(Tags.of(statement));
        session.lockDefinitions(transaction);
        transaction.tag(Tags.of(statement));
        // Opened under the lock, so that it sees what the definition before it committed.
        try (StatementContext context = session.open()) {
            action.accept(new Definitions(context, session.block().isExplicit()));
        }
        return Result.done(statement);
    }

    Result createSchema(Statement.CreateSchema create) {
        String[] name = {null};
        define(create, scope -> name[0] = new SchemaDefinitions(scope).create(create));
        String made = name[0];
        if (made == null || create.elements().isEmpty()) {
            return Result.done(create);
        }
        String path = session.settingValue("search_path");
        String inside = '"' + made.replace("\"", "\"\"") + '"';
        session.settings().set("search_path", path == null ? inside : inside + ", " + path, false);
        try {
            List<Statement> elements = new ArrayList<>(create.elements());
            elements.sort(Comparator.comparingInt(DefinitionStatements::elementRank));
            for (Statement element : elements) {
                statements.run(
                        new PlannedStatement(new ParsedStatement(element, "", 0), Map.of()),
                        plan -> new Object[0]);
            }
        } finally {
            session.settings().set("search_path", path, false);
        }
        return Result.done(create);
    }

    /** Elements of a schema are made in this order, whatever they are written in. */
    private static int elementRank(Statement element) {
        return switch (element) {
            case Statement.CreateSequence _ -> 0;
            case Statement.CreateTable _ -> 1;
            case Statement.CreateView _ -> 2;
            default -> 3;
        };
    }

    /** What a definition would find, without defining anything. */
    void look(Consumer<Definitions> action) {
        try (StatementContext context = session.peek()) {
            action.accept(new Definitions(context, session.block().isExplicit(), false));
        }
    }

    Result createTableAs(Statement.CreateTableAs create) {
        Statement.Execute execute = create.execute();
        Query query = create.query();
        PlannedStatement planned;
        Function<PlannedStatement.Plan, @Nullable Object[]> values;
        if (execute != null) {
            planned = prepared.get(execute.name());
            values = plan -> ArgumentValues.of(execute, plan, session);
            if (!(planned.statement() instanceof Statement.Select)) {
                throw new SqlException(
                        SqlState.WRONG_OBJECT_TYPE, "prepared statement is not a SELECT");
            }
        } else if (query != null) {
            planned =
                    new PlannedStatement(
                            new ParsedStatement(new Statement.Select(query), "", 0), Map.of());
            values = plan -> new Object[0];
        } else {
            throw new IllegalStateException("CREATE TABLE AS without a query");
        }
        long[] rows = {-1};
        TableCopies.QueryRunner runner =
                new TableCopies.QueryRunner() {
                    @Override
                    public List<OutputColumn> columns() {
                        try (StatementContext context = session.peek()) {
                            return planned.plan(context).executable().columns();
                        }
                    }

                    @Override
                    public void run(Consumer<@Nullable Object[]> target) {
                        rowsOf(planned, values, target);
                    }
                };
        define(create, scope -> rows[0] = new TableCopies(scope).create(create, runner));
        return new Result.Command(
                create.withData() && rows[0] >= 0 ? "SELECT " + rows[0] : "CREATE TABLE AS");
    }

    /** Runs a query of this session and hands each row on. */
    private void rowsOf(
            PlannedStatement planned,
            Function<PlannedStatement.Plan, @Nullable Object[]> values,
            Consumer<@Nullable Object[]> target) {
        if (session.queries().run(planned, values) instanceof Result.Rows rows) {
            try (Result.RowSource source = rows.source()) {
                for (Object[] row = source.next(); row != null; row = source.next()) {
                    target.accept(row);
                }
            }
        }
    }
}
