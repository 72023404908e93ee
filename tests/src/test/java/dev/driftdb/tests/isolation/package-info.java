/** What sessions see and do to each other at each isolation level: the same as on PostgreSQL. */
@NullMarked
package dev.driftdb.tests.isolation;

import org.jspecify.annotations.NullMarked;
