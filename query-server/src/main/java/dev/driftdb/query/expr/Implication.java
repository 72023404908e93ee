package dev.driftdb.query.expr;

import dev.driftdb.query.expr.Expr.Comparison.Op;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether conditions that hold make another one true: what lets a partial index answer a query.
 * Found are the same condition, ranges inside of ranges, and NOT NULL from whatever refuses NULL.
 */
public final class Implication {
    private final List<Expr> known;

    /**
     * @param known conditions that all hold
     */
    public Implication(List<Expr> known) {
        this.known = known;
    }

    public boolean all(List<Expr> terms) {
        return terms.stream().allMatch(this::implies);
    }

    private boolean implies(Expr term) {
        if (known.contains(term)) {
            return true;
        }
        return switch (term) {
            case Expr.And and -> and.terms().stream().allMatch(this::implies);
            case Expr.Or or -> or.terms().stream().anyMatch(this::implies);
            case Expr.IsNull test -> test.negated() && refusesNull(test.operand());
            case Expr.Comparison wanted ->
                    wanted.right() instanceof Expr.Constant bound
                            && known.stream()
                                    .anyMatch(c -> within(c, wanted.left(), wanted.op(), bound));
            case Expr.InList in ->
                    !in.negated()
                            && known.stream().anyMatch(c -> isOneOf(c, in.operand(), in.list()));
            default -> false;
        };
    }

    private boolean refusesNull(Expr operand) {
        if (!(operand instanceof Expr.Input input)) {
            return false;
        }
        BitSet column = new BitSet();
        column.set(input.index());
        return known.stream().anyMatch(c -> ExprTraits.rejectsNulls(c, column));
    }

    private static boolean isOneOf(Expr condition, Expr operand, List<Expr> list) {
        return switch (condition) {
            case Expr.Comparison c ->
                    c.op() == Op.EQ && c.left().equals(operand) && list.contains(c.right());
            case Expr.InList in ->
                    !in.negated() && in.operand().equals(operand) && list.containsAll(in.list());
            default -> false;
        };
    }

    /** Whether a condition keeps the operand on this side of the bound. */
    private static boolean within(Expr condition, Expr operand, Op op, Expr.Constant bound) {
        return switch (condition) {
            case Expr.Comparison c ->
                    (c.left().equals(operand) && holds(c.op(), c.right(), op, bound))
                            || (c.right().equals(operand)
                                    && holds(c.op().flipped(), c.left(), op, bound));
            case Expr.InList in ->
                    !in.negated()
                            && in.operand().equals(operand)
                            && in.list().stream().allMatch(e -> holds(Op.EQ, e, op, bound));
            default -> false;
        };
    }

    /** Whether x {@code given} a makes x {@code wanted} b true. */
    private static boolean holds(Op given, Expr a, Op wanted, Expr.Constant b) {
        Integer order = compare(a, b);
        if (order == null) {
            return false;
        }
        return switch (wanted) {
            case EQ -> given == Op.EQ && order == 0;
            case NE ->
                    switch (given) {
                        case EQ -> order != 0;
                        case NE -> order == 0;
                        case LT -> order <= 0;
                        case LE -> order < 0;
                        case GT -> order >= 0;
                        case GE -> order > 0;
                    };
            case LT ->
                    ((given == Op.EQ || given == Op.LE) && order < 0)
                            || (given == Op.LT && order <= 0);
            case LE -> (given == Op.EQ || given == Op.LE || given == Op.LT) && order <= 0;
            case GT ->
                    ((given == Op.EQ || given == Op.GE) && order > 0)
                            || (given == Op.GT && order >= 0);
            case GE -> (given == Op.EQ || given == Op.GE || given == Op.GT) && order >= 0;
        };
    }

    /** Null unless both are constants of one type. */
    private static @Nullable Integer compare(Expr a, Expr.Constant b) {
        return a instanceof Expr.Constant left
                        && left.value() != null
                        && b.value() != null
                        && left.type().equals(b.type())
                        && ValueOrder.isOrdered(b.type())
                ? (Integer) ValueOrder.of(b.type()).compare(left.value(), b.value())
                : null;
    }
}
