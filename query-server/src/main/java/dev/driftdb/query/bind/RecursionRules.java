package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query.SetKind;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.CteScan;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import org.jspecify.annotations.Nullable;

/** Where a recursive query may read itself: once, and where each round only adds rows. */
final class RecursionRules {
    private final BindState state;
    private final int id;
    private final String name;
    private int references;

    private RecursionRules(BindState state, int id, String name) {
        this.state = state;
        this.id = id;
        this.name = name;
    }

    /**
     * @param step the recursive term
     */
    static void check(BindState state, int id, String name, LogicalPlan step) {
        new RecursionRules(state, id, name).walk(step, null);
    }

    /** Whether a FROM clause has a common table whose recursive term this is. */
    static boolean readsItself(BindState state, LogicalPlan from) {
        return switch (from) {
            case CteScan scan -> state.recursing.contains(scan.id());
            case LogicalPlan.Filter filter -> readsItself(state, filter.input());
            case LogicalPlan.Join join ->
                    readsItself(state, join.left()) || readsItself(state, join.right());
            default -> false;
        };
    }

    /**
     * @param within what is around the plan and makes a reference wrong; null for nothing
     */
    private void walk(LogicalPlan plan, @Nullable String within) {
        if (plan instanceof CteScan scan && scan.id() == id) {
            if (within != null) {
                throw wrong("must not appear within " + within, scan);
            }
            if (++references > 1) {
                throw wrong("must not appear more than once", scan);
            }
        }
        switch (plan) {
            case LogicalPlan.Join join -> {
                boolean right = false;
                boolean left = false;
                switch (join.type()) {
                    case LEFT -> right = true;
                    case RIGHT -> left = true;
                    case FULL -> {
                        left = true;
                        right = true;
                    }
                    case INNER, SEMI, ANTI -> {}
                }
                walk(join.left(), left && within == null ? "an outer join" : within);
                walk(join.right(), right && within == null ? "an outer join" : within);
            }
            case LogicalPlan.SetOperation set when set.kind() == SetKind.EXCEPT -> {
                walk(set.left(), set.all() && within == null ? "EXCEPT" : within);
                walk(set.right(), within == null ? "EXCEPT" : within);
            }
            case LogicalPlan.SetOperation set when set.kind() == SetKind.INTERSECT && set.all() -> {
                walk(set.left(), within == null ? "INTERSECT" : within);
                walk(set.right(), within == null ? "INTERSECT" : within);
            }
            default -> PlanTraits.eachInput(plan, input -> walk(input, within));
        }
        PlanTraits.eachExpression(
                plan,
                expression ->
                        PlanTraits.eachSubquery(
                                expression,
                                subquery ->
                                        walk(subquery, within == null ? "a subquery" : within)));
    }

    private SqlException wrong(String problem, CteScan scan) {
        return new SqlException(
                SqlState.INVALID_RECURSION,
                "recursive reference to query \"" + name + "\" " + problem,
                state.position(scan));
    }
}
