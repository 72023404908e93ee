package dev.driftdb.query.session;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.define.IndexTexts;
import dev.driftdb.query.execute.ExecutablePlan;
import dev.driftdb.query.explain.ExplainOptions;
import dev.driftdb.query.explain.ExplainedQuery;
import dev.driftdb.query.optimize.Planner;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.IndexTerms;
import dev.driftdb.query.statistics.StatisticsStore;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A statement with its plan, which is made anew when what it was made from has changed. Shared
 * between sessions: safe for any thread, because a plan is immutable and replaced as a whole.
 */
final class PlannedStatement {
    /**
     * A plan and what it was made from.
     *
     * @param parameterTypes of $1, $2, …
     * @param statistics the version of the statistics
     * @param openPoints whether it depends on the parameters at which points in time it reads: such
     *     a plan only describes, the one that runs is made {@link #planWithParameters with them}
     */
    record Plan(
            Catalog catalog,
            List<String> searchPath,
            @Nullable Long asOf,
            List<SqlType> parameterTypes,
            ExecutablePlan executable,
            long statistics,
            boolean openPoints) {}

    /** For so many runs it does not pass for brief after one that was not. */
    private static final int RUNS_AFTER_LONG_ONE = 1_000;

    private final ParsedStatement parsed;
    private final Map<Integer, SqlType> declaredTypes;
    private final boolean shared;

    /** Whether rows tell which stored rows they are. */
    private final boolean cursor;

    private volatile @Nullable Plan cached;

    /** Not exact where several sessions run it. */
    private volatile int runsUntilBrief;

    /** Whether each text is to be planned with its own constants. */
    private volatile boolean custom;

    /** The catalog under which constants must not be parameters. */
    private volatile @Nullable Catalog misfits;

    /**
     * @param declaredTypes parameter types that the client (or a literal's form) has given, by
     *     number
     */
    PlannedStatement(ParsedStatement parsed, Map<Integer, SqlType> declaredTypes) {
        this(parsed, declaredTypes, false, false);
    }

    private PlannedStatement(
            ParsedStatement parsed,
            Map<Integer, SqlType> declaredTypes,
            boolean shared,
            boolean cursor) {
        this.parsed = parsed;
        this.declaredTypes = Map.copyOf(declaredTypes);
        this.shared = shared;
        this.cursor = cursor;
    }

    /** One that stands for many texts: an error in it must be found again in the text itself. */
    static PlannedStatement shared(ParsedStatement parsed, Map<Integer, SqlType> declaredTypes) {
        return new PlannedStatement(parsed, declaredTypes, true, false);
    }

    /** The query of a cursor, which UPDATE and DELETE may ask for the row it is on. */
    static PlannedStatement cursor(ParsedStatement parsed) {
        return new PlannedStatement(parsed, Map.of(), false, true);
    }

    /** Whether its columns are known without planning it. */
    boolean isPlanned() {
        return !isQuery() || cached != null;
    }

    /** Whether its next run is expected to be brief. */
    boolean isBrief(Plan plan) {
        int left = runsUntilBrief;
        if (left > 0) {
            runsUntilBrief = left - 1;
            return false;
        }
        return plan.executable().brief();
    }

    /** A run was expected to be brief, and was not. */
    void tookLong() {
        runsUntilBrief = RUNS_AFTER_LONG_ONE;
    }

    Statement statement() {
        return parsed.statement();
    }

    String text() {
        return parsed.text();
    }

    boolean isQuery() {
        return parsed.statement() instanceof DataStatement;
    }

    /** A statement in this one, with the same parameters. */
    PlannedStatement of(Statement inner) {
        return new PlannedStatement(
                new ParsedStatement(inner, parsed.text(), parsed.parameterCount()), declaredTypes);
    }

    /** The same with these as its parameters' types, for one session. */
    PlannedStatement withParameterTypes(List<SqlType> types) {
        Map<Integer, SqlType> byNumber = new HashMap<>();
        for (int i = 0; i < types.size(); i++) {
            byNumber.put(i + 1, types.get(i));
        }
        return new PlannedStatement(parsed, byNumber);
    }

    /** A plan that is made to be shown. */
    record Explained(ExplainOptions options, ExplainedQuery query, Plan plan, long planningNanos) {}

