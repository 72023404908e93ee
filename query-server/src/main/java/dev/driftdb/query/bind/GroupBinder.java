package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query.Grouping;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.query.plan.LogicalPlan.SetCall;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** GROUP BY: grouping sets, and what expressions over groups may read. */
final class GroupBinder {
    /** PostgreSQL's limit. */
    private static final int GROUPING_SETS_MAX = 4096;

    private static final int CUBE_ELEMENTS_MAX = 12;

    private final BindState state;
    private final Namespace namespace;
    private final ExpressionBinder binder;
    private final AggregateCollector aggregates;
    private final List<TargetList.Target> targets;
    private final List<Expr> outputs;
    private final List<Expr> groups = new ArrayList<>();

    /** The groups that every grouping set has. */
    private final List<Integer> common = new ArrayList<>();

    /** Groups that are columns depending on a grouped key. */
    private final List<Integer> dependents = new ArrayList<>();

    private boolean severalSets;

    /** The outputs that GROUP BY names, themselves and not what equals them. */
    private final IdentityHashMap<Expr, Boolean> grouped = new IdentityHashMap<>();

    GroupBinder(
            BindState state,
            Namespace namespace,
            ExpressionBinder binder,
            AggregateCollector aggregates,
            List<TargetList.Target> targets,
            List<Expr> outputs) {
        this.state = state;
        this.namespace = namespace;
        this.binder = binder.in(new Clause("GROUP BY", null, binder.clause.setCalls(), null));
        this.aggregates = aggregates;
        this.targets = targets;
        this.outputs = outputs;
    }

    /** All grouping sets that the elements of GROUP BY multiply out to. */
    List<List<Expr>> sets(List<Grouping> elements) {
        List<List<Expr>> result = List.of(List.of());
        for (Grouping element : elements) {
            List<List<Expr>> own = expand(element);
            if ((long) result.size() * own.size() > GROUPING_SETS_MAX) {
                throw tooMany(elements.getFirst().position());
            }
            List<List<Expr>> product = new ArrayList<>();
            for (List<Expr> left : result) {
                for (List<Expr> right : own) {
                    List<Expr> both = new ArrayList<>(left);
                    both.addAll(right);
                    product.add(both);
                }
            }
            result = product;
        }
        return result;
    }

    private static SqlException tooMany(int position) {
        return new SqlException(
                SqlState.STATEMENT_TOO_COMPLEX,
                "too many grouping sets present (maximum 4096)",
                position);
    }

    private List<List<Expr>> expand(Grouping element) {
        return switch (element) {
            case Grouping.Expression(SqlExpr expression) -> List.of(List.of(item(expression)));
            case Grouping.Composite(var expressions, var _) -> {
                List<Expr> set = new ArrayList<>();
                expressions.forEach(e -> composite(e, set));
                yield List.of(set);
            }
            case Grouping.Sets(var kind, var members, var position) -> {
                List<List<Expr>> parts = new ArrayList<>();
                for (Grouping member : members) {
                    parts.addAll(expand(member));
                    if (parts.size() > GROUPING_SETS_MAX) {
                        throw tooMany(position);
                    }
                }
                yield switch (kind) {
                    case GROUPING_SETS -> parts;
                    case ROLLUP -> rollup(parts);
                    case CUBE -> cube(parts, position);
                };
            }
        };
    }

    private void composite(SqlExpr written, List<Expr> set) {
        if (written instanceof SqlExpr.Row row) {
            row.fields().forEach(field -> composite(field, set));
        } else {
            set.add(item(written));
        }
    }

    private static List<List<Expr>> rollup(List<List<Expr>> parts) {
        List<List<Expr>> result = new ArrayList<>();
        for (int n = parts.size(); n >= 0; n--) {
            result.add(parts.subList(0, n).stream().flatMap(List::stream).toList());
        }
        return result;
    }

