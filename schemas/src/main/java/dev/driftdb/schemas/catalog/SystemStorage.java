package dev.driftdb.schemas.catalog;

/** Storage ids below the first user object: state that DriftDB itself keeps like tables. */
public final class SystemStorage {
    /** Key: object id (int4). Row: {@link CatalogCodec} bytes of a {@link CatalogObject}. */
    public static final int CATALOG = 1;

    /** Key: sequence id (int4). Row: {@link SequenceState} bytes. */
    public static final int SEQUENCES = 2;

    /** Ids of user objects and their storages start here, as PostgreSQL's oids do. */
    public static final int FIRST_USER_ID = 16384;

    private SystemStorage() {}
}
