package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.expr.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * (a, b) IN (SELECT …): true if an equal row is there; else NULL if some row could be equal were
 * its NULLs (or the operands') known; else false.
 */
final class InQueryEval {
    /**
     * The answer of the subquery: complete rows by hash, those with NULLs one by one; of a single
     * column one NULL is as good as all.
     */
    private record Answer(
            Set<Object> complete, List<@Nullable Object[]> all, List<@Nullable Object[]> partial) {}

    private InQueryEval() {}

    static Eval compile(
            ExprCompiler compiler, ExprCompiler.Subqueries subqueries, Expr.InQuery in) {
        Operator operator = subqueries.operator(in.plan());
        Eval[] operands = compiler.compileAll(in.operands());
        ValueKey keys = new ValueKey(in.operands().stream().map(Expr::type).toList());
        Eval answer =
                SubqueryEvals.remember(
                        subqueries,
                        in.plan(),
                        (row, frame) -> answer(keys, SubqueryEvals.all(operator, row, frame)));
        boolean negated = in.negated();
        return (row, frame) -> {
            Answer rows = (Answer) answer.eval(row, frame);
            if (rows == null || rows.all().isEmpty()) {
                return negated;
            }
            @Nullable Object[] values = new @Nullable Object[operands.length];
            boolean hasNull = false;
            for (int i = 0; i < values.length; i++) {
                values[i] = keys.normal(i, operands[i].eval(row, frame));
                hasNull |= values[i] == null;
            }
            if (!hasNull) {
                if (rows.complete().contains(keys.of(values.clone()))) {
                    return !negated;
                }
            }
            // What is known on both sides was looked up: only NULLs are left to be asked.
            for (@Nullable Object[] candidate : hasNull ? rows.all() : rows.partial()) {
                if (couldBeEqual(values, candidate)) {
                    return null;
                }
            }
            return negated;
        };
    }

    private static Answer answer(ValueKey keys, List<@Nullable Object[]> rows) {
        Set<Object> complete = new HashSet<>();
        List<@Nullable Object[]> all = new ArrayList<>(rows.size());
        List<@Nullable Object[]> partial = new ArrayList<>();
        for (@Nullable Object[] row : rows) {
            @Nullable Object[] values = Arrays.copyOf(row, keys.width());
            boolean hasNull = false;
            for (int i = 0; i < values.length; i++) {
                values[i] = keys.normal(i, values[i]);
                hasNull |= values[i] == null;
            }
            Object key = keys.of(values);
            if (!hasNull && key != null) {
                complete.add(key);
            }
            if (hasNull && (keys.width() > 1 || partial.isEmpty())) {
                partial.add(values);
            }
            all.add(values);
        }
        return new Answer(complete, all, partial);
    }

    private static boolean couldBeEqual(@Nullable Object[] operands, @Nullable Object[] candidate) {
        for (int i = 0; i < operands.length; i++) {
            Object a = operands[i];
            Object b = candidate[i];
            if (a != null && b != null && !a.equals(b)) {
                return false;
            }
        }
        return true;
    }
}
