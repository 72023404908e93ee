package dev.driftdb.schemas.type;

import org.jspecify.annotations.Nullable;

/**
 * One SQL type, a row of pg_type. Two types are the same if their oids are.
 *
 * @param oid PostgreSQL's own oid for built-in types, from 16384 for others
 * @param name the name in pg_type ("int4"); {@link #sqlName()} gives the name that SQL shows
 * @param storage the Java class of the values
 * @param category pg_type.typcategory: decides implicit casts and overload resolution
 * @param preferred pg_type.typispreferred
 * @param length bytes of a fixed-width value as in pg_type.typlen; -1 variable, -2 C string
 * @param elementOid the element type of an array type, else 0
 * @param arrayOid the array type over this type, else 0
 * @param definition what a type that is not built in is made of, null for built-in ones
 */
public record SqlType(
        int oid,
        String name,
        Storage storage,
        char category,
        boolean preferred,
        int length,
        int elementOid,
        int arrayOid,
        @Nullable UserType definition) {

    /** A built-in type. */
    public SqlType(
            int oid,
            String name,
            Storage storage,
            char category,
            boolean preferred,
            int length,
            int elementOid,
            int arrayOid) {
        this(oid, name, storage, category, preferred, length, elementOid, arrayOid, null);
    }

    /** The type whose values a domain has; any other type itself. */
    public SqlType base() {
        SqlType type = this;
        while (type.definition instanceof UserType.Domain domain) {
            type = domain.over();
        }
        return type;
    }

    public boolean isDomain() {
        return definition instanceof UserType.Domain;
    }

    public boolean isEnum() {
        return storage == Storage.ENUM && !isDomain();
    }

    /** What a row type is made of; null for every other type. */
    public UserType.@Nullable Composite composite() {
        return base().definition instanceof UserType.Composite composite ? composite : null;
    }

    public boolean isArray() {
        return storage == Storage.ARRAY && elementOid != 0 && !isDomain();
    }

    /** any, anyelement, anyarray and their kin: only ever the declared type of an argument. */
    public boolean isPseudo() {
        return category == 'P';
    }

    /** The element type of an array type. */
    public SqlType element() {
        return definition instanceof UserType.ArrayOf array
                ? array.element()
                : Types.byOid(elementOid);
    }

    /** The name as SQL and error messages show it, for example "character varying". */
    public String sqlName() {
        return Types.sqlName(this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SqlType type && type.oid == oid;
    }

    @Override
    public int hashCode() {
        return oid;
    }

    @Override
    public String toString() {
        return sqlName();
    }
}
