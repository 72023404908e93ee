package dev.driftdb.schemas.type;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The built-in types, with PostgreSQL's own oids, and their array types.
 *
 * <p>Data, not code: pg_type is a view of this table, and the binder resolves names against it.
 */
public final class Types {
    private static final Map<Integer, SqlType> BY_OID = new LinkedHashMap<>();
    private static final Map<String, SqlType> BY_NAME = new LinkedHashMap<>();

    public static final SqlType BOOL = define(16, "bool", Storage.BOOLEAN, 'B', true, 1, 0, 1000);
    public static final SqlType BYTEA = define(17, "bytea", Storage.BYTES, 'U', false, -1, 0, 1001);
    public static final SqlType CHAR = define(18, "char", Storage.TEXT, 'Z', false, 1, 0, 1002);
    public static final SqlType NAME = define(19, "name", Storage.TEXT, 'S', false, 64, 0, 1003);
    public static final SqlType INT8 = define(20, "int8", Storage.LONG, 'N', false, 8, 0, 1016);
    public static final SqlType INT2 = define(21, "int2", Storage.LONG, 'N', false, 2, 0, 1005);
    public static final SqlType INT2VECTOR =
            define(22, "int2vector", Storage.ARRAY, 'A', false, -1, 21, 1006);
    public static final SqlType INT4 = define(23, "int4", Storage.LONG, 'N', false, 4, 0, 1007);
    public static final SqlType REGPROC =
            define(24, "regproc", Storage.LONG, 'N', false, 4, 0, 1008);
    public static final SqlType TEXT = define(25, "text", Storage.TEXT, 'S', true, -1, 0, 1009);
    public static final SqlType OID = define(26, "oid", Storage.LONG, 'N', true, 4, 0, 1028);
    public static final SqlType TID = define(27, "tid", Storage.TEXT, 'U', false, 6, 0, 1010);
    public static final SqlType XID = define(28, "xid", Storage.LONG, 'U', false, 4, 0, 1011);
    public static final SqlType CID = define(29, "cid", Storage.LONG, 'U', false, 4, 0, 1012);
    public static final SqlType OIDVECTOR =
            define(30, "oidvector", Storage.ARRAY, 'A', false, -1, 26, 1013);
    public static final SqlType JSON = define(114, "json", Storage.TEXT, 'U', false, -1, 0, 199);
    public static final SqlType PG_NODE_TREE =
            define(194, "pg_node_tree", Storage.TEXT, 'Z', false, -1, 0, 0);
    public static final SqlType FLOAT4 =
            define(700, "float4", Storage.FLOAT4, 'N', false, 4, 0, 1021);
    public static final SqlType FLOAT8 =
            define(701, "float8", Storage.FLOAT8, 'N', true, 8, 0, 1022);
    public static final SqlType UNKNOWN =
            define(705, "unknown", Storage.TEXT, 'X', false, -2, 0, 0);
    public static final SqlType ACLITEM =
            define(1033, "aclitem", Storage.TEXT, 'U', false, 12, 0, 1034);
    public static final SqlType BPCHAR =
            define(1042, "bpchar", Storage.TEXT, 'S', false, -1, 0, 1014);
    public static final SqlType VARCHAR =
            define(1043, "varchar", Storage.TEXT, 'S', false, -1, 0, 1015);
    public static final SqlType DATE = define(1082, "date", Storage.LONG, 'D', false, 4, 0, 1182);
    public static final SqlType TIME = define(1083, "time", Storage.LONG, 'D', false, 8, 0, 1183);
    public static final SqlType TIMESTAMP =
            define(1114, "timestamp", Storage.LONG, 'D', false, 8, 0, 1115);
    public static final SqlType TIMESTAMPTZ =
            define(1184, "timestamptz", Storage.LONG, 'D', true, 8, 0, 1185);
    public static final SqlType INTERVAL =
            define(1186, "interval", Storage.INTERVAL, 'T', true, 16, 0, 1187);
    public static final SqlType TIMETZ =
            define(1266, "timetz", Storage.TIMETZ, 'D', false, 12, 0, 1270);
    public static final SqlType NUMERIC =
            define(1700, "numeric", Storage.NUMERIC, 'N', false, -1, 0, 1231);
    public static final SqlType REGCLASS =
            define(2205, "regclass", Storage.LONG, 'N', false, 4, 0, 2210);
    public static final SqlType REGTYPE =
            define(2206, "regtype", Storage.LONG, 'N', false, 4, 0, 2211);
    public static final SqlType UUID = define(2950, "uuid", Storage.UUID, 'U', false, 16, 0, 2951);
    public static final SqlType JSONB =
            define(3802, "jsonb", Storage.JSONB, 'U', false, -1, 0, 3807);
    public static final SqlType JSONPATH =
            define(4072, "jsonpath", Storage.TEXT, 'U', false, -1, 0, 4073);
    public static final SqlType REGNAMESPACE =
            define(4089, "regnamespace", Storage.LONG, 'N', false, 4, 0, 4090);
    public static final SqlType REGROLE =
            define(4096, "regrole", Storage.LONG, 'N', false, 4, 0, 4097);
    public static final SqlType REGPROCEDURE =
            define(2202, "regprocedure", Storage.LONG, 'N', false, 4, 0, 2207);
    public static final SqlType PG_LSN =
            define(3220, "pg_lsn", Storage.LONG, 'U', false, 8, 0, 3221);
    public static final SqlType RECORD =
            define(2249, "record", Storage.ROW, 'P', false, -1, 0, 2287);
    public static final SqlType CSTRING =
            define(2275, "cstring", Storage.TEXT, 'P', false, -2, 0, 1263);
    public static final SqlType ANY = define(2276, "any", Storage.NONE, 'P', false, 4, 0, 0);
    public static final SqlType ANYARRAY =
            define(2277, "anyarray", Storage.NONE, 'P', false, -1, 0, 0);
    public static final SqlType VOID = define(2278, "void", Storage.NONE, 'P', false, 4, 0, 0);
    public static final SqlType TRIGGER =
            define(2279, "trigger", Storage.NONE, 'P', false, 4, 0, 0);
    public static final SqlType INTERNAL =
            define(2281, "internal", Storage.NONE, 'P', false, 8, 0, 0);
    public static final SqlType ANYELEMENT =
            define(2283, "anyelement", Storage.NONE, 'P', false, 4, 0, 0);
    public static final SqlType ANYNONARRAY =
            define(2776, "anynonarray", Storage.NONE, 'P', false, 4, 0, 0);
    public static final SqlType ANYENUM =
            define(3500, "anyenum", Storage.NONE, 'P', false, 4, 0, 0);
    public static final SqlType ANYCOMPATIBLE =
            define(5077, "anycompatible", Storage.NONE, 'P', false, 4, 0, 0);
    public static final SqlType ANYCOMPATIBLEARRAY =
            define(5078, "anycompatiblearray", Storage.NONE, 'P', false, -1, 0, 0);
    public static final SqlType ANYCOMPATIBLENONARRAY =
            define(5079, "anycompatiblenonarray", Storage.NONE, 'P', false, 4, 0, 0);

