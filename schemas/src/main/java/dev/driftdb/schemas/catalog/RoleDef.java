package dev.driftdb.schemas.catalog;

/** A role (pg_roles). The bootstrap superuser has id 10. */
public record RoleDef(
        int id, String name, boolean superuser, boolean login, boolean createDb, boolean createRole)
        implements CatalogObject {
    public static final int BOOTSTRAP = 10;
}
