package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.plan.PlanTree;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Semi joins in which each row has one partner at most become inner joins, which may be made in any
 * order.
 */
final class UniqueSemiJoins {
    private final Estimates estimates;

    UniqueSemiJoins(Estimates estimates) {
        this.estimates = estimates;
    }

    LogicalPlan apply(LogicalPlan plan) {
        LogicalPlan rebuilt = PlanTree.rebuild(plan, this::inside, this::apply, this::apply);
        return rebuilt instanceof LogicalPlan.Join join && isUnique(join) ? inner(join) : rebuilt;
    }

    private Expr inside(Expr expr) {
        return ExprTraits.hasSubquery(expr)
                ? PlanTree.rebuild(expr, this::inside, this::apply)
                : expr;
    }

    /** Whether there is one outside of subqueries, and no row is locked. */
    boolean canApply(LogicalPlan plan) {
        boolean[] found = {false};
        return find(plan, found) && found[0];
    }

    /** False if rows are locked. */
    private boolean find(LogicalPlan plan, boolean[] found) {
        boolean[] unlocked = {!(plan instanceof LogicalPlan.LockRows)};
        found[0] |= plan instanceof LogicalPlan.Join join && isUnique(join);
        PlanTraits.eachInput(plan, input -> unlocked[0] &= find(input, found));
        return unlocked[0];
    }

    private boolean isUnique(LogicalPlan.Join join) {
        Expr condition = join.condition();
        if (join.type() != JoinType.SEMI || join.lateral() || condition == null) {
            return false;
        }
        int width = join.left().columns().size();
        BitSet columns = new BitSet();
        for (Expr term : ExprTraits.conjuncts(condition)) {
            if (term instanceof Expr.Comparison c && Estimates.isEquiJoin(term, width)) {
                Expr right =
                        Estimates.isLeft(ExprTraits.columns(c.left()), width)
                                ? c.right()
                                : c.left();
                if (right instanceof Expr.Input column) {
                    columns.set(column.index() - width);
                }
            }
        }
        return !columns.isEmpty() && estimates.isUnique(join.right(), columns);
    }

    private static LogicalPlan inner(LogicalPlan.Join semi) {
        List<OutputColumn> both = new ArrayList<>(semi.left().columns());
        both.addAll(semi.right().columns());
        List<Expr> left = new ArrayList<>();
        for (int i = 0; i < semi.columns().size(); i++) {
            OutputColumn column = semi.columns().get(i);
            left.add(new Expr.Input(i, column.type(), column.typmod()));
        }
        return new LogicalPlan.Project(
                new LogicalPlan.Join(
                        JoinType.INNER,
                        semi.left(),
                        semi.right(),
                        semi.condition(),
                        false,
                        List.copyOf(both)),
                left,
                semi.columns());
    }
}
