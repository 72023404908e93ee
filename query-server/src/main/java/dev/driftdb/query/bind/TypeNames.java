package dev.driftdb.query.bind;

import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.IntervalText;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Type names as written to types with their modifiers. */
public final class TypeNames {
    private static final int LENGTH_MAX = 10_485_760;
    private static final int NUMERIC_PRECISION_MAX = 1000;
    private static final int TIME_PRECISION_MAX = 6;
    private static final int VARLENA_HEADER = 4;

    /** The low half of an interval's modifier without a precision. */
    private static final int INTERVAL_FULL_PRECISION = 0xFFFF;

    /** YEAR TO MONTH, and all ranges within DAY TO SECOND. */
    private static final Set<Integer> INTERVAL_RANGES =
            Set.of(
                    IntervalText.YEAR,
                    IntervalText.MONTH,
                    IntervalText.YEAR | IntervalText.MONTH,
                    IntervalText.DAY,
                    IntervalText.HOUR,
                    IntervalText.MINUTE,
                    IntervalText.SECOND,
                    IntervalText.DAY | IntervalText.HOUR,
                    IntervalText.DAY | IntervalText.HOUR | IntervalText.MINUTE,
                    IntervalText.DAY
                            | IntervalText.HOUR
                            | IntervalText.MINUTE
                            | IntervalText.SECOND,
                    IntervalText.HOUR | IntervalText.MINUTE,
                    IntervalText.HOUR | IntervalText.MINUTE | IntervalText.SECOND,
                    IntervalText.MINUTE | IntervalText.SECOND,
                    IntervalText.FULL_RANGE);

    /** Types of PostgreSQL that DriftDB does not have. */
    private static final Set<String> NOT_SUPPORTED =
            Set.of(
                    "money",
                    "bit",
                    "varbit",
                    "xml",
                    "inet",
                    "cidr",
                    "macaddr",
                    "macaddr8",
                    "point",
                    "line",
                    "lseg",
                    "box",
                    "path",
                    "polygon",
                    "circle",
                    "tsvector",
                    "tsquery",
                    "jsonpath",
                    "xid8",
                    "pg_snapshot",
                    "txid_snapshot",
                    "refcursor",
                    "regoper",
                    "regoperator",
                    "regconfig",
                    "regdictionary",
                    "regcollation");

    /** A type and its modifier, -1 for none. */
    public record Resolved(SqlType type, int typmod) {}

    private TypeNames() {}

    /**
     * @throws SqlException 42704 for an unknown type, 22023 and 42601 for wrong modifiers
     */
    public static Resolved resolve(TypeName name, Catalog catalog, List<String> searchPath) {
        return resolve(name, find(name.parts(), catalog, searchPath), catalog);
    }

