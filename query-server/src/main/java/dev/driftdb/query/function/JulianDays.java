package dev.driftdb.query.function;

/**
 * The proleptic Gregorian calendar and ISO weeks over Julian day numbers. Years are astronomical (0
 * is 1 BC); fields need not be in range, as those of intervals are not.
 */
final class JulianDays {
    private static final long MARCH_0_4800_BC = 32_045;

    private JulianDays() {}

    /** The Julian day of a date. */
    static int of(long year, long month, long day) {
        long shifted = Math.floorDiv(14 - month, 12);
        long y = year + 4800 - shifted;
        long m = month + 12 * shifted - 3;
        return (int)
                (day
                        + Math.floorDiv(153 * m + 2, 5)
                        + 365 * y
                        + Math.floorDiv(y, 4)
                        - Math.floorDiv(y, 100)
                        + Math.floorDiv(y, 400)
                        - MARCH_0_4800_BC);
    }

    /** Year, month and day of a Julian day. */
    static int[] date(int julian) {
        long a = julian + MARCH_0_4800_BC - 1;
        long b = Math.floorDiv(4 * a + 3, 146_097);
        long c = a - Math.floorDiv(146_097 * b, 4);
        long d = Math.floorDiv(4 * c + 3, 1461);
        long e = c - Math.floorDiv(1461 * d, 4);
        long m = (5 * e + 2) / 153;
        return new int[] {
            (int) (100 * b + d - 4800 + m / 10),
            (int) (m + 3 - 12 * (m / 10)),
            (int) (e - (153 * m + 2) / 5 + 1)
        };
    }

    /** 0 for Sunday to 6. */
    static int weekday(int julian) {
        return Math.floorMod(julian + 1, 7);
    }

    /** The Julian day of the Monday of an ISO week. */
    static int ofWeek(int isoYear, int week) {
        int january4 = of(isoYear, 1, 4);
        return (week - 1) * 7 + january4 - Math.floorMod(weekday(january4) - 1, 7);
    }

    static int isoYear(int year, int julian) {
        if (julian < ofWeek(year, 1)) {
            return year - 1;
        }
        return julian >= ofWeek(year + 1, 1) ? year + 1 : year;
    }

    static int isoWeek(int year, int julian) {
        return (julian - ofWeek(isoYear(year, julian), 1)) / 7 + 1;
    }

    static int isoDayOfYear(int year, int julian) {
        return julian - ofWeek(isoYear(year, julian), 1) + 1;
    }
}
