package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.INTERVAL;
import static dev.driftdb.schemas.type.Types.NUMERIC;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TIMESTAMP;
import static dev.driftdb.schemas.type.Types.TIMESTAMPTZ;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import java.time.ZoneId;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.25 Set Returning Functions: generate_series. Rows are made one by one. */
final class SeriesFunctions {
    private SeriesFunctions() {}

    static void define(Definitions d) {
        for (SqlType type : List.of(INT4, INT8)) {
            series(d, 1, type, (a, c) -> integers(a, c), type, type, type);
        }
        series(d, 1, NUMERIC, (a, c) -> numerics(a, c), NUMERIC, NUMERIC, NUMERIC);
        series(
                d,
                0,
                TIMESTAMP,
                (a, c) -> {
                    Interval step = (Interval) Objects.requireNonNull(a[2]);
                    return times(a, step, c, at -> DateTimes.plus((Long) at, step));
                },
                TIMESTAMP,
                TIMESTAMP,
                INTERVAL);
        series(
                d,
                0,
                TIMESTAMPTZ,
                (a, c) -> {
                    Interval step = (Interval) Objects.requireNonNull(a[2]);
                    return times(
                            a, step, c, at -> DateTimes.plus((Long) at, step, c.format().zone()));
                },
                TIMESTAMPTZ,
                TIMESTAMPTZ,
                INTERVAL);
        series(
                d,
                0,
                TIMESTAMPTZ,
                (a, c) -> {
                    Interval step = (Interval) Objects.requireNonNull(a[2]);
                    ZoneId zone = DateTimeFunctions.zone(SystemFunctions.text(a, 3));
                    return times(a, step, c, at -> DateTimes.plus((Long) at, step, zone));
                },
                TIMESTAMPTZ,
                TIMESTAMPTZ,
                INTERVAL,
                TEXT);
    }

    private static void series(
            Definitions d,
            int defaultCount,
            SqlType column,
            TableFunction.Body body,
            SqlType... arguments) {
        d.table(
                "generate_series",
                List.of("generate_series"),
                List.of(column),
                defaultCount,
                body,
                arguments);
    }

    private static RuntimeException zeroStep() {
        return SqlErrors.invalidParameter("step size cannot equal zero");
    }

    private static Iterator<@Nullable Object[]> integers(
            @Nullable Object[] a, EvalContext context) {
        long step = a.length > 2 ? (Long) Objects.requireNonNull(a[2]) : 1;
        if (step == 0) {
            throw zeroStep();
        }
        long stop = (Long) Objects.requireNonNull(a[1]);
        return new Series(
                Objects.requireNonNull(a[0]),
                at -> step > 0 ? (Long) at <= stop : (Long) at >= stop,
                at -> {
                    long next = (Long) at + step;
                    // Past the end of the type is past the end of the series.
                    return step > 0 == next > (Long) at ? (Long) next : null;
                },
                context);
    }

    private static Iterator<@Nullable Object[]> numerics(
            @Nullable Object[] a, EvalContext context) {
        Numeric step = a.length > 2 ? (Numeric) Objects.requireNonNull(a[2]) : Numeric.of(1);
        Numeric start = (Numeric) Objects.requireNonNull(a[0]);
        Numeric stop = (Numeric) Objects.requireNonNull(a[1]);
        requireFinite("start value", start);
        requireFinite("stop value", stop);
        requireFinite("step size", step);
        int sign = step.decimal().signum();
        if (sign == 0) {
            throw zeroStep();
        }
        return new Series(
                start,
                at ->
                        sign > 0
                                ? ((Numeric) at).compareTo(stop) <= 0
                                : ((Numeric) at).compareTo(stop) >= 0,
                at -> NumericMath.add((Numeric) at, step),
                context);
    }

    private static void requireFinite(String name, Numeric value) {
        if (!value.isFinite()) {
            throw SqlErrors.invalidParameter(
                    name + " cannot be " + (value.isNaN() ? "NaN" : "infinity"));
        }
    }

    private static Iterator<@Nullable Object[]> times(
            @Nullable Object[] a, Interval step, EvalContext context, UnaryOperator<Object> next) {
        int sign = step.compareTo(new Interval(0, 0, 0));
        if (sign == 0) {
            throw zeroStep();
        }
        long stop = (Long) Objects.requireNonNull(a[1]);
        return new Series(
                Objects.requireNonNull(a[0]),
                at -> sign > 0 ? (Long) at <= stop : (Long) at >= stop,
                next::apply,
                context);
    }

    private interface Step {
        @Nullable Object after(Object value);
    }

    private static final class Series implements Iterator<@Nullable Object[]> {
        private final java.util.function.Predicate<Object> inside;
        private final Step step;
        private final EvalContext context;
        private @Nullable Object next;

        Series(
                Object start,
                java.util.function.Predicate<Object> inside,
                Step step,
                EvalContext context) {
            this.inside = inside;
            this.step = step;
            this.context = context;
            this.next = start;
        }

        @Override
        public boolean hasNext() {
            return next != null && inside.test(next);
        }

        @Override
        public @Nullable Object[] next() {
            Object value = next;
            if (value == null || !inside.test(value)) {
                throw new NoSuchElementException();
            }
            context.checkCanceled();
            next = step.after(value);
            return new Object[] {value};
        }
    }
}
