/** The inner byte formats of DriftDB: rows that decode only the asked columns, and ordered keys. */
@NullMarked
package dev.driftdb.schemas.row;

import org.jspecify.annotations.NullMarked;
