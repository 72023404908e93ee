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

    /** May name a column but no function. */
    private static final Set<String> COLUMN_ONLY =
            Set.of(
                    ("between bigint bit boolean char character coalesce dec decimal exists extract"
                                    + " float greatest grouping inout int integer interval json_array"
                                    + " json_arrayagg json_object json_objectagg least national nchar none"
                                    + " normalize nullif numeric out overlay position precision real row"
                                    + " setof smallint substring time timestamp treat trim values varchar"
                                    + " xmlattributes xmlconcat xmlelement xmlexists xmlforest"
                                    + " xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable")
                            .split(" "));

    /** Name an item of a select list after AS only. */
    private static final Set<String> AS_LABEL =
            Set.of(
                    ("array as char character create day except fetch filter for from grant group"
                                    + " having hour intersect into isnull limit minute month notnull offset"
                                    + " on order over overlaps precision returning second to union varying"
                                    + " where window with within without year")
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

    /** Names that must be quoted where a function might be called or a type named. */
    private static final Set<String> NOT_PLAIN =
            Set.of(
                    ("between bigint bit boolean char character coalesce dec decimal exists extract"
                                    + " float greatest grouping inout int integer interval least"
                                    + " national nchar none nullif numeric out overlay position"
                                    + " precision real row setof smallint substring time timestamp"
                                    + " treat trim values varchar normalize")
                            .split(" "));

    private static final Set<String> AFTER_SELECT_LIST =
            Set.of(
                    "from",
                    "where",
                    "group",
                    "having",
                    "window",
                    "union",
                    "intersect",
                    "except",
                    "order",
                    "limit",
                    "offset",
                    "fetch",
                    "for");

    private Keywords() {}

    static boolean isReserved(String word) {
        return RESERVED.contains(word);
    }

    /** Is no keyword that some place of a statement reads as more than a name. */
    static boolean isPlain(String word) {
        return isColumnName(word) && !VALUE_FUNCTIONS.contains(word) && !NOT_PLAIN.contains(word);
    }

    /** May name a column, table or alias unquoted (ColId). */
    static boolean isColumnName(String word) {
        return !RESERVED.contains(word) && !TYPE_OR_FUNCTION.contains(word);
    }

    /** Names an output column only behind AS, though it may name columns. */
    static boolean needsAs(String word) {
        return switch (word) {
            case "char",
                    "character",
                    "day",
                    "filter",
                    "hour",
                    "minute",
                    "month",
                    "over",
                    "precision",
                    "second",
                    "varying",
                    "within",
                    "without",
                    "year" ->
                    true;
            default -> false;
        };
    }

    /** May name a function unquoted. */
    static boolean isFunctionName(String word) {
        return !RESERVED.contains(word);
    }

    /** May name a column but neither a function nor a type of its own. */
    static boolean isColumnOnly(String word) {
        return COLUMN_ONLY.contains(word);
    }

    /** May name an item of a select list without AS. */
    static boolean isBareLabel(Token token) {
        return token.kind() == Token.Kind.QUOTED
                || (token.kind() == Token.Kind.WORD && !AS_LABEL.contains(token.text()));
    }

    static boolean isValueFunction(String word) {
        return VALUE_FUNCTIONS.contains(word);
    }

    /** Whether the clause or part of a query that comes after the select list begins with it. */
    static boolean followsSelectList(String word) {
        return AFTER_SELECT_LIST.contains(word);
    }
}
