/**
 * What exists in a database: immutable definitions, and the catalog image that holds them at an
 * offset. A definition is stored as a row of the system storage {@link
 * dev.driftdb.schemas.catalog.SystemStorage#CATALOG}, so the catalog has history like any table.
 */
@NullMarked
package dev.driftdb.schemas.catalog;

import org.jspecify.annotations.NullMarked;
