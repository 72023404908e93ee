package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.ValueKey;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** IN over lists, and comparisons with the elements of an array. */
final class Membership {
    /** From this many constants on a list is searched by hash. */
    private static final int HASH_ELEMENTS_MIN = 4;

    private Membership() {}

    static Eval list(Expr.InList in, Eval operand, Eval[] elements) {
        SqlType type = in.operand().type();
        boolean constant = in.list().stream().allMatch(e -> e instanceof Expr.Constant);
        if (constant && elements.length >= HASH_ELEMENTS_MIN) {
            return hashedList(in, operand, new ValueKey(List.of(type)));
        }
        Comparator<Object> order = ValueOrder.of(type);
        boolean negated = in.negated();
        return (row, frame) -> {
            Object value = operand.eval(row, frame);
            if (value == null) {
                return null;
            }
            boolean sawNull = false;
            for (Eval element : elements) {
                Object candidate = element.eval(row, frame);
                if (candidate == null) {
                    sawNull = true;
                } else if (order.compare(value, candidate) == 0) {
                    return !negated;
                }
            }
            return sawNull ? null : negated;
        };
    }

    private static Eval hashedList(Expr.InList in, Eval operand, ValueKey keys) {
        Set<Object> values = new HashSet<>();
        boolean sawNull = false;
        for (Expr element : in.list()) {
            Object value =
                    element instanceof Expr.Constant constant
                            ? keys.normal(0, constant.value())
                            : null;
            if (value == null) {
                sawNull = true;
            } else {
                values.add(value);
            }
        }
        boolean hasNull = sawNull;
        boolean negated = in.negated();
        return (row, frame) -> {
            Object value = keys.normal(0, operand.eval(row, frame));
            if (value == null) {
                return null;
            }
            if (values.contains(value)) {
                return !negated;
            }
            return hasNull ? null : negated;
        };
    }

    static Eval array(boolean all, Eval operand, Eval array, Eval predicate) {
        return (row, frame) -> {
            SqlArray elements = (SqlArray) array.eval(row, frame);
            if (elements == null) {
                return null;
            }
            Object left = operand.eval(row, frame);
            boolean sawNull = false;
            for (Object element : elements.values()) {
                Object holds = predicate.eval(new @Nullable Object[] {left, element}, frame);
                if (holds == null) {
                    sawNull = true;
                } else if ((Boolean) holds != all) {
                    return !all;
                }
            }
            return sawNull ? null : all;
        };
    }
}
