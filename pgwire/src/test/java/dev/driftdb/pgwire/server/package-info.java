/** The server over real sockets, with a small engine behind it. */
@NullMarked
package dev.driftdb.pgwire.server;

import org.jspecify.annotations.NullMarked;
