package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTree;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Orders inner joins by cost. Everything that is joined by INNER without LATERAL is one group of
 * relations; {@link JoinSearch} says in which order they are joined.
 */
final class JoinOrder {
    private final Estimates estimates;

    JoinOrder(Estimates estimates) {
        this.estimates = estimates;
    }

    LogicalPlan apply(LogicalPlan plan) {
        if (isInner(plan)) {
            List<JoinSearch.Relation> relations = new ArrayList<>();
            List<Expr> conditions = new ArrayList<>();
            flatten(plan, 0, relations, conditions);
            return build((LogicalPlan.Join) plan, relations, conditions);
        }
        return PlanTree.rebuild(plan, this::inside, this::apply, this::apply);
    }

    private Expr inside(Expr expr) {
        return ExprTraits.hasSubquery(expr)
                ? PlanTree.rebuild(expr, this::inside, this::apply)
                : expr;
    }

    private static boolean isInner(LogicalPlan plan) {
        return plan instanceof LogicalPlan.Join join
                && join.type() == JoinType.INNER
                && !join.lateral();
    }

    private void flatten(
            LogicalPlan plan,
            int firstColumn,
            List<JoinSearch.Relation> relations,
            List<Expr> conditions) {
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
        relations.add(new JoinSearch.Relation(apply(plan), firstColumn));
    }

    private LogicalPlan build(
            LogicalPlan.Join original, List<JoinSearch.Relation> written, List<Expr> conditions) {
        JoinSearch search = new JoinSearch(estimates, written, conditions);
        JoinSearch.Tree tree = search.best();
        List<Expr> open = new ArrayList<>(search.otherConditions());
        Built built = build(tree, search, open, original.columns().size());
        boolean same = true;
        for (int i = 0; i < built.position().length; i++) {
            same &= built.position()[i] == i;
        }
        return same ? built.plan() : restored(original, built);
    }

    /**
     * @param position of each of the group's columns in the plan's rows, -1 for those of others
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Built(LogicalPlan plan, int[] position, BitSet columns) {}

    private Built build(JoinSearch.Tree tree, JoinSearch search, List<Expr> open, int width) {
        if (tree instanceof JoinSearch.Tree.Leaf leaf) {
            JoinSearch.Relation relation = leaf.relation();
            int[] position = new int[width];
            java.util.Arrays.fill(position, -1);
            BitSet columns = new BitSet();
            for (int i = 0; i < relation.width(); i++) {
                position[relation.firstColumn() + i] = i;
                columns.set(relation.firstColumn() + i);
            }
            return new Built(relation.plan(), position, columns);
        }
        JoinSearch.Tree.Pair pair = (JoinSearch.Tree.Pair) tree;
        Built left = build(pair.left(), search, open, width);
        Built right = build(pair.right(), search, open, width);
        int leftWidth = left.plan().columns().size();
        int[] position = new int[width];
        for (int i = 0; i < width; i++) {
            position[i] =
                    left.position()[i] >= 0
                            ? left.position()[i]
                            : right.position()[i] >= 0 ? leftWidth + right.position()[i] : -1;
        }
        BitSet columns = (BitSet) left.columns().clone();
        columns.or(right.columns());
        List<Expr> on = new ArrayList<>();
        for (Expr equality :
                search.equalitiesBetween(pair.left().members(), pair.right().members())) {
            on.add(moved(equality, position));
        }
        for (Expr condition : List.copyOf(open)) {
            if (isWithin(ExprTraits.columns(condition), columns)) {
                open.remove(condition);
                on.add(moved(condition, position));
            }
        }
        List<OutputColumn> output = new ArrayList<>(left.plan().columns());
        output.addAll(right.plan().columns());
        return new Built(
                new LogicalPlan.Join(
                        JoinType.INNER,
                        left.plan(),
                        right.plan(),
                        on.isEmpty() ? null : ExprTraits.conjunction(on),
                        false,
                        List.copyOf(output)),
                position,
                columns);
    }

    /** The columns in the order that the nodes above know. */
    private static LogicalPlan restored(LogicalPlan.Join original, Built built) {
        List<Expr> expressions = new ArrayList<>();
        for (int i = 0; i < built.position().length; i++) {
            OutputColumn column = original.columns().get(i);
            expressions.add(new Expr.Input(built.position()[i], column.type(), column.typmod()));
        }
        return new LogicalPlan.Project(built.plan(), expressions, original.columns());
    }

    private static Expr moved(Expr condition, int[] position) {
        return PlanTree.replace(
                condition,
                (index, original, depth) -> PlanTree.reference(position[index], original, depth));
    }

    static boolean isWithin(BitSet columns, BitSet known) {
        BitSet rest = (BitSet) columns.clone();
        rest.andNot(known);
        return rest.isEmpty();
    }
}
