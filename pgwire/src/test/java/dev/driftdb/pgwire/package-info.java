/** Bytes of messages, written by hand for the tests of both packages. */
@NullMarked
package dev.driftdb.pgwire;

import org.jspecify.annotations.NullMarked;
