/** Typed expressions over rows, and what they are evaluated in. */
@NullMarked
package dev.driftdb.query.expr;

import org.jspecify.annotations.NullMarked;
