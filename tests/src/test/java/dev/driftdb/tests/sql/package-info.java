/** SQL files whose answers a real PostgreSQL gave. */
@NullMarked
package dev.driftdb.tests.sql;

import org.jspecify.annotations.NullMarked;
