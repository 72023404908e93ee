/** Bound expressions compiled to closures, once per plan. */
@NullMarked
package dev.driftdb.query.execute.eval;

import org.jspecify.annotations.NullMarked;
