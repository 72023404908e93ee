package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.NodeMeasure;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.eval.ExprCompiler;
import dev.driftdb.query.execute.operator.CommonTableScan;
import dev.driftdb.query.execute.operator.Filter;
import dev.driftdb.query.execute.operator.FunctionScan;
import dev.driftdb.query.execute.operator.Project;
import dev.driftdb.query.execute.operator.ProjectSet;
import dev.driftdb.query.execute.operator.SystemScan;
import dev.driftdb.query.execute.operator.ValuesScan;
import dev.driftdb.query.execute.operator.WithTables;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.optimize.AccessPaths.Order;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.IndexTerms;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Logical plans to operators. One per statement; for one thread.
 *
 * <p>Every node is told which of its columns are read above it, so scans decode no others. Columns
 * that nobody reads keep their place in the row, as null.
 */
final class PhysicalPlanner implements ExprCompiler.Subqueries {
    private static final Eval NULL = (row, frame) -> null;

    private final Catalog catalog;
    private final Estimates estimates;
    private final Rewriter rewriter;
    private final ExprCompiler compiler = new ExprCompiler(this);
    private final ScanPlanner scans = new ScanPlanner(this);
    private final JoinPlanner joins = new JoinPlanner(this);
    private final AggregatePlanner aggregates = new AggregatePlanner(this);
    private final WindowPlanner windows = new WindowPlanner(this);
    private final OrderPlanner orders = new OrderPlanner(this);
    private final SetPlanner sets = new SetPlanner(this);
    private final LockPlanner locks = new LockPlanner(this);
    private final ModifyPlanner modifications = new ModifyPlanner(this);
    private final IdentityHashMap<LogicalPlan.Scan, Boolean> rowIdScans = new IdentityHashMap<>();
    private final @Nullable PlanNotes notes;
    private final IdentityHashMap<LogicalPlan, Explain> subplanExplains = new IdentityHashMap<>();
    private IdentityHashMap<LogicalPlan.Scan, Integer> substitutes = new IdentityHashMap<>();
    private int slots;

    private final Function<IndexDef, IndexTerms> terms;
    private final Map<Integer, IndexTerms> knownTerms = new HashMap<>();
    private boolean constantsMatter;

    /**
     * @param terms what computed indexes compute
     * @param notes what EXPLAIN asks for, null for a plan that is not explained
     */
    PhysicalPlanner(
            Catalog catalog,
            Estimates estimates,
            Rewriter rewriter,
            Function<IndexDef, IndexTerms> terms,
            @Nullable PlanNotes notes) {
        this.notes = notes;
        this.catalog = catalog;
        this.estimates = estimates;
        this.rewriter = rewriter;
        this.terms = terms;
    }

    Estimates estimates() {
        return estimates;
    }

    Rewriter rewriter() {
        return rewriter;
    }

    IndexTerms terms(IndexDef index) {
        return knownTerms.computeIfAbsent(index.id(), id -> terms.apply(index));
    }

    /** A scan that might have used another index, had the statement constants for parameters. */
    void noteComputedIndexes(TableDef table) {
        constantsMatter |= indexesOf(table).stream().anyMatch(IndexDef::computed);
    }

    boolean constantsMatter() {
        return constantsMatter;
    }

    int slotCount() {
        return slots;
    }

    @Override
    public int newSlot() {
        return newSlots(1);
    }

    /** The first of so many slots that come one after another. */
    int newSlots(int count) {
        int first = slots;
        slots += count;
        return first;
    }

    @Override
    public Operator operator(LogicalPlan plan) {
        Planned planned = plan(plan, all(plan.columns().size()));
        subplanExplains.put(plan, planned.explain());
        return planned.operator();
    }

    /** Puts the subqueries in expressions, which were compiled, below a node. */
    Explain subplans(Explain node, List<? extends Expr> expressions, LogicalPlan row) {
        for (Expr expr : expressions) {
            subplans(node, expr, row);
        }
        return node;
    }

