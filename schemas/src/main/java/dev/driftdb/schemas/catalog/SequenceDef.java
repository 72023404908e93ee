package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.type.SqlType;

/**
 * A sequence's definition; its state is a row of {@link SystemStorage#SEQUENCES}.
 *
 * @param ownerTableId the table whose serial or identity column owns it, else 0
 * @param ownerColumn that column's number, else 0
 */
public record SequenceDef(
        int id,
        int schemaId,
        String name,
        int ownerId,
        SqlType type,
        long start,
        long increment,
        long min,
        long max,
        int cache,
        boolean cycle,
        int ownerTableId,
        int ownerColumn)
        implements CatalogObject, Relation {
    public SequenceDef named(int newSchemaId, String newName) {
        return with(newSchemaId, newName, ownerId);
    }

    public SequenceDef ownedBy(int newOwnerId) {
        return with(schemaId, name, newOwnerId);
    }

    private SequenceDef with(int newSchemaId, String newName, int newOwnerId) {
        return new SequenceDef(
                id,
                newSchemaId,
                newName,
                newOwnerId,
                type,
                start,
                increment,
                min,
                max,
                cache,
                cycle,
                ownerTableId,
                ownerColumn);
    }
}
