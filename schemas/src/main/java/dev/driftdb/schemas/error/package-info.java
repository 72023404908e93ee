/** Errors that end a statement, with PostgreSQL's SQLSTATE codes and fields. */
@NullMarked
package dev.driftdb.schemas.error;

import org.jspecify.annotations.NullMarked;
