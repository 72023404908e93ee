package dev.driftdb.query.session;

import dev.driftdb.query.ast.CursorStatement;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.define.TableCopies;
import dev.driftdb.query.execute.ExecutablePlan;
import dev.driftdb.query.explain.ExplainOptions;
import dev.driftdb.query.explain.ExplainedQuery;
import dev.driftdb.query.explain.PlanText;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** EXPLAIN: a plan is made and shown; with ANALYZE it is run first, as the statement would be. */
final class Explanations {
    /** What a plan depends on, besides tables and statistics. */
    private static final List<String> PLANNING_SETTINGS = List.of("search_path", "work_mem");

    private final Session session;
    private final DefinitionStatements definitions;
    private final PreparedStatements prepared;

    Explanations(Session session, DefinitionStatements definitions, PreparedStatements prepared) {
        this.session = session;
        this.definitions = definitions;
        this.prepared = prepared;
    }

    /** The columns of the answer. */
    static List<OutputColumn> columns(Statement.Explain explain) {
        return List.of(
                OutputColumn.of(
                        "QUERY PLAN",
                        ExplainOptions.formatOf(explain.options()) == ExplainOptions.Format.JSON
                                ? Types.JSON
                                : Types.TEXT));
    }

    /** The query in it whose parameters it has; null where it has none. */
    static @Nullable PlannedStatement query(PlannedStatement planned) {
        return planned.statement() instanceof Statement.Explain explain
                        && explain.statement() instanceof DataStatement
                ? planned.of(explain.statement())
                : null;
    }

    /**
     * @param values of the statement's own parameters
     */
    Result explain(
            PlannedStatement planned,
            Statement.Explain explain,
            Function<PlannedStatement.Plan, @Nullable Object[]> values) {
        List<String> lines = lines(planned, explain, values);
        List<@Nullable Object[]> rows = new ArrayList<>();
        lines.forEach(line -> rows.add(new Object[] {line}));
        return new Result.Rows(columns(explain), new ListRows(rows, "EXPLAIN"));
    }

    private List<String> lines(
            PlannedStatement planned,
            Statement.Explain explain,
            Function<PlannedStatement.Plan, @Nullable Object[]> values) {
        return switch (explain.statement()) {
            case SessionStatement.Execute execute -> {
                ExplainOptions.of(explain.options());
                yield run(
                        prepared.get(execute.name()).planned(),
                        explain,
                        plan -> ArgumentValues.of(execute, plan, session),
                        rows -> {});
            }
            case CursorStatement.DeclareCursor declare ->
                    run(planned.of(declare.query()), explain, values, rows -> {});
            case TableDefinition.CreateTableAs create ->
                    createTableAs(planned, explain, create, values);
            default -> run(planned.of(explain.statement()), explain, values, rows -> {});
        };
    }

    private List<String> createTableAs(
            PlannedStatement planned,
            Statement.Explain explain,
            TableDefinition.CreateTableAs create,
            Function<PlannedStatement.Plan, @Nullable Object[]> values) {
        SessionStatement.Execute execute = create.execute();
        Query query = create.query();
        PlannedStatement source;
        Function<PlannedStatement.Plan, @Nullable Object[]> arguments;
        if (execute != null) {
            source = prepared.get(execute.name()).planned();
            arguments = plan -> ArgumentValues.of(execute, plan, session);
        } else if (query != null) {
            source = planned.of(new DataStatement.Select(query));
            arguments = values;
        } else {
            throw new IllegalStateException("CREATE TABLE AS without a query");
        }
        boolean[] there = {false};
        definitions.look(scope -> there[0] = new TableCopies(scope).isThere(create));
        if (there[0]) {
            return List.of();
        }
        if (!ExplainOptions.of(explain.options()).analyze()) {
            return run(source, explain, arguments, rows -> {});
        }
        List<String> lines = new ArrayList<>();
        TableCopies.QueryRunner runner =
                new TableCopies.QueryRunner() {
                    @Override
                    public List<OutputColumn> columns() {
                        try (StatementContext context = session.peek()) {
                            return source.plan(context).executable().columns();
                        }
                    }

                    @Override
                    public void run(Consumer<@Nullable Object[]> target) {
                        lines.addAll(Explanations.this.run(source, explain, arguments, target));
                    }
                };
        definitions.define(create, scope -> new TableCopies(scope).create(create, runner));
        if (!create.withData()) {
            return run(source, explain.withoutAnalyze(), arguments, rows -> {});
        }
        return lines;
    }

    /**
     * @param target of the rows, where it is run
     */
    private List<String> run(
            PlannedStatement planned,
            Statement.Explain explain,
            Function<PlannedStatement.Plan, @Nullable Object[]> values,
            Consumer<@Nullable Object[]> target) {
        if (!planned.isQuery()) {
            ExplainOptions.of(explain.options());
            return List.of("Utility statements have no plan structure");
        }
        StatementContext context = session.open();
        try {
            PlannedStatement.Explained explained =
                    planned.explain(context, () -> ExplainOptions.of(explain.options()));
            ExplainOptions options = explained.options();
            if (options.buffers()) {
                throw SqlException.notSupported("EXPLAIN (BUFFERS)");
            }
            ExplainedQuery query = explained.query();
            if (options.genericPlan() && explained.plan().openPoints()) {
                throw SqlException.notSupported(
                        "EXPLAIN (GENERIC_PLAN) of a query whose point in time is a parameter");
            }
            if (!options.genericPlan()) {
                @Nullable Object[] given = values.apply(explained.plan());
                if (given.length < explained.plan().parameterTypes().size()) {
                    throw new SqlException(
                            SqlState.UNDEFINED_PARAMETER,
                            "there is no parameter $" + (given.length + 1));
                }
                context.setParameters(given);
                if (explained.plan().openPoints()) {
                    explained = planned.explain(context, () -> options);
                    query = explained.query();
                }
            }
            long executionNanos = -1;
            if (options.analyze()) {
                executionNanos = execute(planned, query.plan(), context, target);
            }
            return PlanText.of(
                    query,
                    options,
                    context.format(),
                    new PlanText.Summary(settings(), explained.planningNanos(), executionNanos));
        } finally {
            context.close();
        }
    }

    private long execute(
            PlannedStatement planned,
            ExecutablePlan plan,
            StatementContext context,
            Consumer<@Nullable Object[]> target) {
        if (!plan.readOnly()) {
            context.transaction().checkWritable(Tags.of(planned.statement()));
            context.transaction().tag(Tags.of(planned.statement()));
        }
        long began = System.nanoTime();
        try (ExecutablePlan.Execution execution = plan.open(context)) {
            for (Object[] row = execution.next(); row != null; row = execution.next()) {
                target.accept(row);
            }
        }
        if (!plan.readOnly()) {
            session.dueChecks().afterStatement(context.transaction(), context.catalog());
        }
        return System.nanoTime() - began;
    }

    /** Those that differ from their defaults, by name. */
    private Map<String, String> settings() {
        Map<String, String> changed = new LinkedHashMap<>();
        for (String name : PLANNING_SETTINGS) {
            String value = session.settings().get(name);
            if (!value.equals(SettingDef.of(name).defaultValue())) {
                changed.put(name, value);
            }
        }
        return changed;
    }
}
