package dev.driftdb.schemas.catalog;

/** Anything with an id in the catalog. Ids are unique over all kinds and never used twice. */
public sealed interface CatalogObject
        permits SchemaDef,
                TableDef,
                IndexDef,
                SequenceDef,
                ViewDef,
                RoleDef,
                TypeDef,
                CommentDef,
                MaterializedView,
                TagDef {
    int id();

    String name();
}
