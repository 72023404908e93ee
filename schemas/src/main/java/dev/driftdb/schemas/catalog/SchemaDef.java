package dev.driftdb.schemas.catalog;

/**
 * A schema (pg_namespace). pg_catalog (11), information_schema (13000) and public (2200) are built
 * in.
 */
public record SchemaDef(int id, String name, int ownerId) implements CatalogObject {
    public static final int PG_CATALOG = 11;
    public static final int PUBLIC = 2200;
    public static final int INFORMATION_SCHEMA = 13000;

    /** Schema {@code driftdb}: our own functions and relations. */
    public static final int DRIFTDB = 13001;
}
