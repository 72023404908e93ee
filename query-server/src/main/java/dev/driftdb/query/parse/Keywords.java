package dev.driftdb.query.parse;

import java.util.Set;

/** PostgreSQL's keyword categories, as far as they decide whether a word may be a name. */
final class Keywords {
    private static final Set<String> RESERVED =
            Set.of(
                    ("all analyse analyze and any array as asc asymmetric both case cast check"
                                    + " collate column constraint create current_catalog current_date"
                                    + " current_role current_time current_timestamp current_user default"
                                    + " deferrable desc distinct do else end except false fetch for foreign"
                                    + " from grant group having in initially intersect into lateral leading"
                                    + " limit localtime localtimestamp not null offset on only or order"
                                    + " placing primary references returning select session_user some"
                                    + " symmetric table then to trailing true union unique user using"
                                    + " variadic when where window with")
                            .split(" "));

    private static final Set<String> TYPE_OR_FUNCTION =
            Set.of(
                    ("authorization binary collation concurrently cross current_schema freeze full"
                                    + " ilike inner is isnull join left like natural notnull outer overlaps"
                                    + " right similar tablesample verbose")
                            .split(" "));

    /** SQL's functions without parentheses. */
    private static final Set<String> VALUE_FUNCTIONS =
            Set.of(
                    "current_catalog",
                    "current_date",
                    "current_role",
                    "current_schema",
                    "current_time",
                    "current_timestamp",
                    "current_user",
                    "localtime",
                    "localtimestamp",
                    "session_user",
                    "user");

    private Keywords() {}

    static boolean isReserved(String word) {
        return RESERVED.contains(word);
    }

    /** May name a column, table or alias unquoted (ColId). */
    static boolean isColumnName(String word) {
        return !RESERVED.contains(word) && !TYPE_OR_FUNCTION.contains(word);
    }

    /** May name a function unquoted. */
    static boolean isFunctionName(String word) {
        return !RESERVED.contains(word);
    }

    static boolean isValueFunction(String word) {
        return VALUE_FUNCTIONS.contains(word);
    }
}
