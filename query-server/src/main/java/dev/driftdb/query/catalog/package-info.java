/**
 * pg_catalog, information_schema and the relations of schema driftdb, computed from the catalog.
 */
@NullMarked
package dev.driftdb.query.catalog;

import org.jspecify.annotations.NullMarked;
