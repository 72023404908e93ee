package dev.driftdb.query.bind;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.query.function.ScalarFunction.Volatility;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates immutable calls and casts of constants. What fails is left as it is, to fail at run
 * time if it is ever evaluated.
 */
final class Folding {
    private final EvalContext context;

    Folding(EvalContext context) {
        this.context = context;
    }

    Expr fold(Expr.Call call) {
        ScalarFunction function = call.function();
        if (function.volatility() != Volatility.IMMUTABLE) {
            return call;
        }
        boolean nullSeen = false;
        for (Expr argument : call.arguments()) {
            if (!(argument instanceof Expr.Constant constant)) {
                return call;
            }
            nullSeen |= constant.value() == null;
        }
        if (nullSeen && function.strict()) {
            return new Expr.Constant(null, call.type(), call.typmod());
        }
        try {
            return new Expr.Constant(apply(call), call.type(), call.typmod());
        } catch (RuntimeException e) {
            return call;
        }
    }

    private @Nullable Object apply(Expr.Call call) {
        List<Expr> arguments = call.arguments();
        @Nullable Object[] values = new Object[arguments.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ((Expr.Constant) arguments.get(i)).value();
        }
        Body body =
                call.function()
                        .implementation()
                        .specialize(arguments.stream().map(Expr::type).toList(), call.type());
        return switch (body) {
            case Body.Unary unary -> unary.apply(present(values[0]));
            case Body.Binary binary -> binary.apply(present(values[0]), present(values[1]));
            case Body.Nary nary -> nary.apply(values, context);
        };
    }

    private static Object present(@Nullable Object value) {
        if (value == null) {
            throw new IllegalStateException("NULL for a function of one or two values");
        }
        return value;
    }

    Expr fold(Expr.Cast cast) {
        if (!(cast.operand() instanceof Expr.Constant constant)) {
            return cast;
        }
        Object value = constant.value();
        if (value == null) {
            return new Expr.Constant(null, cast.type(), cast.typmod());
        }
        if (cast.cast().stable()) {
            return cast;
        }
        try {
            return new Expr.Constant(
                    apply(cast.cast(), value, cast.typmod()), cast.type(), cast.typmod());
        } catch (RuntimeException e) {
            return cast;
        }
    }

    Object apply(CastDef cast, Object value, int typmod) {
        return cast.body()
                .apply(value, typmod, cast.context() == CastDef.Context.EXPLICIT, context);
    }
}
