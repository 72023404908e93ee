package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.eval.SampleTest;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.Expr.Comparison.Op;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.statistics.ColumnStatistics;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which share of a plan's rows meets a condition. */
final class Selectivity {
    static final double EQUALITY = 0.02;
    static final double INTERVAL = 0.05;
    static final double ONE_SIDED = 0.33;
    static final double OTHER = 0.5;
    private static final double PATTERN = 0.05;

    /** No condition is taken to leave less. */
    private static final double LEAST = 1e-7;

    /** With fewer values the histogram says little of patterns and functions. */
    private static final int HISTOGRAM_MIN = 10;

    private final Estimates estimates;

    Selectivity(Estimates estimates) {
        this.estimates = estimates;
    }

    /** All of them, taken as independent but for the two ends of an interval. */
    double of(List<Expr> conditions, LogicalPlan input) {
        double product = 1;
        Map<Integer, List<Expr.Comparison>> ranges = new HashMap<>();
        for (Expr condition : conditions) {
            Expr.Comparison range = range(condition);
            if (range != null && range.left() instanceof Expr.Input column) {
                ranges.computeIfAbsent(column.index(), _ -> new ArrayList<>()).add(range);
            } else {
                product *= of(condition, input);
            }
        }
        for (Map.Entry<Integer, List<Expr.Comparison>> entry : ranges.entrySet()) {
            product *= ranges(entry.getValue(), entry.getKey(), input);
        }
        return Math.clamp(product, LEAST, 1);
    }

    /** column &lt; value and its kin, the column left; null for anything else. */
    @SuppressWarnings("ArgumentSelectionDefectChecker") // the sides are swapped on purpose
    private static Expr.@Nullable Comparison range(Expr condition) {
        if (!(condition instanceof Expr.Comparison c) || c.op() == Op.EQ || c.op() == Op.NE) {
            return null;
        }
        if (c.left() instanceof Expr.Input && ExprTraits.columns(c.right()).isEmpty()) {
            return c;
        }
        return c.right() instanceof Expr.Input && ExprTraits.columns(c.left()).isEmpty()
                ? new Expr.Comparison(c.op().flipped(), c.right(), c.left())
                : null;
    }

    private double ranges(List<Expr.Comparison> terms, int column, LogicalPlan input) {
        ColumnStatistics known = estimates.statisticsOf(input, column);
        double present = known == null ? 1 : 1 - known.nullFraction();
        double least = 0;
        double most = present;
        boolean lowerUnknown = false;
        boolean upperUnknown = false;
        for (Expr.Comparison term : terms) {
            boolean upper = term.op() == Op.LT || term.op() == Op.LE;
            Object value = value(term.right());
            Double below =
                    known == null || value == null
                            ? null
                            : below(known, value, term.op() == Op.LE || term.op() == Op.GT);
            if (below == null) {
                lowerUnknown |= !upper;
                upperUnknown |= upper;
            } else if (upper) {
                most = Math.min(most, below);
            } else {
                least = Math.max(least, below);
            }
        }
        double share = Math.max(0, most - least);
        if (lowerUnknown && upperUnknown) {
            share *= INTERVAL;
        } else if (lowerUnknown || upperUnknown) {
            share *= ONE_SIDED;
        }
        return Math.max(share, LEAST);
    }

    private static @Nullable Object value(Expr expr) {
        return expr instanceof Expr.Constant constant ? constant.value() : null;
    }

    /** The share of rows with a value below this one ({@code orEqual}: or the same). */
    private static @Nullable Double below(ColumnStatistics known, Object value, boolean orEqual) {
        if (!sameClass(known, value)) {
            return null;
        }
        Comparator<Object> order = ValueOrder.of(known.type());
        double common = 0;
        for (int i = 0; i < known.mostCommonValues().size(); i++) {
            int comparison = order.compare(known.mostCommonValues().get(i), value);
            if (comparison < 0 || (orEqual && comparison == 0)) {
                common += known.frequencies().get(i);
            }
        }
        double others = Math.max(0, 1 - known.nullFraction() - known.commonFraction());
        List<Object> histogram = known.histogram();
        if (histogram.size() < 2) {
            return common + others * (histogram.isEmpty() ? 0 : OTHER);
        }
        return common + others * position(histogram, order, value);
    }

