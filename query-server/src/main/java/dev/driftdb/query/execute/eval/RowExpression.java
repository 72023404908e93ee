package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.schemas.error.SqlException;
import org.jspecify.annotations.Nullable;

/**
 * An expression on its own, outside of any plan: a DEFAULT, a CHECK, a point in time. Subqueries in
 * it are 0A000. Immutable; compiled once, evaluated often.
 */
public final class RowExpression {
    private final Eval eval;
    private final int slotCount;

    private RowExpression(Eval eval, int slotCount) {
        this.eval = eval;
        this.slotCount = slotCount;
    }

    public static RowExpression of(Expr expression) {
        int[] slots = {0};
        ExprCompiler compiler =
                new ExprCompiler(
                        new ExprCompiler.Subqueries() {
                            @Override
                            public Operator operator(LogicalPlan plan) {
                                throw SqlException.notSupported("a subquery in this expression");
                            }

                            @Override
                            public int newSlot() {
                                return slots[0]++;
                            }
                        });
        Eval eval = compiler.compile(expression);
        return new RowExpression(eval, slots[0]);
    }

    public @Nullable Object evaluate(@Nullable Object[] row, ExecutionContext context) {
        return eval.eval(row, new Frame(context, slotCount));
    }

    /** For an expression over no columns. */
    public @Nullable Object evaluate(ExecutionContext context) {
        return evaluate(Eval.NO_ROW, context);
    }
}
