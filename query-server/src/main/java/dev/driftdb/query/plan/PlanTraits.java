package dev.driftdb.query.plan;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/** What can be said of a plan without running it. */
public final class PlanTraits {
    /** {@link #nearestReference} of a plan that stands for itself. */
    public static final int NO_REFERENCE = Integer.MAX_VALUE;

    private PlanTraits() {}

    /** Whether an expression has a subquery that reads the expression's row. */
    public static boolean runsForEachRow(Expr expr) {
        boolean[] found = {false};
        eachSubquery(expr, plan -> found[0] |= nearestReference(plan) == 1);
        return found[0];
    }

    /**
     * How many levels up the nearest row lies that a subquery reads; 1 is the row that its
     * expression is evaluated on. Reading a common table from outside counts as 2: it may change
     * from one run of the enclosing query to the next.
     */
    public static int nearestReference(LogicalPlan plan) {
        int[] nearest = {NO_REFERENCE};
        PlanTree.replace(
                plan,
                1,
                new PlanTree.References() {
                    @Override
                    public Expr local(int index, Expr original, int depth) {
                        nearest[0] = 1;
                        return original;
                    }

                    @Override
                    public Expr enclosing(int level, Expr.Outer original, int depth) {
                        nearest[0] = Math.min(nearest[0], level + 1);
                        return original;
                    }
                });
        Set<Integer> read = new HashSet<>();
        Set<Integer> defined = new HashSet<>();
        commonTables(plan, read, defined);
        read.removeAll(defined);
        return read.isEmpty() ? nearest[0] : Math.min(nearest[0], 2);
    }

    private static void commonTables(LogicalPlan plan, Set<Integer> read, Set<Integer> defined) {
        switch (plan) {
            case LogicalPlan.CteScan scan -> read.add(scan.id());
            case LogicalPlan.With with ->
                    with.definitions().forEach(definition -> defined.add(definition.id()));
            case LogicalPlan.RecursiveUnion union -> defined.add(union.id());
            default -> {}
        }
        eachExpression(
                plan, expr -> eachSubquery(expr, inner -> commonTables(inner, read, defined)));
        eachInput(plan, input -> commonTables(input, read, defined));
    }

    /** The columns of the row {@code 1} level up that a plan reads. */
    public static BitSet outerColumns(LogicalPlan plan) {
        BitSet columns = new BitSet();
        PlanTree.replace(
                plan,
                1,
                (index, original, depth) -> {
                    columns.set(index);
                    return original;
                });
        return columns;
    }

    public static boolean isVolatile(LogicalPlan plan) {
        boolean[] found = {plan instanceof LogicalPlan.LockRows};
        if (plan instanceof LogicalPlan.With with) {
            found[0] =
                    with.definitions().stream()
                            .anyMatch(d -> !(d.statement() instanceof BoundStatement.Select));
        }
        eachExpression(plan, expr -> found[0] |= ExprTraits.isVolatile(expr));
        eachInput(plan, input -> found[0] |= isVolatile(input));
        return found[0];
    }

    /** Calls for the node's own expressions. */
    public static void eachExpression(
            LogicalPlan plan, java.util.function.Consumer<Expr> consumer) {
        PlanTree.rebuild(
                plan,
                expr -> {
                    consumer.accept(expr);
                    return expr;
                },
                input -> input,
                lateral -> lateral);
    }

    /** Calls for the node's inputs. */
    public static void eachInput(
            LogicalPlan plan, java.util.function.Consumer<LogicalPlan> consumer) {
        PlanTree.rebuild(
                plan,
                expr -> expr,
                input -> {
                    consumer.accept(input);
                    return input;
                },
                lateral -> {
                    consumer.accept(lateral);
                    return lateral;
                });
    }

    /** Calls for the subqueries in an expression, not for those inside of them. */
    public static void eachSubquery(Expr expr, java.util.function.Consumer<LogicalPlan> consumer) {
        PlanTree.rebuild(
                expr,
                child -> {
                    eachSubquery(child, consumer);
                    return child;
                },
                subquery -> {
                    consumer.accept(subquery);
                    return subquery;
                });
    }
}
