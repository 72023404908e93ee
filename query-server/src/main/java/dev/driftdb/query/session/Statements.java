package dev.driftdb.query.session;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.bind.TypeNames;
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
import dev.driftdb.query.define.Truncations;
import dev.driftdb.query.define.TypeAlterations;
import dev.driftdb.query.define.TypeDefinitions;
import dev.driftdb.query.define.ViewDefinitions;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What each statement does in a session. For the session's thread only. */
final class Statements {
    private final Session session;
    private final PreparedStatements prepared;
    private final Cursors cursors;

    Statements(Session session, PreparedStatements prepared, Cursors cursors) {
        this.session = session;
        this.prepared = prepared;
        this.cursors = cursors;
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
            default -> session.checkNotFailed();
        }
        return switch (statement) {
            case Statement.Select _,
                    Statement.Insert _,
                    Statement.Update _,
                    Statement.Delete _,
                    Statement.Merge _ ->
                    session.run(planned, values);
            case Statement.Explain explain ->
                    new Explanations(session, this, prepared).explain(planned, explain, values);
            case Statement.Copy copy -> copy(copy);
            case Statement.Empty _ -> new Result.Command("");
            case Statement.Begin begin -> begin(begin.modes());
            case Statement.Commit commit -> commit(commit.chain());
            case Statement.Rollback rollback -> rollback(rollback.chain());
            case Statement.Savepoint savepoint -> {
                requireBlock("SAVEPOINT").savepoint(savepoint.name());
                yield done(statement);
            }
            case Statement.ReleaseSavepoint release -> {
                requireBlock("RELEASE SAVEPOINT").releaseSavepoint(release.name());
                yield done(statement);
            }
            case Statement.RollbackToSavepoint rollback -> {
                requireBlock("ROLLBACK TO SAVEPOINT").rollbackToSavepoint(rollback.name());
                session.recovered();
                yield done(statement);
            }
            case Statement.SetTransaction set -> setTransaction(set);
            case Statement.SetConstraints set -> setConstraints(set);
            case Statement.Set set -> set(set);
            case Statement.Reset reset -> {
                if (reset.name().equals("all")) {
                    session.settings().resetAll();
                } else {
                    session.settings().set(reset.name(), null, false);
                }
                yield done(statement);
            }
            case Statement.Show show -> show(show.name());
            case Statement.Prepare prepare -> prepare(prepare);
            case Statement.Execute execute -> execute(execute);
            case Statement.Deallocate deallocate -> {
                if (deallocate.name() == null) {
                    prepared.clear();
                } else {
                    prepared.remove(deallocate.name());
                }
                yield done(statement);
            }
            case Statement.DeclareCursor declare -> {
                if (!declare.hold()) {
                    requireBlock("DECLARE CURSOR");
                }
                cursors.declare(session, declare);
                yield done(statement);
            }
            case Statement.Fetch fetch -> cursors.fetch(session, fetch);
            case Statement.CloseCursor close -> {
                cursors.close(close.name());
                yield done(statement);
            }
            case Statement.Discard discard -> discard(discard);
            case Statement.Vacuum vacuum -> vacuum(vacuum);
            case Statement.Checkpoint _ -> throw SqlException.notSupported("CHECKPOINT");
            case Statement.LockTable _ -> throw SqlException.notSupported("LOCK TABLE");
            case Statement.Truncate truncate ->
                    define(statement, scope -> new Truncations(scope).truncate(truncate));
            case Statement.CreateTable create ->
                    define(statement, scope -> new TableDefinitions(scope).create(create));
            case Statement.CreateTableAs create -> createTableAs(create);
            case Statement.AlterTable alter ->
                    define(statement, scope -> new TableAlterations(scope).alter(alter));
            case Statement.CreateIndex create ->
                    define(statement, scope -> new IndexDefinitions(scope).create(create));
            case Statement.Reindex reindex -> {
                if (reindex.concurrently() && session.inExplicitTransaction()) {
                    throw new SqlException(
                            SqlState.ACTIVE_SQL_TRANSACTION,
                            "REINDEX CONCURRENTLY cannot run inside a transaction block");
                }
                // Indexes are no files of their own that could bloat: they only must exist.
                yield define(statement, scope -> new IndexDefinitions(scope).find(reindex));
            }
            case Statement.CreateView create ->
                    define(statement, scope -> new ViewDefinitions(scope).create(create));
            case Statement.CreateSequence create ->
                    define(statement, scope -> new SequenceDefinitions(scope).create(create));
            case Statement.AlterSequence alter ->
                    define(statement, scope -> new SequenceDefinitions(scope).alter(alter));
            case Statement.CreateSchema create -> createSchema(create);
            case Statement.CreateMaterializedView create -> {
                long[] rows = {0};
                define(statement, scope -> rows[0] = new MaterializedViews(scope).create(create));
                yield rows[0] < 0 ? done(statement) : new Result.Command("SELECT " + rows[0]);
            }
            case Statement.RefreshMaterializedView refresh ->
                    define(statement, scope -> new MaterializedViews(scope).refresh(refresh));
            case Statement.CreateEnum create ->
                    define(statement, scope -> new TypeDefinitions(scope).create(create));
            case Statement.CreateComposite create ->
                    define(statement, scope -> new TypeDefinitions(scope).create(create));
            case Statement.AlterType alter ->
                    define(statement, scope -> new TypeAlterations(scope).alter(alter));
            case Statement.CreateDomain create ->
                    define(statement, scope -> new DomainDefinitions(scope).create(create));
            case Statement.AlterDomain alter ->
                    define(statement, scope -> new DomainDefinitions(scope).alter(alter));
            case Statement.Comment comment ->
                    define(statement, scope -> new Comments(scope).comment(comment));
            case Statement.Drop drop -> define(statement, scope -> new Drops(scope).drop(drop));
            case Statement.AlterObject alter ->
                    define(statement, scope -> new ObjectAlterations(scope).alter(alter));
        };
    }

    private static Result done(Statement statement) {
        return new Result.Command(Tags.of(statement));
    }

    private static Result text(String column, List<String> lines, String tag) {
        List<@Nullable Object[]> rows = new ArrayList<>();
        lines.forEach(line -> rows.add(new Object[] {line}));
        return new Result.Rows(
                List.of(OutputColumn.of(column, Types.TEXT)), new ListRows(rows, tag));
    }

    // ---- definitions ----

    Result define(Statement statement, Consumer<Definitions> action) {
        Transaction transaction = session.transaction();
        transaction.checkWritable(Tags.of(statement));
        session.lockDefinitions(transaction);
        transaction.tag(Tags.of(statement));
        // Opened under the lock, so that it sees what the definition before it committed.
        try (StatementContext context = session.open(new HashMap<>(), new Object[0])) {
            action.accept(new Definitions(context, session.inExplicitTransaction()));
        }
        return done(statement);
    }

    private Result createSchema(Statement.CreateSchema create) {
        String[] name = {null};
        define(create, scope -> name[0] = new SchemaDefinitions(scope).create(create));
        String made = name[0];
        if (made == null || create.elements().isEmpty()) {
            return done(create);
        }
        String path = session.settingValue("search_path");
        String inside = '"' + made.replace("\"", "\"\"") + '"';
        session.settings().set("search_path", path == null ? inside : inside + ", " + path, false);
        try {
            List<Statement> elements = new ArrayList<>(create.elements());
            elements.sort(java.util.Comparator.comparingInt(Statements::elementRank));
            for (Statement element : elements) {
                run(
                        new PlannedStatement(new ParsedStatement(element, "", 0), Map.of()),
                        plan -> new Object[0]);
            }
        } finally {
            session.settings().set("search_path", path, false);
        }
        return done(create);
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
            action.accept(new Definitions(context, session.inExplicitTransaction(), false));
        }
    }

    private Result createTableAs(Statement.CreateTableAs create) {
        Statement.Execute execute = create.execute();
        Query query = create.query();
        PlannedStatement planned;
        Function<PlannedStatement.Plan, @Nullable Object[]> values;
        if (execute != null) {
            planned = prepared.get(execute.name());
            values = plan -> arguments(execute, plan);
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
        if (session.run(planned, values) instanceof Result.Rows rows) {
            try (Result.RowSource source = rows.source()) {
                for (Object[] row = source.next(); row != null; row = source.next()) {
                    target.accept(row);
                }
            }
        }
    }

    // ---- transactions ----

    private Result begin(Statement.TransactionModes modes) {
        if (session.inExplicitTransaction()) {
            session.warn(
                    SqlState.ACTIVE_SQL_TRANSACTION, "there is already a transaction in progress");
        }
        configure(session.beginExplicit(), modes);
        return new Result.Command("BEGIN");
    }

    private void configure(Transaction transaction, Statement.TransactionModes modes) {
        Long asOf = null;
        if (modes.asOf() != null) {
            try (StatementContext context = session.peek()) {
                asOf = context.resolve(modes.asOf());
            }
        }
        transaction.configure(
                modes.isolation() == null ? null : Isolation.of(modes.isolation()),
                modes.readOnly(),
                asOf);
    }

    private Result commit(boolean chain) {
        if (chain) {
            requireBlock("COMMIT AND CHAIN");
        }
        boolean inBlock = session.inExplicitTransaction();
        if (!inBlock) {
            session.warn(SqlState.NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
        }
        boolean committed = session.commit();
        cursors.endTransaction(committed);
        if (chain && inBlock) {
            session.beginExplicit();
        }
        return new Result.Command(committed ? "COMMIT" : "ROLLBACK");
    }

    private Result rollback(boolean chain) {
        if (chain) {
            requireBlock("ROLLBACK AND CHAIN");
        }
        boolean inBlock = session.inExplicitTransaction();
        if (!inBlock) {
            session.warn(SqlState.NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
        }
        cursors.endTransaction(false);
        session.rollback();
        if (chain && inBlock) {
            session.beginExplicit();
        }
        return new Result.Command("ROLLBACK");
    }

    private Transaction requireBlock(String statement) {
        if (!session.inExplicitTransaction()) {
            throw new SqlException(
                    SqlState.NO_ACTIVE_SQL_TRANSACTION,
                    statement + " can only be used in transaction blocks");
        }
        return session.transaction();
    }

    private Result setTransaction(Statement.SetTransaction set) {
        Statement.TransactionModes modes = set.modes();
        if (set.session()) {
            if (modes.isolation() != null) {
                session.settings().set("default_transaction_isolation", modes.isolation(), false);
            }
            if (modes.readOnly() != null) {
                session.settings()
                        .set(
                                "default_transaction_read_only",
                                modes.readOnly() ? "on" : "off",
                                false);
            }
        } else if (session.inExplicitTransaction()) {
            configure(session.transaction(), modes);
        } else {
            session.warn(
                    SqlState.NO_ACTIVE_SQL_TRANSACTION,
                    "SET TRANSACTION can only be used in transaction blocks");
        }
        return done(set);
    }

    private Result setConstraints(Statement.SetConstraints set) {
        if (!session.inExplicitTransaction()) {
            session.warn(
                    SqlState.NO_ACTIVE_SQL_TRANSACTION,
                    "SET CONSTRAINTS can only be used in transaction blocks");
            return done(set);
        }
        Transaction transaction = session.transaction();
        if (set.names().isEmpty()) {
            transaction.checks.defer(set.deferred());
        }
        try (StatementContext context = session.peek()) {
            for (QualifiedName name : set.names()) {
                for (Constraint constraint : constraints(context, name)) {
                    if (!constraint.deferrable()) {
                        throw new SqlException(
                                SqlState.WRONG_OBJECT_TYPE,
                                "constraint \"" + name.last() + "\" is not deferrable");
                    }
                    transaction.checks.defer(constraint.id(), set.deferred());
                }
            }
        }
        if (!set.deferred()) {
            session.checkImmediate(transaction);
        }
        return done(set);
    }

    /** The constraints of a name in the first schema of the search path that has any. */
    private List<Constraint> constraints(StatementContext context, QualifiedName name) {
        List<String> schemas =
                name.parts().size() > 1
                        ? List.of(name.parts().get(name.parts().size() - 2))
                        : context.searchPath();
        for (String schemaName : schemas) {
            SchemaDef schema = context.catalog().findSchema(schemaName);
            if (schema == null) {
                if (name.parts().size() > 1) {
                    throw new SqlException(
                            SqlState.INVALID_SCHEMA_NAME,
                            "schema \"" + schemaName + "\" does not exist");
                }
                continue;
            }
            List<Constraint> found =
                    context.catalog().objects(TableDef.class).stream()
                            .filter(table -> table.schemaId() == schema.id())
                            .flatMap(table -> table.constraints().stream())
                            .filter(constraint -> constraint.name().equals(name.last()))
                            .toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_OBJECT, "constraint \"" + name.last() + "\" does not exist");
    }

    // ---- settings ----

    private Result set(Statement.Set set) {
        String value = set.values() == null ? null : join(set.name(), set.values());
        if (set.name().equalsIgnoreCase("transaction_isolation") && value != null) {
            configure(
                    requireBlock("SET transaction_isolation"),
                    new Statement.TransactionModes(value, null, null, null));
            return done(set);
        }
        if (set.name().equalsIgnoreCase("transaction_read_only") && value != null) {
            configure(
                    requireBlock("SET transaction_read_only"),
                    new Statement.TransactionModes(null, value.equals("on"), null, null));
            return done(set);
        }
        if (set.name().equalsIgnoreCase("driftdb.as_of")) {
            if (session.inExplicitTransaction()) {
                throw new SqlException(
                        SqlState.ACTIVE_SQL_TRANSACTION,
                        "driftdb.as_of cannot be set inside a transaction block");
            }
            if (value != null && !value.isBlank()) {
                try (StatementContext context = session.peek()) {
                    value = Long.toString(new TimePoints(context).offsetOf(value));
                }
            }
        }
        session.settings().set(set.name(), value, set.local());
        return done(set);
    }

    private static String join(String name, List<String> values) {
        if (!name.equalsIgnoreCase("search_path")) {
            return String.join(", ", values);
        }
        List<String> quoted = new ArrayList<>();
        for (String value : values) {
            quoted.add(
                    value.matches("[a-z_][a-z0-9_]*")
                            ? value
                            : '"' + value.replace("\"", "\"\"") + '"');
        }
        return String.join(", ", quoted);
    }

    private Result show(String name) {
        if (name.equals("all")) {
            List<@Nullable Object[]> rows = new ArrayList<>();
            session.settings().list().forEach(row -> rows.add(row.toArray()));
            return new Result.Rows(
                    List.of(
                            OutputColumn.of("name", Types.TEXT),
                            OutputColumn.of("setting", Types.TEXT),
                            OutputColumn.of("description", Types.TEXT)),
                    new ListRows(rows, "SHOW"));
        }
        SettingDef def = SettingDef.of(name);
        String value = session.settingValue(name);
        return text(def.name(), List.of(value == null ? "" : value), "SHOW");
    }

    // ---- prepared statements ----

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
            try (StatementContext context = session.open(new HashMap<>(), new Object[0])) {
                planned.plan(context);
            }
        }
        prepared.put(prepare.name(), planned);
        return done(prepare);
    }

    private Result execute(Statement.Execute execute) {
        PlannedStatement planned = prepared.get(execute.name());
        return run(planned, plan -> arguments(execute, plan));
    }

    @Nullable Object[] arguments(Statement.Execute execute, PlannedStatement.Plan plan) {
        if (plan.parameterTypes().size() != execute.arguments().size()) {
            throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "wrong number of parameters for prepared statement \""
                                    + execute.name()
                                    + "\"")
                    .withDetail(
                            "Expected "
                                    + plan.parameterTypes().size()
                                    + " parameters but got "
                                    + execute.arguments().size()
                                    + ".");
        }
        try (StatementContext context = session.peek()) {
            return ArgumentValues.of(execute.arguments(), plan.parameterTypes(), context);
        }
    }

    // ---- other ----

    private Result copy(Statement.Copy copy) {
        if (copy.from()) {
            return new Result.CopyIn(new CopyFrom(session, copy));
        }
        return new CopyTo(session, copy).open();
    }

    private Result discard(Statement.Discard discard) {
        switch (discard.what()) {
            case "all" -> {
                if (session.inExplicitTransaction()) {
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
        return done(discard);
    }

    /** Dead rows need no care here: but the tables must exist, and may be analyzed. */
    private Result vacuum(Statement.Vacuum vacuum) {
        if (vacuum.vacuum() && session.inExplicitTransaction()) {
            throw new SqlException(
                    SqlState.ACTIVE_SQL_TRANSACTION,
                    "VACUUM cannot run inside a transaction block");
        }
        try (StatementContext context = session.open(new HashMap<>(), new Object[0])) {
            new TableAnalysis(session, context).run(vacuum);
        }
        return done(vacuum);
    }
}
