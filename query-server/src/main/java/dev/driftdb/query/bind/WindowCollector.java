package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query.NamedWindow;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.Frame;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.LogicalPlan.WindowCall;
import dev.driftdb.query.plan.LogicalPlan.WindowDefinition;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The windows and the window function calls of one SELECT. Until it is known what they are computed
 * over, a call is represented by an input of negative index.
 */
final class WindowCollector {
    /** The clause of a window function's arguments. */
    static final String ARGUMENT = "window function arguments";

    private static final int BASE = -3_000_000;

    /**
     * @param framed whether a frame clause was written
     */
    private record Named(String name, WindowDefinition definition, boolean framed) {}

    private final BindState state;
    private final List<NamedWindow> written;
    private final List<Named> named = new ArrayList<>();
    private final List<WindowDefinition> windows = new ArrayList<>();
    private final List<WindowCall> calls = new ArrayList<>();

    /**
     * @param written the WINDOW clause
     */
    WindowCollector(BindState state, List<NamedWindow> written) {
        this.state = state;
        this.written = written;
    }

    static boolean isWindow(int index) {
        return index <= BASE;
    }

    boolean isEmpty() {
        return calls.isEmpty();
    }

    /** The number of the window of an OVER clause. */
    int window(SqlExpr.Window over, ExpressionBinder binder) {
        bindNamed(binder);
        WindowDefinition definition;
        if (over.reference()) {
            Named found = find(over);
            definition = found.definition();
        } else {
            definition = define(over, binder);
        }
        for (int i = 0; i < windows.size(); i++) {
            if (windows.get(i).equals(definition)) {
                return i;
            }
        }
        windows.add(definition);
        return windows.size() - 1;
    }

    /** Binds what the WINDOW clause defines, used or not. */
    void bindNamed(ExpressionBinder binder) {
        while (named.size() < written.size()) {
            NamedWindow window = written.get(named.size());
            SqlExpr.Window definition = window.window();
            if (named.stream().anyMatch(w -> w.name().equals(window.name()))) {
                throw wrong(
                        "window \"" + window.name() + "\" is already defined",
                        definition.position());
            }
            named.add(
                    new Named(
                            window.name(), define(definition, binder), definition.frame() != null));
        }
    }

    private Named find(SqlExpr.Window window) {
        for (Named candidate : named) {
            if (candidate.name().equals(window.name())) {
                return candidate;
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_OBJECT,
                "window \"" + window.name() + "\" does not exist",
                window.position());
    }

    private static SqlException wrong(String message, int position) {
        return new SqlException(SqlState.WINDOWING_ERROR, message, position);
    }

    private WindowDefinition define(SqlExpr.Window window, ExpressionBinder outside) {
        ExpressionBinder binder = outside.in(outside.clause.windowDefinitions());
        Named base = window.name() == null ? null : find(window);
        List<SortKey> orderBy = new ArrayList<>();
        for (SqlExpr.OrderItem item : window.orderBy()) {
            orderBy.add(SortKeys.of(item, binder.value(item.expression())));
        }
        List<Expr> partitionBy = new ArrayList<>();
        for (SqlExpr item : window.partitionBy()) {
            Expr value = binder.value(item);
            SortKeys.requireEquality(value.type(), item.position());
            partitionBy.add(value);
        }
        if (base != null) {
            refuseOverride(window, base);
            partitionBy = base.definition().partitionBy();
            orderBy = orderBy.isEmpty() ? base.definition().orderBy() : orderBy;
        }
        Frame frame =
                window.frame() == null
                        ? Frame.DEFAULT
                        : new FrameBinder(state, outside)
                                .bind(window.frame(), orderBy, window.position());
        return new WindowDefinition(List.copyOf(partitionBy), List.copyOf(orderBy), frame);
    }

    private static void refuseOverride(SqlExpr.Window window, Named base) {
        if (!window.partitionBy().isEmpty()) {
            throw wrong(
                    "cannot override PARTITION BY clause of window \"" + base.name() + "\"",
                    window.position());
        }
        if (!window.orderBy().isEmpty() && !base.definition().orderBy().isEmpty()) {
            throw wrong(
                    "cannot override ORDER BY clause of window \"" + base.name() + "\"",
                    window.position());
        }
        if (base.framed()) {
            SqlException error =
                    wrong(
                            "cannot copy window \""
                                    + base.name()
                                    + "\" because it has a frame clause",
                            window.position());
            throw window.orderBy().isEmpty() && window.frame() == null
                    ? error.withHint("Omit the parentheses in this OVER clause.")
                    : error;
        }
    }

    Expr add(WindowCall call) {
        int at = -1;
        boolean stable = call.arguments().stream().noneMatch(ExprTraits::isVolatile);
        for (int i = 0; stable && i < calls.size() && at < 0; i++) {
            if (calls.get(i).equals(call) && sameConstants(calls.get(i), call)) {
                at = i;
            }
        }
        if (at < 0) {
            at = calls.size();
            calls.add(call);
        }
        return new Expr.Input(BASE - at, call.type(), -1);
    }

    private static boolean sameConstants(WindowCall a, WindowCall b) {
        for (int i = 0; i < a.arguments().size(); i++) {
            if (!Constants.same(a.arguments().get(i), b.arguments().get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Replaces the expressions of all windows and calls. */
    void replace(UnaryOperator<Expr> rule) {
        windows.replaceAll(window -> PlanTree.rebuild(window, rule));
        calls.replaceAll(call -> PlanTree.rebuild(call, rule));
    }

    /** The windows over a plan's rows; {@link #placed} then reads the plan's columns. */
    LogicalPlan plan(LogicalPlan input) {
        List<OutputColumn> columns = new ArrayList<>(input.columns());
        for (WindowCall call : calls) {
            columns.add(OutputColumn.of(call.name(), call.type()));
        }
        return new LogicalPlan.Window(input, List.copyOf(windows), List.copyOf(calls), columns);
    }

    /** For the expressions above: the columns of the calls behind {@code width} others. */
    static Rewriter placed(int width) {
        return new Rewriter((e, depth) ->
                depth == 0 && e instanceof Expr.Input input && isWindow(input.index())
                        ? new Expr.Input(width + BASE - input.index(), input.type(), -1)
                        : null);
    }

    /** The first window function call inside of an expression, null if there is none. */
    static Expr.@Nullable Input callIn(Expr expression) {
        Expr.@Nullable Input[] found = {null};
        new Rewriter(
                        (e, depth) -> {
                            if (depth == 0
                                    && found[0] == null
                                    && e instanceof Expr.Input input
                                    && isWindow(input.index())) {
                                found[0] = input;
                            }
                            return null;
                        })
                .expr(expression, 0);
        return found[0];
    }
}
