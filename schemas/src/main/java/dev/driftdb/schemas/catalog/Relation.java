package dev.driftdb.schemas.catalog;

/** What shares one name space inside a schema and has a row in pg_class. */
public sealed interface Relation permits TableDef, IndexDef, SequenceDef, ViewDef {
    int id();

    int schemaId();

    String name();
}
