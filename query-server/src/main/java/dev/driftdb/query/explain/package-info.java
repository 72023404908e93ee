/** EXPLAIN: plans as nodes with what is to be said of them, and their texts in four formats. */
@NullMarked
package dev.driftdb.query.explain;

import org.jspecify.annotations.NullMarked;
