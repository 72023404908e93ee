package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How many rows a plan may have, from its shape alone: there are no statistics, so every table
 * counts the same and only keys and predicates tell plans apart.
 */
final class Estimates {
    static final double TABLE_ROWS = 1000;
    static final double EQUALITY = 0.02;
    static final double INTERVAL = 0.05;
    static final double ONE_SIDED = 0.33;
    private static final double OTHER = 0.5;
    private static final double GROUPS = 0.1;
    private static final double FUNCTION_ROWS = 100;

    private Estimates() {}

    static double rows(LogicalPlan plan) {
        return switch (plan) {
            case LogicalPlan.Scan _ -> TABLE_ROWS;
            case LogicalPlan.SystemScan _ -> TABLE_ROWS;
            case LogicalPlan.FunctionScan _, LogicalPlan.CteScan _ -> FUNCTION_ROWS;
            case LogicalPlan.Values values -> values.rows().size();
            case LogicalPlan.Filter filter -> filtered(filter);
            case LogicalPlan.Project project -> rows(project.input());
            case LogicalPlan.ProjectSet project -> rows(project.input()) * 10;
            case LogicalPlan.Join join -> joined(join);
            case LogicalPlan.Aggregate aggregate ->
                    aggregate.groupBy().isEmpty()
                            ? 1
                            : Math.max(1, rows(aggregate.input()) * GROUPS);
            case LogicalPlan.Window window -> rows(window.input());
            case LogicalPlan.Sort sort -> rows(sort.input());
            case LogicalPlan.Limit limit ->
                    limit.limit() instanceof Expr.Constant c && c.value() instanceof Long n
                            ? Math.min(n, rows(limit.input()))
                            : rows(limit.input());
            case LogicalPlan.Distinct distinct -> rows(distinct.input());
            case LogicalPlan.SetOperation set -> rows(set.left()) + rows(set.right());
            case LogicalPlan.With with -> rows(with.body());
            case LogicalPlan.RecursiveUnion union -> rows(union.base()) * 10;
            case LogicalPlan.LockRows lock -> rows(lock.input());
        };
    }

    private static double filtered(LogicalPlan.Filter filter) {
        double rows = rows(filter.input());
        List<Expr> conjuncts = ExprTraits.conjuncts(filter.condition());
        if (filter.input() instanceof LogicalPlan.Scan scan && pinsKey(scan, conjuncts)) {
            return 1;
        }
        for (Expr conjunct : conjuncts) {
            rows *= selectivity(conjunct);
        }
        return Math.max(1, rows);
    }

    static boolean pinsKey(LogicalPlan.Scan scan, List<Expr> conjuncts) {
        if (!scan.table().hasPrimaryKey()) {
            return false;
        }
        Set<Integer> pinned = new HashSet<>();
        for (Expr conjunct : conjuncts) {
            if (conjunct instanceof Expr.Comparison c && c.op() == Expr.Comparison.Op.EQ) {
                for (Expr side : List.of(c.left(), c.right())) {
                    if (side instanceof Expr.Input input
                            && input.index() < scan.table().visibleColumns().size()) {
                        pinned.add(scan.table().visibleColumns().get(input.index()).number());
                    }
                }
            }
        }
        return pinned.containsAll(scan.table().keyColumns());
    }

    static double selectivity(Expr condition) {
        return switch (condition) {
            case Expr.Comparison c ->
                    switch (c.op()) {
                        case EQ -> EQUALITY;
                        case NE -> 1 - EQUALITY;
                        case LT, LE, GT, GE -> ONE_SIDED;
                    };
            case Expr.InList in ->
                    in.negated() ? OTHER : Math.min(OTHER, EQUALITY * in.list().size());
            case Expr.IsNull test -> test.negated() ? 1 - EQUALITY : EQUALITY;
            case Expr.And and -> {
                double product = 1;
                for (Expr term : and.terms()) {
                    product *= selectivity(term);
                }
                yield product;
            }
            case Expr.Or or -> {
                double sum = 0;
                for (Expr term : or.terms()) {
                    sum += selectivity(term);
                }
                yield Math.min(1, sum);
            }
            default -> OTHER;
        };
    }

    private static double joined(LogicalPlan.Join join) {
        double left = rows(join.left());
        double right = rows(join.right());
        Expr condition = join.condition();
        return switch (join.type()) {
            case SEMI, ANTI -> Math.max(1, left * OTHER);
            case INNER, LEFT, RIGHT, FULL -> {
                if (condition == null) {
                    yield left * right;
                }
                boolean equal = false;
                for (Expr conjunct : ExprTraits.conjuncts(condition)) {
                    equal |= isEquiJoin(conjunct, join.left().columns().size());
                }
                yield equal ? Math.max(left, right) : Math.max(1, left * right * ONE_SIDED);
            }
        };
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
}
