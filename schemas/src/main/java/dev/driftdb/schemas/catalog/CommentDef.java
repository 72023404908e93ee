package dev.driftdb.schemas.catalog;

/**
 * A comment on an object (pg_description).
 *
 * @param classOid the system catalog that the object is a row of, for example 1259 for pg_class
 * @param objectId the object's id
 * @param column the number of the column that it is about, 0 for the object itself
 */
public record CommentDef(int id, int classOid, int objectId, int column, String text)
        implements CatalogObject {
    @Override
    public String name() {
        return "";
    }
}
