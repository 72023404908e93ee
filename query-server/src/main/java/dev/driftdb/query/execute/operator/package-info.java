/** The operators, one per file: immutable nodes whose runs pull rows from their inputs' runs. */
@NullMarked
package dev.driftdb.query.execute.operator;

import org.jspecify.annotations.NullMarked;
