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
import org.jspecify.annotations.Nullable;

/**
 * EXISTS and IN in a condition become semi joins, their negations anti joins, where the subquery
 * reads the row around it in its own WHERE only. NOT IN only where no NULL can be on either side;
 * else it stays an expression that knows of NULLs.
 */
final class Decorrelate {
    private final ScalarJoins scalars;

    Decorrelate(Estimates estimates) {
        this.scalars = new ScalarJoins(estimates);
    }

    LogicalPlan apply(LogicalPlan plan) {
        LogicalPlan rebuilt = PlanTree.rebuild(plan, this::inside, this::apply, this::apply);
        return switch (rebuilt) {
            case LogicalPlan.Filter filter -> withoutScalars(joined(filter));
            case LogicalPlan.Project project -> withoutScalars(project);
            default -> rebuilt;
        };
    }

    private Expr inside(Expr expr) {
        return ExprTraits.hasSubquery(expr)
                ? PlanTree.rebuild(expr, this::inside, this::apply)
                : expr;
    }

    private LogicalPlan withoutScalars(LogicalPlan plan) {
        if (!(plan instanceof LogicalPlan.Filter filter)
                || !ScalarJoins.hasScalarQuery(filter.condition())) {
            return plan;
        }
        List<Expr> plain = new ArrayList<>();
        List<Expr> others = new ArrayList<>();
        for (Expr condition : ExprTraits.conjuncts(filter.condition())) {
            (ScalarJoins.hasScalarQuery(condition) ? others : plain).add(condition);
        }
        LogicalPlan current =
                plain.isEmpty()
                        ? filter.input()
                        : new LogicalPlan.Filter(filter.input(), ExprTraits.conjunction(plain));
        List<Expr> left = new ArrayList<>();
        for (Expr condition : others) {
            ScalarJoins.Extracted extracted = scalars.extract(current, condition);
            current = extracted.plan();
            left.add(extracted.expr());
        }
        return ScalarJoins.narrowed(
                new LogicalPlan.Filter(current, ExprTraits.conjunction(left)), filter.columns());
    }

    private LogicalPlan withoutScalars(LogicalPlan.Project project) {
        if (project.expressions().stream().noneMatch(ScalarJoins::hasScalarQuery)) {
            return project;
        }
        LogicalPlan current = project.input();
        List<Expr> expressions = new ArrayList<>();
        for (Expr expr : project.expressions()) {
            ScalarJoins.Extracted extracted = scalars.extract(current, expr);
            current = extracted.plan();
            expressions.add(extracted.expr());
        }
        return new LogicalPlan.Project(current, expressions, project.columns());
    }

    private static LogicalPlan joined(LogicalPlan.Filter filter) {
        LogicalPlan input = filter.input();
        List<Expr> rest = new ArrayList<>();
        List<Expr> subqueries = new ArrayList<>();
        List<Expr> left = new ArrayList<>();
        for (Expr condition : ExprTraits.conjuncts(filter.condition())) {
            if (isSubquery(condition)) {
                subqueries.add(condition);
            } else {
                // A subquery that is run for each row had better be asked of fewer rows.
                (PlanTraits.runsForEachRow(condition) ? left : rest).add(condition);
            }
        }
        int expensive = left.size();
        LogicalPlan current =
                rest.isEmpty() || subqueries.isEmpty()
                        ? input
                        : new LogicalPlan.Filter(input, ExprTraits.conjunction(rest));
        for (Expr condition : subqueries) {
            LogicalPlan join = join(current, condition);
            if (join == null) {
                left.add(condition);
            } else {
                current = join;
            }
        }
        if (subqueries.isEmpty() || left.size() - expensive == subqueries.size()) {
            return filter;
        }
        return left.isEmpty()
                ? current
                : new LogicalPlan.Filter(current, ExprTraits.conjunction(left));
    }

    private static boolean isSubquery(Expr condition) {
        return switch (condition) {
            case Expr.Exists _, Expr.InQuery _ -> true;
            case Expr.Not not -> isSubquery(not.operand());
            default -> false;
        };
    }

    private static @Nullable LogicalPlan join(LogicalPlan left, Expr condition) {
        return switch (condition) {
            case Expr.Exists exists -> exists(left, exists.plan(), JoinType.SEMI);
            case Expr.Not not when not.operand() instanceof Expr.Exists exists ->
                    exists(left, exists.plan(), JoinType.ANTI);
            case Expr.InQuery in -> in(left, in, in.negated());
            case Expr.Not not when not.operand() instanceof Expr.InQuery in ->
                    in(left, in, !in.negated());
            default -> null;
        };
    }

    private static @Nullable LogicalPlan exists(
            LogicalPlan left, LogicalPlan subquery, JoinType type) {
        LogicalPlan plan = subquery;
        while (true) {
            if (plan instanceof LogicalPlan.Project project) {
                plan = project.input();
            } else if (plan instanceof LogicalPlan.Sort sort) {
                plan = sort.input();
            } else if (plan instanceof LogicalPlan.Distinct distinct) {
                plan = distinct.input();
            } else if (plan instanceof LogicalPlan.Limit limit && givesFirst(limit)) {
                plan = limit.input();
            } else {
                break;
            }
        }
        Split split = split(plan);
        // One that does not read the row is run once: nothing is cheaper.
        return split == null || split.correlated().isEmpty()
                ? null
                : join(type, left, split, List.of());
    }