    private static List<List<Expr>> cube(List<List<Expr>> parts, int position) {
        if (parts.size() > CUBE_ELEMENTS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_COLUMNS, "CUBE is limited to 12 elements", position);
        }
        List<List<Expr>> result = new ArrayList<>();
        for (int mask = (1 << parts.size()) - 1; mask >= 0; mask--) {
            List<Expr> set = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                if ((mask & 1 << (parts.size() - 1 - i)) != 0) {
                    set.addAll(parts.get(i));
                }
            }
            result.add(set);
        }
        return result;
    }

    private Expr item(SqlExpr written) {
        int position = written.position();
        Expr result = null;
        int ordinal = Ordinals.constant(written, targets.size(), "GROUP BY");
        if (ordinal >= 0) {
            result = outputs.get(ordinal);
            grouped.put(result, true);
        } else if (written instanceof SqlExpr.ColumnRef name && name.parts().size() == 1) {
            result = byOutputName(name.parts().getFirst(), position);
        }
        if (result == null) {
            result = state.coercion.known(binder.bind(written));
        }
        refuseCalls(result, position);
        SortKeys.requireEquality(result.type(), position);
        return result;
    }

    private @Nullable Expr byOutputName(String name, int position) {
        if (namespace.visible().stream().anyMatch(c -> c.name().equals(name))) {
            return null;
        }
        Expr found = null;
        for (int i = 0; i < targets.size(); i++) {
            if (targets.get(i).name().equals(name)) {
                if (found != null && !Constants.same(found, outputs.get(i))) {
                    throw new SqlException(
                            SqlState.AMBIGUOUS_COLUMN,
                            "GROUP BY \"" + name + "\" is ambiguous",
                            position);
                }
                found = outputs.get(i);
            }
        }
        if (found != null) {
            grouped.put(found, true);
        }
        return found;
    }

    private int callPosition(Expr call, int otherwise) {
        int known = state.position(call);
        return known > 0 ? known : otherwise;
    }

    private void refuseCalls(Expr group, int position) {
        new Rewriter(
                        (e, depth) -> {
                            if (depth == 0 && e instanceof Expr.Input input && input.index() < 0) {
                                if (SetCollector.isIn(input)) {
                                    return null;
                                }
                                if (WindowCollector.isWindow(input.index())) {
                                    throw new SqlException(
                                            SqlState.WINDOWING_ERROR,
                                            "window functions are not allowed in GROUP BY",
                                            callPosition(input, position));
                                }
                                throw new SqlException(
                                        SqlState.GROUPING_ERROR,
                                        "aggregate functions are not allowed in GROUP BY",
                                        callPosition(input, position));
                            }
                            return null;
                        })
                .expr(group, 0);
    }

    /**
     * The plan with its groups (and HAVING) on top; outputs and set-returning calls then read its
     * rows.
     */
    LogicalPlan aggregate(
            LogicalPlan input,
            @Nullable List<List<Expr>> written,
            boolean distinctSets,
            @Nullable Expr having,
            List<Expr> values,
            SetCollector sets,
            WindowCollector windows) {
        List<List<Expr>> all = written == null ? List.of(List.of()) : written;
        List<Expr> items = all.stream().flatMap(List::stream).toList();
        if (items.stream().anyMatch(SetCollector::isIn)) {
            // Rows are multiplied before they are grouped.
            LogicalPlan multiplied = sets.plan(input, items);
            values.replaceAll(sets::placed);
            windows.replace(sets::placed);
            sets.calls.replaceAll(c ->
                    new SetCall(c.function(), c.arguments().stream().map(sets::placed).toList()));
            List<List<Expr>> placed =
                    all.stream().map(set -> set.stream().map(sets::placed).toList()).toList();
            return aggregate(multiplied, placed, distinctSets, having, values, sets, windows);
        }
        List<List<Integer>> indexes = new ArrayList<>();
        for (List<Expr> set : all) {
            List<Integer> own = new ArrayList<>();
            for (Expr group : set) {
                int at = find(group);
                if (at < 0) {
                    at = groups.size();
                    groups.add(group);
                }
                if (!own.contains(at)) {
                    own.add(at);
                }
            }
            Set<Integer> members = Set.copyOf(own);
            if (!distinctSets || indexes.stream().noneMatch(s -> Set.copyOf(s).equals(members))) {
                indexes.add(own);
            }
        }
        severalSets = indexes.size() > 1;
        common.clear();
        common.addAll(indexes.getFirst());
        indexes.forEach(common::retainAll);
        List<List<Integer>> groupings = groupings();
        Rewriter overGroups = new Rewriter(this::overGroups);
        List<Expr> rewritten = new ArrayList<>(values);
        rewritten.replaceAll(e -> constant(e) ? groupColumn(e) : overGroups.expr(e, 0));
        Expr condition = having == null ? null : overGroups.expr(having, 0);
        List<SetCall> calls = new ArrayList<>(sets.calls);
        calls.replaceAll(c -> new SetCall(c.function(), overGroups.exprs(c.arguments(), 0)));
        windows.replace(e -> overGroups.expr(e, 0));
        aggregates.calls.replaceAll(call -> direct(call));
        // Columns that depend on a grouped key have joined the groups by now.
        for (List<Integer> set : indexes) {
            set.addAll(dependents);
        }
        Rewriter place = new Rewriter(this::place);
        rewritten.replaceAll(e -> place.expr(e, 0));
        calls.replaceAll(c -> new SetCall(c.function(), place.exprs(c.arguments(), 0)));
        windows.replace(e -> place.expr(e, 0));
        sets.calls.clear();
        sets.calls.addAll(calls);
        values.clear();
        values.addAll(rewritten);
        LogicalPlan plan =
                new LogicalPlan.Aggregate(
                        input,
                        List.copyOf(groups),
                        indexes,
                        List.copyOf(aggregates.calls),
                        severalSets ? groupings : List.of(),
                        columns(groupings));
        return condition == null ? plan : new LogicalPlan.Filter(plan, place.expr(condition, 0));
    }

    /** A constant that GROUP BY names as an output: NULL where a set is without it. */
    private boolean constant(Expr output) {
        return severalSets && output instanceof Expr.Constant && grouped.containsKey(output);
    }

    private Expr groupColumn(Expr output) {
        return new Expr.Input(find(output), output.type(), output.typmod());
    }

    /** Direct arguments are evaluated once per group, over the columns of the groups. */
    private AggregateCall direct(AggregateCall call) {
        if (call.direct().isEmpty()) {
            return call;
        }
        Rewriter overGroups = new Rewriter(this::overGroups);
        List<Expr> direct;
        try {
            direct = overGroups.exprs(call.direct(), 0);
        } catch (SqlException e) {
            throw e.state() == SqlState.GROUPING_ERROR
                    ? e.withDetail(
                            "Direct arguments of an ordered-set aggregate must use only grouped"
                                    + " columns.")
                    : e;
        }
        return new AggregateCall(
                call.function(),
                direct,
                call.arguments(),
                call.distinct(),
                call.filter(),
                call.orderBy());
    }

    private List<OutputColumn> columns(List<List<Integer>> groupings) {
        List<OutputColumn> columns = new ArrayList<>();
        for (Expr group : groups) {
            var origin =
                    group instanceof Expr.Input input ? namespace.columnAt(input.index()) : null;
            columns.add(
                    origin == null
                            ? new OutputColumn("?column?", group.type(), group.typmod(), 0, 0)
                            : new OutputColumn(
                                    origin.name(),
                                    group.type(),
                                    group.typmod(),
                                    origin.tableId(),
                                    origin.columnNumber()));
        }
        for (int i = 0; i < aggregates.calls.size(); i++) {
            AggregateCall call = aggregates.calls.get(i);
            columns.add(OutputColumn.of(call.function().name(), aggregates.types.get(i)));
        }
        if (severalSets) {
            for (int i = 0; i < groupings.size(); i++) {
                columns.add(OutputColumn.of("grouping", Types.INT4));
            }
        }
        return columns;
    }

    private List<List<Integer>> groupings() {
        List<List<Integer>> result = new ArrayList<>();
        for (int i = 0; i < aggregates.groupings.size(); i++) {
            List<Integer> indexes = new ArrayList<>();
            for (Expr argument : aggregates.groupings.get(i)) {
                int at = find(argument);
                if (at < 0) {
                    throw new SqlException(
                            SqlState.GROUPING_ERROR,
                            "arguments to GROUPING must be grouping expressions of the associated"
                                    + " query level",
                            callPosition(argument, aggregates.groupingPositions.get(i)));
                }
                indexes.add(at);
            }
            result.add(indexes);
        }
        return result;
    }

    private int find(Expr expression) {
        for (int i = 0; i < groups.size(); i++) {
            if (Constants.same(groups.get(i), expression)) {
                return i;
            }
        }
        return -1;
    }

    private @Nullable Expr overGroups(Expr e, int depth) {
        if (depth == 0) {
            if (e instanceof Expr.Input input && input.index() < 0) {
                return e;
            }
            int at = e instanceof Expr.Constant || e instanceof Expr.Parameter ? -1 : find(e);
            if (at >= 0) {
                return new Expr.Input(at, e.type(), e.typmod());
            }
            if (e instanceof Expr.Input input) {
                int added = dependent(input.index(), input, state.position(e), false);
                return new Expr.Input(added, e.type(), e.typmod());
            }
            return null;
        }
        if (e instanceof Expr.Outer outer && outer.depth() == depth) {
            if (outer.index() < 0) {
                return e;
            }
            Expr own = new Expr.Input(outer.index(), outer.type(), outer.typmod());
            int at = find(own);
            if (at < 0) {
                at = dependent(outer.index(), own, state.position(e), true);
            }
            return new Expr.Outer(depth, at, e.type(), e.typmod());
        }
        return null;
    }

    /** A column of a table whose whole primary key is grouped is as good as grouped. */
    private int dependent(int index, Expr column, int position, boolean inSubquery) {
        Relation relation = namespace.relationOf(index);
        TableDef table = relation == null ? null : relation.table();
        if (relation != null && table != null && table.hasPrimaryKey()) {
            boolean keyed =
                    table.keyColumns().stream()
                            .allMatch(number ->
                                    relation.columns().stream()
                                            .anyMatch(c ->
                                                    c.columnNumber() == number
                                                            && common.contains(
                                                                    groups.indexOf(
                                                                            new Expr.Input(
                                                                                    c.index(),
                                                                                    c.type(),
                                                                                    c.typmod())))));
            if (keyed) {
                groups.add(column);
                dependents.add(groups.size() - 1);
                return groups.size() - 1;
            }
        }
        String name = namespace.describe(index);
        throw new SqlException(
                SqlState.GROUPING_ERROR,
                inSubquery
                        ? "subquery uses ungrouped column \"" + name + "\" from outer query"
                        : "column \""
                                + name
                                + "\" must appear in the GROUP BY clause or be used in an"
                                + " aggregate function",
                position);
    }

    /** The final places of aggregate and GROUPING results, behind all groups. */
    private @Nullable Expr place(Expr e, int depth) {
        if (e instanceof Expr.Outer outer
                && depth > 0
                && outer.depth() == depth
                && AggregateCollector.isCall(outer.index())) {
            return new Expr.Outer(
                    depth,
                    groups.size() + AggregateCollector.callNumber(outer.index()),
                    outer.type(),
                    -1);
        }
        if (depth != 0 || !(e instanceof Expr.Input input) || input.index() >= 0) {
            return null;
        }
        if (AggregateCollector.isCall(input.index())) {
            return new Expr.Input(
                    groups.size() + AggregateCollector.callNumber(input.index()), e.type(), -1);
        }
        if (AggregateCollector.isGrouping(input.index())) {
            return severalSets
                    ? new Expr.Input(
                            groups.size()
                                    + aggregates.calls.size()
                                    + AggregateCollector.groupingNumber(input.index()),
                            Types.INT4,
                            -1)
                    : new Expr.Constant(0L, Types.INT4, -1);
        }
        return null;
    }
}
