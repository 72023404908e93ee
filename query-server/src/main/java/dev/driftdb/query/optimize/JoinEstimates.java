package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.PlanTree;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** How many rows joins answer, from the distinct values of what they compare. */
final class JoinEstimates {
    private final Estimates estimates;
    private final Selectivity conditions;

    JoinEstimates(Estimates estimates, Selectivity conditions) {
        this.estimates = estimates;
        this.conditions = conditions;
    }

    /** How many rows a join answers, at least one. */
    @SuppressWarnings("RefactorSwitch") // its cases compute differently much
    double rows(LogicalPlan.Join join) {
        double left = estimates.rows(join.left());
        double right = estimates.rows(join.right());
        Expr condition = join.condition();
        List<Expr> terms = condition == null ? List.of() : ExprTraits.conjuncts(condition);
        // Conditions over both sides ask for the rows that they are a condition on.
        estimates.assume(join, left * right);
        switch (join.type()) {
            case SEMI, ANTI -> {
                double met = Math.max(0, Math.min(1, semi(join, terms)));
                double share = join.type() == JoinType.SEMI ? met : 1 - met;
                return Math.max(1, left * share);
            }
            case INNER, LEFT, RIGHT, FULL -> {
                double result = left * right * selectivity(join, terms);
                return Math.max(
                        1,
                        switch (join.type()) {
                            case LEFT -> Math.max(left, result);
                            case RIGHT -> Math.max(right, result);
                            case FULL -> Math.max(Math.max(left, right), result);
                            case INNER, SEMI, ANTI -> result;
                        });
            }
        }
        return left;
    }

    /** Which share of the left rows has a partner. */
    private double semi(LogicalPlan.Join join, List<Expr> terms) {
        int width = join.left().columns().size();
        double share = 1;
        double pairs = estimates.rows(join.right());
        boolean equal = false;
        List<Expr> others = new ArrayList<>();
        for (Expr term : terms) {
            if (Estimates.isEquiJoin(term, width) && term instanceof Expr.Comparison c) {
                boolean straight = Estimates.isLeft(ExprTraits.columns(c.left()), width);
                double a = estimates.distinct(straight ? c.left() : c.right(), join.left());
                double b =
                        estimates.distinct(
                                PlanTree.shift(straight ? c.right() : c.left(), -width),
                                join.right());
                share *= Math.min(1, b / a);
                pairs /= Math.max(1, Math.max(a, b));
                equal = true;
            } else {
                others.add(term);
            }
        }
        if (others.isEmpty()) {
            return equal ? share : 1;
        }
        // With several partners each, one of them is likely to meet the rest.
        double each = Selectivity.OTHER;
        for (Expr other : others) {
            each = Math.min(each, conditions.withoutStatistics(other));
        }
        return share
                * (1
                        - Math.pow(
                                1 - each,
                                Math.max(1, equal ? pairs : estimates.rows(join.right()))));
    }

    private double selectivity(LogicalPlan.Join join, List<Expr> terms) {
        int width = join.left().columns().size();
        double product = 1;
        double rest = 1;
        BitSet leftKey = new BitSet();
        BitSet rightKey = new BitSet();
        for (Expr term : terms) {
            if (Estimates.isEquiJoin(term, width) && term instanceof Expr.Comparison c) {
                boolean straight = Estimates.isLeft(ExprTraits.columns(c.left()), width);
                Expr a = straight ? c.left() : c.right();
                Expr b = PlanTree.shift(straight ? c.right() : c.left(), -width);
                product /=
                        Math.max(
                                1,
                                Math.max(
                                        estimates.distinct(a, join.left()),
                                        estimates.distinct(b, join.right())));
                if (a instanceof Expr.Input column) {
                    leftKey.set(column.index());
                }
                if (b instanceof Expr.Input column) {
                    rightKey.set(column.index());
                }
            } else {
                rest *= conditions.of(List.of(term), join);
            }
        }
        product = Math.max(product, byKey(join.left(), leftKey));
        product = Math.max(product, byKey(join.right(), rightKey));
        return product * rest;
    }

    /**
     * If the columns are a key: with one of the key's rows at most each other row is joined, and
     * with none if that row was filtered out. 0 if they are no key.
     */
    double byKey(LogicalPlan plan, BitSet columns) {
        if (columns.cardinality() < 2) {
            return 0; // One column's distinct values say it already.
        }
        double whole = keyRows(plan, columns);
        return whole == 0 ? 0 : 1 / whole;
    }

    private double keyRows(LogicalPlan plan, BitSet columns) {
        if (plan instanceof LogicalPlan.Filter filter) {
            return keyRows(filter.input(), columns);
        }
        if (plan instanceof LogicalPlan.Join join
                && (join.type() == JoinType.SEMI || join.type() == JoinType.ANTI)) {
            return keyRows(join.left(), columns);
        }
        return estimates.isUnique(plan, columns) ? estimates.rows(plan) : 0;
    }
}
