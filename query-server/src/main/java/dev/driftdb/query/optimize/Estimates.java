package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.statistics.ColumnStatistics;
import dev.driftdb.query.statistics.Statistics;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many rows and distinct values a plan may have: from statistics where there are some, else
 * from its shape. For one thread and one statement.
 */
final class Estimates {
    private static final double GROUPS = 0.1;
    private static final double FUNCTION_ROWS = 100;
    private static final double SYSTEM_ROWS = 200;

    /** The share of rows that a sample of an unknown percentage takes. */
    private static final double SAMPLE = 0.1;

    private static final double RECURSION = 10;

    /** Distinct values of what nothing is known of. */
    static final double UNKNOWN_DISTINCT = 200;

    private static final int UNKNOWN_WIDTH = 32;

    private final Statistics statistics;
    private final Catalog catalog;
    private final Selectivity selectivity = new Selectivity(this);
    private final JoinEstimates joins = new JoinEstimates(this, selectivity);
    private final UniqueColumns unique;
    private final PlanCosts costs;
    private final IdentityHashMap<LogicalPlan, Double> rows = new IdentityHashMap<>();
    private final Map<Integer, LogicalPlan> commonTables = new HashMap<>();

    Estimates(Statistics statistics, Catalog catalog) {
        this.statistics = statistics;
        this.catalog = catalog;
        this.unique = new UniqueColumns(catalog);
        this.costs = new PlanCosts(this, catalog);
    }

    /** Where a column comes from. */
    record Source(LogicalPlan.Scan scan, ColumnDef column) {}

    /** What plans cost. */
    PlanCosts costs() {
        return costs;
    }

    /** What it costs to run a plan once, roughly: see {@link Costs}. */
    double cost(LogicalPlan plan) {
        return costs.of(plan);
    }

    JoinEstimates joins() {
        return joins;
    }

    double tableRows(TableDef table) {
        return Math.max(1, statistics.rows(table));
    }

    /** What a common table is made by, for those who read it. */
    void defineCommonTable(int id, LogicalPlan plan) {
        commonTables.put(id, plan);
    }

    double rows(LogicalPlan plan) {
        Double known = rows.get(plan);
        if (known == null) {
            known = compute(plan);
            rows.put(plan, known);
        }
        return known;
    }

    /** For now a plan is said to have so many rows. */
    void assume(LogicalPlan plan, double assumed) {
        rows.put(plan, assumed);
    }

