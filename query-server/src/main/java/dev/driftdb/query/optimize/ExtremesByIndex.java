package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef.IndexColumn;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code SELECT min(a), max(a) FROM t WHERE …} becomes {@code SELECT (SELECT a FROM t WHERE … AND a
 * IS NOT NULL ORDER BY a LIMIT 1), (…)} where the key or an index has the rows in that order.
 */
final class ExtremesByIndex {
    private final Estimates estimates;

    ExtremesByIndex(Estimates estimates) {
        this.estimates = estimates;
    }

    LogicalPlan apply(LogicalPlan plan) {
        LogicalPlan rebuilt = PlanTree.rebuild(plan, this::inside, this::apply, this::apply);
        LogicalPlan looked = rebuilt instanceof LogicalPlan.Aggregate a ? lookedUp(a) : null;
        return looked == null ? rebuilt : looked;
    }

    private Expr inside(Expr expr) {
        return ExprTraits.hasSubquery(expr)
                ? PlanTree.rebuild(expr, this::inside, this::apply)
                : expr;
    }

    private @Nullable LogicalPlan lookedUp(LogicalPlan.Aggregate aggregate) {
        LogicalPlan input = aggregate.input();
        List<Expr> conditions = new ArrayList<>();
        if (input instanceof LogicalPlan.Filter filter) {
            conditions.addAll(ExprTraits.conjuncts(filter.condition()));
            input = filter.input();
        }
        if (!aggregate.groupBy().isEmpty()
                || aggregate.groupingSets().size() != 1
                || aggregate.aggregates().isEmpty()
                || !(input instanceof LogicalPlan.Scan scan)
                || !(scan.time() instanceof LogicalPlan.ScanTime.Now)
                || conditions.stream()
                        .anyMatch(c -> ExprTraits.isVolatile(c) || ExprTraits.hasSubquery(c))) {
            return null;
        }
        // How many rows are passed by, on average, until one meets the conditions.
        double passed = estimates.rows(scan) / estimates.rows(aggregate.input());
        double cost = aggregate.aggregates().size() * (Costs.CURSOR + passed * Costs.INDEX_ROW);
        if (cost >= estimates.cost(aggregate)) {
            return null;
        }
        List<Expr> results = new ArrayList<>();
        for (AggregateCall call : aggregate.aggregates()) {
            Expr result = first(call, scan, conditions);
            if (result == null) {
                return null;
            }
            results.add(result);
        }
        return new LogicalPlan.Project(
                new LogicalPlan.Values(List.of(List.of()), List.of()),
                results,
                aggregate.columns());
    }

    private @Nullable Expr first(AggregateCall call, LogicalPlan.Scan scan, List<Expr> conditions) {
        String name = call.function().name();
        boolean least = name.equals("min");
        if ((!least && !name.equals("max"))
                || call.filter() != null
                || !call.orderBy().isEmpty()
                || call.arguments().size() != 1
                || !(call.arguments().get(0) instanceof Expr.Input column)
                || column.index() >= scan.table().visibleColumns().size()
                || column.type().equals(Types.BPCHAR)) {
            return null; // char(n): values that are equal may differ in what they show.
        }
        IndexColumn order = order(scan, column, conditions);
        if (order == null) {
            return null;
        }
        boolean backwards = order.descending() == least;
        SortKey key = new SortKey(column, !least, order.nullsFirst() != backwards);
        List<Expr> wanted = new ArrayList<>(conditions);
        wanted.add(new Expr.IsNull(column, true));
        LogicalPlan sorted =
                new LogicalPlan.Sort(
                        new LogicalPlan.Filter(scan, ExprTraits.conjunction(wanted)), List.of(key));
        LogicalPlan plan =
                new LogicalPlan.Limit(
                        new LogicalPlan.Project(
                                sorted,
                                List.of(column),
                                List.of(scan.columns().get(column.index()))),
                        new Expr.Constant(1L, Types.INT8, -1),
                        null,
                        List.of());
        return new Expr.ScalarQuery(further(plan), column.type(), column.typmod());
    }

    /**
     * The column in a key or index whose columns before it each have one value, so that its order
     * is that of the rows; null if there is none.
     */
    private @Nullable IndexColumn order(
            LogicalPlan.Scan scan, Expr.Input column, List<Expr> conditions) {
        TableDef table = scan.table();
        List<ColumnDef> visible = table.visibleColumns();
        int number = visible.get(column.index()).number();
        Set<Integer> pinned = new HashSet<>();
        for (Expr condition : conditions) {
            if (condition instanceof Expr.Comparison c
                    && c.op() == Expr.Comparison.Op.EQ
                    && c.left() instanceof Expr.Input left
                    && left.index() < visible.size()
                    && left.type().equals(c.right().type())
                    && ExprTraits.columns(c.right()).isEmpty()) {
                pinned.add(visible.get(left.index()).number());
            }
        }
        List<List<IndexColumn>> candidates = new ArrayList<>();
        candidates.add(
                table.keyColumns().stream()
                        .map(key -> new IndexColumn(key, false, false))
                        .toList());
        estimates.orderedIndexes(table).forEach(index -> candidates.add(index.columns()));
        for (List<IndexColumn> columns : candidates) {
            for (IndexColumn each : columns) {
                if (each.number() == number) {
                    return each;
                }
                if (!pinned.contains(each.number())) {
                    break;
                }
            }
        }
        return null;
    }

    /** The plan one level further inside of the queries around it. */
    private static LogicalPlan further(LogicalPlan plan) {
        return PlanTree.replace(
                plan,
                1,
                new PlanTree.References() {
                    @Override
                    public Expr local(int index, Expr original, int depth) {
                        return original instanceof Expr.Outer outer ? deeper(outer) : original;
                    }

                    @Override
                    public Expr enclosing(int level, Expr.Outer original, int depth) {
                        return deeper(original);
                    }
                });
    }

    private static Expr deeper(Expr.Outer outer) {
        return new Expr.Outer(outer.depth() + 1, outer.index(), outer.type(), outer.typmod());
    }
}
