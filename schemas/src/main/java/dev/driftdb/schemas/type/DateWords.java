package dev.driftdb.schemas.type;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names of months and days in dates that are read. */
final class DateWords {
    private static final List<String> MONTHS =
            List.of(
                    "january",
                    "february",
                    "march",
                    "april",
                    "may",
                    "june",
                    "july",
                    "august",
                    "september",
                    "october",
                    "november",
                    "december");
    private static final Set<String> DAYS =
            Set.of(
                    "sunday",
                    "monday",
                    "tuesday",
                    "wednesday",
                    "thursday",
                    "friday",
                    "saturday",
                    "sun",
                    "mon",
                    "tue",
                    "tues",
                    "wed",
                    "weds",
                    "thu",
                    "thur",
                    "thurs",
                    "fri",
                    "sat");

    private DateWords() {}

    /** 1 to 12 for a month's name or its first three letters; null for anything else. */
    static @Nullable Integer month(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        for (int i = 0; i < MONTHS.size(); i++) {
            String name = MONTHS.get(i);
            if (lower.equals(name)
                    || (lower.length() == 3 && name.startsWith(lower))
                    || (lower.equals("sept") && i == 8)) {
                return i + 1;
            }
        }
        return null;
    }

    /** Whether a word in lower case names a day. */
    static boolean isDay(String lower) {
        return DAYS.contains(lower);
    }
}
