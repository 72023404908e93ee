package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANYARRAY;
import static dev.driftdb.schemas.type.Types.ANYELEMENT;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.INTERVAL;

import dev.driftdb.query.function.AggregateFunction.Accumulator;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.21: ordered-set and hypothetical-set aggregates. */
final class OrderedSetAggregates {
    private OrderedSetAggregates() {}

    static void define(Definitions d) {
        SqlType fractions = Types.arrayOf(FLOAT8);
        for (SqlType type : List.of(FLOAT8, INTERVAL)) {
            d.orderedSet(
                    "percentile_cont",
                    List.of(FLOAT8),
                    type,
                    type,
                    (_, _) -> () -> new Percentile(type, OrderedSetAggregates::between));
            d.orderedSet(
                    "percentile_cont",
                    List.of(fractions),
                    type,
                    Types.arrayOf(type),
                    (_, _) -> () -> new Percentile(type, OrderedSetAggregates::between));
        }
        d.orderedSet(
                "percentile_disc",
                List.of(FLOAT8),
                ANYELEMENT,
                ANYELEMENT,
                (types, _) -> () -> new Percentile(types.getLast(), OrderedSetAggregates::first));
        d.orderedSet(
                "percentile_disc",
                List.of(fractions),
                ANYELEMENT,
                ANYARRAY,
                (types, _) -> () -> new Percentile(types.getLast(), OrderedSetAggregates::first));
        d.orderedSet(
                "mode",
                List.of(),
                ANYELEMENT,
                ANYELEMENT,
                (types, _) -> () -> new Mode(types.getLast()));
        d.hypotheticalSet("rank", INT8, () -> new Place(place -> place.before + 1d, true));
        d.hypotheticalSet("dense_rank", INT8, () -> new Place(place -> place.groups + 1d, true));
        d.hypotheticalSet(
                "percent_rank",
                FLOAT8,
                () ->
                        new Place(
                                place -> place.rows == 0 ? 0 : (double) place.before / place.rows,
                                false));
        d.hypotheticalSet(
                "cume_dist",
                FLOAT8,
                () -> new Place(place -> (place.upTo + 1d) / (place.rows + 1d), false));
    }

    /** What stands at a fraction of the sorted values. */
    @FunctionalInterface
    private interface At {
        Object at(double fraction, List<Object> sorted);
    }

    /** The first value whose place is at or behind the fraction. */
    private static Object first(double fraction, List<Object> sorted) {
        int row = (int) Math.ceil(fraction * sorted.size());
        return sorted.get(Math.max(row, 1) - 1);
    }

    /** Between the two values around the fraction. */
    private static Object between(double fraction, List<Object> sorted) {
        double place = fraction * (sorted.size() - 1);
        Object low = sorted.get((int) Math.floor(place));
        Object high = sorted.get((int) Math.ceil(place));
        double part = place - Math.floor(place);
        if (Math.floor(place) == Math.ceil(place)) {
            return low;
        }
        if (low instanceof Interval from) {
            Interval distance = IntervalMath.subtract((Interval) high, from);
            return IntervalMath.add(IntervalMath.multiply(distance, part), from);
        }
        return (Double) low + part * ((Double) high - (Double) low);
    }

    private static final class Percentile implements Accumulator {
        private final SqlType element;
        private final At at;
        private final List<Object> sorted = new ArrayList<>();

        Percentile(SqlType element, At at) {
            this.element = element;
            this.at = at;
        }

        @Override
        public void add(@Nullable Object[] arguments) {
            sorted.add(Objects.requireNonNull(arguments[0]));
        }

        @Override
        public @Nullable Object result() {
            throw new IllegalStateException("a percentile without a fraction");
        }

        @Override
        public @Nullable Object result(@Nullable Object[] direct) {
            Object fraction = direct[0];
            if (fraction == null) {
                return null;
            }
            if (!(fraction instanceof SqlArray fractions)) {
                double one = checked((Double) fraction);
                return sorted.isEmpty() ? null : at.at(one, sorted);
            }
            if (sorted.isEmpty()) {
                return null;
            }
            List<@Nullable Object> values = new ArrayList<>();
            for (Object one : fractions.values()) {
                values.add(one == null ? null : at.at(checked((Double) one), sorted));
            }
            return new SqlArray(element, fractions.lengths(), fractions.lowerBounds(), values);
        }

        private static double checked(double fraction) {
            if (!(fraction >= 0 && fraction <= 1)) {
                String shown =
                        fraction == Math.rint(fraction) && Math.abs(fraction) < 1e6
                                ? Long.toString((long) fraction)
                                : Double.toString(fraction);
                throw new SqlException(
                        SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                        "percentile value " + shown + " is not between 0 and 1");
            }
            return fraction;
        }
    }

    /** The most frequent value, the first in order among several. */
    private static final class Mode implements Accumulator {
        private final Comparator<Object> order;
        private @Nullable Object best;
        private long bestCount;
        private @Nullable Object last;
        private long lastCount;

        Mode(SqlType type) {
            this.order = ValueOrder.of(type);
        }

        @Override
        public void add(@Nullable Object[] arguments) {
            Object value = Objects.requireNonNull(arguments[0]);
            if (last != null && order.compare(last, value) == 0) {
                lastCount++;
            } else {
                last = value;
                lastCount = 1;
            }
            if (lastCount > bestCount) {
                bestCount = lastCount;
                best = last;
            }
        }

        @Override
        public @Nullable Object result() {
            return best;
        }
    }

    /** Where the hypothetical row would stand. */
    private static final class Place implements Accumulator {
        private final ToDoubleFunction<Place> value;
        private final boolean whole;
        private long rows;
        private long before;
        private long upTo;
        private long groups;

        Place(ToDoubleFunction<Place> value, boolean whole) {
            this.value = value;
            this.whole = whole;
        }

        @Override
        public void add(@Nullable Object[] arguments) {
            long comparison = (Long) Objects.requireNonNull(arguments[0]);
            rows++;
            if (comparison <= 0) {
                upTo++;
            }
            if (comparison < 0) {
                before++;
                if (Boolean.TRUE.equals(arguments[1])) {
                    groups++;
                }
            }
        }

        @Override
        public Object result() {
            double result = value.applyAsDouble(this);
            return whole ? (Object) (long) result : (Object) result;
        }
    }
}
