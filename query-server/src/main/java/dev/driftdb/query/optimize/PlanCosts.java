package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What plans cost, roughly, in the unit of {@link Costs}. For one thread and one statement. */
final class PlanCosts {
    private final Estimates estimates;
    private final Catalog catalog;

    PlanCosts(Estimates estimates, Catalog catalog) {
        this.estimates = estimates;
        this.catalog = catalog;
    }

    /** What it costs to run a plan once, roughly: see {@link Costs}. */
    double of(LogicalPlan plan) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> estimates.rows(scan);
            case LogicalPlan.Filter filter when filter.input() instanceof LogicalPlan.Scan scan ->
                    scan(scan, ExprTraits.conjuncts(filter.condition()));
            case LogicalPlan.Filter filter ->
                    of(filter.input()) + estimates.rows(filter.input()) * Costs.CONDITION;
            case LogicalPlan.Join join -> join(join);
            case LogicalPlan.Aggregate aggregate ->
                    of(aggregate.input())
                            + estimates.rows(aggregate.input()) * Costs.GROUP_ROW
                            + estimates.rows(aggregate) * Costs.GROUP;
            case LogicalPlan.Distinct distinct ->
                    of(distinct.input()) + estimates.rows(distinct.input()) * Costs.GROUP_ROW;
            case LogicalPlan.Sort sort ->
                    of(sort.input()) + Costs.sort(estimates.rows(sort.input()));
            default -> {
                double[] sum = {estimates.rows(plan) * Costs.COMPUTED_ROW};
                PlanTraits.eachInput(plan, input -> sum[0] += of(input));
                yield sum[0];
            }
        };
    }

    private double join(LogicalPlan.Join join) {
        double left = estimates.rows(join.left());
        double right = estimates.rows(join.right());
        List<Expr> rightKeys = new ArrayList<>();
        int width = join.left().columns().size();
        if (join.condition() != null) {
            for (Expr term : ExprTraits.conjuncts(join.condition())) {
                if (Estimates.isEquiJoin(term, width) && term instanceof Expr.Comparison c) {
                    boolean straight = Estimates.isLeft(ExprTraits.columns(c.left()), width);
                    rightKeys.add(PlanTree.shift(straight ? c.right() : c.left(), -width));
                }
            }
        }
        double whole =
                (join.lateral() ? left : 1) * of(join.right())
                        + (rightKeys.isEmpty()
                                ? left * right * Costs.PAIR
                                : Costs.hash(
                                        Math.min(left, right),
                                        Math.max(left, right),
                                        estimates.rows(join)));
        double lookups =
                join.type() == JoinType.RIGHT || join.type() == JoinType.FULL
                        ? Double.POSITIVE_INFINITY
                        : left * lookup(join.right(), rightKeys)
                                + estimates.rows(join) * Costs.JOINED_ROW;
        return of(join.left()) + Math.min(whole, lookups);
    }

    /** The cheapest of reading all and what the conditions on first columns of keys leave. */
    double scan(LogicalPlan.Scan scan, List<Expr> conditions) {
        double total = estimates.rows(scan);
        double best = total;
        if (Estimates.pinsKey(scan, conditions)) {
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
    double lookup(LogicalPlan plan, List<Expr> columns) {
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
        double total = estimates.rows(scan);
        double best = Double.POSITIVE_INFINITY;
        if (table.hasPrimaryKey() && readsAny(scan, table.keyColumns().get(0), columns)) {
            best =
                    Estimates.pinsKey(scan, conditions)
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
        return usable.isEmpty() ? 1 : estimates.selectivity(usable, scan);
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