    private void subplans(Explain node, Expr expr, LogicalPlan row) {
        PlanTree.rebuild(
                expr,
                child -> {
                    subplans(node, child, row);
                    return child;
                },
                plan -> {
                    Explain explain = subplanExplains.get(plan);
                    if (explain != null) {
                        boolean listed =
                                expr instanceof Expr.InQuery
                                        || (expr instanceof Expr.QuantifiedQuery quantified
                                                && quantified.quantifier() != Expr.Quantifier.ONLY);
                        boolean once = !listed && PlanTraits.nearestReference(plan) > 1;
                        node.subquery(once, plan, explain, row);
                    }
                    return plan;
                });
    }

    /** A count of the rows that a condition refuses; null where nothing is measured. */
    @Nullable LongAdder refusals() {
        return notes == null ? null : notes.refusals();
    }

    /** All of the conditions, refusals counted; null for none. */
    @Nullable Eval condition(List<Expr> conditions, @Nullable LongAdder refused) {
        Eval condition = condition(conditions);
        return refused == null ? condition : NodeMeasure.counting(condition, refused);
    }

    /** A node whose operator answers these columns of a plan's rows. */
    Planned noted(Planned planned, LogicalPlan plan, BitSet required) {
        return notes == null ? planned : notes.add(planned, plan, required);
    }

    /** A node of a statement that changes rows. */
    Planned noted(Planned planned, List<OutputColumn> returning) {
        return notes == null ? planned : notes.modification(planned, !returning.isEmpty());
    }

    /** A node that only hands on what its input answers: that of a hash table. */
    Planned hashed(Planned input) {
        Planned hash =
                new Planned(
                        input.operator(),
                        input.width(),
                        input.hidden(),
                        input.ordered(),
                        PlanNotes.hash(input.explain()));
        return notes == null ? hash : notes.measured(hash);
    }

    @Nullable NodeMeasure measure() {
        return notes == null ? null : notes.measure();
    }

    Eval compile(Expr expr) {
        return compiler.compile(expr);
    }

    OrderPlanner orders() {
        return orders;
    }

    Eval[] compileAll(List<Expr> list) {
        return compiler.compileAll(list);
    }

    /** All of them; null for none. */
    @Nullable Eval condition(List<Expr> conditions) {
        return conditions.isEmpty() ? null : compile(ExprTraits.conjunction(conditions));
    }

    List<IndexDef> indexesOf(TableDef table) {
        List<IndexDef> all = catalog.indexesOf(table.id());
        return notes == null || notes.hasIndexes()
                ? all
                : all.stream().filter(IndexDef::primary).toList();
    }

    String schemaName(TableDef table) {
        return catalog.schemaName(table);
    }

    String keyName(TableDef table) {
        for (IndexDef index : indexesOf(table)) {
            if (index.primary()) {
                return index.name();
            }
        }
        return table.name() + "_pkey";
    }

    boolean yieldsRowId(LogicalPlan.Scan scan) {
        return rowIdScans.containsKey(scan);
    }

    void wantRowId(LogicalPlan.Scan scan) {
        rowIdScans.put(scan, true);
    }

    @Nullable Integer substituteSlot(LogicalPlan.Scan scan) {
        return substitutes.get(scan);
    }

    /** Whether scans are replaced by single rows, so that nothing may be found in other ways. */
    boolean substituting() {
        return !substitutes.isEmpty();
    }

    /**
     * @param rows the slots of single rows that stand for scans of the plan
     */
    Planned planSubstituted(
            LogicalPlan plan, BitSet required, IdentityHashMap<LogicalPlan.Scan, Integer> rows) {
        IdentityHashMap<LogicalPlan.Scan, Integer> before = substitutes;
        substitutes = rows;
        Planned planned = plan(plan, required);
        substitutes = before;
        return planned;
    }

    static BitSet all(int width) {
        BitSet columns = new BitSet(width);
        columns.set(0, width);
        return columns;
    }

    ScanPlanner scans() {
        return scans;
    }

    Planned planStatement(BoundStatement statement) {
        return switch (statement) {
            case BoundStatement.Select select ->
                    plan(select.plan(), all(select.plan().columns().size()));
            case BoundStatement.Insert insert -> modifications.insert(insert);
            case BoundStatement.Update update -> modifications.update(update);
            case BoundStatement.Delete delete -> modifications.delete(delete);
            case BoundStatement.Merge merge -> modifications.merge(merge);
        };
    }

