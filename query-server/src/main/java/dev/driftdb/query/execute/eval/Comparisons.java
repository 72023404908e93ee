package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Comparisons by the order of a type, with short ways for integers and for equality of text. */
final class Comparisons {
    private Comparisons() {}

    static Eval compile(
            Expr.Comparison.Op op, SqlType type, Eval left, Eval right, @Nullable Object constant) {
        switch (type.storage()) {
            case LONG, ENUM -> {
                return constant instanceof Long value
                        ? longsWithConstant(op, left, value)
                        : longs(op, left, right);
            }
            case TEXT -> {
                if (!type.equals(Types.BPCHAR)
                        && (op == Expr.Comparison.Op.EQ || op == Expr.Comparison.Op.NE)) {
                    return texts(op == Expr.Comparison.Op.EQ, left, right);
                }
            }
            default -> {}
        }
        return ordered(op, ValueOrder.of(type), left, right);
    }

    private static Eval ordered(
            Expr.Comparison.Op op, Comparator<Object> order, Eval left, Eval right) {
        return (row, frame) -> {
            Object a = left.eval(row, frame);
            if (a == null) {
                return null;
            }
            Object b = right.eval(row, frame);
            return b == null ? null : holds(op, order.compare(a, b));
        };
    }

    static Boolean holds(Expr.Comparison.Op op, int order) {
        return switch (op) {
            case EQ -> order == 0;
            case NE -> order != 0;
            case LT -> order < 0;
            case LE -> order <= 0;
            case GT -> order > 0;
            case GE -> order >= 0;
        };
    }

    private static Eval texts(boolean equal, Eval left, Eval right) {
        return (row, frame) -> {
            Object a = left.eval(row, frame);
            if (a == null) {
                return null;
            }
            Object b = right.eval(row, frame);
            return b == null ? null : a.equals(b) == equal;
        };
    }

    private static Eval longs(Expr.Comparison.Op op, Eval left, Eval right) {
        return (row, frame) -> {
            Object a = left.eval(row, frame);
            if (a == null) {
                return null;
            }
            Object b = right.eval(row, frame);
            return b == null ? null : holds(op, Long.compare((Long) a, (Long) b));
        };
    }

    private static Eval longsWithConstant(Expr.Comparison.Op op, Eval left, long value) {
        return switch (op) {
            case EQ ->
                    (row, frame) -> {
                        Object a = left.eval(row, frame);
                        return a == null ? null : (Long) a == value;
                    };
            case NE ->
                    (row, frame) -> {
                        Object a = left.eval(row, frame);
                        return a == null ? null : (Long) a != value;
                    };
            case LT ->
                    (row, frame) -> {
                        Object a = left.eval(row, frame);
                        return a == null ? null : (Long) a < value;
                    };
            case LE ->
                    (row, frame) -> {
                        Object a = left.eval(row, frame);
                        return a == null ? null : (Long) a <= value;
                    };
            case GT ->
                    (row, frame) -> {
                        Object a = left.eval(row, frame);
                        return a == null ? null : (Long) a > value;
                    };
            case GE ->
                    (row, frame) -> {
                        Object a = left.eval(row, frame);
                        return a == null ? null : (Long) a >= value;
                    };
        };
    }

    static Eval distinct(SqlType type, boolean negated, Eval left, Eval right) {
        Comparator<Object> order = ValueOrder.of(type);
        return (row, frame) -> {
            Object a = left.eval(row, frame);
            Object b = right.eval(row, frame);
            boolean distinct =
                    (a == null || b == null)
                            ? (a == null) != (b == null)
                            : order.compare(a, b) != 0;
            return distinct != negated;
        };
    }

    static Eval extreme(boolean greatest, SqlType type, Eval[] arguments) {
        Comparator<Object> order = ValueOrder.of(type);
        return (row, frame) -> {
            Object best = null;
            for (Eval argument : arguments) {
                Object value = argument.eval(row, frame);
                if (value != null) {
                    int comparison = best == null ? 0 : order.compare(value, best);
                    if (best == null || (greatest ? comparison > 0 : comparison < 0)) {
                        best = value;
                    }
                }
            }
            return best;
        };
    }
}
