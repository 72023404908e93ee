/**
 * Random transactions on two servers with faults in between, and a checker of what their clients
 * have seen.
 */
@NullMarked
package dev.driftdb.tests.history;

import org.jspecify.annotations.NullMarked;
