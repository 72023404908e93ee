package dev.driftdb.schemas.catalog;

/**
 * The schemas of temporary objects: each session that makes some has its own, which goes with all
 * that is in it when the session ends.
 */
public final class TemporarySchemas {
    /** What a session calls its own temporary schema. */
    public static final String ALIAS = "pg_temp";

    private static final String PREFIX = "pg_temp_";

    private TemporarySchemas() {}

    /**
     * @param node which node the session is of
     * @param id the schema's object id
     */
    public static String name(String node, int id) {
        return PREFIX + node + "_" + id;
    }

    public static boolean isOf(String node, String schema) {
        return schema.startsWith(PREFIX + node + "_");
    }

    public static boolean isTemporary(String schema) {
        return schema.startsWith(PREFIX);
    }

    public static boolean isTemporary(Catalog catalog, int schemaId) {
        return catalog.find(schemaId) instanceof SchemaDef schema && isTemporary(schema.name());
    }
}
