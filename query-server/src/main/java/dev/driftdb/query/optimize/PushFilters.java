package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.plan.PlanTree;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * Moves conditions as far down as they go: through projections, into the sides of joins (an outer
 * join whose NULLs a condition refuses becomes an inner one), below grouping and set operations.
 */
final class PushFilters {
    private PushFilters() {}

    static LogicalPlan apply(LogicalPlan plan) {
        return push(plan, List.of());
    }

    /** A plan whose rows meet the conditions, which read its columns. */
    private static LogicalPlan push(LogicalPlan plan, List<Expr> conditions) {
        return switch (plan) {
            case LogicalPlan.Filter filter -> {
                List<Expr> movable = new ArrayList<>();
                List<Expr> fixed = new ArrayList<>();
                for (Expr condition : ExprTraits.conjuncts(filter.condition())) {
                    (ExprTraits.isVolatile(condition) ? fixed : movable).add(inside(condition));
                }
                if (fixed.isEmpty()) {
                    movable.addAll(conditions);
                    yield push(filter.input(), movable);
                }
                yield filtered(filtered(push(filter.input(), movable), fixed), conditions);
            }
            case LogicalPlan.Project project -> pushThrough(project, conditions);
            case LogicalPlan.Join join -> pushInto(join, conditions);
            case LogicalPlan.Aggregate aggregate -> pushThrough(aggregate, conditions);
            case LogicalPlan.Window window -> pushThrough(window, conditions);
            case LogicalPlan.Sort sort ->
                    new LogicalPlan.Sort(push(sort.input(), conditions), insideKeys(sort.keys()));
            case LogicalPlan.Distinct distinct when distinct.on().isEmpty() ->
                    new LogicalPlan.Distinct(push(distinct.input(), conditions), List.of());
            case LogicalPlan.SetOperation set ->
                    new LogicalPlan.SetOperation(
                            set.kind(),
                            set.all(),
                            push(set.left(), conditions),
                            push(set.right(), conditions),
                            set.columns());
            default -> filtered(children(plan), conditions);
        };
    }

    private static LogicalPlan children(LogicalPlan plan) {
        return PlanTree.rebuild(plan, PushFilters::inside, PushFilters::apply, PushFilters::apply);
    }

    /** The expression with the plans of its subqueries done. */
    private static Expr inside(Expr expr) {
        return ExprTraits.hasSubquery(expr)
                ? PlanTree.rebuild(expr, PushFilters::inside, PushFilters::apply)
                : expr;
    }

    private static List<LogicalPlan.SortKey> insideKeys(List<LogicalPlan.SortKey> keys) {
        return keys.stream()
                .map(key ->
                        new LogicalPlan.SortKey(
                                inside(key.expression()), key.descending(), key.nullsFirst()))
                .toList();
    }

    private static LogicalPlan filtered(LogicalPlan plan, List<Expr> conditions) {
        return conditions.isEmpty()
                ? plan
                : new LogicalPlan.Filter(plan, ExprTraits.conjunction(conditions));
    }

    private static LogicalPlan pushThrough(LogicalPlan.Project project, List<Expr> conditions) {
        List<Expr> expressions = project.expressions();
        List<Expr> below = new ArrayList<>();
        List<Expr> above = new ArrayList<>();
        for (Expr condition : conditions) {
            boolean movable =
                    ExprTraits.columns(condition).stream()
                            .allMatch(column ->
                                    !ExprTraits.isVolatile(expressions.get(column))
                                            && !ExprTraits.hasSubquery(expressions.get(column)));
            if (movable) {
                below.add(substitute(condition, expressions));
            } else {
                above.add(condition);
            }
        }
        LogicalPlan input = push(project.input(), below);
        return filtered(
                new LogicalPlan.Project(
                        input,
                        expressions.stream().map(PushFilters::inside).toList(),
                        project.columns()),
                above);
    }

    /** The condition over the rows that the expressions are computed from. */
    private static Expr substitute(Expr condition, List<Expr> expressions) {
        return PlanTree.replace(
                condition,
                (index, original, depth) -> PlanTree.deepen(expressions.get(index), depth));
    }

