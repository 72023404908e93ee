/**
 * The records of a database's log: what a commit is. An entry takes effect if, and only if, its
 * preconditions hold at its place in the log.
 */
@NullMarked
package dev.driftdb.schemas.log;

import org.jspecify.annotations.NullMarked;
