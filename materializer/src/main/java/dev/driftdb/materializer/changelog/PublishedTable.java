package dev.driftdb.materializer.changelog;

import dev.driftdb.schemas.catalog.TableDef;

/**
 * A table whose changes are published, as one entry of the log sees it.
 *
 * @param schemaName the name of the table's schema
 */
public record PublishedTable(TableDef table, String schemaName) {}
