/**
 * Locks of one server: on rows, keys, tables and numbers that applications choose. They make
 * sessions wait for each other; whether a commit is right is decided by its preconditions alone.
 */
@NullMarked
package dev.driftdb.query.lock;

import org.jspecify.annotations.NullMarked;
