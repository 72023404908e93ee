/** Resolve and apply, driven by many writers at once and compared with a simple model. */
@NullMarked
package dev.driftdb.materializer.simulation;

import org.jspecify.annotations.NullMarked;
