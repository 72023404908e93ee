package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.SqlExpr.OrderItem;
import dev.driftdb.query.bind.FromBinder.From;
import dev.driftdb.query.bind.Namespace.Field;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.SetCall;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Binds one SELECT with its ORDER BY and LIMIT: from, where, groups, windows, set-returning calls,
 * output, distinct, order, limit, in this order from the leaves.
 */
final class SelectBinder {
    private final BindState state;
    private final Environment environment;
    private final @Nullable Scope outer;
    private final AggregateCollector aggregates = new AggregateCollector();
    private final SetCollector sets = new SetCollector();
    private WindowCollector windows;

    /** Output expressions, then those only sorted by. */
    private final List<Expr> outputs = new ArrayList<>();

    private final List<@Nullable List<Field>> fields = new ArrayList<>();
    private List<TargetList.Target> targets = List.of();
    private Scope scope;
    private ExpressionBinder binder;

    SelectBinder(BindState state, Environment environment, @Nullable Scope outer) {
        this.state = state;
        this.environment = environment;
        this.outer = outer;
        this.windows = new WindowCollector(state, List.of());
        this.scope = Scope.empty(outer);
        this.binder = new ExpressionBinder(state, environment, scope, Clause.plain("SELECT"));
    }

    LogicalPlan bind(Query.Select select, Query query, Unknowns unknowns) {
        windows = new WindowCollector(state, select.windows());
        From from = new FromBinder(state, environment).bind(select.from(), outer);
        scope = Scope.of(outer, from.namespace());
        LogicalPlan plan = from.plan();
        binder =
                new ExpressionBinder(
                        state, environment, scope, new Clause("SELECT", aggregates, sets, windows));
        targets = new TargetList(state, scope, binder).bind(select.items());
        for (int i = 0; i < targets.size(); i++) {
            outputs.add(unknowns.resolve(state.coercion, targets.get(i).value(), i));
            fields.add(state.fields(targets.get(i).value()));
        }
        if (select.where() != null) {
            plan =
                    new LogicalPlan.Filter(
                            plan, binder.in(Clause.plain("WHERE")).condition(select.where()));
        }
        Expr having =
                select.having() == null
                        ? null
                        : binder.in(new Clause("HAVING", aggregates, null, null))
                                .condition(select.having());
        int width = outputs.size();
        List<SortKey> keys = new ArrayList<>();
        for (OrderItem item : query.orderBy()) {
            int index = outputIndex(item.expression(), "ORDER BY");
            keys.add(SortKeys.of(item, new Expr.Input(index, outputs.get(index).type(), -1)));
        }
        List<Integer> distinctOn = new ArrayList<>();
        for (SqlExpr on : select.distinctOn()) {
            int index = outputIndex(on, "SELECT DISTINCT ON");
            SortKeys.requireEquality(outputs.get(index).type(), on.position());
            distinctOn.add(index);
        }
        GroupBinder groups =
                new GroupBinder(state, scope.namespace(), binder, aggregates, targets, outputs);
        List<List<Expr>> grouping = select.groupBy() == null ? null : groups.sets(select.groupBy());
        windows.bindNamed(binder);
        if (!aggregates.isEmpty() && RecursionRules.readsItself(state, plan)) {
            throw new SqlException(
                    SqlState.INVALID_RECURSION,
                    "aggregate functions are not allowed in a recursive query's recursive term",
                    aggregates.firstPosition());
        }
        boolean grouped = grouping != null || having != null || !aggregates.isEmpty();
        if (!query.locking().isEmpty()) {
            return locked(select, query, plan, keys, width, grouped);
        }
        if (grouped) {
            plan =
                    groups.aggregate(
                            plan, grouping, select.groupDistinct(), having, outputs, sets, windows);
        }
        if (!windows.isEmpty()) {
            Rewriter placed = WindowCollector.placed(plan.columns().size());
            plan = windows.plan(plan);
            outputs.replaceAll(e -> placed.expr(e, 0));
            sets.calls.replaceAll(c -> new SetCall(c.function(), placed.exprs(c.arguments(), 0)));
        }
        if (!sets.isEmpty()) {
            plan = sets.plan(plan);
            outputs.replaceAll(sets::placed);
        }
        boolean distinct = select.distinct() && distinctOn.isEmpty();
        if (distinct && outputs.size() > width) {
            throw new SqlException(
                    SqlState.INVALID_COLUMN_REFERENCE,
                    "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                    lastOrderPosition(query));
        }
        plan = project(plan);
        if (distinct) {
            for (int i = 0; i < width; i++) {
                int at = state.position(outputs.get(i));
                SortKeys.requireEquality(outputs.get(i).type(), at > 0 ? at : query.position());
            }
            plan = new LogicalPlan.Distinct(plan, List.of());
        }
        keys = keys(keys);
        plan = sorted(plan, keys, distinctOn, query);
        if (query.withTies()) {
            // Ties are told by the sort keys, so the columns only sorted by go afterwards.
            plan = new LimitBinder(state, environment, scope).limit(query, plan, keys);
            return cut(plan, width);
        }
        return new LimitBinder(state, environment, scope).limit(query, cut(plan, width), List.of());
    }

    private static int lastOrderPosition(Query query) {
        return query.orderBy().isEmpty() ? 0 : query.orderBy().getLast().expression().position();
    }

    /** Keys read the output row, whose types are known by now. */
    private List<SortKey> keys(List<SortKey> keys) {
        return keys.stream()
                .map(k -> {
                    int index = ((Expr.Input) k.expression()).index();
                    Expr output = outputs.get(index);
                    return new SortKey(
                            new Expr.Input(index, output.type(), output.typmod()),
                            k.descending(),
                            k.nullsFirst());
                })
                .toList();
    }

    private LogicalPlan sorted(
            LogicalPlan input, List<SortKey> keys, List<Integer> distinctOn, Query query) {
        if (distinctOn.isEmpty()) {
            return keys.isEmpty() ? input : new LogicalPlan.Sort(input, keys);
        }
        List<Expr> on = new ArrayList<>();
        for (int index : distinctOn) {
            Expr output = outputs.get(index);
            Expr key = new Expr.Input(index, output.type(), output.typmod());
            if (!on.contains(key)) {
                on.add(key);
            }
        }
        List<SortKey> all = new ArrayList<>(keys);
        for (int i = 0; i < Math.min(on.size(), keys.size()); i++) {
            if (!on.contains(keys.get(i).expression())) {
                throw new SqlException(
                        SqlState.INVALID_COLUMN_REFERENCE,
                        "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                        state.position(outputs.get(((Expr.Input) unmatched(on, keys)).index())));
            }
        }
        for (Expr key : on) {
            if (all.stream().noneMatch(k -> k.expression().equals(key))) {
                all.add(new SortKey(key, false, false));
            }
        }
        return new LogicalPlan.Distinct(new LogicalPlan.Sort(input, all), on);
    }

    /** The first expression of DISTINCT ON that the sort keys in front do not have. */
    private static Expr unmatched(List<Expr> on, List<SortKey> keys) {
        for (Expr expression : on) {
            boolean sorted =
                    keys.subList(0, Math.min(on.size(), keys.size())).stream()
                            .anyMatch(key -> key.expression().equals(expression));
            if (!sorted) {
                return expression;
            }
        }
        return on.getFirst();
    }

    private List<OutputColumn> columns() {
        List<OutputColumn> columns = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            Expr value = outputs.get(i);
            TargetList.Target target = i < targets.size() ? targets.get(i) : null;
            OutputColumn column =
                    target == null
                            ? new OutputColumn("?column?", value.type(), value.typmod(), 0, 0)
                            : new OutputColumn(
                                    target.name(),
                                    value.type(),
                                    value.typmod(),
                                    target.tableId(),
                                    target.columnNumber());
            if (i < fields.size()) {
                state.fields(column, fields.get(i));
            }
            columns.add(column);
        }
        return columns;
    }

    private LogicalPlan project(LogicalPlan plan) {
        return new LogicalPlan.Project(plan, List.copyOf(outputs), columns());
    }

    private static LogicalPlan cut(LogicalPlan plan, int width) {
        List<OutputColumn> columns = plan.columns();
        if (columns.size() == width) {
            return plan;
        }
        List<OutputColumn> kept = columns.subList(0, width);
        return new LogicalPlan.Project(plan, Plans.inputs(kept), List.copyOf(kept));
    }

    /** The index of the output that an item of ORDER BY or DISTINCT ON means, added if needed. */
    private int outputIndex(SqlExpr written, String clause) {
        String shown = clause.startsWith("SELECT ") ? clause.substring("SELECT ".length()) : clause;
        int ordinal = Ordinals.constant(written, targets.size(), shown);
        if (ordinal >= 0) {
            return ordinal;
        }
        if (written instanceof SqlExpr.ColumnRef name && name.parts().size() == 1) {
            int found = targetNamed(name.parts().getFirst(), clause, name.position());
            if (found >= 0) {
                return found;
            }
        }
        Expr bound =
                state.coercion.known(
                        binder.in(new Clause(clause, aggregates, sets, windows)).bind(written));
        for (int i = 0; i < outputs.size(); i++) {
            if (Constants.same(outputs.get(i), bound)) {
                return i;
            }
        }
        outputs.add(bound);
        return outputs.size() - 1;
    }

    private int targetNamed(String name, String clause, int position) {
        int found = -1;
        for (int i = 0; i < targets.size(); i++) {
            if (targets.get(i).name().equals(name)) {
                if (found >= 0 && !Constants.same(outputs.get(found), outputs.get(i))) {
                    throw new SqlException(
                            SqlState.AMBIGUOUS_COLUMN,
                            clause + " \"" + name + "\" is ambiguous",
                            position);
                }
                found = found < 0 ? i : found;
            }
        }
        return found;
    }

    /** FOR UPDATE: rows are sorted first and locked as they are taken, as LIMIT wants them. */
    private LogicalPlan locked(
            Query.Select select,
            Query query,
            LogicalPlan filtered,
            List<SortKey> keys,
            int width,
            boolean grouped) {
        String refused =
                select.distinct() || !select.distinctOn().isEmpty()
                        ? "DISTINCT clause"
                        : select.groupBy() != null
                                ? "GROUP BY clause"
                                : select.having() != null
                                        ? "HAVING clause"
                                        : grouped
                                                ? "aggregate functions"
                                                : !windows.isEmpty()
                                                        ? "window functions"
                                                        : !sets.isEmpty()
                                                                ? "set-returning functions in the target"
                                                                        + " list"
                                                                : null;
        String strength = query.locking().getFirst().strength().name().replace('_', ' ');
        if (refused != null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "FOR " + strength + " is not allowed with " + refused);
        }
        if (query.withTies()) {
            throw SqlException.notSupported("FOR " + strength + " with WITH TIES");
        }
        LogicalPlan plan = filtered;
        if (!keys.isEmpty()) {
            List<SortKey> over = new ArrayList<>();
            for (SortKey key : keys) {
                Expr value = outputs.get(((Expr.Input) key.expression()).index());
                over.add(new SortKey(value, key.descending(), key.nullsFirst()));
            }
            plan = new LogicalPlan.Sort(plan, over);
        }
        plan = new LockBinder(scope.namespace()).lock(plan, query.locking());
        while (outputs.size() > width) {
            outputs.removeLast();
        }
        return new LimitBinder(state, environment, scope).limit(query, project(plan), List.of());
    }
}
