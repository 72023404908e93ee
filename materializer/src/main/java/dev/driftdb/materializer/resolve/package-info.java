/**
 * What an entry of the log does, decided and done. {@link
 * dev.driftdb.materializer.resolve.Resolver} decides and changes nothing; {@link
 * dev.driftdb.materializer.resolve.Applier} changes and decides nothing. Both know the entry and
 * the state before it and nothing else: no clock, no random number, no locale, no order that
 * differs between machines. So every replica comes to the same.
 */
@NullMarked
package dev.driftdb.materializer.resolve;

import org.jspecify.annotations.NullMarked;
