package dev.driftdb.query.bind;

import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import org.jspecify.annotations.Nullable;

/** Whether and how the right side of a join reads the left row. */
final class Lateral {
    private static final String REFUSED =
            "The combining JOIN type must be INNER or LEFT for a LATERAL reference.";

    private Lateral() {}

    /** Functions may always read what stands to their left, subqueries if they say LATERAL. */
    static boolean mayRead(TableExpr item) {
        return switch (item) {
            case TableExpr.Named _ -> false;
            case TableExpr.Derived derived -> derived.lateral();
            case TableExpr.Function _ -> true;
            case TableExpr.Join join -> mayRead(join.left()) || mayRead(join.right());
        };
    }

    static Scope leftRow(@Nullable Scope parent, Namespace left, JoinType type) {
        boolean refused = type == JoinType.RIGHT || type == JoinType.FULL;
        return new Scope(parent, left, refused ? REFUSED : "", true, null);
    }

    static boolean readsLeft(LogicalPlan right) {
        boolean[] found = {false};
        new Rewriter(
                        (e, depth) -> {
                            found[0] |= e instanceof Expr.Outer o && o.depth() == depth;
                            return null;
                        })
                .plan(right, 1);
        return found[0];
    }

    /** The plan with {@code by} more rows (or fewer) between it and what it reads outside. */
    static LogicalPlan shifted(LogicalPlan plan, int by) {
        return new Rewriter((e, depth) ->
                e instanceof Expr.Outer o && o.depth() >= depth
                        ? new Expr.Outer(o.depth() + by, o.index(), o.type(), o.typmod())
                        : null)
                .plan(plan, 1);
    }
}
