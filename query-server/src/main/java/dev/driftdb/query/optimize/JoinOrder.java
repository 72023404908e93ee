package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Orders inner joins: begins with the relation of the fewest rows, then takes what an equality
 * joins to those taken already. Relations of equal estimate keep the order they were written in,
 * and a cross product is made only where nothing joins.
 */
final class JoinOrder {
    private JoinOrder() {}

    private record Relation(LogicalPlan plan, int firstColumn, double rows) {
        int width() {
            return plan.columns().size();
        }

        BitSet columns() {
            BitSet columns = new BitSet();
            columns.set(firstColumn, firstColumn + width());
            return columns;
        }
    }

    static LogicalPlan apply(LogicalPlan plan) {
        if (isInner(plan)) {
            List<Relation> relations = new ArrayList<>();
            List<Expr> conditions = new ArrayList<>();
            flatten(plan, 0, relations, conditions);
            return build((LogicalPlan.Join) plan, relations, conditions);
        }
        return children(plan);
    }

    private static LogicalPlan children(LogicalPlan plan) {
        return PlanTree.rebuild(plan, JoinOrder::inside, JoinOrder::apply, JoinOrder::apply);
    }

    private static Expr inside(Expr expr) {
        return ExprTraits.hasSubquery(expr)
                ? PlanTree.rebuild(expr, JoinOrder::inside, JoinOrder::apply)
                : expr;
    }

    private static boolean isInner(LogicalPlan plan) {
        return plan instanceof LogicalPlan.Join join
                && join.type() == JoinType.INNER
                && !join.lateral();
    }

    private static void flatten(
            LogicalPlan plan, int firstColumn, List<Relation> relations, List<Expr> conditions) {
        if (plan instanceof LogicalPlan.Join join && isInner(plan)) {
            flatten(join.left(), firstColumn, relations, conditions);
            flatten(
                    join.right(),
                    firstColumn + join.left().columns().size(),
                    relations,
                    conditions);
            Expr condition = join.condition();
            if (condition != null) {
                for (Expr term : ExprTraits.conjuncts(condition)) {
                    conditions.add(PlanTree.shift(inside(term), firstColumn));
                }
            }
            return;
        }
        LogicalPlan done = apply(plan);
        relations.add(new Relation(done, firstColumn, Estimates.rows(done)));
    }

    private static LogicalPlan build(
            LogicalPlan.Join original, List<Relation> written, List<Expr> conditions) {
        List<Relation> waiting = new ArrayList<>(written);
        Relation first = fewest(waiting);
        waiting.remove(first);
        List<Relation> taken = new ArrayList<>(List.of(first));
        BitSet known = first.columns();
        int[] position = new int[original.columns().size()];
        place(position, first, 0);
        List<OutputColumn> columns = new ArrayList<>(first.plan().columns());
        List<Expr> open = new ArrayList<>(conditions);
        LogicalPlan plan = first.plan();
        while (!waiting.isEmpty()) {
            Relation next = next(waiting, known, open);
            waiting.remove(next);
            place(position, next, columns.size());
            columns.addAll(next.plan().columns());
            known.or(next.columns());
            List<Expr> on = new ArrayList<>();
            for (Expr condition : List.copyOf(open)) {
                if (isWithin(ExprTraits.columns(condition), known)) {
                    open.remove(condition);
                    on.add(moved(condition, position));
                }
            }
            plan =
                    new LogicalPlan.Join(
                            JoinType.INNER,
                            plan,
                            next.plan(),
                            on.isEmpty() ? null : ExprTraits.conjunction(on),
                            false,
                            List.copyOf(columns));
            taken.add(next);
        }
        return taken.equals(written) ? plan : restored(original, plan, position);
    }

    /** The columns in the order that the nodes above know. */
    private static LogicalPlan restored(
            LogicalPlan.Join original, LogicalPlan plan, int[] position) {
        List<Expr> expressions = new ArrayList<>();
        for (int i = 0; i < position.length; i++) {
            OutputColumn column = original.columns().get(i);
            expressions.add(new Expr.Input(position[i], column.type(), column.typmod()));
        }
        return new LogicalPlan.Project(plan, expressions, original.columns());
    }

    private static void place(int[] position, Relation relation, int at) {
        Arrays.setAll(
                position,
                i ->
                        i >= relation.firstColumn() && i < relation.firstColumn() + relation.width()
                                ? at + i - relation.firstColumn()
                                : position[i]);
    }

    private static Expr moved(Expr condition, int[] position) {
        return PlanTree.replace(
                condition,
                (index, original, depth) -> PlanTree.reference(position[index], original, depth));
    }

    private static boolean isWithin(BitSet columns, BitSet known) {
        BitSet rest = (BitSet) columns.clone();
        rest.andNot(known);
        return rest.isEmpty();
    }

    private static Relation fewest(List<Relation> relations) {
        Relation best = relations.get(0);
        for (Relation relation : relations) {
            if (relation.rows() < best.rows()) {
                best = relation;
            }
        }
        return best;
    }

    private static Relation next(List<Relation> waiting, BitSet known, List<Expr> open) {
        List<Relation> joined = new ArrayList<>();
        List<Relation> related = new ArrayList<>();
        for (Relation relation : waiting) {
            BitSet both = (BitSet) known.clone();
            both.or(relation.columns());
            for (Expr condition : open) {
                BitSet columns = ExprTraits.columns(condition);
                boolean connects =
                        columns.intersects(known)
                                && columns.intersects(relation.columns())
                                && isWithin(columns, both);
                if (connects) {
                    boolean equality =
                            condition instanceof Expr.Comparison c
                                    && c.op() == Expr.Comparison.Op.EQ;
                    (equality ? joined : related).add(relation);
                }
            }
        }
        if (!joined.isEmpty()) {
            return fewest(joined);
        }
        return related.isEmpty() ? fewest(waiting) : fewest(related);
    }
}
