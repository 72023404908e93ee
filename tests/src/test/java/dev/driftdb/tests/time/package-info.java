/** Reading the past over the wire. */
@NullMarked
package dev.driftdb.tests.time;

import org.jspecify.annotations.NullMarked;
