/**
 * SQL statements as written: what {@code parse} makes of text and {@code bind} reads. No names are
 * resolved and no types known here. Positions count code points of the statement text from 1; 0 is
 * unknown. Identifiers are already folded to lower case unless they were quoted.
 */
@NullMarked
package dev.driftdb.query.ast;

import org.jspecify.annotations.NullMarked;
