package dev.driftdb.query.optimize;

import dev.driftdb.query.ast.Query.SetKind;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.execute.operator.Distinct;
import dev.driftdb.query.execute.operator.RecursiveUnion;
import dev.driftdb.query.execute.operator.SetOperation;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.explain.Explain.Relationship;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Plans what compares whole rows: DISTINCT, UNION, INTERSECT, EXCEPT and WITH RECURSIVE. */
final class SetPlanner {
    private final PhysicalPlanner planner;
    private final Set<Integer> recursions = new HashSet<>();

    SetPlanner(PhysicalPlanner planner) {
        this.planner = planner;
    }

    /** Whether a common table is the one of a recursive step that is being planned. */
    boolean isRecursion(int id) {
        return recursions.contains(id);
    }

    Planned distinct(LogicalPlan.Distinct distinct, BitSet required) {
        int width = distinct.columns().size();
        if (distinct.on().isEmpty()) {
            Planned input = planner.plan(distinct.input(), PhysicalPlanner.all(width));
            return Planned.of(
                    new Distinct(input.operator(), keyOf(distinct.columns()), null, false),
                    width,
                    Explain.of("Aggregate", input.explain())
                            .label("HashAggregate")
                            .kind("Strategy", "Hashed")
                            .kind("Partial Mode", "Simple")
                            .expressions("Group Key", inputs(distinct), distinct.input()));
        }
        BitSet needed = (BitSet) required.clone();
        distinct.on().forEach(expr -> needed.or(ExprTraits.columns(expr)));
        Planned input = planner.plan(distinct.input(), needed);
        List<SqlType> types = distinct.on().stream().map(Expr::type).toList();
        return Planned.of(
                new Distinct(
                        input.operator(),
                        new ValueKey(types),
                        planner.compileAll(distinct.on()),
                        sortedBy(distinct.input(), distinct.on())),
                width,
                Explain.of("Unique", input.explain()));
    }

    private static List<Expr> inputs(LogicalPlan plan) {
        List<Expr> list = new ArrayList<>();
        for (OutputColumn column : plan.columns()) {
            list.add(new Expr.Input(list.size(), column.type(), column.typmod()));
        }
        return list;
    }

    /** Whether rows that are equal in some expressions come one after another. */
    private static boolean sortedBy(LogicalPlan input, List<Expr> on) {
        if (!(input instanceof LogicalPlan.Sort sort) || sort.keys().size() < on.size()) {
            return false;
        }
        Set<Expr> leading = new LinkedHashSet<>();
        for (LogicalPlan.SortKey key : sort.keys()) {
            if (!on.contains(key.expression())) {
                break;
            }
            leading.add(key.expression());
        }
        return leading.containsAll(on);
    }

    Planned setOperation(LogicalPlan.SetOperation set, BitSet required) {
        int width = set.columns().size();
        boolean append = set.kind() == SetKind.UNION && set.all();
        BitSet needed = append ? required : PhysicalPlanner.all(width);
        Planned left = planner.plan(set.left(), needed);
        Planned right = planner.plan(set.right(), needed);
        return Planned.of(
                new SetOperation(
                        set.kind(),
                        set.all(),
                        left.operator(),
                        right.operator(),
                        keyOf(append ? List.of() : set.columns())),
                width,
                append
                        ? Explain.of("Append")
                                .input(Relationship.MEMBER, left.explain(), null)
                                .input(Relationship.MEMBER, right.explain(), null)
                                .attribute("Subplans Removed", 0L)
                        : setOperation(set, left.explain(), right.explain()));
    }

    private static Explain setOperation(LogicalPlan.SetOperation set, Explain left, Explain right) {
        String command =
                switch (set.kind()) {
                            case UNION -> "Union";
                            case INTERSECT -> "Intersect";
                            case EXCEPT -> "Except";
                        }
                        + (set.all() ? " All" : "");
        return Explain.of("SetOp", left, right)
                .label("HashSetOp " + command)
                .kind("Strategy", "Hashed")
                .attribute("Command", command);
    }

    Planned recursiveUnion(LogicalPlan.RecursiveUnion union) {
        int width = union.columns().size();
        Planned base = planner.plan(union.base(), PhysicalPlanner.all(width));
        recursions.add(union.id());
        Planned step = planner.plan(union.step(), PhysicalPlanner.all(width));
        recursions.remove(union.id());
        return Planned.of(
                new RecursiveUnion(
                        union.id(),
                        base.operator(),
                        step.operator(),
                        union.all() ? null : keyOf(union.columns())),
                width,
                Explain.of("Recursive Union", base.explain(), step.explain()));
    }

    private static ValueKey keyOf(List<OutputColumn> columns) {
        return new ValueKey(columns.stream().map(OutputColumn::type).toList());
    }
}