    Planned plan(LogicalPlan plan, BitSet required) {
        return plan(plan, required, List.of(), false);
    }

    /**
     * @param order an order of rows that would save a sort; {@link Planned#ordered} tells whether
     *     it came true
     */
    Planned plan(LogicalPlan plan, BitSet required, List<Order> order, boolean limited) {
        return noted(choose(plan, required, order, limited), plan, required);
    }

    private Planned choose(LogicalPlan plan, BitSet required, List<Order> order, boolean limited) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> scans.plan(scan, List.of(), required, order, limited);
            case LogicalPlan.Sample sample -> scans.sample(sample, List.of(), required);
            case LogicalPlan.SystemScan scan -> systemScan(scan, List.of());
            case LogicalPlan.FunctionScan scan ->
                    Planned.of(
                            new FunctionScan(
                                    scan.function(),
                                    compileAll(scan.arguments()),
                                    scan.withOrdinality()),
                            scan.columns().size(),
                            subplans(Explain.of("Function Scan").on(scan), scan.arguments(), scan));
            case LogicalPlan.Values values -> values(values);
            case LogicalPlan.Filter filter -> filter(filter, required, order, limited);
            case LogicalPlan.Project project -> project(project, required, order, limited);
            case LogicalPlan.ProjectSet project -> projectSet(project);
            case LogicalPlan.Join join -> joins.plan(join, required);
            case LogicalPlan.Aggregate aggregate -> aggregates.plan(aggregate);
            case LogicalPlan.Window window -> windows.plan(window, required);
            case LogicalPlan.Sort sort -> orders.sort(sort, required, null);
            case LogicalPlan.Limit limit -> orders.limit(limit, required);
            case LogicalPlan.Distinct distinct -> sets.distinct(distinct, required);
            case LogicalPlan.SetOperation set -> sets.setOperation(set, required);
            case LogicalPlan.With with -> with(with.definitions(), plan(with.body(), required));
            case LogicalPlan.CteScan scan ->
                    Planned.of(
                            new CommonTableScan(scan.id()),
                            scan.columns().size(),
                            Explain.of(sets.isRecursion(scan.id()) ? "WorkTable Scan" : "CTE Scan")
                                    .on(scan));
            case LogicalPlan.RecursiveUnion union -> sets.recursiveUnion(union);
            case LogicalPlan.LockRows lock -> locks.plan(lock, required, order, limited);
        };
    }

    private Planned systemScan(LogicalPlan.SystemScan scan, List<Expr> conditions) {
        LongAdder refused = refusals();
        Eval filter = condition(conditions, refused);
        Explain explain = Explain.of("Seq Scan").on(scan).condition("Filter", conditions, scan);
        if (!conditions.isEmpty()) {
            explain.refused("Rows Removed by Filter", refused);
        }
        return Planned.of(
                new SystemScan(scan.relation(), scan.offset(), filter),
                scan.columns().size(),
                subplans(explain, conditions, scan));
    }

    private Planned values(LogicalPlan.Values values) {
        Eval[][] rows = values.rows().stream().map(this::compileAll).toArray(Eval[][]::new);
        List<Expr> expressions = values.rows().stream().flatMap(List::stream).toList();
        Explain explain =
                rows.length == 1 ? Explain.of("Result") : Explain.of("Values Scan").on(values);
        return Planned.of(
                new ValuesScan(rows),
                values.columns().size(),
                subplans(explain, expressions, values));
    }

    private Planned filter(
            LogicalPlan.Filter filter, BitSet required, List<Order> order, boolean limited) {
        List<Expr> conditions = ExprTraits.conjuncts(filter.condition());
        if (filter.input() instanceof LogicalPlan.Scan scan && ExprTraits.isNeverTrue(conditions)) {
            return nothing(plan(scan, required));
        }
        if (filter.input() instanceof LogicalPlan.Scan scan) {
            return scans.plan(scan, conditions, required, order, limited);
        }
        if (filter.input() instanceof LogicalPlan.Sample sample
                && !ExprTraits.isNeverTrue(conditions)) {
            return scans.sample(sample, conditions, required);
        }
        if (filter.input() instanceof LogicalPlan.SystemScan scan) {
            return systemScan(scan, conditions);
        }
        BitSet needed = (BitSet) required.clone();
        needed.or(ExprTraits.columns(filter.condition()));
        Planned input = plan(filter.input(), needed, order, limited);
        if (conditions.isEmpty()) {
            return input;
        }
        if (ExprTraits.isNeverTrue(conditions)) {
            return nothing(input);
        }
        LongAdder refused = refusals();
        Eval condition = condition(conditions, refused);
        if (condition == null) {
            return input;
        }
        Explain explain =
                input.explain()
                        .condition("Filter", conditions, filter.input())
                        .refused("Rows Removed by Filter", refused);
        return new Planned(
                new Filter(input.operator(), condition),
                input.width(),
                input.hidden(),
                input.ordered(),
                subplans(explain, conditions, filter.input()));
    }

    private static Planned nothing(Planned input) {
        return new Planned(
                frame -> Rows.NONE,
                input.width(),
                input.hidden(),
                false,
                Explain.of("Result").detail(Explain.ONE_TIME_FILTER, "false"));
    }

    private Planned project(
            LogicalPlan.Project project, BitSet required, List<Order> order, boolean limited) {
        List<Expr> expressions = project.expressions();
        BitSet needed = new BitSet();
        Eval[] evals = new Eval[expressions.size()];
        List<Expr> used = new ArrayList<>();
        for (int i = 0; i < evals.length; i++) {
            Expr expr = expressions.get(i);
            if (required.get(i) || ExprTraits.isVolatile(expr)) {
                needed.or(ExprTraits.columns(expr));
                evals[i] = compile(expr);
                used.add(expr);
            } else {
                evals[i] = NULL;
            }
        }
        List<Order> below = new ArrayList<>();
        for (Order key : order) {
            if (!(expressions.get(key.column()) instanceof Expr.Input input)) {
                below.clear();
                break;
            }
            below.add(new Order(input.index(), key.descending(), key.nullsFirst()));
        }
        Planned input = plan(project.input(), needed, below, limited);
        boolean same = isIdentity(expressions, project.input().columns().size());
        return new Planned(
                same
                        ? input.operator()
                        : new Project(
                                input.operator(), evals, input.width(), input.hidden().size()),
                evals.length,
                input.hidden(),
                input.ordered() && !order.isEmpty() && !below.isEmpty(),
                subplans(input.explain(), used, project.input()));
    }

    private static boolean isIdentity(List<Expr> expressions, int width) {
        if (expressions.size() != width) {
            return false;
        }
        for (int i = 0; i < width; i++) {
            if (!(expressions.get(i) instanceof Expr.Input input) || input.index() != i) {
                return false;
            }
        }
        return true;
    }

    private Planned projectSet(LogicalPlan.ProjectSet project) {
        Planned input = plan(project.input(), all(project.input().columns().size()));
        List<Eval[]> arguments =
                project.calls().stream().map(call -> compileAll(call.arguments())).toList();
        return Planned.of(
                new ProjectSet(
                        input.operator(),
                        input.width(),
                        project.calls().stream().map(LogicalPlan.SetCall::function).toList(),
                        arguments),
                project.columns().size(),
                subplans(
                        Explain.of("ProjectSet", input.explain()),
                        project.calls().stream().flatMap(c -> c.arguments().stream()).toList(),
                        project.input()));
    }

    /** Puts common tables around what reads them. */
    Planned with(List<LogicalPlan.CteDefinition> definitions, Planned body) {
        if (definitions.isEmpty()) {
            return body;
        }
        List<WithTables.Definition> tables = new ArrayList<>();
        for (LogicalPlan.CteDefinition definition : definitions) {
            Planned planned = planStatement(definition.statement());
            tables.add(
                    new WithTables.Definition(
                            definition.id(),
                            definition.name(),
                            planned.operator(),
                            !(definition.statement() instanceof BoundStatement.Select)));
            body.explain().commonTable(definition.name(), planned.explain());
        }
        return new Planned(
                new WithTables(tables, body.operator()),
                body.width(),
                body.hidden(),
                false,
                body.explain());
    }
}
