/** What psql, unmodified, shows. */
@NullMarked
package dev.driftdb.tests.psql;

import org.jspecify.annotations.NullMarked;