    private static LogicalPlan pushThrough(LogicalPlan.Aggregate aggregate, List<Expr> conditions) {
        List<Expr> below = new ArrayList<>();
        List<Expr> above = new ArrayList<>();
        int groups = aggregate.groupBy().size();
        for (Expr condition : conditions) {
            BitSet columns = ExprTraits.columns(condition);
            boolean movable =
                    aggregate.groupingSets().size() == 1
                            && aggregate.groupingSets().get(0).size() == groups
                            && !columns.isEmpty()
                            && columns.length() <= groups;
            if (movable) {
                below.add(substitute(condition, aggregate.groupBy()));
            } else {
                above.add(condition);
            }
        }
        LogicalPlan rebuilt =
                PlanTree.rebuild(
                        aggregate,
                        PushFilters::inside,
                        input -> push(input, below),
                        lateral -> lateral);
        return filtered(rebuilt, above);
    }

    /** A condition on what every window is partitioned by takes or leaves whole partitions. */
    private static LogicalPlan pushThrough(LogicalPlan.Window window, List<Expr> conditions) {
        List<Expr> below = new ArrayList<>();
        List<Expr> above = new ArrayList<>();
        for (Expr condition : conditions) {
            BitSet columns = ExprTraits.columns(condition);
            boolean movable =
                    !columns.isEmpty()
                            && columns.stream()
                                    .allMatch(column ->
                                            window.windows().stream()
                                                    .allMatch(w -> isPartitionedBy(w, column)));
            (movable ? below : above).add(condition);
        }
        LogicalPlan rebuilt =
                PlanTree.rebuild(
                        window,
                        PushFilters::inside,
                        input -> push(input, below),
                        lateral -> lateral);
        return filtered(rebuilt, above);
    }

    private static boolean isPartitionedBy(LogicalPlan.WindowDefinition window, int column) {
        return window.partitionBy().stream()
                .anyMatch(e -> e instanceof Expr.Input input && input.index() == column);
    }

    private static LogicalPlan pushInto(LogicalPlan.Join join, List<Expr> conditions) {
        int leftWidth = join.left().columns().size();
        JoinType type = reduced(join, conditions, leftWidth);
        List<Expr> left = new ArrayList<>();
        List<Expr> right = new ArrayList<>();
        List<Expr> on = new ArrayList<>();
        List<Expr> above = new ArrayList<>();
        List<Expr> joinTerms = new ArrayList<>();
        Expr condition = join.condition();
        if (condition != null) {
            for (Expr term : ExprTraits.conjuncts(condition)) {
                joinTerms.add(inside(term));
            }
        }
        switch (type) {
            case INNER -> {
                joinTerms.addAll(conditions);
                addImplied(joinTerms);
                addAlternatives(joinTerms, leftWidth);
                sort(joinTerms, leftWidth, left, right, on);
            }
            case LEFT -> {
                sort(conditions, leftWidth, left, above, above);
                sort(joinTerms, leftWidth, on, right, on);
            }
            case RIGHT -> {
                sort(conditions, leftWidth, above, right, above);
                sort(joinTerms, leftWidth, left, on, on);
            }
            case FULL -> {
                above.addAll(conditions);
                on.addAll(joinTerms);
            }
            case SEMI -> {
                sortByCost(conditions, left, above);
                sort(joinTerms, leftWidth, left, right, on);
            }
            case ANTI -> {
                sortByCost(conditions, left, above);
                sort(joinTerms, leftWidth, on, right, on);
            }
        }
        List<Expr> rightOwn =
                right.stream().map(term -> toRight(term, leftWidth, join.lateral())).toList();
        LogicalPlan.Join result =
                new LogicalPlan.Join(
                        type,
                        push(join.left(), left),
                        push(join.right(), rightOwn),
                        on.isEmpty() ? null : ExprTraits.conjunction(on),
                        join.lateral(),
                        join.columns());
        return filtered(result, above);
    }

    /** What runs a subquery for each row is asked of those that the join leaves. */
    private static void sortByCost(List<Expr> conditions, List<Expr> below, List<Expr> above) {
        for (Expr condition : conditions) {
            (PlanTraits.runsForEachRow(condition) ? above : below).add(condition);
        }
    }