    private static boolean givesFirst(LogicalPlan.Limit limit) {
        return limit.offset() == null
                && limit.limit() instanceof Expr.Constant constant
                && constant.value() instanceof Long count
                && count > 0;
    }

    private static @Nullable LogicalPlan in(LogicalPlan left, Expr.InQuery in, boolean negated) {
        LogicalPlan plan = in.plan();
        if (PlanTraits.isVolatile(plan)
                || in.operands().stream()
                        .anyMatch(e -> ExprTraits.isVolatile(e) || ExprTraits.hasSubquery(e))) {
            return null;
        }
        Split split = null;
        List<Expr> values = new ArrayList<>();
        if (plan instanceof LogicalPlan.Project project) {
            boolean plain = project.expressions().stream().noneMatch(ExprTraits::hasSubquery);
            split = plain ? split(project.input()) : null;
            values.addAll(project.expressions());
        }
        if (split == null || values.stream().anyMatch(ExprTraits::readsEnclosingRow)) {
            values.clear();
            for (int i = 0; i < plan.columns().size(); i++) {
                var column = plan.columns().get(i);
                values.add(new Expr.Input(i, column.type(), column.typmod()));
            }
            split = PlanTraits.outerColumns(plan).isEmpty() ? new Split(plan, List.of()) : null;
        }
        if (split == null) {
            return null;
        }
        if (negated) {
            for (int i = 0; i < values.size(); i++) {
                if (!Nullability.isNeverNull(in.operands().get(i), left)
                        || !Nullability.isNeverNull(values.get(i), split.plan())) {
                    return null;
                }
            }
        }
        int leftWidth = left.columns().size();
        List<Expr> equalities = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            equalities.add(
                    new Expr.Comparison(
                            Expr.Comparison.Op.EQ,
                            in.operands().get(i),
                            outOfSubquery(values.get(i), leftWidth)));
        }
        return join(negated ? JoinType.ANTI : JoinType.SEMI, left, split, equalities);
    }

    /** A subquery's rows without what its WHERE says of the row around it. */
    record Split(LogicalPlan plan, List<Expr> correlated) {}

    static @Nullable Split split(LogicalPlan plan) {
        if (PlanTraits.isVolatile(plan)) {
            return null;
        }
        LogicalPlan input = plan;
        List<Expr> own = new ArrayList<>();
        List<Expr> correlated = new ArrayList<>();
        while (input instanceof LogicalPlan.Filter filter) {
            for (Expr condition : ExprTraits.conjuncts(filter.condition())) {
                (readsRowAround(condition) ? correlated : own).add(condition);
            }
            input = filter.input();
        }
        if (!PlanTraits.outerColumns(input).isEmpty()) {
            return null;
        }
        return new Split(
                own.isEmpty() ? input : new LogicalPlan.Filter(input, ExprTraits.conjunction(own)),
                correlated);
    }

    private static boolean readsRowAround(Expr condition) {
        BitSet found = new BitSet();
        PlanTree.replace(
                condition,
                new PlanTree.References() {
                    @Override
                    public Expr local(int index, Expr original, int depth) {
                        return original;
                    }

                    @Override
                    public Expr enclosing(int level, Expr.Outer original, int depth) {
                        if (level == 1) {
                            found.set(0);
                        }
                        return original;
                    }
                });
        return !found.isEmpty();
    }

    private static LogicalPlan join(
            JoinType type, LogicalPlan left, Split split, List<Expr> equalities) {
        int leftWidth = left.columns().size();
        List<Expr> conditions = new ArrayList<>(equalities);
        for (Expr condition : split.correlated()) {
            conditions.add(outOfSubquery(condition, leftWidth));
        }
        LogicalPlan right = closer(split.plan());
        return new LogicalPlan.Join(
                type, left, right, ExprTraits.conjunction(conditions), false, left.columns());
    }

    /** An expression of the subquery over (left row, subquery's row), one level further out. */
    static Expr outOfSubquery(Expr expr, int leftWidth) {
        return PlanTree.replace(
                expr,
                new PlanTree.References() {
                    @Override
                    public Expr local(int index, Expr original, int depth) {
                        return PlanTree.reference(leftWidth + index, original, depth);
                    }

                    @Override
                    public Expr enclosing(int level, Expr.Outer original, int depth) {
                        return level == 1
                                ? PlanTree.reference(original.index(), original, depth)
                                : closer(original);
                    }
                });
    }

    /** A subquery that does not read the row around it, one level further out. */
    static LogicalPlan closer(LogicalPlan plan) {
        return PlanTree.replace(
                plan,
                1,
                new PlanTree.References() {
                    @Override
                    public Expr local(int index, Expr original, int depth) {
                        throw new IllegalStateException("still correlated");
                    }

                    @Override
                    public Expr enclosing(int level, Expr.Outer original, int depth) {
                        return closer(original);
                    }
                });
    }

    private static Expr closer(Expr.Outer outer) {
        return new Expr.Outer(outer.depth() - 1, outer.index(), outer.type(), outer.typmod());
    }
}
