package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTree;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Searches the cheapest tree of inner joins: all trees, bushy ones too, of up to {@link
 * #EXHAUSTIVE_MAX} relations by dynamic programming; of more, again and again the pair whose join
 * is the smallest. Cross products are made only between what no condition connects.
 *
 * <p>Columns that equalities join form classes: of a class, two sides are joined by one equality
 * only, be it written or implied (a = b and b = c give a = c), for more would count twice.
 */
final class JoinSearch {
    /** Up to so many relations all orders are looked at: ten make some 30,000 pairs. */
    static final int EXHAUSTIVE_MAX = 10;

    private static final int RELATIONS_MAX = 62;

    /** One of the joined plans and where its columns lie in the group's. */
    record Relation(LogicalPlan plan, int firstColumn) {
        int width() {
            return plan.columns().size();
        }

        boolean has(int column) {
            return column >= firstColumn && column < firstColumn + width();
        }
    }

    /** Relations by number, one bit each. */
    sealed interface Tree {
        long members();

        record Leaf(Relation relation, long members) implements Tree {}

        record Pair(Tree left, Tree right, long members) implements Tree {}
    }

    private record Found(Tree tree, double rows, double cost) {}

    /** One column of one relation that is equal to others. */
    private record Member(int relation, Expr.Input column, double distinct) {}

    /** A condition and the relations it reads. */
    private record Condition(
            Expr expr, long relations, double selectivity, @Nullable Equality equality) {}

    /** What a condition says is equal, and the relations that either side reads. */
    private record Equality(Expr first, long firstRelations, Expr second, long secondRelations) {
        /** The side that reads {@code mine} only, if the other one reads {@code theirs} only. */
        @Nullable Expr sideOf(long mine, long theirs) {
            if (within(firstRelations, mine) && within(secondRelations, theirs)) {
                return first;
            }
            return within(secondRelations, mine) && within(firstRelations, theirs) ? second : null;
        }

        private static boolean within(long relations, long set) {
            return relations != 0 && (relations & ~set) == 0;
        }
    }

    private final Estimates estimates;
    private final List<Relation> relations;
    private final List<List<Member>> classes = new ArrayList<>();
    private final List<Condition> others = new ArrayList<>();
    private final double[] rows;
    private final Map<Long, Double> rowsOf = new HashMap<>();

    JoinSearch(Estimates estimates, List<Relation> relations, List<Expr> conditions) {
        this.estimates = estimates;
        this.relations = relations;
        this.rows = new double[relations.size()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = estimates.rows(relations.get(i).plan());
        }
        for (Expr condition : conditions) {
            if (!addToClass(condition)) {
                others.add(
                        new Condition(
                                condition,
                                relationsOf(condition),
                                selectivityOf(condition),
                                equality(condition)));
            }
        }
    }

    // ---- conditions ----

    private int relationOf(int column) {
        for (int i = 0; i < relations.size(); i++) {
            if (relations.get(i).has(column)) {
                return i;
            }
        }
        throw new IllegalStateException("no relation has column " + column);
    }

    private long relationsOf(Expr expr) {
        long mask = 0;
        BitSet columns = ExprTraits.columns(expr);
        for (int i = columns.nextSetBit(0); i >= 0; i = columns.nextSetBit(i + 1)) {
            mask |= 1L << relationOf(i);
        }
        return mask;
    }

    private @Nullable Equality equality(Expr condition) {
        return condition instanceof Expr.Comparison c && c.op() == Expr.Comparison.Op.EQ
                ? new Equality(c.left(), relationsOf(c.left()), c.right(), relationsOf(c.right()))
                : null;
    }

    private Member member(Expr.Input column) {
        int number = relationOf(column.index());
        Relation relation = relations.get(number);
        Expr own = PlanTree.shift(column, -relation.firstColumn());
        return new Member(number, column, estimates.distinct(own, relation.plan()));
    }

    private boolean addToClass(Expr condition) {
        if (!(condition instanceof Expr.Comparison c)
                || c.op() != Expr.Comparison.Op.EQ
                || !(c.left() instanceof Expr.Input a)
                || !(c.right() instanceof Expr.Input b)
                || !isSameKind(a, b)) {
            return false;
        }
        Member left = member(a);
        Member right = member(b);
        if (left.relation() == right.relation()) {
            return false;
        }
        List<Member> first = classOf(a);
        List<Member> second = classOf(b);
        if (first == null && second == null) {
            classes.add(new ArrayList<>(List.of(left, right)));
        } else if (first == null && second != null) {
            second.add(left);
        } else if (second == null && first != null) {
            first.add(right);
        } else if (first != null && second != null && !first.equals(second)) {
            first.addAll(second);
            classes.remove(second);
        }
        return true;
    }

    private static boolean isSameKind(Expr.Input a, Expr.Input b) {
        return a.type().equals(b.type());
    }

    private @Nullable List<Member> classOf(Expr.Input column) {
        for (List<Member> members : classes) {
            for (Member member : members) {
                if (member.column().index() == column.index()) {
                    return members;
                }
            }
        }
        return null;
    }

    private double selectivityOf(Expr condition) {
        if (condition instanceof Expr.Comparison c
                && (c.op() == Expr.Comparison.Op.EQ || c.op() == Expr.Comparison.Op.NE)) {
            double values = Math.max(distinct(c.left()), distinct(c.right()));
            return c.op() == Expr.Comparison.Op.EQ ? 1 / values : 1 - 1 / Math.max(2, values);
        }
        return condition instanceof Expr.Comparison ? Selectivity.ONE_SIDED : Selectivity.OTHER;
    }

    private double distinct(Expr side) {
        BitSet columns = ExprTraits.columns(side);
        if (columns.isEmpty()) {
            return 1;
        }
        Relation relation = relations.get(relationOf(columns.nextSetBit(0)));
        return relation.has(columns.length() - 1)
                ? estimates.distinct(PlanTree.shift(side, -relation.firstColumn()), relation.plan())
                : Estimates.UNKNOWN_DISTINCT;
    }

    /** Conditions that are no equalities of two columns. */
    List<Expr> otherConditions() {
        List<Expr> list = new ArrayList<>();
        others.forEach(condition -> list.add(condition.expr()));
        return list;
    }

    /** One equality of each class that has members on both sides. */
    List<Expr> equalitiesBetween(long left, long right) {
        List<Expr> list = new ArrayList<>();
        for (List<Member> members : classes) {
            Member a = first(members, left);
            Member b = first(members, right);
            if (a != null && b != null) {
                list.add(new Expr.Comparison(Expr.Comparison.Op.EQ, a.column(), b.column()));
            }
            if (a != null && b != null) {
                addWithin(members, left, list);
                addWithin(members, right, list);
            }
        }
        return list;
    }

    /**
     * Several columns of one relation in a class are equal to each other, too. The relation may
     * have been joined with others before that have no part in the class.
     */
    private static void addWithin(List<Member> members, long side, List<Expr> list) {
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            long relation = 1L << member.relation();
            Member first = first(members, relation);
            if ((relation & side) != 0 && first != null && !member.equals(first)) {
                list.add(
                        new Expr.Comparison(
                                Expr.Comparison.Op.EQ, first.column(), member.column()));
            }
        }
    }

    private static @Nullable Member first(List<Member> members, long side) {
        for (Member member : members) {
            if ((1L << member.relation() & side) != 0) {
                return member;
            }
        }
        return null;
    }

    /** Sides of equalities, no matter of what, that read one set where the others read another. */
    private List<Expr> equalSides(long mine, long theirs) {
        List<Expr> sides = new ArrayList<>();
        for (List<Member> members : classes) {
            Member member = first(members, mine);
            if (member != null && first(members, theirs) != null) {
                sides.add(member.column());
            }
        }
        for (Condition condition : others) {
            Equality equality = condition.equality();
            Expr side = equality == null ? null : equality.sideOf(mine, theirs);
            if (side != null) {
                sides.add(side);
            }
        }
        return sides;
    }

    private boolean isConnected(long left, long right) {
        for (List<Member> members : classes) {
            if (first(members, left) != null && first(members, right) != null) {
                return true;
            }
        }
        for (Condition condition : others) {
            long mask = condition.relations();
            if ((mask & left) != 0 && (mask & right) != 0 && (mask & ~(left | right)) == 0) {
                return true;
            }
        }
        return false;
    }

    // ---- sizes ----

    /** Rows of the join of two disjoint sets; the same for a set however it is parted. */
    private double rows(long left, double leftRows, long right, double rightRows) {
        long both = left | right;
        Double known = rowsOf.get(both);
        if (known != null) {
            return known;
        }
        double equalities = 1;
        BitSet leftColumns = new BitSet();
        BitSet rightColumns = new BitSet();
        for (List<Member> members : classes) {
            double leftDistinct = least(members, left, leftRows, leftColumns);
            double rightDistinct = least(members, right, rightRows, rightColumns);
            if (leftDistinct > 0 && rightDistinct > 0) {
                equalities /= Math.max(leftDistinct, rightDistinct);
            }
        }
        leftColumns.clear();
        rightColumns.clear();
        for (List<Member> members : classes) {
            if (first(members, left) != null && first(members, right) != null) {
                collect(members, left, leftColumns);
                collect(members, right, rightColumns);
            }
        }
        equalities = Math.max(equalities, byKey(left, leftColumns));
        equalities = Math.max(equalities, byKey(right, rightColumns));
        double result = leftRows * rightRows * equalities;
        for (Condition condition : others) {
            long mask = condition.relations();
            if ((mask & ~both) == 0 && (mask & left) != 0 && (mask & right) != 0) {
                result *= condition.selectivity();
            }
        }
        result = Math.max(1, result);
        rowsOf.put(both, result);
        return result;
    }

    private static void collect(List<Member> members, long side, BitSet columns) {
        for (Member member : members) {
            if ((1L << member.relation() & side) != 0) {
                columns.set(member.column().index());
            }
        }
    }

    /** The fewest distinct values of a class on one side; 0 if it has no member there. */
    private static double least(List<Member> members, long side, double sideRows, BitSet columns) {
        double least = 0;
        for (Member member : members) {
            if ((1L << member.relation() & side) != 0) {
                least = least == 0 ? member.distinct() : Math.min(least, member.distinct());
                columns.set(member.column().index());
            }
        }
        return least == 0 ? 0 : Math.max(1, Math.min(least, sideRows));
    }

    /** The share of pairs that a key of several columns leaves; 0 where there is none. */
    private double byKey(long side, BitSet columns) {
        double share = 0;
        for (int i = 0; i < relations.size(); i++) {
            if ((1L << i & side) != 0) {
                Relation relation = relations.get(i);
                BitSet own =
                        columns.get(
                                relation.firstColumn(), relation.firstColumn() + relation.width());
                share = Math.max(share, estimates.joins().byKey(relation.plan(), own));
            }
        }
        return share;
    }

    // ---- costs ----

    private Found leaf(int number) {
        Relation relation = relations.get(number);
        return new Found(
                new Tree.Leaf(relation, 1L << number),
                rows[number],
                estimates.cost(relation.plan()));
    }

    private Found join(Found a, Found b) {
        long left = a.tree().members();
        long right = b.tree().members();
        double result = rows(left, a.rows(), right, b.rows());
        boolean equal = !equalSides(left, right).isEmpty();
        double build = Math.min(a.rows(), b.rows());
        double probe = Math.max(a.rows(), b.rows());
        double cost =
                a.cost()
                        + b.cost()
                        + (equal
                                ? Costs.hash(build, probe, result)
                                : a.rows() * b.rows() * Costs.PAIR + result * Costs.JOINED_ROW);
        // The smaller side is read first where there is a choice: it may be hashed or looped over.
        boolean swap = a.rows() < b.rows();
        Tree tree =
                swap
                        ? new Tree.Pair(b.tree(), a.tree(), left | right)
                        : new Tree.Pair(a.tree(), b.tree(), left | right);
        double byLeft = lookup(a, b, result);
        if (byLeft < cost) {
            cost = byLeft;
            tree = new Tree.Pair(a.tree(), b.tree(), left | right);
        }
        double byRight = lookup(b, a, result);
        if (byRight < cost) {
            cost = byRight;
            tree = new Tree.Pair(b.tree(), a.tree(), left | right);
        }
        return new Found(tree, result, cost);
    }

    /** The cost of looking up, for each row of one side, its partners in a table. */
    private double lookup(Found outer, Found inner, double result) {
        if (!(inner.tree() instanceof Tree.Leaf leaf)) {
            return Double.POSITIVE_INFINITY;
        }
        List<Expr> own =
                equalSides(inner.tree().members(), outer.tree().members()).stream()
                        .map(side -> PlanTree.shift(side, -leaf.relation().firstColumn()))
                        .toList();
        double each = estimates.costs().lookup(leaf.relation().plan(), own);
        return outer.cost() + outer.rows() * each + result * Costs.JOINED_ROW;
    }

    // ---- search ----

    Tree best() {
        if (relations.size() > RELATIONS_MAX) {
            return asWritten();
        }
        return relations.size() <= EXHAUSTIVE_MAX ? exhaustive() : greedy();
    }

    private Tree asWritten() {
        Tree tree = new Tree.Leaf(relations.get(0), 1);
        for (int i = 1; i < relations.size(); i++) {
            long mask = i < Long.SIZE ? 1L << i : 0;
            tree =
                    new Tree.Pair(
                            tree, new Tree.Leaf(relations.get(i), mask), tree.members() | mask);
        }
        return tree;
    }

    private Tree exhaustive() {
        int count = relations.size();
        Found[] best = new Found[1 << count];
        for (int i = 0; i < count; i++) {
            best[1 << i] = leaf(i);
        }
        for (int set = 1; set < best.length; set++) {
            if (best[set] == null) {
                best[set] = cheapest(set, best, true);
                if (best[set] == null) {
                    best[set] = cheapest(set, best, false);
                }
            }
        }
        return best[best.length - 1].tree();
    }

    private @Nullable Found cheapest(int set, Found[] best, boolean connected) {
        Found found = null;
        int lowest = Integer.lowestOneBit(set);
        for (int part = (set - 1) & set; part > 0; part = (part - 1) & set) {
            if ((part & lowest) == 0) {
                continue; // Its complement was or will be looked at.
            }
            int rest = set ^ part;
            if (best[part] == null || best[rest] == null || isConnected(part, rest) != connected) {
                continue;
            }
            Found candidate = join(best[part], best[rest]);
            if (found == null || candidate.cost() < found.cost()) {
                found = candidate;
            }
        }
        return found;
    }

    private Tree greedy() {
        List<Found> parts = new ArrayList<>();
        for (int i = 0; i < relations.size(); i++) {
            parts.add(leaf(i));
        }
        while (parts.size() > 1) {
            Found best = null;
            Found left = parts.get(0);
            Found right = parts.get(1);
            boolean bestConnected = false;
            for (int i = 0; i < parts.size(); i++) {
                for (int j = i + 1; j < parts.size(); j++) {
                    boolean connected =
                            isConnected(
                                    parts.get(i).tree().members(), parts.get(j).tree().members());
                    if (bestConnected && !connected) {
                        continue;
                    }
                    Found candidate = join(parts.get(i), parts.get(j));
                    if (best == null
                            || (connected && !bestConnected)
                            || isBetter(candidate, best)) {
                        best = candidate;
                        bestConnected = connected;
                        left = parts.get(i);
                        right = parts.get(j);
                    }
                }
            }
            parts.remove(left);
            parts.remove(right);
            if (best != null) {
                parts.add(best);
            }
        }
        return parts.get(0).tree();
    }

    private static boolean isBetter(Found a, Found b) {
        return a.rows() < b.rows() || (a.rows() == b.rows() && a.cost() < b.cost());
    }
}
