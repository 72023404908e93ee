package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.NodeMeasure;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.execute.operator.HashJoin;
import dev.driftdb.query.execute.operator.LookupJoin;
import dev.driftdb.query.execute.operator.NestedLoopJoin;
import dev.driftdb.query.execute.operator.RowJoiner;
import dev.driftdb.query.execute.operator.StoredTable;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.explain.Explain.Relationship;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.optimize.AccessPaths.Path;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Chooses between hash join, lookups by key or index, and nested loops. */
final class JoinPlanner {
    private final PhysicalPlanner planner;

    JoinPlanner(PhysicalPlanner planner) {
        this.planner = planner;
    }

    /** A join taken apart. */
    private record Parts(
            LogicalPlan.Join join,
            int leftWidth,
            List<Expr> conditions,
            List<Expr.Comparison> equalities,
            List<Expr> residual,
            BitSet leftColumns,
            BitSet rightColumns,
            List<OutputColumn> bothColumns) {}

    Planned plan(LogicalPlan.Join join, BitSet required) {
        Parts parts = takeApart(join, required);
        Planned left = planner.plan(join.left(), parts.leftColumns());
        if (!join.lateral()) {
            Planned lookup = lookup(parts, left);
            if (lookup != null) {
                return lookup;
            }
        }
        Planned right = planner.plan(join.right(), parts.rightColumns());
        return parts.equalities().isEmpty() || join.lateral()
                ? nestedLoop(parts, left, right)
                : hash(parts, left, right);
    }

    private static boolean answersLeftOnly(JoinType type) {
        return type == JoinType.SEMI || type == JoinType.ANTI;
    }

    private static Parts takeApart(LogicalPlan.Join join, BitSet required) {
        int leftWidth = join.left().columns().size();
        List<Expr> conditions =
                join.condition() == null ? List.of() : ExprTraits.conjuncts(join.condition());
        BitSet needed = (BitSet) required.clone();
        conditions.forEach(condition -> needed.or(ExprTraits.columns(condition)));
        BitSet leftColumns = needed.get(0, leftWidth);
        BitSet rightColumns = needed.get(leftWidth, leftWidth + join.right().columns().size());
        if (join.lateral()) {
            leftColumns.or(PlanTraits.outerColumns(join.right()));
        }
        List<Expr.Comparison> equalities = new ArrayList<>();
        List<Expr> residual = new ArrayList<>();
        for (Expr condition : conditions) {
            Expr.Comparison equality = equality(condition, leftWidth);
            if (equality != null) {
                equalities.add(equality);
            } else {
                residual.add(condition);
            }
        }
        List<OutputColumn> both = new ArrayList<>(join.left().columns());
        both.addAll(join.right().columns());
        return new Parts(
                join, leftWidth, conditions, equalities, residual, leftColumns, rightColumns, both);
    }

    /** The condition as left = right, if it is an equality that a hash table can serve. */
    @SuppressWarnings("ArgumentSelectionDefectChecker") // the sides are swapped on purpose
    private static Expr.@Nullable Comparison equality(Expr condition, int leftWidth) {
        if (!(condition instanceof Expr.Comparison c)
                || !Estimates.isEquiJoin(condition, leftWidth)
                || ExprTraits.isVolatile(condition)) {
            return null;
        }
        boolean leftPadded = c.left().type().equals(Types.BPCHAR);
        if (leftPadded != c.right().type().equals(Types.BPCHAR)) {
            return null;
        }
        return Estimates.isLeft(ExprTraits.columns(c.left()), leftWidth)
                ? c
                : new Expr.Comparison(c.op(), c.right(), c.left());
    }

    private RowJoiner joiner(Parts parts, Planned left, Planned right) {
        boolean leftOnly = answersLeftOnly(parts.join().type());
        return new RowJoiner(
                left.width(),
                right.width(),
                left.hidden().size(),
                leftOnly ? 0 : right.hidden().size());
    }

    private Planned result(
            Parts parts, Operator operator, Planned left, Planned right, Explain explain) {
        if (answersLeftOnly(parts.join().type())) {
            return new Planned(operator, left.width(), left.hidden(), false, explain);
        }
        List<LogicalPlan.Scan> hidden = new ArrayList<>(left.hidden());
        hidden.addAll(right.hidden());
        return new Planned(operator, left.width() + right.width(), hidden, false, explain);
    }

