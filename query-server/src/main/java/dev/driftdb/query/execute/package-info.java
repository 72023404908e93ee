/** Physical plans: pull operators that make rows, over a transaction's view of the state. */
@NullMarked
package dev.driftdb.query.execute;

import org.jspecify.annotations.NullMarked;
