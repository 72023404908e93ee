/** Processes that are killed. */
@NullMarked
package dev.driftdb.tests.fault;

import org.jspecify.annotations.NullMarked;
