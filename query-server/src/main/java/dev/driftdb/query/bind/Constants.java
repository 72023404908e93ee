package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells apart expressions that are equal as records only because values compare by SQL's equality:
 * 1.0 and 1.00, '1 month' and '30 days' print differently.
 */
final class Constants {
    private Constants() {}

    static boolean same(Expr a, Expr b) {
        return a.equals(b) && texts(a).equals(texts(b));
    }

    static boolean same(AggregateCall a, AggregateCall b) {
        return texts(a).equals(texts(b));
    }

    private static List<String> texts(AggregateCall call) {
        List<String> result = new ArrayList<>();
        call.direct().forEach(e -> result.addAll(texts(e)));
        call.arguments().forEach(e -> result.addAll(texts(e)));
        if (call.filter() != null) {
            result.addAll(texts(call.filter()));
        }
        for (SortKey key : call.orderBy()) {
            result.addAll(texts(key.expression()));
        }
        return result;
    }

    private static List<String> texts(Expr expression) {
        List<String> result = new ArrayList<>();
        new Rewriter(
                        (e, depth) -> {
                            if (e instanceof Expr.Constant constant) {
                                result.add(String.valueOf(constant.value()));
                            }
                            return null;
                        })
                .expr(expression, 0);
        return result;
    }
}
