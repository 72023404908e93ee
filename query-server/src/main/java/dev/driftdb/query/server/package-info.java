/** The program: the {@code driftdb} command, its configuration, and a node that wires all parts. */
@NullMarked
package dev.driftdb.query.server;

import org.jspecify.annotations.NullMarked;
