package dev.driftdb.query.session;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Definition;
import dev.driftdb.query.ast.ObjectDefinition;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.ast.TagDefinition;
import dev.driftdb.query.ast.TypeDefinition;
import dev.driftdb.query.define.Comments;
import dev.driftdb.query.define.DomainDefinitions;
import dev.driftdb.query.define.Drops;
import dev.driftdb.query.define.IndexDefinitions;
import dev.driftdb.query.define.MaterializedViews;
import dev.driftdb.query.define.ObjectAlterations;
import dev.driftdb.query.define.SchemaDefinitions;
import dev.driftdb.query.define.SequenceDefinitions;
import dev.driftdb.query.define.TableAlterations;
import dev.driftdb.query.define.TableCopies;
import dev.driftdb.query.define.TableDefinitions;
import dev.driftdb.query.define.TagDefinitions;
import dev.driftdb.query.define.Truncations;
import dev.driftdb.query.define.TypeAlterations;
import dev.driftdb.query.define.TypeDefinitions;
import dev.driftdb.query.define.Undrops;
import dev.driftdb.query.define.ViewDefinitions;
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

    Result run(Definition statement) {
        return switch (statement) {
            case TableDefinition.CreateTable create ->
                    define(create, scope -> new TableDefinitions(scope).create(create));
            case TableDefinition.CreateTableAs create -> createTableAs(create);
            case TableDefinition.AlterTable alter ->
                    define(alter, scope -> new TableAlterations(scope).alter(alter));
            case TableDefinition.Truncate truncate ->
                    define(truncate, scope -> new Truncations(scope).truncate(truncate));
            case TableDefinition.CreateIndex create ->
                    define(create, scope -> new IndexDefinitions(scope).create(create));
            case TableDefinition.Reindex reindex -> reindex(reindex);
            case TypeDefinition.CreateEnum create ->
                    define(create, scope -> new TypeDefinitions(scope).create(create));
            case TypeDefinition.CreateComposite create ->
                    define(create, scope -> new TypeDefinitions(scope).create(create));
            case TypeDefinition.AlterType alter ->
                    define(alter, scope -> new TypeAlterations(scope).alter(alter));
            case TypeDefinition.CreateDomain create ->
                    define(create, scope -> new DomainDefinitions(scope).create(create));
            case TypeDefinition.AlterDomain alter ->
                    define(alter, scope -> new DomainDefinitions(scope).alter(alter));
            case ObjectDefinition.CreateView create ->
                    define(create, scope -> new ViewDefinitions(scope).create(create));
            case ObjectDefinition.CreateMaterializedView create -> createMaterializedView(create);
            case ObjectDefinition.RefreshMaterializedView refresh ->
                    define(refresh, scope -> new MaterializedViews(scope).refresh(refresh));
            case ObjectDefinition.CreateSequence create ->
                    define(create, scope -> new SequenceDefinitions(scope).create(create));
            case ObjectDefinition.AlterSequence alter ->
                    define(alter, scope -> new SequenceDefinitions(scope).alter(alter));
            case ObjectDefinition.CreateSchema create -> createSchema(create);
            case ObjectDefinition.AlterObject alter ->
                    define(alter, scope -> new ObjectAlterations(scope).alter(alter));
            case ObjectDefinition.Comment comment ->
                    define(comment, scope -> new Comments(scope).comment(comment));
            case ObjectDefinition.Drop drop -> define(drop, scope -> new Drops(scope).drop(drop));
            case ObjectDefinition.Undrop undrop ->
                    define(undrop, scope -> new Undrops(scope).undrop(undrop));
            case TagDefinition.CreateTag create ->
                    define(create, scope -> new TagDefinitions(scope).create(create));
            case TagDefinition.DropTag drop ->
                    define(drop, scope -> new TagDefinitions(scope).drop(drop));
        };
    }

    Result define(Definition statement, Consumer<Definitions> action) {
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

    private Result reindex(TableDefinition.Reindex reindex) {
        if (reindex.concurrently() && session.block().isExplicit()) {
            throw new SqlException(
                    SqlState.ACTIVE_SQL_TRANSACTION,
                    "REINDEX CONCURRENTLY cannot run inside a transaction block");
        }
        // Indexes are no files of their own that could bloat: they only must exist.
        return define(reindex, scope -> new IndexDefinitions(scope).find(reindex));
    }

    private Result createMaterializedView(ObjectDefinition.CreateMaterializedView create) {
        long[] rows = {0};
        Result done =
                define(create, scope -> rows[0] = new MaterializedViews(scope).create(create));
        return rows[0] < 0 ? done : new Result.Command("SELECT " + rows[0]);
    }

    private Result createSchema(ObjectDefinition.CreateSchema create) {
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
            case ObjectDefinition.CreateSequence _ -> 0;
            case TableDefinition.CreateTable _ -> 1;
            case ObjectDefinition.CreateView _ -> 2;
            default -> 3;
        };
    }

    /** What a definition would find, without defining anything. */
    void look(Consumer<Definitions> action) {
        try (StatementContext context = session.peek()) {
            action.accept(new Definitions(context, session.block().isExplicit(), false));
        }
    }

    private Result createTableAs(TableDefinition.CreateTableAs create) {
        SessionStatement.Execute execute = create.execute();
        Query query = create.query();
        PlannedStatement planned;
        Function<PlannedStatement.Plan, @Nullable Object[]> values;
        if (execute != null) {
            planned = prepared.get(execute.name()).planned();
            values = plan -> ArgumentValues.of(execute, plan, session);
            if (!(planned.statement() instanceof DataStatement.Select)) {
                throw new SqlException(
                        SqlState.WRONG_OBJECT_TYPE, "prepared statement is not a SELECT");
            }
        } else if (query != null) {
            planned =
                    new PlannedStatement(
                            new ParsedStatement(new DataStatement.Select(query), "", 0), Map.of());
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
