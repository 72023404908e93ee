package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.Expr.Comparison.Op;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Comparisons of a column that follow from a condition of another form, so that a key or an index
 * may serve it. The condition itself has to be asked all the same.
 *
 * <ul>
 *   <li>{@code t LIKE 'abc%'}: {@code t >= 'abc' AND t < 'abd'}
 *   <li>{@code a = 1 OR a = 2}: {@code a IN (1, 2)}
 *   <li>{@code a > 1 OR (a = 1 AND b > 2)}, which is {@code (a, b) > (1, 2)}: {@code a >= 1}
 * </ul>
 */
final class ImpliedRanges {
    private ImpliedRanges() {}

    static List<Expr> of(Expr condition) {
        return switch (condition) {
            case Expr.Call call -> ofPattern(call);
            case Expr.Or or -> ofAlternatives(or);
            default -> List.of();
        };
    }

    private static List<Expr> ofPattern(Expr.Call call) {
        if (!call.function().name().equals("like")
                || call.arguments().size() != 2
                || !(call.arguments().get(0) instanceof Expr.Input column)
                || column.type().storage() != Storage.TEXT
                || column.type().equals(Types.BPCHAR)
                || !(call.arguments().get(1) instanceof Expr.Constant constant)
                || !(constant.value() instanceof String pattern)) {
            return List.of();
        }
        String prefix = prefix(pattern);
        if (prefix.isEmpty()) {
            return List.of();
        }
        List<Expr> list = new ArrayList<>();
        list.add(compare(Op.GE, column, prefix));
        String next = successor(prefix);
        if (next != null) {
            list.add(compare(Op.LT, column, next));
        }
        return list;
    }

    private static Expr compare(Op op, Expr.Input column, String value) {
        return new Expr.Comparison(op, column, new Expr.Constant(value, column.type(), -1));
    }

    /** What every matching text begins with. */
    private static String prefix(String pattern) {
        StringBuilder prefix = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '%' || c == '_') {
                break;
            }
            if (c == '\\') {
                i++;
                if (i == pattern.length()) {
                    break;
                }
                c = pattern.charAt(i);
            }
            prefix.append(c);
        }
        return prefix.toString();
    }

    /** The least text above all with this prefix, null if there is none of plain characters. */
    private static @Nullable String successor(String prefix) {
        int last = prefix.length() - 1;
        char c = prefix.charAt(last);
        // Beyond these the order of code points is not that of chars.
        return c >= Character.MIN_SURROGATE - 1 ? null : prefix.substring(0, last) + (char) (c + 1);
    }

    private static List<Expr> ofAlternatives(Expr.Or or) {
        List<List<Expr>> arms = or.terms().stream().map(ExprTraits::conjuncts).toList();
        List<Expr> list = new ArrayList<>();
        for (Expr term : arms.get(0)) {
            if (term instanceof Expr.Comparison c && c.left() instanceof Expr.Input column) {
                addIfImplied(list, equalities(arms, column));
                addIfImplied(list, bound(arms, column, c.right(), Op.GT, Op.GE));
                addIfImplied(list, bound(arms, column, c.right(), Op.LT, Op.LE));
            }
        }
        return list;
    }

    private static void addIfImplied(List<Expr> list, @Nullable Expr implied) {
        if (implied != null) {
            list.add(implied);
        }
    }

    /** column IN (…) if each arm has an equality of it. */
    private static @Nullable Expr equalities(List<List<Expr>> arms, Expr.Input column) {
        List<Expr> values = new ArrayList<>();
        for (List<Expr> arm : arms) {
            boolean found = false;
            int before = values.size();
            for (Expr term : arm) {
                if (term instanceof Expr.Comparison c
                        && c.op() == Op.EQ
                        && c.left().equals(column)
                        && ExprTraits.columns(c.right()).isEmpty()) {
                    values.add(c.right());
                    found = true;
                    break;
                } else if (term instanceof Expr.InList in
                        && !in.negated()
                        && in.operand().equals(column)
                        && in.list().stream().allMatch(e -> e instanceof Expr.Constant)) {
                    values.addAll(in.list());
                    found = true;
                    break;
                }
            }
            if (!found || values.size() == before) {
                return null;
            }
        }
        return new Expr.InList(column, values, false);
    }

    /** column >= bound if each arm says so, or more. */
    private static @Nullable Expr bound(
            List<List<Expr>> arms, Expr.Input column, Expr bound, Op strict, Op weak) {
        for (List<Expr> arm : arms) {
            boolean bounded = false;
            for (Expr term : arm) {
                bounded |=
                        term instanceof Expr.Comparison c
                                && c.left().equals(column)
                                && c.right().equals(bound)
                                && (c.op() == strict || c.op() == weak || c.op() == Op.EQ);
            }
            if (!bounded) {
                return null;
            }
        }
        return new Expr.Comparison(weak, column, bound);
    }
}
