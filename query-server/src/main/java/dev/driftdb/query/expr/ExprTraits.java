package dev.driftdb.query.expr;

import dev.driftdb.query.function.ScalarFunction.Volatility;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What can be said of an expression without evaluating it. */
public final class ExprTraits {
    private ExprTraits() {}

    /** The columns of its own row that it reads, inside of subqueries too. */
    public static BitSet columns(Expr expr) {
        BitSet columns = new BitSet();
        PlanTree.replace(
                expr,
                (index, original, depth) -> {
                    columns.set(index);
                    return original;
                });
        return columns;
    }

    /** Whether it reads a row around its own. */
    public static boolean readsEnclosingRow(Expr expr) {
        boolean[] found = {false};
        PlanTree.replace(
                expr,
                new PlanTree.References() {
                    @Override
                    public Expr local(int index, Expr original, int depth) {
                        return original;
                    }

                    @Override
                    public Expr enclosing(int level, Expr.Outer original, int depth) {
                        found[0] = true;
                        return original;
                    }
                });
        return found[0];
    }

    /** Whether its value depends on $1, $2, …, outside of subqueries. */
    public static boolean hasParameters(Expr expr) {
        boolean[] found = {expr instanceof Expr.Parameter};
        PlanTree.rebuild(
                expr,
                child -> {
                    found[0] |= hasParameters(child);
                    return child;
                },
                subquery -> subquery);
        return found[0];
    }

    public static boolean isVolatile(Expr expr) {
        boolean[] found = {false};
        findVolatile(expr, found);
        return found[0];
    }

    private static void findVolatile(Expr expr, boolean[] found) {
        if (expr instanceof Expr.Call call && call.function().volatility() == Volatility.VOLATILE) {
            found[0] = true;
        }
        PlanTree.rebuild(
                expr,
                child -> {
                    findVolatile(child, found);
                    return child;
                },
                subquery -> {
                    found[0] |= PlanTraits.isVolatile(subquery);
                    return subquery;
                });
    }

    /** Whether it always has the same value for the same row. */
    public static boolean isImmutable(Expr expr) {
        boolean[] immutable = {true};
        findMutable(expr, immutable);
        return immutable[0];
    }

    private static void findMutable(Expr expr, boolean[] immutable) {
        if ((expr instanceof Expr.Call call && call.function().volatility() != Volatility.IMMUTABLE)
                || (expr instanceof Expr.Cast cast
                        && cast.cast().stable()
                        && (dependsOnSession(cast.cast().from())
                                || dependsOnSession(cast.cast().to())))) {
            immutable[0] = false;
        }
        PlanTree.rebuild(
                expr,
                child -> {
                    findMutable(child, immutable);
                    return child;
                },
                subquery -> {
                    immutable[0] = false;
                    return subquery;
                });
    }

    /** Types whose text depends on DateStyle, the time zone or the search path. */
    private static boolean dependsOnSession(SqlType type) {
        return switch (type.name()) {
            case "date", "time", "timetz", "timestamp", "timestamptz" -> true;
            default -> type.name().startsWith("reg");
        };
    }

    public static boolean hasSubquery(Expr expr) {
        boolean[] found = {false};
        findSubquery(expr, found);
        return found[0];
    }

    private static void findSubquery(Expr expr, boolean[] found) {
        PlanTree.rebuild(
                expr,
                child -> {
                    findSubquery(child, found);
                    return child;
                },
                subquery -> {
                    found[0] = true;
                    return subquery;
                });
    }

    /** Whether its value is the same for all rows of one run of a statement. */
    public static boolean isRowIndependent(Expr expr) {
        return columns(expr).isEmpty() && !readsEnclosingRow(expr) && !isVolatile(expr);
    }

    /** Whether it is a call or cast that needs evaluating but once per statement. */
    public static boolean isWorthRemembering(Expr expr) {
        return (expr instanceof Expr.Call
                        || (expr instanceof Expr.Cast cast && !cast.cast().isRelabel()))
                && isRowIndependent(expr)
                && !hasSubquery(expr);
    }

    /** The terms that must all be true. */
    public static List<Expr> conjuncts(Expr condition) {
        List<Expr> list = new ArrayList<>();
        collect(condition, list);
        return list;
    }

    private static void collect(Expr condition, List<Expr> list) {
        if (condition instanceof Expr.And and) {
            and.terms().forEach(term -> collect(term, list));
        } else if (!condition.equals(Expr.Constant.TRUE)) {
            list.add(condition);
        }
    }

    /** The terms joined by AND; TRUE for none. */
    public static Expr conjunction(List<Expr> terms) {
        return switch (terms.size()) {
            case 0 -> Expr.Constant.TRUE;
            case 1 -> terms.get(0);
            default -> new Expr.And(terms);
        };
    }

    /** Whether one of the terms is FALSE or NULL as it stands. */
    public static boolean isNeverTrue(List<Expr> terms) {
        return terms.stream()
                .anyMatch(term ->
                        term instanceof Expr.Constant constant
                                && !Boolean.TRUE.equals(constant.value()));
    }

    /** Whether the condition cannot be true when all the given columns are NULL. */
    public static boolean rejectsNulls(Expr condition, BitSet nullColumns) {
        return switch (condition) {
            case Expr.Comparison c ->
                    isNullFor(c.left(), nullColumns) || isNullFor(c.right(), nullColumns);
            case Expr.IsNull test -> test.negated() && isNullFor(test.operand(), nullColumns);
            case Expr.InList in -> isNullFor(in.operand(), nullColumns);
            case Expr.And and ->
                    and.terms().stream().anyMatch(term -> rejectsNulls(term, nullColumns));
            case Expr.Or or ->
                    or.terms().stream().allMatch(term -> rejectsNulls(term, nullColumns));
            case Expr.Not not -> isNullFor(not.operand(), nullColumns);
            default -> isNullFor(condition, nullColumns);
        };
    }

    private static boolean isNullFor(Expr expr, BitSet nullColumns) {
        return switch (expr) {
            case Expr.Input input -> nullColumns.get(input.index());
            case Expr.Cast cast -> isNullFor(cast.operand(), nullColumns);
            case Expr.Not not -> isNullFor(not.operand(), nullColumns);
            case Expr.Comparison c ->
                    isNullFor(c.left(), nullColumns) || isNullFor(c.right(), nullColumns);
            case Expr.Call call ->
                    call.function().strict()
                            && call.arguments().stream().anyMatch(a -> isNullFor(a, nullColumns));
            default -> false;
        };
    }
}