    public static final SqlType TEXT_ARRAY = arrayOf(TEXT);
    public static final SqlType INT2_ARRAY = arrayOf(INT2);
    public static final SqlType INT4_ARRAY = arrayOf(INT4);
    public static final SqlType INT8_ARRAY = arrayOf(INT8);
    public static final SqlType OID_ARRAY = arrayOf(OID);
    public static final SqlType NAME_ARRAY = arrayOf(NAME);
    public static final SqlType CHAR_ARRAY = arrayOf(CHAR);

    /** SQL's names and other spellings, next to the names of pg_type. */
    private static final Map<String, String> SQL_NAMES =
            Map.ofEntries(
                    Map.entry("bool", "boolean"),
                    Map.entry("int2", "smallint"),
                    Map.entry("int4", "integer"),
                    Map.entry("int8", "bigint"),
                    Map.entry("float4", "real"),
                    Map.entry("float8", "double precision"),
                    Map.entry("bpchar", "character"),
                    Map.entry("varchar", "character varying"),
                    Map.entry("time", "time without time zone"),
                    Map.entry("timetz", "time with time zone"),
                    Map.entry("timestamp", "timestamp without time zone"),
                    Map.entry("timestamptz", "timestamp with time zone"),
                    Map.entry("char", "\"char\""));

    private static final Map<String, String> OTHER_SPELLINGS =
            Map.ofEntries(
                    Map.entry("boolean", "bool"),
                    Map.entry("smallint", "int2"),
                    Map.entry("integer", "int4"),
                    Map.entry("int", "int4"),
                    Map.entry("bigint", "int8"),
                    Map.entry("real", "float4"),
                    Map.entry("double precision", "float8"),
                    Map.entry("decimal", "numeric"),
                    Map.entry("dec", "numeric"),
                    Map.entry("character varying", "varchar"),
                    Map.entry("char varying", "varchar"),
                    Map.entry("character", "bpchar"),
                    Map.entry("national character", "bpchar"),
                    Map.entry("nchar", "bpchar"),
                    Map.entry("time without time zone", "time"),
                    Map.entry("time with time zone", "timetz"),
                    Map.entry("timestamp without time zone", "timestamp"),
                    Map.entry("timestamp with time zone", "timestamptz"));

