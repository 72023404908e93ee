/**
 * CREATE, ALTER and DROP: statements about definitions become written and dropped catalog objects
 * of the running transaction, with the rows and indexes that follow from them.
 */
@NullMarked
package dev.driftdb.query.define;

import org.jspecify.annotations.NullMarked;
