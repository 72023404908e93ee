package dev.driftdb.query.function;

import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;

/**
 * Arithmetic on intervals, as PostgreSQL spreads parts of months over days and of days over time.
 */
final class IntervalMath {
    private static final double MICROS_PER_DAY = DateTimes.MICROS_PER_DAY;
    private static final int DAYS_PER_MONTH = 30;

    private IntervalMath() {}

    static Interval add(Interval a, Interval b) {
        try {
            return new Interval(
                    Math.addExact(a.months(), b.months()),
                    Math.addExact(a.days(), b.days()),
                    Math.addExact(a.micros(), b.micros()));
        } catch (ArithmeticException _) {
            throw SqlErrors.intervalOutOfRange();
        }
    }

    static Interval negate(Interval a) {
        try {
            return new Interval(
                    Math.negateExact(a.months()),
                    Math.negateExact(a.days()),
                    Math.negateExact(a.micros()));
        } catch (ArithmeticException _) {
            throw SqlErrors.intervalOutOfRange();
        }
    }

    static Interval subtract(Interval a, Interval b) {
        return add(a, negate(b));
    }

    static Interval divide(Interval a, double divisor) {
        if (divisor == 0) {
            throw SqlErrors.divisionByZero();
        }
        return spread(a.months() / divisor, a.days() / divisor, a.micros() / divisor);
    }

    static Interval multiply(Interval a, double factor) {
        return spread(a.months() * factor, a.days() * factor, a.micros() * factor);
    }

    /** The part of a month becomes days, the part of a day time (PostgreSQL's interval_mul). */
    private static Interval spread(double months, double days, double micros) {
        if (!(Math.abs(months) <= Integer.MAX_VALUE) || !(Math.abs(days) <= Integer.MAX_VALUE)) {
            throw SqlErrors.intervalOutOfRange();
        }
        int wholeMonths = (int) months;
        int wholeDays = (int) days;
        double monthDays = roundMicro((months - wholeMonths) * DAYS_PER_MONTH);
        double seconds =
                roundMicro(
                        (days - wholeDays + monthDays - (int) monthDays)
                                * (MICROS_PER_DAY / DateTimes.MICROS_PER_SECOND));
        // Rounding may have made a whole day of the seconds.
        if (Math.abs(seconds) >= MICROS_PER_DAY / DateTimes.MICROS_PER_SECOND) {
            int carry = (int) (seconds / (MICROS_PER_DAY / DateTimes.MICROS_PER_SECOND));
            wholeDays += carry;
            seconds -= carry * (MICROS_PER_DAY / DateTimes.MICROS_PER_SECOND);
        }
        double total = Math.rint(micros + seconds * DateTimes.MICROS_PER_SECOND);
        if (!(Math.abs(total) < 0x1p63)) {
            throw SqlErrors.intervalOutOfRange();
        }
        return new Interval(wholeMonths, wholeDays + (int) monthDays, (long) total);
    }

    private static double roundMicro(double value) {
        return Math.rint(value * DateTimes.MICROS_PER_SECOND) / DateTimes.MICROS_PER_SECOND;
    }
}
