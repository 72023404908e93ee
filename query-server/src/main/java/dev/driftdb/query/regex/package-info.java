/**
 * PostgreSQL's advanced regular expressions: PostgreSQL manual, 9.7.3. Patterns are parsed here;
 * whether and where a text matches first is found by java.util.regex, how far and with which groups
 * by {@link dev.driftdb.query.regex.Dissection}, because PostgreSQL takes the longest (or shortest)
 * match where Java takes the first.
 */
@NullMarked
package dev.driftdb.query.regex;

import org.jspecify.annotations.NullMarked;
