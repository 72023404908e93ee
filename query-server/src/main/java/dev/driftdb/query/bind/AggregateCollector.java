package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;

/**
 * The aggregate calls and GROUPING calls of one SELECT. Until it is known how many group columns
 * there are, a call is represented by an input of negative index.
 */
final class AggregateCollector {
    /** The clause of an aggregate's arguments. */
    static final String ARGUMENT = "aggregate arguments";

    private static final int GROUPING_BASE = -2_000_000;
    private static final int SET_BASE = -1_000_000;

    private int firstPosition;
    final List<AggregateCall> calls = new ArrayList<>();
    final List<SqlType> types = new ArrayList<>();
    final List<List<Expr>> groupings = new ArrayList<>();
    final List<Integer> groupingPositions = new ArrayList<>();

    /** Notes where a call stands. */
    void at(int position) {
        if (firstPosition == 0) {
            firstPosition = position;
        }
    }

    /** Where the first of the calls stands. */
    int firstPosition() {
        return firstPosition;
    }

    Expr add(AggregateCall call, SqlType type) {
        int at = -1;
        for (int i = 0; i < calls.size() && at < 0; i++) {
            if (calls.get(i).equals(call)
                    && Constants.same(calls.get(i), call)
                    && !isVolatile(call)) {
                at = i;
            }
        }
        if (at < 0) {
            at = calls.size();
            calls.add(call);
            types.add(type);
        }
        return new Expr.Input(-1 - at, type, -1);
    }

    private static boolean isVolatile(AggregateCall call) {
        return call.arguments().stream().anyMatch(ExprTraits::isVolatile);
    }

    Expr addGrouping(List<Expr> arguments, int position) {
        groupings.add(arguments);
        groupingPositions.add(position);
        return new Expr.Input(GROUPING_BASE - groupings.size() + 1, Types.INT4, -1);
    }

    boolean isEmpty() {
        return calls.isEmpty() && groupings.isEmpty();
    }

    static boolean isCall(int index) {
        return index < 0 && index > SET_BASE;
    }

    static boolean isGrouping(int index) {
        return index <= GROUPING_BASE && !WindowCollector.isWindow(index);
    }

    static int callNumber(int index) {
        return -1 - index;
    }

    static int groupingNumber(int index) {
        return GROUPING_BASE - index;
    }
}
