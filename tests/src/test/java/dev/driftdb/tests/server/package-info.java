/** The driftdb command. */
@NullMarked
package dev.driftdb.tests.server;

import org.jspecify.annotations.NullMarked;