    /** Where a value lies among a histogram's: 0 before the first, 1 behind the last. */
    private static double position(List<Object> histogram, Comparator<Object> order, Object value) {
        int low = 0;
        int high = histogram.size() - 1;
        if (order.compare(value, histogram.get(0)) <= 0) {
            return 0;
        }
        if (order.compare(value, histogram.get(high)) >= 0) {
            return 1;
        }
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (order.compare(histogram.get(middle), value) <= 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + within(histogram.get(low), histogram.get(high), value))
                / (histogram.size() - 1);
    }

    /** How far a value is on the way from one to another, as numbers go. */
    private static double within(Object low, Object high, Object value) {
        double a = number(low);
        double b = number(high);
        double x = number(value);
        return b > a && Double.isFinite(b - a) ? Math.clamp((x - a) / (b - a), 0, 1) : OTHER;
    }

    private static double number(Object value) {
        return switch (value) {
            case Long number -> number;
            case Double number -> number;
            case Float number -> number;
            case Numeric number when number.isFinite() -> number.decimal().doubleValue();
            default -> Double.NaN;
        };
    }

    private static boolean sameClass(ColumnStatistics known, Object value) {
        List<Object> sample =
                known.histogram().isEmpty() ? known.mostCommonValues() : known.histogram();
        return !sample.isEmpty()
                && sample.get(0).getClass() == value.getClass()
                && ValueOrder.isOrdered(known.type());
    }

    double of(Expr condition, LogicalPlan input) {
        return switch (condition) {
            case Expr.Constant constant -> Boolean.TRUE.equals(constant.value()) ? 1 : LEAST;
            case Expr.And and -> of(and.terms(), input);
            case Expr.Or or -> {
                double none = 1;
                for (Expr term : or.terms()) {
                    none *= 1 - of(ExprTraits.conjuncts(term), input);
                }
                yield 1 - none;
            }
            case Expr.Not not -> {
                Double tested = bySample(condition, input);
                yield tested != null ? tested : Math.max(LEAST, 1 - of(not.operand(), input));
            }
            case Expr.IsNull test -> isNull(test, input);
            case Expr.Comparison c -> comparison(c, input);
            case Expr.InList in -> inList(in, input);
            case Expr.Exists _, Expr.InQuery _, Expr.QuantifiedQuery _ -> OTHER;
            default -> {
                Double tested = bySample(condition, input);
                yield tested != null ? tested : withoutStatistics(condition);
            }
        };
    }

    double withoutStatistics(Expr condition) {
        return switch (condition) {
            case Expr.Comparison c ->
                    switch (c.op()) {
                        case EQ -> EQUALITY;
                        case NE -> 1 - EQUALITY;
                        case LT, LE, GT, GE -> ONE_SIDED;
                    };
            case Expr.Call call when call.function().name().endsWith("nlike") -> 1 - PATTERN;
            case Expr.Call call when call.function().name().endsWith("like") -> PATTERN;
            default -> OTHER;
        };
    }

    private double isNull(Expr.IsNull test, LogicalPlan input) {
        double nulls = EQUALITY;
        if (test.operand() instanceof Expr.Input column) {
            ColumnStatistics known = estimates.statisticsOf(input, column.index());
            if (known != null) {
                nulls = known.nullFraction();
            } else if (Nullability.isNeverNull(column, input)) {
                nulls = 0;
            }
        }
        return Math.max(LEAST, test.negated() ? 1 - nulls : nulls);
    }

    private double comparison(Expr.Comparison c, LogicalPlan input) {
        Expr.Comparison range = range(c);
        if (range != null && range.left() instanceof Expr.Input column) {
            return ranges(List.of(range), column.index(), input);
        }
        boolean equality = c.op() == Op.EQ || c.op() == Op.NE;
        if (!equality) {
            Double tested = bySample(c, input);
            return tested != null ? tested : ONE_SIDED;
        }
        boolean leftKnown = ExprTraits.columns(c.left()).isEmpty();
        Expr side = leftKnown ? c.right() : c.left();
        Expr other = leftKnown ? c.left() : c.right();
        double equal;
        if (ExprTraits.columns(other).isEmpty()) {
            equal =
                    side instanceof Expr.Input column
                            ? equals(column, value(other), input)
                            : tested(c, side, input);
        } else {
            equal = 1 / Math.max(estimates.distinct(side, input), estimates.distinct(other, input));
        }
        return Math.clamp(c.op() == Op.EQ ? equal : 1 - equal, LEAST, 1);
    }

