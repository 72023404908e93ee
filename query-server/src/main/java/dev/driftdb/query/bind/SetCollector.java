package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.SetCall;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The set-returning calls of one select list, their columns as inputs of negative index. A call may
 * have such columns in its arguments.
 */
final class SetCollector {
    private static final int BASE = -1_000_000;
    private static final int END = -2_000_000;

    /** In the order found; those that are planned have no arguments any more. */
    final List<SetCall> calls = new ArrayList<>();

    private final List<List<SqlType>> types = new ArrayList<>();

    /** How deep the calls in the arguments are nested. */
    private final List<Integer> levels = new ArrayList<>();

    /** The number of the call that each column is of. */
    private final List<Integer> owners = new ArrayList<>();

    /** Where the columns of planned calls are. */
    private final Map<Integer, Integer> places = new HashMap<>();

    private final List<Boolean> planned = new ArrayList<>();

    /** One input per column of the function. */
    List<Expr> add(SetCall call, List<SqlType> columnTypes) {
        int level = 0;
        for (int column : columnsIn(call.arguments())) {
            level = Math.max(level, levels.get(owners.get(column)) + 1);
        }
        calls.add(call);
        types.add(columnTypes);
        levels.add(level);
        planned.add(false);
        columnTypes.forEach(_ -> owners.add(calls.size() - 1));
        return inputs(calls.size() - 1);
    }

    /** The inputs of the same call if there is one already: ORDER BY and GROUP BY mean that. */
    @Nullable List<Expr> find(SetCall call) {
        for (int i = 0; i < calls.size(); i++) {
            if (same(calls.get(i), call)) {
                return inputs(i);
            }
        }
        return null;
    }

    private static boolean same(SetCall a, SetCall b) {
        if (!a.function().equals(b.function()) || a.arguments().size() != b.arguments().size()) {
            return false;
        }
        for (int i = 0; i < a.arguments().size(); i++) {
            if (!Constants.same(a.arguments().get(i), b.arguments().get(i))) {
                return false;
            }
        }
        return true;
    }

    private List<Expr> inputs(int call) {
        List<Expr> inputs = new ArrayList<>();
        int column = owners.indexOf(call);
        for (SqlType type : types.get(call)) {
            inputs.add(new Expr.Input(BASE - column++, type, -1));
        }
        return inputs;
    }

    /** Whether all calls are planned. */
    boolean isEmpty() {
        return !planned.contains(false);
    }

    private static boolean isSet(int index) {
        return index <= BASE && index > END;
    }

    /** Whether the expression has columns of such calls. */
    static boolean isIn(Expr expression) {
        return !columnsIn(List.of(expression)).isEmpty();
    }

    private static TreeSet<Integer> columnsIn(List<Expr> expressions) {
        TreeSet<Integer> columns = new TreeSet<>();
        Rewriter rewriter =
                new Rewriter((e, depth) -> {
                    if (depth == 0 && e instanceof Expr.Input input && isSet(input.index())) {
                        columns.add(BASE - input.index());
                    }
                    return null;
                });
        expressions.forEach(e -> rewriter.expr(e, 0));
        return columns;
    }

    /** 42804 for a value of several rows where one boolean is wanted. */
    static void refuse(Expr argument, String of, int position) {
        if (isIn(argument)) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "argument of " + of + " must not return a set",
                    position);
        }
    }

    /**
     * The plan with the columns of the calls that these expressions need behind its own, those of
     * nested calls first; {@link #placed} then finds them.
     */
    LogicalPlan plan(LogicalPlan input, List<Expr> needed) {
        TreeSet<Integer> wanted = new TreeSet<>();
        List<Expr> open = needed;
        while (!open.isEmpty()) {
            List<Expr> arguments = new ArrayList<>();
            for (int column : columnsIn(open)) {
                int call = owners.get(column);
                if (!planned.get(call) && wanted.add(call)) {
                    arguments.addAll(calls.get(call).arguments());
                }
            }
            open = arguments;
        }
        return plan(input, wanted);
    }

    /** As above, for all calls that are not planned yet. */
    LogicalPlan plan(LogicalPlan input) {
        TreeSet<Integer> wanted = new TreeSet<>();
        for (int i = 0; i < calls.size(); i++) {
            if (!planned.get(i)) {
                wanted.add(i);
            }
        }
        return plan(input, wanted);
    }

    private LogicalPlan plan(LogicalPlan input, TreeSet<Integer> wanted) {
        LogicalPlan plan = input;
        int level = 0;
        while (!wanted.isEmpty()) {
            List<OutputColumn> columns = new ArrayList<>(plan.columns());
            List<SetCall> together = new ArrayList<>();
            for (int number : List.copyOf(wanted)) {
                if (levels.get(number) != level) {
                    continue;
                }
                wanted.remove(number);
                planned.set(number, true);
                SetCall call = calls.get(number);
                together.add(
                        new SetCall(
                                call.function(),
                                call.arguments().stream().map(this::placed).toList()));
                int column = owners.indexOf(number);
                for (int j = 0; j < types.get(number).size(); j++) {
                    places.put(column + j, columns.size());
                    columns.add(
                            OutputColumn.of(
                                    call.function().columnNames().get(j),
                                    types.get(number).get(j)));
                }
            }
            if (!together.isEmpty()) {
                plan = new LogicalPlan.ProjectSet(plan, together, columns);
            }
            level++;
        }
        for (int i = 0; i < calls.size(); i++) {
            if (planned.get(i)) {
                calls.set(i, new SetCall(calls.get(i).function(), List.of()));
            }
        }
        return plan;
    }

    /** The expression with the columns of planned calls at their places. */
    Expr placed(Expr expression) {
        return new Rewriter(
                        (e, depth) -> {
                            if (depth != 0 || !(e instanceof Expr.Input input)) {
                                return null;
                            }
                            Integer place =
                                    isSet(input.index()) ? places.get(BASE - input.index()) : null;
                            return place == null ? null : new Expr.Input(place, input.type(), -1);
                        })
                .expr(expression, 0);
    }
}
