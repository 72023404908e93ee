package dev.driftdb.query.optimize;

import dev.driftdb.query.ast.WindowFrame;
import dev.driftdb.query.execute.operator.Sort;
import dev.driftdb.query.execute.operator.Window;
import dev.driftdb.query.execute.operator.WindowBounds;
import dev.driftdb.query.execute.operator.WindowCallSpec;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.function.AggregateFunction;
import dev.driftdb.query.function.RangeFrames;
import dev.driftdb.query.optimize.AccessPaths.Order;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.LogicalPlan.WindowCall;
import dev.driftdb.query.plan.LogicalPlan.WindowDefinition;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Plans window functions: one operator per window, one sort for all windows that it is enough for.
 */
final class WindowPlanner {
    private final PhysicalPlanner planner;

    WindowPlanner(PhysicalPlanner planner) {
        this.planner = planner;
    }

    Planned plan(LogicalPlan.Window window, BitSet required) {
        int inputWidth = window.input().columns().size();
        BitSet needed = required.get(0, inputWidth);
        PlanColumns.of(window).stream().forEach(needed::set);
        List<Integer> order = order(window.windows());
        List<SortKey> first = keys(window.windows().get(order.getFirst()));
        List<Order> wished = new ArrayList<>();
        for (SortKey key : first) {
            if (!(key.expression() instanceof Expr.Input input)) {
                wished.clear();
                break;
            }
            wished.add(new Order(input.index(), key.descending(), key.nullsFirst()));
        }
        Planned planned = planner.plan(window.input(), needed, wished, false);
        List<SortKey> sorted = planned.ordered() && !wished.isEmpty() ? first : List.of();
        for (int index : order) {
            WindowDefinition definition = window.windows().get(index);
            List<SortKey> keys = keys(definition);
            if (!isPrefix(keys, sorted)) {
                Planned sort =
                        Planned.of(
                                new Sort(planned.operator(), planner.orders().rowOrder(keys), null),
                                inputWidth,
                                Explain.of("Sort", planned.explain())
                                        .keys("Sort Key", keys, window.input()));
                planned = planner.noted(sort, new LogicalPlan.Sort(window.input(), keys), needed);
                sorted = keys;
            }
            List<WindowCallSpec> calls = new ArrayList<>();
            for (int i = 0; i < window.calls().size(); i++) {
                WindowCall call = window.calls().get(i);
                if (call.window() == index) {
                    calls.add(spec(call, inputWidth + i));
                }
            }
            var operator =
                    new Window(
                            planned.operator(),
                            window.columns().size(),
                            planner.orders().rowOrder(ascending(definition.partitionBy())),
                            definition.orderBy().isEmpty()
                                    ? null
                                    : planner.orders().rowOrder(definition.orderBy()),
                            bounds(definition),
                            calls);
            Explain explain = Explain.of("WindowAgg", planned.explain());
            planned = Planned.of(operator, window.columns().size(), explain);
            if (index != order.getLast()) {
                planned = planner.noted(planned, window, needed);
            }
        }
        return planned;
    }

    private static List<SortKey> ascending(List<Expr> expressions) {
        return expressions.stream().map(e -> new SortKey(e, false, false)).toList();
    }

    private static List<SortKey> keys(WindowDefinition window) {
        List<SortKey> keys = new ArrayList<>();
        for (SortKey key : ascending(window.partitionBy())) {
            add(keys, key);
        }
        window.orderBy().forEach(key -> add(keys, key));
        return keys;
    }

    /** What is sorted by already needs no second key. */
    private static void add(List<SortKey> keys, SortKey added) {
        if (keys.stream().noneMatch(key -> key.expression().equals(added.expression()))) {
            keys.add(added);
        }
    }

    private static boolean isPrefix(List<SortKey> keys, List<SortKey> sorted) {
        return keys.size() <= sorted.size() && sorted.subList(0, keys.size()).equals(keys);
    }

    /** The windows so that each follows one whose order is enough for it, where there is one. */
    private static List<Integer> order(List<WindowDefinition> windows) {
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            left.add(i);
        }
        List<Integer> result = new ArrayList<>();
        while (!left.isEmpty()) {
            int longest = left.getFirst();
            for (int index : left) {
                if (keys(windows.get(index)).size() > keys(windows.get(longest)).size()) {
                    longest = index;
                }
            }
            List<SortKey> sorted = keys(windows.get(longest));
            result.add(longest);
            left.remove(Integer.valueOf(longest));
            for (int index : List.copyOf(left)) {
                if (isPrefix(keys(windows.get(index)), sorted)) {
                    result.add(index);
                    left.remove(Integer.valueOf(index));
                }
            }
        }
        return result;
    }

    private WindowBounds bounds(WindowDefinition definition) {
        LogicalPlan.Frame frame = definition.frame();
        boolean ranged =
                frame.mode() == WindowFrame.Mode.RANGE
                        && (frame.startOffset() != null || frame.endOffset() != null);
        WindowBounds.RangeKey key = null;
        if (ranged) {
            SortKey sortKey = definition.orderBy().getFirst();
            key =
                    new WindowBounds.RangeKey(
                            planner.compile(sortKey.expression()),
                            RangeFrames.of(sortKey.expression().type()),
                            sortKey.descending(),
                            sortKey.nullsFirst());
        }
        return new WindowBounds(
                frame.mode(),
                frame.start(),
                frame.startOffset() == null ? null : planner.compile(frame.startOffset()),
                frame.end(),
                frame.endOffset() == null ? null : planner.compile(frame.endOffset()),
                frame.exclusion(),
                key);
    }

    private WindowCallSpec spec(WindowCall call, int column) {
        List<SqlType> types = call.arguments().stream().map(Expr::type).toList();
        AggregateFunction aggregate = call.aggregate();
        Expr filter = call.filter();
        boolean repeatable =
                call.arguments().stream().noneMatch(ExprTraits::isVolatile)
                        && (filter == null || !ExprTraits.isVolatile(filter));
        return new WindowCallSpec(
                column,
                call.function() == null ? null : call.function().kind(),
                aggregate == null
                        ? null
                        : aggregate.implementation().specialize(types, call.type()),
                planner.compileAll(call.arguments()),
                aggregate != null && aggregate.skipNulls(),
                repeatable,
                filter == null ? null : planner.compile(filter));
    }

    /** The columns of its input that a window node reads. */
    private static final class PlanColumns {
        private PlanColumns() {}

        static BitSet of(LogicalPlan.Window window) {
            BitSet columns = new BitSet();
            for (WindowDefinition definition : window.windows()) {
                definition.partitionBy().forEach(e -> columns.or(ExprTraits.columns(e)));
                definition.orderBy().forEach(k -> columns.or(ExprTraits.columns(k.expression())));
                add(columns, definition.frame().startOffset());
                add(columns, definition.frame().endOffset());
            }
            for (WindowCall call : window.calls()) {
                call.arguments().forEach(e -> columns.or(ExprTraits.columns(e)));
                add(columns, call.filter());
            }
            return columns;
        }

        private static void add(BitSet columns, @Nullable Expr expression) {
            if (expression != null) {
                columns.or(ExprTraits.columns(expression));
            }
        }
    }
}
