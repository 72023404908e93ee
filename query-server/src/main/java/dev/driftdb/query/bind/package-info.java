/** Names to definitions, expressions to types: AST in, {@code BoundStatement} out. */
@NullMarked
package dev.driftdb.query.bind;

import org.jspecify.annotations.NullMarked;
