package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.Overloads.Candidate;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.AggregateFunction;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.function.WindowFunction;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.LogicalPlan.WindowCall;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Calls of aggregates, over a window or not, of window functions, and GROUPING. */
final class AggregateCallBinder {
    /** Its result is an int4 with one bit per argument. */
    private static final int GROUPING_ARGUMENTS_MAX = 31;

    private final ExpressionBinder outside;
    private final CallBinder calls;
    private final BindState state;

    AggregateCallBinder(ExpressionBinder outside, CallBinder calls) {
        this.outside = outside;
        this.calls = calls;
        this.state = outside.state;
    }

    Expr grouping(SqlExpr.FunctionCall call) {
        int position = call.position();
        if (call.arguments().size() > GROUPING_ARGUMENTS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_ARGUMENTS,
                    "GROUPING must have fewer than 32 arguments",
                    position);
        }
        AggregateCollector collector = outside.clause.aggregates();
        if (collector == null) {
            throw new SqlException(
                    SqlState.GROUPING_ERROR,
                    outside.clause.name().equals(AggregateCollector.ARGUMENT)
                            ? "aggregate function calls cannot be nested"
                            : "grouping operations are not allowed in " + outside.clause.name(),
                    position);
        }
        ExpressionBinder inside = outside.in(Clause.plain(AggregateCollector.ARGUMENT));
        List<Expr> arguments = inside.bindAll(call.arguments());
        if (arguments.stream().allMatch(e -> e instanceof Expr.Outer)) {
            throw SqlException.notSupported("GROUPING of an outer query's columns", position);
        }
        return collector.addGrouping(arguments, position);
    }

    Expr bind(
            SqlExpr.FunctionCall call,
            List<AggregateFunction> aggregates,
            List<WindowFunction> windows) {
        boolean within = !call.withinGroup().isEmpty();
        if (within && call.distinct()) {
            throw syntax("cannot use DISTINCT with WITHIN GROUP", call);
        }
        if (within && !call.orderBy().isEmpty()) {
            throw syntax("cannot use multiple ORDER BY clauses with WITHIN GROUP", call);
        }
        if (within && call.variadic()) {
            throw syntax("cannot use VARIADIC with WITHIN GROUP", call);
        }
        ExpressionBinder inside =
                outside.in(
                        call.over() == null
                                ? Clause.plain(AggregateCollector.ARGUMENT)
                                : outside.clause.windowArguments());
        List<Expr> arguments =
                JsonRows.named(state, call.name().last(), inside.bindAll(call.arguments()));
        List<Expr> sorted = new ArrayList<>();
        for (SqlExpr.OrderItem item : call.withinGroup()) {
            sorted.add(inside.bind(item.expression()));
        }
        if (!within && !windows.isEmpty()) {
            Expr window = windowFunction(call, windows, arguments, aggregates.isEmpty());
            if (window != null) {
                return window;
            }
        }
        if (within && aggregates.isEmpty()) {
            List<Expr> all = new ArrayList<>(arguments);
            all.addAll(sorted);
            throw calls.noFunction(call.name(), all, List.of(), call.position());
        }
        return switch (aggregates.getFirst().kind()) {
            case NORMAL -> {
                List<Expr> all = new ArrayList<>(arguments);
                all.addAll(sorted);
                yield normal(call, aggregates, all, inside);
            }
            case ORDERED_SET -> orderedSet(call, aggregates, arguments, sorted);
            case HYPOTHETICAL_SET ->
                    hypotheticalSet(call, aggregates.getFirst(), arguments, sorted);
        };
    }

    private static boolean within(SqlExpr.FunctionCall call) {
        return !call.withinGroup().isEmpty();
    }

    private static SqlException syntax(String message, SqlExpr.FunctionCall call) {
        return new SqlException(SqlState.SYNTAX_ERROR, message, call.position());
    }

    private static SqlException wrongObject(String message, SqlExpr.FunctionCall call) {
        return new SqlException(
                SqlState.WRONG_OBJECT_TYPE,
                message.replace("%s", call.name().toString()),
                call.position());
    }

    private static SqlException notImplemented(String message, SqlExpr.FunctionCall call) {
        return new SqlException(
                SqlState.FEATURE_NOT_SUPPORTED,
                message.replace("%s", call.name().toString()),
                call.position());
    }

    // ---- window functions ----

    /** Null if no overload fits and {@code only} is not set. */
    private @Nullable Expr windowFunction(
            SqlExpr.FunctionCall call,
            List<WindowFunction> functions,
            List<Expr> arguments,
            boolean only) {
        List<Candidate<WindowFunction>> candidates = new ArrayList<>();
        for (WindowFunction function : functions) {
            CallBinder.add(
                    candidates,
                    function,
                    function.arguments(),
                    false,
                    0,
                    arguments.size(),
                    call.variadic());
        }
        CallBinder.Resolved<WindowFunction> resolved = calls.resolve(candidates, arguments);
        if (resolved == null) {
            if (only) {
                throw calls.noFunction(call.name(), arguments, candidates, call.position());
            }
            return null;
        }
        if (call.over() == null) {
            throw wrongObject("window function %s requires an OVER clause", call);
        }
        if (call.distinct()) {
            throw notImplemented("DISTINCT is not implemented for window functions", call);
        }
        if (!call.orderBy().isEmpty()) {
            throw notImplemented(
                    "aggregate ORDER BY is not implemented for window functions", call);
        }
        requireKnown(resolved.function().arguments(), arguments);
        if (call.filter() != null) {
            throw notImplemented(
                    "FILTER is not implemented for non-aggregate window functions", call);
        }
        SqlType declared = resolved.function().result();
        SqlType result = resolved.types().concrete(declared);
        return over(
                call,
                null,
                resolved.function(),
                resolved.arguments(),
                null,
                result == null ? declared : result);
    }

    private Expr over(
            SqlExpr.FunctionCall call,
            @Nullable AggregateFunction aggregate,
            @Nullable WindowFunction function,
            List<Expr> arguments,
            @Nullable Expr filter,
            SqlType type) {
        SqlExpr.Window written = call.over();
        if (written == null) {
            throw new IllegalStateException("a window call without a window");
        }
        WindowCollector collector = outside.clause.requireWindows(call.position());
        int window = collector.window(written, outside);
        return state.at(
                collector.add(new WindowCall(aggregate, function, arguments, filter, window, type)),
                call.position());
    }

    // ---- aggregates ----

    private Expr normal(
            SqlExpr.FunctionCall call,
            List<AggregateFunction> functions,
            List<Expr> arguments,
            ExpressionBinder inside) {
        List<Candidate<AggregateFunction>> candidates = new ArrayList<>();
        for (AggregateFunction function : functions) {
            CallBinder.add(
                    candidates,
                    function,
                    function.arguments(),
                    function.variadic(),
                    0,
                    arguments.size(),
                    call.variadic());
        }
        CallBinder.Resolved<AggregateFunction> resolved = calls.resolve(candidates, arguments);
        if (resolved == null) {
            throw calls.noFunction(call.name(), arguments, candidates, call.position());
        }
        if (within(call)) {
            throw wrongObject(
                    "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", call);
        }
        if (arguments.isEmpty() && !call.star()) {
            throw wrongObject(
                    "%s(*) must be used to call a parameterless aggregate function", call);
        }
        AggregateFunction function = resolved.function();
        requireKnown(function.arguments(), arguments);
        SqlType type = resultType(resolved);
        if (call.over() != null) {
            if (call.distinct()) {
                throw notImplemented("DISTINCT is not implemented for window functions", call);
            }
            if (!call.orderBy().isEmpty()) {
                throw notImplemented(
                        "aggregate ORDER BY is not implemented for window functions", call);
            }
            return over(call, function, null, resolved.arguments(), filter(call), type);
        }
        AggregateCall bound =
                new AggregateCall(
                        function,
                        List.of(),
                        resolved.arguments(),
                        call.distinct(),
                        filter(call),
                        order(call, function, resolved.arguments(), inside));
        return collect(bound, type, call.position());
    }

    /** What stands for any one type is not guessed from a literal. */
    private static void requireKnown(List<SqlType> declared, List<Expr> arguments) {
        boolean polymorphic = false;
        for (int i = 0; i < arguments.size() && i < declared.size(); i++) {
            SqlType type = declared.get(i);
            if (type.equals(Types.ANYELEMENT)
                    || type.equals(Types.ANYNONARRAY)
                    || type.equals(Types.ANYARRAY)) {
                if (!arguments.get(i).type().equals(Types.UNKNOWN)) {
                    return;
                }
                polymorphic = true;
            }
        }
        if (polymorphic) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "could not determine polymorphic type because input has type unknown");
        }
    }

    private static SqlType resultType(CallBinder.Resolved<AggregateFunction> resolved) {
        SqlType declared = resolved.function().result();
        SqlType result = resolved.types().concrete(declared);
        return result == null ? declared : result;
    }

    private @Nullable Expr filter(SqlExpr.FunctionCall call) {
        SqlExpr written = call.filter();
        return written == null ? null : outside.in(Clause.plain("FILTER")).condition(written);
    }

    /** ORDER BY; with DISTINCT what comes out is sorted by the arguments besides. */
    private List<SortKey> order(
            SqlExpr.FunctionCall call,
            AggregateFunction function,
            List<Expr> arguments,
            ExpressionBinder inside) {
        List<SortKey> keys = new ArrayList<>();
        for (SqlExpr.OrderItem item : call.orderBy()) {
            Expr key = inside.value(item.expression());
            if (call.distinct()) {
                key = argumentLike(key, arguments, item.expression().position());
            }
            keys.add(SortKeys.of(item, key));
        }
        if (call.distinct()) {
            boolean orderMatters = function.gathers();
            for (Expr argument : arguments) {
                SortKeys.requireEquality(argument.type(), state.position(argument));
                orderMatters |=
                        argument.type().equals(Types.FLOAT4)
                                || argument.type().equals(Types.FLOAT8);
            }
            for (Expr argument : orderMatters ? arguments : List.<Expr>of()) {
                if (keys.stream().noneMatch(key -> key.expression().equals(argument))) {
                    keys.add(new SortKey(argument, false, false));
                }
            }
        }
        return keys;
    }

    /** The argument that a sort key of an aggregate with DISTINCT means. */
    private static Expr argumentLike(Expr key, List<Expr> arguments, int position) {
        for (Expr argument : arguments) {
            boolean converted =
                    argument instanceof Expr.Cast cast
                            && cast.cast().context() == CastDef.Context.IMPLICIT
                            && cast.operand().equals(key);
            if (converted || argument.equals(key)) {
                return argument;
            }
        }
        throw new SqlException(
                SqlState.INVALID_COLUMN_REFERENCE,
                "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
                position);
    }

    private Expr orderedSet(
            SqlExpr.FunctionCall call,
            List<AggregateFunction> functions,
            List<Expr> direct,
            List<Expr> sorted) {
        if (call.over() != null) {
            throw notImplemented("OVER is not supported for ordered-set aggregate %s", call);
        }
        List<Expr> all = new ArrayList<>(direct);
        all.addAll(sorted);
        List<Candidate<AggregateFunction>> candidates = new ArrayList<>();
        for (AggregateFunction function : functions) {
            CallBinder.add(candidates, function, function.arguments(), false, 0, all.size(), false);
        }
        CallBinder.Resolved<AggregateFunction> resolved = calls.resolve(candidates, all);
        if (resolved == null) {
            throw calls.noFunction(call.name(), all, candidates, call.position());
        }
        if (sorted.isEmpty()) {
            throw wrongObject("WITHIN GROUP is required for ordered-set aggregate %s", call);
        }
        int wanted = resolved.function().direct();
        if (direct.size() != wanted) {
            throw missing(
                    call,
                    all,
                    "There is an ordered-set aggregate "
                            + call.name()
                            + ", but it requires "
                            + wanted
                            + " direct argument"
                            + (wanted == 1 ? "" : "s")
                            + ", not "
                            + direct.size()
                            + ".");
        }
        return collectSorted(
                call,
                resolved.function(),
                resolved.arguments().subList(0, wanted),
                resolved.arguments().subList(wanted, all.size()),
                resultType(resolved));
    }

    private Expr hypotheticalSet(
            SqlExpr.FunctionCall call,
            AggregateFunction function,
            List<Expr> direct,
            List<Expr> sorted) {
        if (sorted.isEmpty()) {
            if (direct.isEmpty()) {
                throw missing(call, direct, null);
            }
            throw wrongObject("WITHIN GROUP is required for ordered-set aggregate %s", call);
        }
        if (call.over() != null) {
            throw notImplemented("OVER is not supported for ordered-set aggregate %s", call);
        }
        if (direct.size() != sorted.size()) {
            List<Expr> all = new ArrayList<>(direct);
            all.addAll(sorted);
            throw missing(
                    call,
                    all,
                    "To use the hypothetical-set aggregate "
                            + call.name()
                            + ", the number of hypothetical direct arguments (here "
                            + direct.size()
                            + ") must match the number of ordering columns (here "
                            + sorted.size()
                            + ").");
        }
        List<Expr> values = new ArrayList<>();
        List<Expr> columns = new ArrayList<>();
        for (int i = 0; i < direct.size(); i++) {
            List<Expr> pair = List.of(sorted.get(i), direct.get(i));
            SqlType type = state.coercion.common(pair, "WITHIN GROUP");
            List<Expr> converted = state.coercion.toCommon(pair, type, "WITHIN GROUP");
            columns.add(converted.get(0));
            values.add(converted.get(1));
        }
        return collectSorted(call, function, values, columns, function.result());
    }

    private SqlException missing(
            SqlExpr.FunctionCall call, List<Expr> arguments, @Nullable String hint) {
        SqlException error =
                new SqlException(
                        SqlState.UNDEFINED_FUNCTION,
                        "function "
                                + call.name()
                                + arguments.stream()
                                        .map(e -> e.type().sqlName())
                                        .collect(Collectors.joining(", ", "(", ")"))
                                + " does not exist",
                        call.position());
        return hint == null ? error : error.withHint(hint);
    }

    private Expr collectSorted(
            SqlExpr.FunctionCall call,
            AggregateFunction function,
            List<Expr> direct,
            List<Expr> sorted,
            SqlType type) {
        List<SortKey> keys = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i++) {
            keys.add(SortKeys.of(call.withinGroup().get(i), sorted.get(i)));
        }
        AggregateCall bound =
                new AggregateCall(function, direct, sorted, false, filter(call), keys);
        return collect(bound, type, call.position());
    }

    // ---- the query that an aggregate belongs to ----

    private Expr collect(AggregateCall call, SqlType type, int position) {
        int level = level(call);
        if (level == 0) {
            AggregateCollector collector = outside.clause.requireAggregates(position);
            collector.at(position);
            return state.at(collector.add(call, type), position);
        }
        Scope scope = outside.scope;
        for (int i = 0; i < level; i++) {
            Scope parent = scope.parent();
            if (parent == null) {
                throw new IllegalStateException("a reference beyond the outermost query");
            }
            scope = parent;
        }
        Clause clause = scope.clause();
        if (clause == null) {
            throw new SqlException(
                    SqlState.GROUPING_ERROR,
                    "aggregate functions are not allowed in FROM clause of their own query level",
                    position);
        }
        Expr placed = clause.requireAggregates(position).add(lifted(call, level), type);
        return state.at(new Expr.Outer(level, ((Expr.Input) placed).index(), type, -1), position);
    }

    /** An aggregate belongs to the innermost query that one of its columns is of; 0: this one. */
    private static int level(AggregateCall call) {
        int[] nearest = {Integer.MAX_VALUE};
        new Rewriter(
                        (e, depth) -> {
                            if (e instanceof Expr.Input && depth == 0) {
                                nearest[0] = 0;
                            } else if (e instanceof Expr.Outer o && o.depth() >= depth) {
                                nearest[0] = Math.min(nearest[0], o.depth() - depth);
                            }
                            return null;
                        })
                .call(call, 0);
        return nearest[0] == Integer.MAX_VALUE ? 0 : nearest[0];
    }

    /** The call as the query {@code level} levels further out reads it. */
    private AggregateCall lifted(AggregateCall call, int level) {
        return new Rewriter(
                        (e, depth) -> {
                            if (!(e instanceof Expr.Outer o) || o.depth() - depth < level) {
                                return null;
                            }
                            int left = o.depth() - level;
                            Expr moved =
                                    left == 0
                                            ? new Expr.Input(o.index(), o.type(), o.typmod())
                                            : new Expr.Outer(left, o.index(), o.type(), o.typmod());
                            return state.at(moved, state.position(o));
                        })
                .call(call, 0);
    }
}
