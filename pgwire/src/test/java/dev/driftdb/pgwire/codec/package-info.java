/** Bytes against messages, without a socket. */
@NullMarked
package dev.driftdb.pgwire.codec;

import org.jspecify.annotations.NullMarked;
