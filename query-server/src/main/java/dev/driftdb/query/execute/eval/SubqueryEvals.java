package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Subqueries as values. One that does not read the row it is evaluated on is run once in the
 * outermost frame in which its answer stays the same.
 */
final class SubqueryEvals {
    /** Stands for NULL among remembered values. */
    static final Object NULL = new Object();

    private SubqueryEvals() {}

    static Eval scalar(ExprCompiler.Subqueries subqueries, LogicalPlan plan) {
        Operator operator = subqueries.operator(plan);
        return remember(
                subqueries,
                plan,
                (row, frame) -> {
                    @Nullable Object[] first = onlyRow(operator, row, frame);
                    return first == null ? null : first[0];
                });
    }

    static Eval exists(ExprCompiler.Subqueries subqueries, LogicalPlan plan) {
        Operator operator = subqueries.operator(plan);
        return remember(
                subqueries,
                plan,
                (row, frame) -> {
                    try (Rows rows = operator.open(frame.inside(row))) {
                        return rows.next() != null;
                    }
                });
    }

    static Eval array(ExprCompiler.Subqueries subqueries, LogicalPlan plan, SqlType element) {
        Operator operator = subqueries.operator(plan);
        boolean nested = plan.columns().get(0).type().isArray();
        return remember(
                subqueries,
                plan,
                (row, frame) -> {
                    List<@Nullable Object> values = new ArrayList<>();
                    for (@Nullable Object[] found : all(operator, row, frame)) {
                        values.add(found[0]);
                    }
                    return nested
                            ? ArrayStacking.accumulate(element, values.toArray())
                            : SqlArray.of(element, values);
                });
    }

    static Eval quantified(
            ExprCompiler.Subqueries subqueries,
            Expr.QuantifiedQuery quantified,
            Eval[] operands,
            Eval predicate) {
        if (quantified.quantifier() == Expr.Quantifier.ONLY) {
            return only(subqueries, quantified.plan(), operands, predicate);
        }
        Operator operator = subqueries.operator(quantified.plan());
        Eval list =
                remember(subqueries, quantified.plan(), (row, frame) -> all(operator, row, frame));
        boolean all = quantified.quantifier() == Expr.Quantifier.ALL;
        return (row, frame) -> {
            @Nullable Object[] pair = operandsOf(operands, row, frame);
            boolean sawNull = false;
            @SuppressWarnings("unchecked") // what the lambda above returns
            List<@Nullable Object[]> rows = (List<@Nullable Object[]>) list.eval(row, frame);
            if (rows == null) {
                return all;
            }
            for (@Nullable Object[] found : rows) {
                System.arraycopy(found, 0, pair, operands.length, operands.length);
                Object holds = predicate.eval(pair, frame);
                if (holds == null) {
                    sawNull = true;
                } else if ((Boolean) holds != all) {
                    return !all;
                }
            }
            return sawNull ? null : all;
        };
    }

    /** The operands, with as much room behind them for a row of the subquery. */
    private static @Nullable Object[] operandsOf(
            Eval[] operands, @Nullable Object[] row, Frame frame) {
        @Nullable Object[] pair = new @Nullable Object[operands.length * 2];
        for (int i = 0; i < operands.length; i++) {
            pair[i] = operands[i].eval(row, frame);
        }
        return pair;
    }

    private static Eval only(
            ExprCompiler.Subqueries subqueries, LogicalPlan plan, Eval[] operands, Eval predicate) {
        Operator operator = subqueries.operator(plan);
        Eval found = remember(subqueries, plan, (row, frame) -> onlyRow(operator, row, frame));
        return (row, frame) -> {
            @Nullable Object[] pair = operandsOf(operands, row, frame);
            if (!(found.eval(row, frame) instanceof @Nullable Object[] only)) {
                return null;
            }
            System.arraycopy(only, 0, pair, operands.length, operands.length);
            return predicate.eval(pair, frame);
        };
    }

    private static @Nullable Object @Nullable [] onlyRow(
            Operator operator, @Nullable Object[] row, Frame frame) {
        try (Rows rows = operator.open(frame.inside(row))) {
            @Nullable Object[] first = rows.next();
            if (first != null && rows.next() != null) {
                throw new SqlException(
                        SqlState.CARDINALITY_VIOLATION,
                        "more than one row returned by a subquery used as an expression");
            }
            return first;
        }
    }

    static List<@Nullable Object[]> all(Operator operator, @Nullable Object[] row, Frame frame) {
        List<@Nullable Object[]> list = new ArrayList<>();
        MemoryBudget memory = new MemoryBudget("A subquery", frame);
        try (Rows rows = operator.open(frame.inside(row))) {
            for (@Nullable Object[] found = rows.next(); found != null; found = rows.next()) {
                memory.add(found);
                list.add(found);
            }
        }
        memory.release();
        return list;
    }

    /** Keeps the value of a subquery where it cannot change. */
    static Eval remember(ExprCompiler.Subqueries subqueries, LogicalPlan plan, Eval eval) {
        int level = PlanTraits.nearestReference(plan);
        if (level == 1) {
            return eval;
        }
        int slot = subqueries.newSlot();
        return (row, frame) -> {
            Frame home =
                    level == PlanTraits.NO_REFERENCE ? frame.root() : frame.ancestor(level - 2);
            Object known = home.slot(slot);
            if (known == null) {
                Object value = eval.eval(row, frame);
                known = value == null ? NULL : value;
                home.remember(slot, known);
            }
            return NULL.equals(known) ? null : known;
        };
    }
}
