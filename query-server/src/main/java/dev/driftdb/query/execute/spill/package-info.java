/** Rows in temporary files, where there are too many for memory. */
@NullMarked
package dev.driftdb.query.execute.spill;

import org.jspecify.annotations.NullMarked;
