package dev.driftdb.schemas.catalog;

/**
 * A name for a point in time (CREATE TAG).
 *
 * @param offset the offset that the name stands for
 */
public record TagDef(int id, String name, int ownerId, long offset) implements CatalogObject {}
