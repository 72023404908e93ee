package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Brings conditions into forms that more can be done with: what all arms of an OR have in common is
 * asked once, and a date is compared with a date instead of being made a timestamp row by row.
 */
final class Factoring {
    private static final long DAY_MICROS = 86_400_000_000L;

    /** Dates further away are left to the cast. */
    private static final long DAYS_MAX = 1_000_000;

    private Factoring() {}

    static LogicalPlan apply(LogicalPlan plan) {
        LogicalPlan rebuilt =
                PlanTree.rebuild(plan, Factoring::inside, Factoring::apply, Factoring::apply);
        return switch (rebuilt) {
            case LogicalPlan.Filter filter ->
                    new LogicalPlan.Filter(filter.input(), condition(filter.condition()));
            case LogicalPlan.Join join when join.condition() != null -> {
                Expr on = join.condition();
                yield new LogicalPlan.Join(
                        join.type(),
                        join.left(),
                        join.right(),
                        on == null ? null : condition(on),
                        join.lateral(),
                        join.columns());
            }
            default -> rebuilt;
        };
    }

    private static Expr inside(Expr expr) {
        return ExprTraits.hasSubquery(expr)
                ? PlanTree.rebuild(expr, Factoring::inside, Factoring::apply)
                : expr;
    }

    private static Expr condition(Expr condition) {
        List<Expr> terms = new ArrayList<>();
        for (Expr term : ExprTraits.conjuncts(condition)) {
            Expr plain = dates(term);
            if (plain instanceof Expr.Or or) {
                factor(or, terms);
            } else {
                terms.add(plain);
            }
        }
        return ExprTraits.conjunction(terms);
    }

    /** (a AND b) OR (a AND c) is a AND (b OR c), of three truth values too. */
    private static void factor(Expr.Or or, List<Expr> terms) {
        if (ExprTraits.isVolatile(or)) {
            terms.add(or);
            return;
        }
        Set<Expr> common = null;
        List<List<Expr>> arms = new ArrayList<>();
        for (Expr term : or.terms()) {
            List<Expr> arm = ExprTraits.conjuncts(term).stream().map(Factoring::dates).toList();
            arms.add(arm);
            if (common == null) {
                common = new LinkedHashSet<>(arm);
            } else {
                common.retainAll(arm);
            }
        }
        if (common == null || common.isEmpty()) {
            terms.add(or);
            return;
        }
        terms.addAll(common);
        List<Expr> rest = new ArrayList<>();
        for (List<Expr> arm : arms) {
            List<Expr> own = new ArrayList<>(arm);
            own.removeAll(common);
            if (own.isEmpty()) {
                return; // That arm asks for what is common only.
            }
            rest.add(ExprTraits.conjunction(own));
        }
        terms.add(new Expr.Or(rest));
    }

    /**
     * From an OR over several tables what it says of one of them: each arm must say something. Null
     * if one does not.
     *
     * @param own whether a condition reads that table only
     */
    static @Nullable Expr implied(Expr.Or or, Predicate<BitSet> own) {
        List<Expr> arms = new ArrayList<>();
        for (Expr term : or.terms()) {
            List<Expr> parts = new ArrayList<>();
            for (Expr part : ExprTraits.conjuncts(term)) {
                if (own.test(ExprTraits.columns(part)) && !ExprTraits.hasSubquery(part)) {
                    parts.add(part);
                }
            }
            if (parts.isEmpty()) {
                return null;
            }
            arms.add(ExprTraits.conjunction(parts));
        }
        return new Expr.Or(arms);
    }

    /** date::timestamp &lt; constant, compared as dates. */
    private static Expr dates(Expr term) {
        if (!(term instanceof Expr.Comparison c)) {
            return term;
        }
        Expr compared = dates(c.op(), c.left(), c.right());
        if (compared == null) {
            compared = dates(c.op().flipped(), c.right(), c.left());
        }
        return compared == null ? term : compared;
    }

    private static @Nullable Expr dates(Expr.Comparison.Op op, Expr left, Expr right) {
        if (!(left instanceof Expr.Cast cast)
                || !cast.operand().type().equals(Types.DATE)
                || !cast.type().equals(Types.TIMESTAMP)
                || !(right instanceof Expr.Constant constant)
                || !(constant.value() instanceof Long micros)) {
            return null;
        }
        long day = Math.floorDiv(micros, DAY_MICROS);
        if (Math.abs(day) > DAYS_MAX) {
            return null;
        }
        boolean midnight = Math.floorMod(micros, DAY_MICROS) == 0;
        Expr.Comparison.Op dayOp;
        switch (op) {
            case EQ, NE -> {
                if (!midnight) {
                    return null;
                }
                dayOp = op;
            }
            // Before some time of a day is on that day or before.
            case LT, LE -> dayOp = midnight ? op : Expr.Comparison.Op.LE;
            case GT, GE -> dayOp = midnight ? op : Expr.Comparison.Op.GT;
            default -> {
                return null;
            }
        }
        return new Expr.Comparison(dayOp, cast.operand(), new Expr.Constant(day, Types.DATE, -1));
    }
}
