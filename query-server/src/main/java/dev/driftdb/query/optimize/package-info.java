/** Logical plans to better logical plans, and those to operators. */
@NullMarked
package dev.driftdb.query.optimize;

import org.jspecify.annotations.NullMarked;