    /** An outer join below a condition that the NULLs of its empty side never meet. */
    private static JoinType reduced(LogicalPlan.Join join, List<Expr> conditions, int leftWidth) {
        BitSet left = new BitSet();
        left.set(0, leftWidth);
        BitSet right = new BitSet();
        right.set(leftWidth, leftWidth + join.right().columns().size());
        boolean needsLeft = conditions.stream().anyMatch(c -> ExprTraits.rejectsNulls(c, left));
        boolean needsRight = conditions.stream().anyMatch(c -> ExprTraits.rejectsNulls(c, right));
        return switch (join.type()) {
            case LEFT -> needsRight ? JoinType.INNER : JoinType.LEFT;
            case RIGHT -> needsLeft ? JoinType.INNER : JoinType.RIGHT;
            case FULL ->
                    needsLeft && needsRight
                            ? JoinType.INNER
                            : needsLeft
                                    ? JoinType.LEFT
                                    : needsRight ? JoinType.RIGHT : JoinType.FULL;
            case INNER, SEMI, ANTI -> join.type();
        };
    }

    private static void sort(
            List<Expr> terms, int leftWidth, List<Expr> left, List<Expr> right, List<Expr> both) {
        for (Expr term : terms) {
            BitSet columns = ExprTraits.columns(term);
            if (ExprTraits.isVolatile(term)) {
                both.add(term);
            } else if (columns.length() <= leftWidth) {
                left.add(term);
            } else if (columns.nextSetBit(0) >= leftWidth) {
                right.add(term);
            } else {
                both.add(term);
            }
        }
    }

    /** Of (a = 1 AND b = 2) OR (a = 3 AND b = 4) each side is told its part. */
    private static void addAlternatives(List<Expr> terms, int leftWidth) {
        for (Expr term : List.copyOf(terms)) {
            BitSet columns = ExprTraits.columns(term);
            boolean both = columns.nextSetBit(0) < leftWidth && columns.length() > leftWidth;
            if (!(term instanceof Expr.Or or) || !both || ExprTraits.isVolatile(term)) {
                continue;
            }
            Expr left = Factoring.implied(or, c -> Estimates.isLeft(c, leftWidth));
            Expr right = Factoring.implied(or, c -> Estimates.isRight(c, leftWidth));
            if (left != null && !terms.contains(left)) {
                terms.add(left);
            }
            if (right != null && !terms.contains(right)) {
                terms.add(right);
            }
        }
    }

    /** a = b and b = 5: then a = 5 as well, and a key lookup may serve both sides. */
    private static void addImplied(List<Expr> terms) {
        Set<Expr> known = new java.util.HashSet<>(terms);
        for (Expr equality : List.copyOf(terms)) {
            if (!(equality instanceof Expr.Comparison c)
                    || c.op() != Expr.Comparison.Op.EQ
                    || !(c.left() instanceof Expr.Input a)
                    || !(c.right() instanceof Expr.Input b)
                    || !a.type().equals(b.type())) {
                continue;
            }
            for (Expr term : List.copyOf(terms)) {
                if (term instanceof Expr.Comparison pinned
                        && pinned.op() == Expr.Comparison.Op.EQ
                        && pinned.left() instanceof Expr.Input column
                        && ExprTraits.isRowIndependent(pinned.right())
                        && !ExprTraits.hasSubquery(pinned.right())) {
                    Expr.Input other =
                            column.index() == a.index()
                                    ? b
                                    : column.index() == b.index() ? a : null;
                    if (other != null) {
                        Expr implied = new Expr.Comparison(pinned.op(), other, pinned.right());
                        if (known.add(implied)) {
                            terms.add(implied);
                        }
                    }
                }
            }
        }
    }

    /** A condition over the joined row, which reads its right part only, for the right side. */
    private static Expr toRight(Expr term, int leftWidth, boolean lateral) {
        return PlanTree.replace(
                term,
                new PlanTree.References() {
                    @Override
                    public Expr local(int index, Expr original, int depth) {
                        return PlanTree.reference(index - leftWidth, original, depth);
                    }

                    @Override
                    public Expr enclosing(int level, Expr.Outer original, int depth) {
                        return lateral
                                ? new Expr.Outer(
                                        original.depth() + 1,
                                        original.index(),
                                        original.type(),
                                        original.typmod())
                                : original;
                    }
                });
    }
}
