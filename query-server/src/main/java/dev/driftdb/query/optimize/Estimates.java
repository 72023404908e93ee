package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
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
    private final IdentityHashMap<LogicalPlan, Double> rows = new IdentityHashMap<>();
    private final Map<Integer, LogicalPlan> commonTables = new HashMap<>();

    Estimates(Statistics statistics, Catalog catalog) {
        this.statistics = statistics;
        this.catalog = catalog;
    }

    /** Where a column comes from. */
    record Source(LogicalPlan.Scan scan, ColumnDef column) {}

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
            case LogicalPlan.Join join -> joined(join);
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
        return isUnique(scan.table(), Set.of(source.column().number()))
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
        if (table.hasPrimaryKey() && numbers.containsAll(table.keyColumns())) {
            return true;
        }
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (index.unique()
                    && index.columns().stream().allMatch(c -> numbers.contains(c.number()))) {
                return true;
            }
        }
        return false;
    }

    /** Whether no two rows of a plan have equal values in these columns. */
    boolean isUnique(LogicalPlan plan, BitSet columns) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> {
                Set<Integer> numbers = new HashSet<>();
                List<ColumnDef> visible = scan.table().visibleColumns();
                columns.stream()
                        .filter(i -> i < visible.size())
                        .forEach(i -> numbers.add(visible.get(i).number()));
                yield !(scan.time() instanceof LogicalPlan.ScanTime.Versions)
                        && isKey(scan.table(), numbers);
            }
            case LogicalPlan.Sample sample -> isUnique(sample.input(), columns);
            case LogicalPlan.Filter filter -> isUnique(filter.input(), columns);
            case LogicalPlan.Sort sort -> isUnique(sort.input(), columns);
            case LogicalPlan.Limit limit -> isUnique(limit.input(), columns);
            case LogicalPlan.Project project -> {
                BitSet below = new BitSet();
                columns.stream()
                        .forEach(i -> {
                            if (project.expressions().get(i) instanceof Expr.Input column) {
                                below.set(column.index());
                            }
                        });
                yield isUnique(project.input(), below);
            }
            case LogicalPlan.Aggregate aggregate -> {
                int groups = aggregate.groupBy().size();
                yield aggregate.groupingSets().size() == 1
                        && aggregate.groupingSets().get(0).size() == groups
                        && columns.nextClearBit(0) >= groups;
            }
            case LogicalPlan.Distinct distinct ->
                    distinct.on().isEmpty() && columns.nextClearBit(0) >= distinct.columns().size();
            case LogicalPlan.Join join ->
                    (join.type() == JoinType.SEMI || join.type() == JoinType.ANTI)
                            && isUnique(join.left(), columns);
            default -> false;
        };
    }

    /** As {@link #isUnique(TableDef, Set)}, but where several NULLs count as equal. */
    private boolean isKey(TableDef table, Set<Integer> numbers) {
        if (table.hasPrimaryKey() && numbers.containsAll(table.keyColumns())) {
            return true;
        }
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (index.unique()
                    && index.columns().stream()
                            .allMatch(c ->
                                    numbers.contains(c.number())
                                            && table.column(c.number()).notNull())) {
                return true;
            }
        }
        return false;
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

    @SuppressWarnings("RefactorSwitch") // its cases compute differently much
    private double joined(LogicalPlan.Join join) {
        double left = rows(join.left());
        double right = rows(join.right());
        Expr condition = join.condition();
        List<Expr> terms = condition == null ? List.of() : ExprTraits.conjuncts(condition);
        // Conditions over both sides ask for the rows that they are a condition on.
        rows.put(join, left * right);
        switch (join.type()) {
            case SEMI, ANTI -> {
                double met = Math.max(0, Math.min(1, semi(join, terms)));
                double share = join.type() == JoinType.SEMI ? met : 1 - met;
                return Math.max(1, left * share);
            }
            case INNER, LEFT, RIGHT, FULL -> {
                double result = left * right * joinSelectivity(join, terms);
                return Math.max(
                        1,
                        switch (join.type()) {
                            case LEFT -> Math.max(left, result);
                            case RIGHT -> Math.max(right, result);
                            case FULL -> Math.max(Math.max(left, right), result);
                            case INNER, SEMI, ANTI -> result;
                        });
            }
        }
        return left;
    }

    /** Which share of the left rows has a partner. */
    private double semi(LogicalPlan.Join join, List<Expr> terms) {
        int width = join.left().columns().size();
        double share = 1;
        double pairs = rows(join.right());
        boolean equal = false;
        List<Expr> others = new ArrayList<>();
        for (Expr term : terms) {
            if (isEquiJoin(term, width) && term instanceof Expr.Comparison c) {
                boolean straight = isLeft(ExprTraits.columns(c.left()), width);
                double a = distinct(straight ? c.left() : c.right(), join.left());
                double b =
                        distinct(
                                dev.driftdb.query.plan.PlanTree.shift(
                                        straight ? c.right() : c.left(), -width),
                                join.right());
                share *= Math.min(1, b / a);
                pairs /= Math.max(1, Math.max(a, b));
                equal = true;
            } else {
                others.add(term);
            }
        }
        if (others.isEmpty()) {
            return equal ? share : 1;
        }
        // With several partners each, one of them is likely to meet the rest.
        double each = Selectivity.OTHER;
        for (Expr other : others) {
            each = Math.min(each, selectivity.withoutStatistics(other));
        }
        return share * (1 - Math.pow(1 - each, Math.max(1, equal ? pairs : rows(join.right()))));
    }

    private double joinSelectivity(LogicalPlan.Join join, List<Expr> terms) {
        int width = join.left().columns().size();
        double product = 1;
        double rest = 1;
        BitSet leftKey = new BitSet();
        BitSet rightKey = new BitSet();
        for (Expr term : terms) {
            if (isEquiJoin(term, width) && term instanceof Expr.Comparison c) {
                boolean straight = isLeft(ExprTraits.columns(c.left()), width);
                Expr a = straight ? c.left() : c.right();
                Expr b =
                        dev.driftdb.query.plan.PlanTree.shift(
                                straight ? c.right() : c.left(), -width);
                product /=
                        Math.max(1, Math.max(distinct(a, join.left()), distinct(b, join.right())));
                if (a instanceof Expr.Input column) {
                    leftKey.set(column.index());
                }
                if (b instanceof Expr.Input column) {
                    rightKey.set(column.index());
                }
            } else {
                rest *= selectivity.of(List.of(term), join);
            }
        }
        product = Math.max(product, byKey(join.left(), leftKey));
        product = Math.max(product, byKey(join.right(), rightKey));
        return product * rest;
    }

    /**
     * If the columns are a key: with one of the key's rows at most each other row is joined, and
     * with none if that row was filtered out. 0 if they are no key.
     */
    double byKey(LogicalPlan plan, BitSet columns) {
        if (columns.cardinality() < 2) {
            return 0; // One column's distinct values say it already.
        }
        double whole = keyRows(plan, columns);
        return whole == 0 ? 0 : 1 / whole;
    }

    private double keyRows(LogicalPlan plan, BitSet columns) {
        if (plan instanceof LogicalPlan.Filter filter) {
            return keyRows(filter.input(), columns);
        }
        if (plan instanceof LogicalPlan.Join join
                && (join.type() == JoinType.SEMI || join.type() == JoinType.ANTI)) {
            return keyRows(join.left(), columns);
        }
        return isUnique(plan, columns) ? rows(plan) : 0;
    }

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

    // ---- widths and costs ----

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

    /** What it costs to run a plan once, roughly: see {@link Costs}. */
    double cost(LogicalPlan plan) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> rows(scan);
            case LogicalPlan.Filter filter when filter.input() instanceof LogicalPlan.Scan scan ->
                    scanCost(scan, ExprTraits.conjuncts(filter.condition()));
            case LogicalPlan.Filter filter ->
                    cost(filter.input()) + rows(filter.input()) * Costs.CONDITION;
            case LogicalPlan.Join join -> {
                double left = rows(join.left());
                double right = rows(join.right());
                List<Expr> rightKeys = new ArrayList<>();
                int width = join.left().columns().size();
                if (join.condition() != null) {
                    for (Expr term : ExprTraits.conjuncts(join.condition())) {
                        if (isEquiJoin(term, width) && term instanceof Expr.Comparison c) {
                            boolean straight = isLeft(ExprTraits.columns(c.left()), width);
                            rightKeys.add(
                                    dev.driftdb.query.plan.PlanTree.shift(
                                            straight ? c.right() : c.left(), -width));
                        }
                    }
                }
                double whole =
                        (join.lateral() ? left : 1) * cost(join.right())
                                + (rightKeys.isEmpty()
                                        ? left * right * Costs.PAIR
                                        : Costs.hash(
                                                Math.min(left, right),
                                                Math.max(left, right),
                                                rows(join)));
                double lookups =
                        join.type() == JoinType.RIGHT || join.type() == JoinType.FULL
                                ? Double.POSITIVE_INFINITY
                                : left * lookupCost(join.right(), rightKeys)
                                        + rows(join) * Costs.JOINED_ROW;
                yield cost(join.left()) + Math.min(whole, lookups);
            }
            case LogicalPlan.Aggregate aggregate ->
                    cost(aggregate.input())
                            + rows(aggregate.input()) * Costs.GROUP_ROW
                            + rows(aggregate) * Costs.GROUP;
            case LogicalPlan.Distinct distinct ->
                    cost(distinct.input()) + rows(distinct.input()) * Costs.GROUP_ROW;
            case LogicalPlan.Sort sort -> cost(sort.input()) + Costs.sort(rows(sort.input()));
            default -> {
                double[] sum = {rows(plan) * Costs.COMPUTED_ROW};
                dev.driftdb.query.plan.PlanTraits.eachInput(plan, input -> sum[0] += cost(input));
                yield sum[0];
            }
        };
    }

    /** The cheapest of reading all and what the conditions on first columns of keys leave. */
    double scanCost(LogicalPlan.Scan scan, List<Expr> conditions) {
        double total = rows(scan);
        double best = total;
        if (pinsKey(scan, conditions)) {
            return Costs.KEY_LOOKUP;
        }
        TableDef table = scan.table();
        if (table.hasPrimaryKey()) {
            double share = prefixShare(scan, table.keyColumns(), conditions);
            best = share < 1 ? Math.min(best, Costs.CURSOR + total * share) : best;
        }
        if (scan.time() instanceof LogicalPlan.ScanTime.Now) {
            for (IndexDef index : catalog.indexesOf(table.id())) {
                List<Integer> numbers =
                        index.columns().stream().map(IndexDef.IndexColumn::number).toList();
                double share = prefixShare(scan, numbers, conditions);
                if (share < 1) {
                    best = Math.min(best, Costs.CURSOR + total * share * Costs.INDEX_ROW);
                }
            }
        }
        return best;
    }

    /**
     * What it costs to find the rows of a table (maybe filtered) that have given values in some
     * columns; infinite if no key or index helps.
     */
    double lookupCost(LogicalPlan plan, List<Expr> columns) {
        List<Expr> conditions = new ArrayList<>();
        LogicalPlan inner = plan;
        if (inner instanceof LogicalPlan.Filter filter) {
            conditions.addAll(ExprTraits.conjuncts(filter.condition()));
            inner = filter.input();
        }
        if (!(inner instanceof LogicalPlan.Scan scan)
                || scan.time() instanceof LogicalPlan.ScanTime.Versions
                || columns.isEmpty()) {
            return Double.POSITIVE_INFINITY;
        }
        for (Expr column : columns) {
            conditions.add(
                    new Expr.Comparison(
                            Expr.Comparison.Op.EQ, column, new Expr.Parameter(0, column.type())));
        }
        TableDef table = scan.table();
        double total = rows(scan);
        double best = Double.POSITIVE_INFINITY;
        if (table.hasPrimaryKey() && readsAny(scan, table.keyColumns().get(0), columns)) {
            best =
                    pinsKey(scan, conditions)
                            ? Costs.KEY_LOOKUP
                            : Costs.CURSOR
                                    + total * prefixShare(scan, table.keyColumns(), conditions);
        }
        if (scan.time() instanceof LogicalPlan.ScanTime.Now) {
            for (IndexDef index : catalog.indexesOf(table.id())) {
                List<Integer> numbers =
                        index.columns().stream().map(IndexDef.IndexColumn::number).toList();
                if (!index.primary() && readsAny(scan, numbers.get(0), columns)) {
                    double found = total * prefixShare(scan, numbers, conditions);
                    best = Math.min(best, Costs.CURSOR + Math.max(1, found) * Costs.INDEX_ROW);
                }
            }
        }
        return best;
    }

    private static boolean readsAny(LogicalPlan.Scan scan, int number, List<Expr> columns) {
        List<ColumnDef> visible = scan.table().visibleColumns();
        for (Expr column : columns) {
            if (column instanceof Expr.Input input
                    && input.index() < visible.size()
                    && visible.get(input.index()).number() == number) {
                return true;
            }
        }
        return false;
    }

    /** Which share of the rows conditions on the first columns leave. */
    private double prefixShare(
            LogicalPlan.Scan scan, List<Integer> numbers, List<Expr> conditions) {
        List<Expr> usable = new ArrayList<>();
        List<ColumnDef> visible = scan.table().visibleColumns();
        for (int number : numbers) {
            int before = usable.size();
            for (Expr condition : conditions) {
                Integer column = restricted(condition);
                if (column != null
                        && column < visible.size()
                        && visible.get(column).number() == number) {
                    usable.add(condition);
                }
            }
            boolean equal =
                    usable.subList(before, usable.size()).stream()
                            .anyMatch(e ->
                                    e instanceof Expr.Comparison c
                                            && c.op() == Expr.Comparison.Op.EQ);
            if (!equal) {
                break;
            }
        }
        return usable.isEmpty() ? 1 : selectivity.of(usable, scan);
    }

    /** The column that a condition compares with something known before, null if none. */
    private static @Nullable Integer restricted(Expr condition) {
        if (condition instanceof Expr.Comparison c && c.op() != Expr.Comparison.Op.NE) {
            if (c.left() instanceof Expr.Input column && ExprTraits.columns(c.right()).isEmpty()) {
                return column.index();
            }
            if (c.right() instanceof Expr.Input column && ExprTraits.columns(c.left()).isEmpty()) {
                return column.index();
            }
        }
        return condition instanceof Expr.InList in
                        && !in.negated()
                        && in.operand() instanceof Expr.Input column
                ? column.index()
                : null;
    }
}
