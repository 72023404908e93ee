/** Clients over the wire, good and bad. */
@NullMarked
package dev.driftdb.tests.wire;

import org.jspecify.annotations.NullMarked;