    private double tested(Expr.Comparison c, Expr side, LogicalPlan input) {
        Double found = bySample(new Expr.Comparison(Op.EQ, c.left(), c.right()), input);
        return found != null ? found : 1 / estimates.distinct(side, input);
    }

    private double equals(Expr.Input column, @Nullable Object value, LogicalPlan input) {
        ColumnStatistics known = estimates.statisticsOf(input, column.index());
        if (known == null) {
            Estimates.Source source = estimates.source(input, column.index());
            boolean unique =
                    source != null
                            && estimates.isUnique(
                                    source.scan().table(),
                                    java.util.Set.of(source.column().number()));
            return unique ? 1 / estimates.distinct(column, input) : EQUALITY;
        }
        double present = 1 - known.nullFraction();
        double distinct =
                Math.max(1, known.distinctOf(estimates.tableRows(tableOf(column, input))));
        if (value == null || !sameClass(known, value)) {
            return present / distinct;
        }
        Comparator<Object> order = ValueOrder.of(known.type());
        for (int i = 0; i < known.mostCommonValues().size(); i++) {
            if (order.compare(known.mostCommonValues().get(i), value) == 0) {
                return known.frequencies().get(i);
            }
        }
        double others = Math.max(0, present - known.commonFraction());
        return others / Math.max(1, distinct - known.mostCommonValues().size());
    }

    private dev.driftdb.schemas.catalog.TableDef tableOf(Expr.Input column, LogicalPlan input) {
        Estimates.Source source = estimates.source(input, column.index());
        if (source == null) {
            throw new IllegalStateException("statistics of a column of no table");
        }
        return source.scan().table();
    }

    private double inList(Expr.InList in, LogicalPlan input) {
        double sum = 0;
        if (in.operand() instanceof Expr.Input column) {
            for (Expr element : in.list()) {
                sum += equals(column, value(element), input);
            }
        } else {
            Double tested = bySample(in, input);
            if (tested != null) {
                return tested;
            }
            sum = in.list().size() / estimates.distinct(in.operand(), input);
        }
        double met = Math.min(1, sum);
        return Math.clamp(in.negated() ? 1 - met : met, LEAST, 1);
    }

    /**
     * A condition on one column, asked of the values that statistics know. Null if that says
     * nothing.
     */
    private @Nullable Double bySample(Expr condition, LogicalPlan input) {
        BitSet columns = ExprTraits.columns(condition);
        if (columns.cardinality() != 1 || condition.type().storage() != Storage.BOOLEAN) {
            return null;
        }
        int column = columns.nextSetBit(0);
        ColumnStatistics known = estimates.statisticsOf(input, column);
        if (known == null) {
            return null;
        }
        Predicate<Object> test = SampleTest.of(condition, column);
        if (test == null) {
            return null;
        }
        double common = 0;
        double commonFraction = known.commonFraction();
        List<Object> histogram = known.histogram();
        double others = Math.max(0, 1 - known.nullFraction() - commonFraction);
        if (histogram.size() < HISTOGRAM_MIN && others > commonFraction) {
            return null;
        }
        try {
            for (int i = 0; i < known.mostCommonValues().size(); i++) {
                common +=
                        test.test(known.mostCommonValues().get(i)) ? known.frequencies().get(i) : 0;
            }
            double met = 0;
            for (Object value : histogram) {
                met += test.test(value) ? 1 : 0;
            }
            // None of a hundred values is not none at all.
            double share =
                    histogram.isEmpty()
                            ? 0
                            : Math.max(met, OTHER / 2) / Math.max(1, histogram.size());
            return Math.clamp(common + others * share, LEAST, 1);
        } catch (RuntimeException e) {
            return null; // What fails for a value says nothing of how often it holds.
        }
    }
}
