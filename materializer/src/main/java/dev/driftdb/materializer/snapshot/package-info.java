/** Snapshots of a replica's state: taken, thinned, and put back where there is no state. */
@NullMarked
package dev.driftdb.materializer.snapshot;

import org.jspecify.annotations.NullMarked;