    /**
     * Makes a plan to be shown, which no one else uses.
     *
     * @param options asked for once the statement is known to have a meaning
     */
    Explained explain(StatementContext context, Supplier<ExplainOptions> options) {
        Map<Integer, SqlType> types = new HashMap<>(declaredTypes);
        StatementContext binding = context.withParameterTypes(types);
        Binder binder = Binder.describing(binding);
        BoundStatement bound = binder.bind(parsed.statement());
        ExplainOptions known = options.get();
        long began = System.nanoTime();
        ExplainedQuery query =
                context.engine()
                        .planner()
                        .explain(
                                bound,
                                context.catalog(),
                                context.engine().statistics(),
                                index -> IndexTexts.terms(binding.definitions(), index),
                                context.tables().hasIndexes(),
                                known.analyze(),
                                known.timing());
        long nanos = System.nanoTime() - began;
        Plan plan =
                new Plan(
                        context.catalog(),
                        context.searchPath(),
                        context.sessionAsOf(),
                        inOrder(types),
                        query.plan(),
                        context.engine().statistics().version(),
                        binder.hasOpenPoints());
        return new Explained(known, query, plan, nanos);
    }

    /** The plan for a statement that is about to run (or to be described). */
    Plan plan(StatementContext context) {
        Catalog catalog = context.catalog();
        if (custom) {
            throw new SimpleStatements.Misfit();
        }
        if (context.sessionAsOf() == null) {
            Plan known =
                    planFor(catalog, context.searchPath(), context.engine().statistics().version());
            if (known != null) {
                return known;
            }
        }
        if (shared && misfits == catalog) {
            throw new SimpleStatements.Misfit();
        }
        try {
            return make(context, catalog);
        } catch (SqlException e) {
            if (shared) {
                throw new SimpleStatements.Misfit(e);
            }
            throw e;
        }
    }

    /** The plan if it is known and was made from just these; for reading now. */
    @Nullable Plan planFor(Catalog catalog, List<String> searchPath, long statistics) {
        Plan known = cached;
        return known != null
                        && known.catalog() == catalog
                        && known.asOf() == null
                        && known.statistics() == statistics
                        && known.searchPath().equals(searchPath)
                ? known
                : null;
    }

    /** The plan of a statement with open points that is about to run, and has its parameters. */
    Plan planWithParameters(StatementContext context) {
        return make(context, context.catalog());
    }

    private Plan make(StatementContext context, Catalog catalog) {
        Map<Integer, SqlType> types = new HashMap<>(declaredTypes);
        StatementContext binding = context.withParameterTypes(types);
        Binder binder = Binder.describing(binding);
        StatisticsStore statistics = context.engine().statistics();
        long version = statistics.version();
        BoundStatement bound = binder.bind(parsed.statement());
        if (shared && binder.hasOpenPoints()) {
            // What the constant of a point is decides what kind of point it is.
            misfits = catalog;
            throw new SimpleStatements.Misfit();
        }
        Planner planner = context.engine().planner();
        Function<IndexDef, IndexTerms> terms =
                index -> IndexTexts.terms(binding.definitions(), index);
        ExecutablePlan executable =
                cursor
                        ? planner.planCursor(bound, catalog, statistics, terms)
                        : planner.plan(bound, catalog, statistics, terms);
        if (shared && parsed.parameterCount() > 0 && executable.constantsMatter()) {
            misfits = catalog;
            throw new SimpleStatements.Misfit();
        }
        if (shared && !types.isEmpty() && executable.cost() > SimpleStatements.SHARED_COST_MAX) {
            custom = true;
            throw new SimpleStatements.Misfit();
        }
        Plan plan =
                new Plan(
                        catalog,
                        context.searchPath(),
                        context.sessionAsOf(),
                        inOrder(types),
                        executable,
                        version,
                        binder.hasOpenPoints());
        if (binder.cacheable() && context.sessionAsOf() == null) {
            cached = plan;
        }
        return plan;
    }

    private List<SqlType> inOrder(Map<Integer, SqlType> types) {
        int count = parsed.parameterCount();
        for (int number : types.keySet()) {
            count = Math.max(count, number);
        }
        List<SqlType> list = new ArrayList<>(count);
        for (int i = 1; i <= count; i++) {
            list.add(types.getOrDefault(i, Types.TEXT));
        }
        return list;
    }
}
