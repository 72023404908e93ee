package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.function.ScalarFunction.Body;
import org.jspecify.annotations.Nullable;

/** Calls of functions and casts. */
final class Calls {
    private Calls() {}

    static Eval call(Expr.Call call, Eval[] arguments) {
        Body body =
                call.function()
                        .implementation()
                        .specialize(
                                call.arguments().stream().map(Expr::type).toList(), call.type());
        boolean strict = call.function().strict();
        return switch (body) {
            case Body.Unary unary -> unary(unary, arguments[0]);
            case Body.Binary binary -> binary(binary, arguments[0], arguments[1]);
            case Body.Nary nary -> strict ? strictNary(nary, arguments) : nary(nary, arguments);
        };
    }

    private static Eval unary(Body.Unary body, Eval argument) {
        return (row, frame) -> {
            Object value = argument.eval(row, frame);
            return value == null ? null : body.apply(value);
        };
    }

    private static Eval binary(Body.Binary body, Eval left, Eval right) {
        return (row, frame) -> {
            Object a = left.eval(row, frame);
            if (a == null) {
                return null;
            }
            Object b = right.eval(row, frame);
            return b == null ? null : body.apply(a, b);
        };
    }

    private static Eval strictNary(Body.Nary body, Eval[] arguments) {
        return (row, frame) -> {
            @Nullable Object[] values = new @Nullable Object[arguments.length];
            for (int i = 0; i < arguments.length; i++) {
                Object value = arguments[i].eval(row, frame);
                if (value == null) {
                    return null;
                }
                values[i] = value;
            }
            return body.apply(values, frame.context());
        };
    }

    private static Eval nary(Body.Nary body, Eval[] arguments) {
        return (row, frame) -> {
            @Nullable Object[] values = new @Nullable Object[arguments.length];
            for (int i = 0; i < arguments.length; i++) {
                values[i] = arguments[i].eval(row, frame);
            }
            return body.apply(values, frame.context());
        };
    }

    static Eval cast(Expr.Cast cast, Eval operand) {
        CastDef.Body body = cast.cast().body();
        if (cast.cast().isRelabel()) {
            return operand;
        }
        int typmod = cast.typmod();
        // A cast that the binder put in by itself has context IMPLICIT or ASSIGNMENT: it refuses
        // what does not fit. One that was written cuts.
        boolean explicit = cast.cast().context() == CastDef.Context.EXPLICIT;
        return (row, frame) -> {
            Object value = operand.eval(row, frame);
            return value == null ? null : body.apply(value, typmod, explicit, frame.context());
        };
    }
}
