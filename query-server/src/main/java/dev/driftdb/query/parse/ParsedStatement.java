package dev.driftdb.query.parse;

import dev.driftdb.query.ast.Statement;

/**
 * One statement of a query string. Positions in it count from the start of the whole string.
 *
 * @param text the statement's own text without the semicolon
 * @param parameterCount the highest $n in it
 */
public record ParsedStatement(Statement statement, String text, int parameterCount) {}
