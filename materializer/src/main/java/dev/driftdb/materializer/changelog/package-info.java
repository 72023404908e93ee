/**
 * Committed changes for consumers: one record per changed row in {@code
 * driftdb.<db>.<schema>.<table>.changelog}, in commit order, exactly once.
 */
@NullMarked
package dev.driftdb.materializer.changelog;

import org.jspecify.annotations.NullMarked;
