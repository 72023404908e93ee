package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTree;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A condition asked of single values while a statement is planned. */
public final class SampleTest {
    private SampleTest() {}

    private static final class NoSubqueries implements ExprCompiler.Subqueries {
        @Override
        public Operator operator(LogicalPlan plan) {
            throw new IllegalStateException("a subquery while planning");
        }

        @Override
        public int newSlot() {
            return 0;
        }
    }

    /**
     * @param column which column of the row the condition reads, the only one
     * @return null if it needs more than its constants: parameters, settings, other rows
     */
    public static @Nullable Predicate<Object> of(Expr condition, int column) {
        if (!isPlain(condition)) {
            return null;
        }
        Expr own = PlanTree.shift(condition, -column);
        var eval = new ExprCompiler(new NoSubqueries()).compile(own);
        Frame frame = Frame.NONE;
        return value -> eval.test(new @Nullable Object[] {value}, frame);
    }

    private static boolean isPlain(Expr expr) {
        boolean own =
                switch (expr) {
                    case Expr.Constant _, Expr.Input _ -> true;
                    case Expr.Parameter _, Expr.Outer _, Expr.Cast _ -> false;
                    case Expr.Call call -> isPlain(call);
                    default -> true;
                };
        if (!own || ExprTraits.hasSubquery(expr)) {
            return false;
        }
        boolean[] plain = {true};
        PlanTree.rebuild(
                expr,
                child -> {
                    plain[0] &= isPlain(child);
                    return child;
                },
                subquery -> subquery);
        return plain[0];
    }

    private static boolean isPlain(Expr.Call call) {
        if (call.function().volatility() != ScalarFunction.Volatility.IMMUTABLE
                || call.arguments().isEmpty()
                || ExprTraits.columns(call).isEmpty()) {
            return false;
        }
        Body body =
                call.function()
                        .implementation()
                        .specialize(
                                call.arguments().stream().map(Expr::type).toList(), call.type());
        return !(body instanceof Body.Nary);
    }
}
