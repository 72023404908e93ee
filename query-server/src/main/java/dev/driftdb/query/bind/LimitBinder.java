package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * LIMIT, OFFSET and FETCH FIRST.
 *
 * @param scope the names that are in reach, though none of the row's own may be read
 */
record LimitBinder(BindState state, Environment environment, Scope scope) {

    /**
     * @param keys the sort keys over the plan's rows, for WITH TIES
     */
    LogicalPlan limit(Query query, LogicalPlan plan, List<SortKey> keys) {
        Expr limit = count(query.limit(), "LIMIT");
        Expr offset = count(query.offset(), "OFFSET");
        return limit == null && offset == null
                ? plan
                : new LogicalPlan.Limit(plan, limit, offset, query.withTies() ? keys : List.of());
    }

    private @Nullable Expr count(@Nullable SqlExpr written, String clause) {
        if (written == null) {
            return null;
        }
        Expr bound =
                new ExpressionBinder(state, environment, scope, Clause.plain(clause)).bind(written);
        Expr count = state.coercion.assignment(bound, Types.INT8, -1);
        if (count == null) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "argument of "
                            + clause
                            + " must be type bigint, not type "
                            + bound.type().sqlName(),
                    written.position());
        }
        new Rewriter(
                        (e, depth) -> {
                            boolean own = depth == 0 && e instanceof Expr.Input;
                            if (own
                                    || (depth > 0
                                            && e instanceof Expr.Outer o
                                            && o.depth() == depth)) {
                                throw new SqlException(
                                        SqlState.INVALID_COLUMN_REFERENCE,
                                        "argument of " + clause + " must not contain variables",
                                        state.position(e));
                            }
                            return null;
                        })
                .expr(count, 0);
        return count;
    }
}
