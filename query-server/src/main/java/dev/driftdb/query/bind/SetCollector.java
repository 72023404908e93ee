package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan.SetCall;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;

/** The set-returning calls of one select list, their columns as inputs of negative index. */
final class SetCollector {
    private static final int BASE = -1_000_000;
    private static final int END = -2_000_000;

    final List<SetCall> calls = new ArrayList<>();
    final List<List<SqlType>> types = new ArrayList<>();
    private int width;

    /** One input per column of the function. */
    List<Expr> add(SetCall call, List<SqlType> columnTypes) {
        List<Expr> inputs = new ArrayList<>();
        calls.add(call);
        types.add(columnTypes);
        for (SqlType type : columnTypes) {
            inputs.add(new Expr.Input(BASE - width++, type, -1));
        }
        return inputs;
    }

    boolean isEmpty() {
        return calls.isEmpty();
    }

    static boolean isSet(int index) {
        return index <= BASE && index > END;
    }

    static int column(int index) {
        return BASE - index;
    }
}