    /** Set in the oid of an array over a type that is not built in; no object has so high an id. */
    private static final int USER_ARRAY = 1 << 30;

    private Types() {}

    /** A type that is not built in; its oid is the id of the object that defines it. */
    public static SqlType user(int id, String name, UserType definition) {
        SqlType like =
                switch (definition) {
                    case UserType.Enumeration _ -> null;
                    case UserType.Domain domain -> domain.over().base();
                    case UserType.Composite _ -> RECORD;
                    case UserType.ArrayOf _, UserType.Unresolved _ -> VOID;
                };
        return like == null
                ? new SqlType(id, name, Storage.ENUM, 'E', false, 4, 0, id | USER_ARRAY, definition)
                : new SqlType(
                        id,
                        name,
                        like.storage(),
                        definition instanceof UserType.Composite ? 'C' : like.category(),
                        false,
                        like.length(),
                        0,
                        id | USER_ARRAY,
                        definition);
    }

    /** A type of which a catalog has yet to say what it is. */
    public static SqlType unresolved(int oid) {
        return new SqlType(oid, "?", Storage.NONE, 'X', false, -1, 0, 0, new UserType.Unresolved());
    }

    /** The type that an oid above those of the built-in types is the array of, else 0. */
    public static int userElementOid(int oid) {
        return oid > USER_ARRAY ? oid & ~USER_ARRAY : 0;
    }

    /** The oid of the array over a type that is not built in. */
    public static int userArrayOid(int oid) {
        return oid | USER_ARRAY;
    }

    private static SqlType define(
            int oid,
            String name,
            Storage storage,
            char category,
            boolean preferred,
            int length,
            int elementOid,
            int arrayOid) {
        SqlType type =
                new SqlType(oid, name, storage, category, preferred, length, elementOid, arrayOid);
        BY_OID.put(oid, type);
        BY_NAME.put(name, type);
        if (arrayOid != 0) {
            SqlType array =
                    new SqlType(arrayOid, "_" + name, Storage.ARRAY, 'A', false, -1, oid, 0);
            BY_OID.put(arrayOid, array);
            BY_NAME.put(array.name(), array);
        }
        return type;
    }

    /** The type with this oid; an unknown oid is our own fault. */
    public static SqlType byOid(int oid) {
        SqlType type = BY_OID.get(oid);
        if (type == null) {
            throw new IllegalStateException("no type has oid " + oid);
        }
        return type;
    }

    public static @Nullable SqlType findByOid(int oid) {
        return BY_OID.get(oid);
    }

    /**
     * The type with this lower-case name: pg_type's ("int4", "_int4") or SQL's ("integer", "double
     * precision"), without modifiers. "char" is the SQL word for bpchar to a parser: pass "bpchar".
     */
    public static @Nullable SqlType findByName(String name) {
        SqlType type = BY_NAME.get(name);
        return type != null ? type : BY_NAME.get(OTHER_SPELLINGS.getOrDefault(name, ""));
    }

    public static Collection<SqlType> all() {
        return BY_OID.values();
    }

    /** The array type over an element type. */
    public static SqlType arrayOf(SqlType element) {
        if (element.arrayOid() == 0) {
            throw new IllegalStateException("no array type over " + element.name());
        }
        if (element.definition() != null) {
            return new SqlType(
                    element.arrayOid(),
                    TextFormat.truncateName("_" + element.name()),
                    Storage.ARRAY,
                    'A',
                    false,
                    -1,
                    element.oid(),
                    0,
                    new UserType.ArrayOf(element));
        }
        return byOid(element.arrayOid());
    }

    private static String quoted(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || c == '_' || (i > 0 && c >= '0' && c <= '9');
            if (!plain) {
                return '"' + name.replace("\"", "\"\"") + '"';
            }
        }
        return name;
    }

    static String sqlName(SqlType type) {
        if (type.isArray() && type.name().startsWith("_")) {
            return sqlName(type.element()) + "[]";
        }
        return type.definition() == null
                ? SQL_NAMES.getOrDefault(type.name(), type.name())
                : quoted(type.name());
    }
}
