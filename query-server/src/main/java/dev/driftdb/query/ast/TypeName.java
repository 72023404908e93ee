package dev.driftdb.query.ast;

import java.util.List;

/**
 * A type as written. Spellings of several words come as one part in lower case ("double precision",
 * "timestamp with time zone"); the SQL word CHAR(n)/CHARACTER(n) comes as "bpchar", the quoted
 * "char" as "char"; INTERVAL fields ("interval day to second") come as the name "interval" with
 * PostgreSQL's typmod in {@code modifiers} being left out: fields are refused by the parser.
 *
 * @param modifiers the numbers in parentheses
 * @param arrayDimensions how many [] follow
 */
public record TypeName(
        List<String> parts, List<Integer> modifiers, int arrayDimensions, int position) {
    public TypeName {
        parts = List.copyOf(parts);
        modifiers = List.copyOf(modifiers);
    }
}