    private Planned nestedLoop(Parts parts, Planned left, Planned right) {
        LogicalPlan.Join join = parts.join();
        if (join.type() == JoinType.FULL
                && !parts.conditions().stream().allMatch(Expr.Constant.class::isInstance)) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "FULL JOIN is only supported with merge-joinable or hash-joinable join"
                            + " conditions");
        }
        LongAdder refused = planner.refusals();
        Eval condition = planner.condition(parts.conditions(), refused);
        Operator operator =
                new NestedLoopJoin(
                        join.type(),
                        left.operator(),
                        right.operator(),
                        joiner(parts, left, right),
                        condition,
                        join.lateral());
        Explain explain =
                node("Nested Loop", join.type(), parts, left.explain())
                        .input(
                                Relationship.INNER,
                                right.explain(),
                                join.lateral() ? join.left() : null);
        filter(explain, parts.conditions(), join, refused);
        return result(parts, operator, left, right, explain);
    }

    private Explain node(String type, JoinType joinType, Parts parts, Explain outer) {
        String kind = suffix(joinType);
        boolean loop = type.equals("Nested Loop");
        return Explain.of(type, outer)
                .label(
                        loop
                                ? "Nested Loop" + (kind.isEmpty() ? "" : " " + kind + " Join")
                                : "Hash " + (kind.isEmpty() ? "" : kind + " ") + "Join")
                .attribute("Join Type", kind.isEmpty() ? "Inner" : kind)
                .attribute("Inner Unique", isInnerUnique(parts));
    }

    /** Whether a left row has one partner at most. */
    private boolean isInnerUnique(Parts parts) {
        BitSet columns = new BitSet();
        for (Expr.Comparison equality : parts.equalities()) {
            if (equality.right() instanceof Expr.Input column) {
                columns.set(column.index() - parts.leftWidth());
            }
        }
        return !columns.isEmpty() && planner.estimates().isUnique(parts.join().right(), columns);
    }

    private void filter(
            Explain explain,
            List<Expr> conditions,
            LogicalPlan.Join join,
            @Nullable LongAdder refused) {
        if (!conditions.isEmpty()) {
            explain.condition("Join Filter", conditions, join)
                    .refused("Rows Removed by Join Filter", refused);
            planner.subplans(explain, conditions, join);
        }
    }

    private Planned hash(Parts parts, Planned left, Planned right) {
        LogicalPlan.Join join = parts.join();
        List<Expr> leftKeys = new ArrayList<>();
        List<Expr> rightKeys = new ArrayList<>();
        List<SqlType> types = new ArrayList<>();
        for (Expr.Comparison equality : parts.equalities()) {
            leftKeys.add(equality.left());
            rightKeys.add(PlanTree.shift(equality.right(), -parts.leftWidth()));
            types.add(equality.left().type());
        }
        Estimates estimates = planner.estimates();
        boolean buildLeft = estimates.rows(join.left()) < estimates.rows(join.right());
        Planned leftSide = buildLeft ? planner.hashed(left) : left;
        Planned rightSide = buildLeft ? right : planner.hashed(right);
        LongAdder refused = planner.refusals();
        Operator operator =
                new HashJoin(
                        join.type(),
                        leftSide.operator(),
                        rightSide.operator(),
                        joiner(parts, left, right),
                        planner.compileAll(leftKeys),
                        planner.compileAll(rightKeys),
                        new ValueKey(types),
                        planner.condition(parts.residual(), refused),
                        buildLeft);
        Explain explain =
                node(
                                "Hash Join",
                                buildLeft ? mirrored(join.type()) : join.type(),
                                parts,
                                buildLeft ? rightSide.explain() : leftSide.explain())
                        .input(
                                Relationship.INNER,
                                buildLeft ? leftSide.explain() : rightSide.explain(),
                                null)
                        .condition("Hash Cond", parts.equalities(), join);
        if (buildLeft && answersLeftOnly(join.type())) {
            explain.label("Hash Right " + suffix(join.type()) + " Join")
                    .attribute("Join Type", "Right " + suffix(join.type()));
        }
        filter(explain, parts.residual(), join, refused);
        return result(parts, operator, left, right, explain);
    }

    /** The type of a join as seen from the side that passes by. */
    private static JoinType mirrored(JoinType type) {
        return switch (type) {
            case LEFT -> JoinType.RIGHT;
            case RIGHT -> JoinType.LEFT;
            case INNER, FULL, SEMI, ANTI -> type;
        };
    }

    /** A join of the plain kind does not say so. */
    private static String suffix(JoinType type) {
        return switch (type) {
            case INNER -> "";
            case LEFT -> "Left";
            case RIGHT -> "Right";
            case FULL -> "Full";
            case SEMI -> "Semi";
            case ANTI -> "Anti";
        };
    }

    /** For a few left rows it is cheaper to look up their partners than to read the right side. */
    private @Nullable Planned lookup(Parts parts, Planned left) {
        LogicalPlan.Join join = parts.join();
        LogicalPlan inner = join.right();
        List<Expr> filters = List.of();
        if (inner instanceof LogicalPlan.Filter filter) {
            filters = ExprTraits.conjuncts(filter.condition());
            inner = filter.input();
        }
        boolean possible =
                !planner.substituting()
                        && join.type() != JoinType.RIGHT
                        && join.type() != JoinType.FULL
                        && inner instanceof LogicalPlan.Scan
                        && !parts.conditions().isEmpty();
        if (!possible
                || !(inner instanceof LogicalPlan.Scan scan)
                || scan.time() instanceof ScanTime.Versions) {
            return null;
        }
        int leftWidth = parts.leftWidth();
        List<Expr> usable = new ArrayList<>(parts.conditions());
        filters.forEach(filter -> usable.add(PlanTree.shift(filter, leftWidth)));
        AccessPaths paths =
                new AccessPaths(
                        planner.estimates(),
                        scan,
                        planner.indexesOf(scan.table()),
                        planner::terms,
                        usable,
                        leftWidth,
                        expr ->
                                ExprTraits.columns(expr).length() <= leftWidth
                                        && !ExprTraits.isVolatile(expr),
                        planner::compile);
        Path path = paths.choose(List.of(), false, true);
        boolean readsLeft =
                path.bounding().stream()
                        .anyMatch(bound -> ExprTraits.columns(bound).nextSetBit(0) < leftWidth);
        if (!readsLeft || lookupCost(join, path) >= readingCost(parts)) {
            return null;
        }
        List<Expr> residual = new ArrayList<>(parts.conditions());
        residual.removeAll(path.covered());
        boolean rowId = planner.yieldsRowId(scan);
        LongAdder refusedRows = planner.refusals();
        StoredTable table =
                planner.scans()
                        .storedTable(scan, filters, parts.rightColumns(), rowId, refusedRows);
        Explain looked = explain(scan, path, parts, filters, refusedRows);
        NodeMeasure measure = planner.measure();
        if (measure != null) {
            looked.measure(measure);
            table = table.measured(measure);
        }
        looked.output(scan, parts.rightColumns());
        looked.estimate(
                PlanNotes.lookup(
                        path.cost(),
                        planner.estimates().rows(join)
                                / Math.max(1, planner.estimates().rows(join.left())),
                        planner.estimates().width(scan)));
        Planned innerSide =
                new Planned(
                        frame -> {
                            throw new IllegalStateException("only looked up");
                        },
                        scan.columns().size(),
                        rowId ? List.of(scan) : List.of(),
                        false,
                        looked);
        Operator fallback = null;
        if (path.index() != null) {
            Planned right = planner.plan(join.right(), parts.rightColumns());
            fallback =
                    (parts.equalities().isEmpty()
                                    ? nestedLoop(parts, left, right)
                                    : hash(parts, left, right))
                            .operator();
        }
        LongAdder refused = planner.refusals();
        Operator operator =
                new LookupJoin(
                        join.type(),
                        left.operator(),
                        table,
                        path.access(),
                        joiner(parts, left, innerSide),
                        planner.condition(residual, refused),
                        fallback);
        Explain explain =
                node("Nested Loop", join.type(), parts, left.explain())
                        .input(Relationship.INNER, looked, null);
        List<Expr> shown = new ArrayList<>(residual);
        shown.removeAll(path.bounding());
        filter(explain, shown, join, refused);
        return result(parts, operator, left, innerSide, explain);
    }

    private double lookupCost(LogicalPlan.Join join, Path path) {
        return planner.estimates().rows(join.left()) * path.cost();
    }

    /** The cost of reading the whole right side and joining it. */
    private double readingCost(Parts parts) {
        Estimates estimates = planner.estimates();
        double left = estimates.rows(parts.join().left());
        double right = estimates.rows(parts.join().right());
        double pairs =
                parts.equalities().isEmpty()
                        ? left * right * Costs.PAIR
                        : Costs.hash(Math.min(left, right), Math.max(left, right), 0);
        return estimates.cost(parts.join().right()) + pairs;
    }

    /** The conditions with the looked up table's column on the left. */
    @SuppressWarnings("ArgumentSelectionDefectChecker") // the sides are swapped on purpose
    private static List<Expr> indexFirst(Parts parts, Path path) {
        List<Expr> list = new ArrayList<>();
        for (Expr bound : path.bounding()) {
            list.add(
                    bound instanceof Expr.Comparison c
                                    && Estimates.isLeft(
                                            ExprTraits.columns(c.left()), parts.leftWidth())
                            ? new Expr.Comparison(c.op().flipped(), c.right(), c.left())
                            : bound);
        }
        return list;
    }

    private Explain explain(
            LogicalPlan.Scan scan,
            Path path,
            Parts parts,
            List<Expr> filters,
            @Nullable LongAdder refused) {
        Explain explain =
                Explain.of("Index Scan")
                        .using(
                                path.index() == null
                                        ? planner.keyName(scan.table())
                                        : path.index().name())
                        .attribute("Scan Direction", "Forward")
                        .on(scan)
                        .condition("Index Cond", indexFirst(parts, path), parts.join());
        if (!filters.isEmpty()) {
            explain.condition("Filter", filters, scan).refused("Rows Removed by Filter", refused);
            planner.subplans(explain, filters, scan);
        }
        return explain;
    }
}