    private double compute(LogicalPlan plan) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> tableRows(scan.table());
            case LogicalPlan.Sample sample -> Math.max(1, rows(sample.input()) * share(sample));
            case LogicalPlan.SystemScan _ -> SYSTEM_ROWS;
            case LogicalPlan.FunctionScan scan -> functionRows(scan);
            case LogicalPlan.CteScan scan -> {
                LogicalPlan made = commonTables.get(scan.id());
                yield made == null ? FUNCTION_ROWS : rows(made);
            }
            case LogicalPlan.Values values -> values.rows().size();
            case LogicalPlan.Filter filter ->
                    filtered(filter.input(), ExprTraits.conjuncts(filter.condition()));
            case LogicalPlan.Project project -> rows(project.input());
            case LogicalPlan.ProjectSet project -> rows(project.input()) * 10;
            case LogicalPlan.Join join -> joins.rows(join);
            case LogicalPlan.Aggregate aggregate -> groups(aggregate);
            case LogicalPlan.Window window -> rows(window.input());
            case LogicalPlan.Sort sort -> rows(sort.input());
            case LogicalPlan.Limit limit -> limited(limit);
            case LogicalPlan.Distinct distinct -> distinctRows(distinct);
            case LogicalPlan.SetOperation set ->
                    switch (set.kind()) {
                        case UNION -> rows(set.left()) + rows(set.right());
                        case INTERSECT -> Math.min(rows(set.left()), rows(set.right()));
                        case EXCEPT -> rows(set.left());
                    };
            case LogicalPlan.With with -> {
                for (LogicalPlan.CteDefinition definition : with.definitions()) {
                    if (definition.statement()
                            instanceof dev.driftdb.query.plan.BoundStatement.Select select) {
                        defineCommonTable(definition.id(), select.plan());
                    }
                }
                yield rows(with.body());
            }
            case LogicalPlan.RecursiveUnion union -> rows(union.base()) * RECURSION;
            case LogicalPlan.LockRows lock -> rows(lock.input());
        };
    }

    private static double functionRows(LogicalPlan.FunctionScan scan) {
        List<Expr> arguments = scan.arguments();
        if (scan.function().name().equals("generate_series")
                && arguments.size() >= 2
                && arguments.get(0) instanceof Expr.Constant first
                && arguments.get(1) instanceof Expr.Constant last
                && first.value() instanceof Long from
                && last.value() instanceof Long to
                && arguments.size() == 2) {
            return Math.max(1, (double) to - from + 1);
        }
        return FUNCTION_ROWS;
    }

    private double limited(LogicalPlan.Limit limit) {
        return limit.limit() instanceof Expr.Constant c && c.value() instanceof Long n
                ? Math.max(1, Math.min(n, rows(limit.input())))
                : rows(limit.input());
    }

    private double groups(LogicalPlan.Aggregate aggregate) {
        if (aggregate.groupBy().isEmpty()) {
            return Math.max(1, aggregate.groupingSets().size());
        }
        double sum = 0;
        for (List<Integer> set : aggregate.groupingSets()) {
            List<Expr> keys = set.stream().map(aggregate.groupBy()::get).toList();
            sum += distinct(keys, aggregate.input());
        }
        return Math.max(1, sum);
    }

    private double distinctRows(LogicalPlan.Distinct distinct) {
        List<Expr> keys = new ArrayList<>(distinct.on());
        if (keys.isEmpty()) {
            for (int i = 0; i < distinct.columns().size(); i++) {
                OutputColumn column = distinct.columns().get(i);
                keys.add(new Expr.Input(i, column.type(), column.typmod()));
            }
        }
        return distinct(keys, distinct.input());
    }

    /** How many different combinations of values some expressions have over a plan's rows. */
    double distinct(List<Expr> keys, LogicalPlan input) {
        double total = rows(input);
        double product = 1;
        IdentityHashMap<LogicalPlan.Scan, Double> byTable = new IdentityHashMap<>();
        for (Expr key : new HashSet<>(keys)) {
            Source source = key instanceof Expr.Input column ? source(input, column.index()) : null;
            double values = distinct(key, input);
            if (source == null) {
                product *= values;
            } else {
                byTable.merge(source.scan(), values, (a, b) -> a * b);
            }
        }
        for (Map.Entry<LogicalPlan.Scan, Double> entry : byTable.entrySet()) {
            product *= Math.min(entry.getValue(), tableRows(entry.getKey().table()));
        }
        boolean unknown = byTable.isEmpty() && keys.size() > 1;
        return Math.max(1, Math.min(product, unknown ? Math.max(1, total * GROUPS) : total));
    }

    /** How many different values an expression has over a plan's rows. */
    double distinct(Expr expr, LogicalPlan input) {
        double total = Math.max(1, rows(input));
        if (expr instanceof Expr.Input column) {
            return Math.min(total, distinct(input, column.index()));
        }
        if (expr instanceof Expr.Cast cast) {
            return distinct(cast.operand(), input);
        }
        BitSet columns = ExprTraits.columns(expr);
        if (columns.isEmpty()) {
            return 1;
        }
        if (expr.type().equals(dev.driftdb.schemas.type.Types.BOOL)) {
            return 2;
        }
        double product = 1;
        for (int i = columns.nextSetBit(0); i >= 0; i = columns.nextSetBit(i + 1)) {
            product *= distinct(input, i);
        }
        return Math.min(total, Math.min(product, Math.max(UNKNOWN_DISTINCT, total * GROUPS)));
    }

    private static double share(LogicalPlan.Sample sample) {
        return sample.percentage() instanceof Expr.Constant(Number percent, _, _)
                ? Math.clamp(percent.doubleValue() / 100, 0, 1)
                : SAMPLE;
    }

    private double distinct(LogicalPlan plan, int index) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> ofTable(scan, index);
            case LogicalPlan.Sample sample ->
                    Math.min(rows(sample), distinct(sample.input(), index));
            case LogicalPlan.Filter filter -> afterFilter(filter, index);
            case LogicalPlan.Project project ->
                    distinct(project.expressions().get(index), project.input());
            case LogicalPlan.Sort sort -> distinct(sort.input(), index);
            case LogicalPlan.Limit limit -> Math.min(rows(limit), distinct(limit.input(), index));
            case LogicalPlan.Distinct distinct ->
                    Math.min(rows(distinct), distinct(distinct.input(), index));
            case LogicalPlan.LockRows lock -> distinct(lock.input(), index);
            case LogicalPlan.Join join -> {
                int width = join.left().columns().size();
                double values =
                        index < width
                                ? distinct(join.left(), index)
                                : distinct(join.right(), index - width);
                yield Math.min(rows(join), values);
            }
            case LogicalPlan.Aggregate aggregate -> {
                int groups = aggregate.groupBy().size();
                if (index >= groups) {
                    yield rows(aggregate);
                }
                yield groups == 1
                        ? rows(aggregate)
                        : Math.min(
                                rows(aggregate),
                                distinct(aggregate.groupBy().get(index), aggregate.input()));
            }
            case LogicalPlan.Window window when index < window.input().columns().size() ->
                    distinct(window.input(), index);
            case LogicalPlan.Values values -> values.rows().size();
            default -> Math.min(rows(plan), UNKNOWN_DISTINCT);
        };
    }

    private double ofTable(LogicalPlan.Scan scan, int index) {
        double total = rows(scan);
        Source source = source(scan, index);
        if (source == null) {
            return Math.min(total, UNKNOWN_DISTINCT);
        }
        ColumnStatistics known = statistics.column(scan.table(), source.column().number());
        double values = known == null ? 0 : known.distinctOf(total);
        if (values > 0) {
            return Math.max(1, Math.min(total, values));
        }
        return unique.of(scan.table(), Set.of(source.column().number()))
                ? total
                : Math.min(total, UNKNOWN_DISTINCT);
    }

    /** Of the values that were there, those that are likely to be among the rows left. */
    private double afterFilter(LogicalPlan.Filter filter, int index) {
        for (Expr term : ExprTraits.conjuncts(filter.condition())) {
            if (term instanceof Expr.Comparison c && c.op() == Expr.Comparison.Op.EQ) {
                boolean pinned =
                        (c.left() instanceof Expr.Input left
                                        && left.index() == index
                                        && ExprTraits.columns(c.right()).isEmpty())
                                || (c.right() instanceof Expr.Input right
                                        && right.index() == index
                                        && ExprTraits.columns(c.left()).isEmpty());
                if (pinned) {
                    return 1;
                }
            }
        }
        return remaining(distinct(filter.input(), index), rows(filter.input()), rows(filter));
    }

    /** How many of some values are met when so many of the rows are picked. */
    static double remaining(double values, double rows, double picked) {
        if (picked >= rows || values < 1) {
            return Math.max(1, values);
        }
        return Math.max(1, values * (1 - Math.pow(1 - picked / rows, rows / values)));
    }

    /** The stored column that a column of a plan shows, null if it is computed. */
    @Nullable Source source(LogicalPlan plan, int index) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> {
                List<ColumnDef> visible = scan.table().visibleColumns();
                yield index < visible.size() ? new Source(scan, visible.get(index)) : null;
            }
            case LogicalPlan.Sample sample -> source(sample.input(), index);
            case LogicalPlan.Filter filter -> source(filter.input(), index);
            case LogicalPlan.Sort sort -> source(sort.input(), index);
            case LogicalPlan.Limit limit -> source(limit.input(), index);
            case LogicalPlan.LockRows lock -> source(lock.input(), index);
            case LogicalPlan.Distinct distinct -> source(distinct.input(), index);
            case LogicalPlan.Project project ->
                    project.expressions().get(index) instanceof Expr.Input column
                            ? source(project.input(), column.index())
                            : null;
            case LogicalPlan.Aggregate aggregate ->
                    index < aggregate.groupBy().size()
                                    && aggregate.groupBy().get(index) instanceof Expr.Input column
                            ? source(aggregate.input(), column.index())
                            : null;
            case LogicalPlan.Join join -> {
                int width = join.left().columns().size();
                yield index < width
                        ? source(join.left(), index)
                        : source(join.right(), index - width);
            }
            default -> null;
        };
    }

    /** The indexes beside the key. */
    List<IndexDef> orderedIndexes(TableDef table) {
        return catalog.indexesOf(table.id()).stream().filter(index -> !index.primary()).toList();
    }

    @Nullable ColumnStatistics statisticsOf(LogicalPlan plan, int index) {
        Source source = source(plan, index);
        return source == null
                ? null
                : statistics.column(source.scan().table(), source.column().number());
    }

    boolean isUnique(TableDef table, Set<Integer> numbers) {
        return unique.of(table, numbers);
    }

    /** Whether no two rows of a plan have equal values in these columns. */
    boolean isUnique(LogicalPlan plan, BitSet columns) {
        return unique.of(plan, columns);
    }

    // ---- conditions ----

    /** How many of a plan's rows meet some conditions over them. */
    double filtered(LogicalPlan input, List<Expr> conditions) {
        if (input instanceof LogicalPlan.Scan scan && pinsKey(scan, conditions)) {
            return 1;
        }
        return Math.max(1, rows(input) * selectivity.of(conditions, input));
    }

    double selectivity(List<Expr> conditions, LogicalPlan input) {
        return selectivity.of(conditions, input);
    }

    static boolean pinsKey(LogicalPlan.Scan scan, List<Expr> conjuncts) {
        if (!scan.table().hasPrimaryKey()) {
            return false;
        }
        Set<Integer> pinned = new HashSet<>();
        for (Expr conjunct : conjuncts) {
            if (conjunct instanceof Expr.Comparison c && c.op() == Expr.Comparison.Op.EQ) {
                pin(scan, c.left(), c.right(), pinned);
                pin(scan, c.right(), c.left(), pinned);
            }
        }
        return pinned.containsAll(scan.table().keyColumns());
    }

    private static void pin(LogicalPlan.Scan scan, Expr column, Expr value, Set<Integer> pinned) {
        if (column instanceof Expr.Input input
                && input.index() < scan.table().visibleColumns().size()
                && ExprTraits.columns(value).isEmpty()) {
            pinned.add(scan.table().visibleColumns().get(input.index()).number());
        }
    }

    // ---- joins ----

    /** Whether it compares something of the left side with something of the right by equality. */
    static boolean isEquiJoin(Expr condition, int leftWidth) {
        if (!(condition instanceof Expr.Comparison c) || c.op() != Expr.Comparison.Op.EQ) {
            return false;
        }
        BitSet a = ExprTraits.columns(c.left());
        BitSet b = ExprTraits.columns(c.right());
        return (isLeft(a, leftWidth) && isRight(b, leftWidth))
                || (isRight(a, leftWidth) && isLeft(b, leftWidth));
    }

    static boolean isLeft(BitSet columns, int leftWidth) {
        return !columns.isEmpty() && columns.length() <= leftWidth;
    }

    static boolean isRight(BitSet columns, int leftWidth) {
        return !columns.isEmpty() && columns.nextSetBit(0) >= leftWidth;
    }

    /** Bytes of a row as EXPLAIN shows them. */
    int width(LogicalPlan plan) {
        int width = 0;
        for (int i = 0; i < plan.columns().size(); i++) {
            ColumnStatistics known = statisticsOf(plan, i);
            int length = plan.columns().get(i).type().length();
            width += known != null ? known.averageWidth() : length > 0 ? length : UNKNOWN_WIDTH;
        }
        return width;
    }
}
