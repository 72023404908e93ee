/** Bound statements and the logical plans inside them: what is to be computed, not how. */
@NullMarked
package dev.driftdb.query.plan;

import org.jspecify.annotations.NullMarked;
