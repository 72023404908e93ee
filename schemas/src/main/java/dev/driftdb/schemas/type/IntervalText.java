package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Text of intervals: output in IntervalStyle postgres; input verbose ("1 day ago"), SQL ("1-2 3
 * 4:05:06") and ISO 8601 ("P1Y2M3DT4H").
 */
public final class IntervalText {
    /** The high half of an interval type modifier: which fields it has, PostgreSQL's bit masks. */
    public static final int FULL_RANGE = 0x7FFF;

    public static final int MONTH = 1 << 1;
    public static final int YEAR = 1 << 2;
    public static final int DAY = 1 << 3;
    public static final int HOUR = 1 << 10;
    public static final int MINUTE = 1 << 11;
    public static final int SECOND = 1 << 12;

    private static final Pattern TOKEN =
            Pattern.compile(
                    "\\s*(?:([+-]?\\d+(?::\\d+){1,2}(?:\\.\\d*)?)|([+-]?\\d+-\\d+)"
                            + "|([+-]?(?:\\d+\\.?\\d*|\\.\\d+))|([A-Za-z]+)|(@))");
    private static final Pattern ISO_PART =
            Pattern.compile("([+-]?(?:\\d+[.,]?\\d*|[.,]\\d+))([A-Za-z])");

    /** The alternative form of ISO 8601: P0001-02-03T04:05:06. */
    private static final Pattern ISO_DATE =
            Pattern.compile(
                    "P(?=.)(?:([+-]?\\d+)-(\\d+)-(\\d+))?"
                            + "(?:T([+-]?\\d+):(\\d+):(\\d+(?:\\.\\d*)?))?");

    private static final BigDecimal MICROS_PER_SECOND = BigDecimal.valueOf(1_000_000);
    private static final BigDecimal MONTHS_PER_YEAR = BigDecimal.valueOf(12);
    private static final BigDecimal INT_MAX = BigDecimal.valueOf(Integer.MAX_VALUE);
    private static final BigDecimal DAYS_PER_MONTH = BigDecimal.valueOf(30);
    private static final BigDecimal MICROS_PER_DAY = BigDecimal.valueOf(DateTimes.MICROS_PER_DAY);

    private final String text;
    private BigDecimal months = BigDecimal.ZERO;
    private BigDecimal days = BigDecimal.ZERO;
    private BigDecimal micros = BigDecimal.ZERO;

    private IntervalText(String text) {
        this.text = text;
    }

    /** The fields that a type modifier names, {@link #FULL_RANGE} for -1. */
    public static int range(int typmod) {
        return typmod < 0 ? FULL_RANGE : typmod >> 16 & FULL_RANGE;
    }

    /**
     * @param range the fields of the type modifier ({@link #FULL_RANGE} for none): gives a bare
     *     number its unit, as in INTERVAL '1' HOUR
     */
    public static Interval parse(String text, int range) {
        IntervalText reader = new IntervalText(text);
        String s = text.strip();
        Matcher basic = ISO_DATE.matcher(s);
        if (basic.matches()) {
            reader.readIsoDate(basic);
        } else if (s.startsWith("P")) {
            reader.readIso(s);
        } else {
            reader.readVerbose(s, range);
        }
        return reader.result();
    }

    private void readIsoDate(Matcher parts) {
        if (parts.group(1) != null) {
            add("year", new BigDecimal(parts.group(1)));
            add("month", new BigDecimal(parts.group(2)));
            add("day", new BigDecimal(parts.group(3)));
        }
        if (parts.group(4) != null) {
            add("hour", new BigDecimal(parts.group(4)));
            add("minute", new BigDecimal(parts.group(5)));
            add("second", new BigDecimal(parts.group(6)));
        }
    }

    private void readIso(String s) {
        boolean time = false;
        int at = 1;
        Matcher part = ISO_PART.matcher(s);
        if (s.length() == 1) {
            throw invalid();
        }
        while (at < s.length()) {
            if (s.charAt(at) == 'T' && !time) {
                time = true;
                at++;
                continue;
            }
            part.region(at, s.length());
            if (!part.lookingAt()) {
                throw invalid();
            }
            BigDecimal value = new BigDecimal(part.group(1).replace(',', '.'));
            switch (part.group(2) + (time ? "t" : "d")) {
                case "Yd" -> add("year", value);
                case "Md" -> add("month", value);
                case "Wd" -> add("week", value);
                case "Dd" -> add("day", value);
                case "Ht" -> add("hour", value);
                case "Mt" -> add("minute", value);
                case "St" -> add("second", value);
                default -> throw invalid();
            }
            at = part.end();
        }
    }

    private void readVerbose(String s, int range) {
        Matcher token = TOKEN.matcher(s);
        BigDecimal pending = null;
        BigDecimal daysBefore = null;
        Set<String> seen = new HashSet<>();
        boolean any = false;
        boolean ago = false;
        int at = 0;
        while (at < s.length()) {
            token.region(at, s.length());
            if (ago || !token.lookingAt()) {
                throw invalid();
            }
            at = token.end();
            if (token.group(1) != null) {
                if (daysBefore != null) {
                    throw invalid();
                }
                if (pending != null) {
                    // "3 4:05:06": the number before a time of day counts days.
                    add("day", pending);
                    pending = null;
                }
                addTime(token.group(1), range);
                any = true;
            } else if (token.group(2) != null) {
                addYearMonth(token.group(2));
                any = true;
            } else if (token.group(3) != null) {
                if (daysBefore != null) {
                    throw invalid();
                }
                // "3 4 hours": as before a time of day, if the second one counts hours.
                daysBefore = pending;
                pending = new BigDecimal(token.group(3));
                any = true;
            } else if (token.group(4) != null) {
                String word = token.group(4).toLowerCase(Locale.ROOT);
                if (word.equals("ago") && any && pending == null) {
                    ago = true;
                } else if (pending != null) {
                    String unit = unit(word);
                    if (!seen.add(unit)) {
                        throw invalid();
                    }
                    addCount(unit, pending, daysBefore);
                    pending = null;
                    daysBefore = null;
                } else {
                    throw invalid();
                }
            }
        }
        if (pending != null) {
            String unit = bareUnit(range);
            if (!seen.add(unit)) {
                throw invalid();
            }
            addCount(unit, pending, daysBefore);
        }
        if (!any) {
            throw invalid();
        }
        if (ago) {
            months = months.negate();
            days = days.negate();
            micros = micros.negate();
        }
    }

    private void addCount(String unit, BigDecimal count, @Nullable BigDecimal daysBefore) {
        if (daysBefore != null) {
            if (!unit.equals("hour")) {
                throw invalid();
            }
            add("day", daysBefore);
        }
        add(unit, count);
    }

    private static String bareUnit(int range) {
        if (range == FULL_RANGE || (range & SECOND) != 0) {
            return "second";
        }
        if ((range & MINUTE) != 0) {
            return "minute";
        }
        if ((range & HOUR) != 0) {
            return "hour";
        }
        if ((range & DAY) != 0) {
            return "day";
        }
        return (range & MONTH) != 0 ? "month" : "year";
    }

    private String unit(String word) {
        String unit = unitOf(word);
        if (unit == null) {
            throw invalid();
        }
        return unit;
    }

    /** The plain name of a time unit in any of its spellings, null for none. */
    public static @Nullable String unitOf(String word) {
        return switch (word) {
            case "microsecond", "microseconds", "us", "usec", "usecs", "usecond", "useconds" ->
                    "microsecond";
            case "millisecond", "milliseconds", "ms", "msec", "msecs", "msecond", "mseconds" ->
                    "millisecond";
            case "second", "seconds", "s", "sec", "secs" -> "second";
            case "minute", "minutes", "m", "min", "mins" -> "minute";
            case "hour", "hours", "h", "hr", "hrs" -> "hour";
            case "day", "days", "d" -> "day";
            case "week", "weeks", "w" -> "week";
            case "month", "months", "mon", "mons" -> "month";
            case "year", "years", "y", "yr", "yrs" -> "year";
            case "decade", "decades", "dec", "decs" -> "decade";
            case "century", "centuries", "c", "cent" -> "century";
            case "millennium", "millennia", "mil", "mils" -> "millennium";
            default -> null;
        };
    }

    private void add(String unit, BigDecimal value) {
        switch (unit) {
            case "microsecond" -> micros = micros.add(value);
            case "millisecond" -> micros = micros.add(value.movePointRight(3));
            case "second" -> micros = micros.add(value.multiply(MICROS_PER_SECOND));
            case "minute" -> micros = micros.add(value.multiply(BigDecimal.valueOf(60_000_000L)));
            case "hour" -> micros = micros.add(value.multiply(BigDecimal.valueOf(3_600_000_000L)));
            case "day" -> addDays(value);
            case "week" -> addDays(value.multiply(BigDecimal.valueOf(7)));
            case "month" -> {
                BigDecimal whole = value.setScale(0, RoundingMode.DOWN);
                months = months.add(whole);
                addDays(value.subtract(whole).multiply(DAYS_PER_MONTH));
            }
            case "year" -> addYears(value);
            case "decade" -> addYears(value.multiply(BigDecimal.TEN));
            case "century" -> addYears(value.movePointRight(2));
            case "millennium" -> addYears(value.movePointRight(3));
            default -> throw invalid();
        }
    }

    private void addYears(BigDecimal years) {
        // A part of a year is rounded to whole months, never spills into days.
        months =
                months.add(
                        years.multiply(BigDecimal.valueOf(12)).setScale(0, RoundingMode.HALF_EVEN));
    }

    private void addDays(BigDecimal value) {
        BigDecimal whole = value.setScale(0, RoundingMode.DOWN);
        days = days.add(whole);
        micros = micros.add(value.subtract(whole).multiply(MICROS_PER_DAY));
    }

    private void addYearMonth(String token) {
        boolean negative = token.startsWith("-");
        String[] parts = token.substring(negative || token.startsWith("+") ? 1 : 0).split("-");
        BigDecimal odd = new BigDecimal(parts[1]);
        if (odd.compareTo(MONTHS_PER_YEAR) >= 0) {
            throw outOfRange();
        }
        BigDecimal value = new BigDecimal(parts[0]).multiply(MONTHS_PER_YEAR).add(odd);
        months = months.add(negative ? value.negate() : value);
    }

    private void addTime(String token, int range) {
        boolean negative = token.startsWith("-");
        String[] parts = token.substring(negative || token.startsWith("+") ? 1 : 0).split(":");
        BigDecimal value;
        boolean toSeconds = range == (MINUTE | SECOND) || parts[1].contains(".");
        // Only the first part may be large.
        if (seconds(parts[1], 1).intValue() > (parts.length == 2 && toSeconds ? 60 : 59)
                || (parts.length == 3 && seconds(parts[2], 1).intValue() > 60)) {
            throw outOfRange();
        }
        if (parts.length == 3) {
            value = seconds(parts[0], 3600).add(seconds(parts[1], 60)).add(seconds(parts[2], 1));
        } else if (toSeconds) {
            value = seconds(parts[0], 60).add(seconds(parts[1], 1));
        } else {
            value = seconds(parts[0], 3600).add(seconds(parts[1], 60));
        }
        value = value.multiply(MICROS_PER_SECOND);
        micros = micros.add(negative ? value.negate() : value);
    }

    private static BigDecimal seconds(String number, int unit) {
        String s = number.endsWith(".") ? number + "0" : number;
        return new BigDecimal(s).multiply(BigDecimal.valueOf(unit));
    }

    private Interval result() {
        if (months.abs().compareTo(INT_MAX) > 0
                && months.abs().divideToIntegralValue(MONTHS_PER_YEAR).compareTo(INT_MAX) <= 0) {
            // Years and months are each in their range, not so together.
            throw new SqlException(SqlState.DATETIME_FIELD_OVERFLOW, "interval out of range");
        }
        try {
            return new Interval(
                    months.intValueExact(),
                    days.intValueExact(),
                    micros.setScale(0, RoundingMode.HALF_EVEN).longValueExact());
        } catch (ArithmeticException _) {
            throw outOfRange();
        }
    }

    private SqlException outOfRange() {
        return new SqlException(
                SqlState.INTERVAL_FIELD_OVERFLOW,
                "interval field value out of range: \"" + text + "\"");
    }

    private SqlException invalid() {
        return new SqlException(
                SqlState.INVALID_DATETIME_FORMAT,
                "invalid input syntax for type interval: \"" + text + "\"");
    }

    static String format(Interval value) {
        StringBuilder out = new StringBuilder();
        int years = value.months() / 12;
        int months = value.months() % 12;
        boolean beforeNegative = false;
        beforeNegative = part(out, years, "year", beforeNegative);
        beforeNegative = part(out, months, "mon", beforeNegative);
        beforeNegative = part(out, value.days(), "day", beforeNegative);
        long micros = value.micros();
        if (micros != 0 || out.isEmpty()) {
            if (!out.isEmpty()) {
                out.append(' ');
            }
            if (micros < 0) {
                out.append('-');
            } else if (beforeNegative) {
                out.append('+');
            }
            long seconds = Math.abs(micros / 1_000_000);
            DateTimes.pad(out, seconds / 3600, 2).append(':');
            DateTimes.pad(out, seconds / 60 % 60, 2).append(':');
            DateTimes.pad(out, seconds % 60, 2);
            DateTimes.fraction(out, Math.abs(micros % 1_000_000));
        }
        return out.toString();
    }

    private static boolean part(StringBuilder out, int n, String unit, boolean beforeNegative) {
        if (n == 0) {
            return beforeNegative;
        }
        if (!out.isEmpty()) {
            out.append(' ');
        }
        if (beforeNegative && n > 0) {
            out.append('+');
        }
        out.append(n).append(' ').append(unit).append(n == 1 ? "" : "s");
        return n < 0;
    }
}