    /**
     * @param found what the name without its modifiers and dimensions stands for
     */
    static Resolved resolve(TypeName name, @Nullable SqlType found, Catalog catalog) {
        List<String> parts = name.parts();
        SqlType type = found;
        if (type == null && parts.size() == 1 && NOT_SUPPORTED.contains(parts.getLast())) {
            throw SqlException.notSupported("type " + parts.getLast(), name.position());
        }
        if (type == null
                && parts.size() > 1
                && !parts.get(parts.size() - 2).equals(TemporarySchemas.ALIAS)
                && catalog.findSchema(parts.get(parts.size() - 2)) == null) {
            throw new SqlException(
                    SqlState.INVALID_SCHEMA_NAME,
                    "schema \"" + parts.get(parts.size() - 2) + "\" does not exist",
                    name.position());
        }
        if (type == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT,
                    "type \"" + String.join(".", parts) + "\" does not exist",
                    name.position());
        }
        int typmod = name.modifiers().isEmpty() ? -1 : typmod(type, name);
        for (int i = 0; i < Math.min(1, name.arrayDimensions()); i++) {
            if (type.arrayOid() == 0) {
                if (type.isArray()) {
                    continue;
                }
                throw new SqlException(
                        SqlState.UNDEFINED_OBJECT,
                        "could not find array type for data type " + type.sqlName(),
                        name.position());
            }
            type = Types.arrayOf(type);
        }
        return new Resolved(type, typmod);
    }

    /** The type of a name, perhaps after its schema's; null if there is none. */
    public static @Nullable SqlType find(
            List<String> parts, Catalog catalog, List<String> searchPath) {
        String last = parts.getLast();
        boolean qualified = parts.size() > 1;
        if (!qualified || parts.get(parts.size() - 2).equals("pg_catalog")) {
            SqlType builtIn = Types.findByName(last);
            if (builtIn != null) {
                return builtIn;
            }
        }
        List<String> schemas =
                qualified ? List.of(schema(parts.get(parts.size() - 2), searchPath)) : searchPath;
        for (String schema : schemas) {
            SchemaDef definition = catalog.findSchema(schema);
            SqlType found = definition == null ? null : find(definition, last, catalog);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** pg_temp is what a session calls the schema of its own temporary objects. */
    private static String schema(String given, List<String> searchPath) {
        if (given.equals(TemporarySchemas.ALIAS)) {
            for (String name : searchPath) {
                if (TemporarySchemas.isTemporary(name)) {
                    return name;
                }
            }
        }
        return given;
    }

    /** Also {@code _mood}, under which PostgreSQL knows the array over mood. */
    private static @Nullable SqlType find(SchemaDef schema, String name, Catalog catalog) {
        SqlType type = catalog.findType(schema.id(), name);
        if (type == null && name.startsWith("_")) {
            SqlType element = catalog.findType(schema.id(), name.substring(1));
            return element == null ? null : Types.arrayOf(element);
        }
        return type;
    }

    private static int typmod(SqlType type, TypeName name) {
        if (type.definition() != null) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "type modifier is not allowed for type \"" + type.name() + "\"",
                    name.position());
        }
        List<Integer> modifiers = name.modifiers();
        int first = modifiers.getFirst();
        return switch (type.name()) {
            case "varchar", "bpchar" -> {
                String shown = type.equals(Types.BPCHAR) ? "char" : "varchar";
                one(type, name);
                if (first < 1) {
                    throw bad("length for type " + shown + " must be at least 1", name);
                }
                if (first > LENGTH_MAX) {
                    throw bad("length for type " + shown + " cannot exceed " + LENGTH_MAX, name);
                }
                yield first + VARLENA_HEADER;
            }
            case "numeric" -> {
                int scale = modifiers.size() > 1 ? modifiers.get(1) : 0;
                if (modifiers.size() > 2) {
                    throw bad("invalid NUMERIC type modifier", name);
                }
                if (first < 1 || first > NUMERIC_PRECISION_MAX) {
                    throw bad("NUMERIC precision " + first + " must be between 1 and 1000", name);
                }
                if (Math.abs(scale) > NUMERIC_PRECISION_MAX) {
                    throw bad("NUMERIC scale " + scale + " must be between -1000 and 1000", name);
                }
                // The scale is a signed number of 11 bits.
                yield (first << 16 | (scale & 0x7FF)) + VARLENA_HEADER;
            }
            case "time", "timetz", "timestamp", "timestamptz" -> {
                one(type, name);
                if (first < 0) {
                    throw bad(
                            type.name().toUpperCase(Locale.ROOT)
                                    + "("
                                    + first
                                    + ") precision must not be negative",
                            name);
                }
                yield Math.min(first, TIME_PRECISION_MAX);
            }
            case "interval" -> interval(modifiers, name);
            // The parser turns float(p) into float4 or float8; what is left is harmless.
            case "float8", "float4" -> -1;
            default ->
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "type modifier is not allowed for type \"" + type.name() + "\"",
                            name.position());
        };
    }

    private static int interval(List<Integer> modifiers, TypeName name) {
        int range = modifiers.getFirst();
        if (modifiers.size() > 2 || !INTERVAL_RANGES.contains(range)) {
            throw bad("invalid INTERVAL type modifier", name);
        }
        if (modifiers.size() == 1) {
            return range == IntervalText.FULL_RANGE ? -1 : range << 16 | INTERVAL_FULL_PRECISION;
        }
        int precision = modifiers.get(1);
        if (precision < 0) {
            throw bad("INTERVAL(" + precision + ") precision must not be negative", name);
        }
        return range << 16 | Math.min(precision, TIME_PRECISION_MAX);
    }

    private static void one(SqlType type, TypeName name) {
        if (name.modifiers().size() != 1) {
            throw bad("invalid type modifier for type " + type.sqlName(), name);
        }
    }

    private static SqlException bad(String message, TypeName name) {
        return new SqlException(SqlState.INVALID_PARAMETER_VALUE, message, name.position());
    }
}
