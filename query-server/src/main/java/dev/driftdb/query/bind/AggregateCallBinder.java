package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.AggregateFunction;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;

/** The parts of an aggregate call beside its function: DISTINCT, ORDER BY, FILTER. */
final class AggregateCallBinder {
    private final ExpressionBinder outside;
    private final ExpressionBinder inside;

    /**
     * @param inside for the arguments, where no other aggregate may stand
     */
    AggregateCallBinder(ExpressionBinder outside, ExpressionBinder inside) {
        this.outside = outside;
        this.inside = inside;
    }

    Expr bind(
            SqlExpr.FunctionCall call,
            CallBinder.Resolved<AggregateFunction> resolved,
            List<Expr> within) {
        int position = call.position();
        List<Expr> arguments = resolved.arguments();
        List<SortKey> keys = new ArrayList<>();
        for (int i = 0; i < within.size(); i++) {
            Expr key = arguments.get(arguments.size() - within.size() + i);
            keys.add(SortKeys.of(call.withinGroup().get(i), key));
        }
        for (SqlExpr.OrderItem item : call.orderBy()) {
            Expr key = inside.value(item.expression());
            if (call.distinct() && !arguments.contains(key)) {
                throw new SqlException(
                        SqlState.INVALID_COLUMN_REFERENCE,
                        "in an aggregate with DISTINCT, ORDER BY expressions must appear in"
                                + " argument list",
                        item.expression().position());
            }
            keys.add(SortKeys.of(item, key));
        }
        if (call.distinct() && arguments.isEmpty()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "DISTINCT is not allowed for an aggregate without arguments",
                    position);
        }
        SqlExpr written = call.filter();
        Expr filter =
                written == null ? null : outside.in(Clause.plain("FILTER")).condition(written);
        AggregateCall bound =
                new AggregateCall(resolved.function(), arguments, call.distinct(), filter, keys);
        refuseOuterLevel(bound, position);
        AggregateCollector collector = outside.clause.requireAggregates(position);
        SqlType declared = resolved.function().result();
        SqlType result = resolved.types().concrete(declared);
        return outside.state.at(collector.add(bound, result == null ? declared : result), position);
    }

    /** An aggregate belongs to the query of its variables: over outer ones only, to the outer. */
    private static void refuseOuterLevel(AggregateCall call, int position) {
        boolean[] own = {false};
        boolean[] outer = {false};
        new Rewriter(
                        (e, depth) -> {
                            own[0] |= depth == 0 && e instanceof Expr.Input;
                            own[0] |= e instanceof Expr.Outer o && o.depth() == depth;
                            outer[0] |= e instanceof Expr.Outer o && o.depth() > depth;
                            return null;
                        })
                .call(call, 0);
        if (outer[0] && !own[0]) {
            throw SqlException.notSupported("an aggregate of an outer query's columns", position);
        }
    }
}
