package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.plan.PlanTree;
import java.util.BitSet;

/**
 * Semi and anti joins move down to that side of a join whose columns they read: what they leave out
 * need not be joined first.
 */
final class PushSemiJoins {
    private PushSemiJoins() {}

    static LogicalPlan apply(LogicalPlan plan) {
        LogicalPlan rebuilt =
                PlanTree.rebuild(
                        plan, PushSemiJoins::inside, PushSemiJoins::apply, PushSemiJoins::apply);
        return rebuilt instanceof LogicalPlan.Join join && isSemi(join) ? push(join) : rebuilt;
    }

    /** Whether there is a semi or anti join right over another join. */
    static boolean canPush(LogicalPlan plan) {
        boolean[] found = {
            plan instanceof LogicalPlan.Join join
                    && isSemi(join)
                    && join.left() instanceof LogicalPlan.Join
        };
        PlanTraits.eachInput(plan, input -> found[0] |= canPush(input));
        return found[0];
    }

    private static Expr inside(Expr expr) {
        return ExprTraits.hasSubquery(expr)
                ? PlanTree.rebuild(expr, PushSemiJoins::inside, PushSemiJoins::apply)
                : expr;
    }

    private static boolean isSemi(LogicalPlan.Join join) {
        return (join.type() == JoinType.SEMI || join.type() == JoinType.ANTI)
                && !join.lateral()
                && join.condition() != null;
    }

    private static LogicalPlan push(LogicalPlan.Join semi) {
        Expr condition = semi.condition();
        if (condition == null
                || !(semi.left() instanceof LogicalPlan.Join join)
                || join.lateral()) {
            return semi;
        }
        int width = semi.left().columns().size();
        BitSet read = ExprTraits.columns(condition);
        read.clear(width, Math.max(width, read.length()));
        int leftWidth = join.left().columns().size();
        boolean leftOnly = join.type() == JoinType.SEMI || join.type() == JoinType.ANTI;
        if (read.isEmpty()) {
            return semi;
        }
        if (leftOnly || read.length() <= leftWidth) {
            // Rows of the left side that the join does not lose may be left out before.
            if (join.type() == JoinType.RIGHT || join.type() == JoinType.FULL) {
                return semi;
            }
            int narrower = leftOnly ? 0 : width - leftWidth;
            LogicalPlan pushed =
                    push(
                            new LogicalPlan.Join(
                                    semi.type(),
                                    join.left(),
                                    semi.right(),
                                    moved(condition, width, -narrower, 0),
                                    false,
                                    join.left().columns()));
            return new LogicalPlan.Join(
                    join.type(), pushed, join.right(), join.condition(), false, join.columns());
        }
        if (read.nextSetBit(0) < leftWidth
                || join.type() == JoinType.LEFT
                || join.type() == JoinType.FULL) {
            return semi;
        }
        LogicalPlan pushed =
                push(
                        new LogicalPlan.Join(
                                semi.type(),
                                join.right(),
                                semi.right(),
                                moved(condition, width, -leftWidth, -leftWidth),
                                false,
                                join.right().columns()));
        return new LogicalPlan.Join(
                join.type(), join.left(), pushed, join.condition(), false, join.columns());
    }

    /** The condition with the columns before and behind {@code width} moved. */
    private static Expr moved(Expr condition, int width, int behind, int before) {
        return PlanTree.replace(
                condition,
                (index, original, depth) ->
                        PlanTree.reference(
                                index + (index < width ? before : behind), original, depth));
    }
}
