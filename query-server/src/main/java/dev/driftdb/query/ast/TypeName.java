package dev.driftdb.query.ast;

import java.util.List;

/**
 * A type as written. Spellings of several words come as one part in lower case ("double precision",
 * "timestamp with time zone"); the SQL word CHAR(n)/CHARACTER(n) comes as "bpchar", the quoted
 * "char" as "char"; fields and precision of INTERVAL ("interval day to second(2)") come as the name
 * "interval" with two modifiers: the bit mask of the fields ({@link
 * dev.driftdb.schemas.type.IntervalText#FULL_RANGE} for all), and the precision if there is one.
 *
 * @param modifiers the numbers in parentheses, for INTERVAL its fields and precision
 * @param arrayDimensions how many [] follow
 */
public record TypeName(
        List<String> parts, List<Integer> modifiers, int arrayDimensions, int position) {
    public TypeName {
        parts = List.copyOf(parts);
        modifiers = List.copyOf(modifiers);
    }
}
