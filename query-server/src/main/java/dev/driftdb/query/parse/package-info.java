/**
 * Text to statements. Client text is read by our own lexer; utility statements and definitions by
 * our own parser; queries, data-modifying statements and expressions are normalised token by token
 * and handed to JSqlParser, whose tree is read through a white list. JSqlParser is imported nowhere
 * else.
 */
@NullMarked
package dev.driftdb.query.parse;

import org.jspecify.annotations.NullMarked;
