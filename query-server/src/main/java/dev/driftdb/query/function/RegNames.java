package dev.driftdb.query.function;

import dev.driftdb.query.catalog.Procedures;
import dev.driftdb.query.catalog.Procedures.Procedure;
import dev.driftdb.query.catalog.SystemRelation;
import dev.driftdb.query.catalog.SystemRelations;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names of catalog objects to their oids and back: regclass, regtype, regproc and their kin.
 * Immutable after the catalog of functions is built.
 */
public final class RegNames {
    private final SystemRelations systemRelations;
    private final Map<Integer, SystemRelation> systemById = new HashMap<>();
    private final Map<Integer, ScalarFunction> functionsById = new HashMap<>();
    private final Map<String, List<ScalarFunction>> functionsByName = new HashMap<>();
    private final Map<Integer, Procedure> proceduresById = new HashMap<>();
    private final Map<String, List<Procedure>> proceduresByName = new HashMap<>();

    RegNames(SystemRelations systemRelations) {
        this.systemRelations = systemRelations;
        for (SystemRelation relation : systemRelations.all()) {
            systemById.put(relation.id(), relation);
        }
    }

    /** The functions become known after all chapters are defined. */
    void functions(List<ScalarFunction> functions) {
        for (ScalarFunction function : functions) {
            functionsById.put(function.oid(), function);
            functionsByName.computeIfAbsent(function.name(), _ -> new ArrayList<>()).add(function);
        }
        for (Procedure procedure : Procedures.all()) {
            if (!functionsById.containsKey(procedure.oid())) {
                proceduresById.put(procedure.oid(), procedure);
                proceduresByName
                        .computeIfAbsent(procedure.name(), _ -> new ArrayList<>())
                        .add(procedure);
            }
        }
    }

    /** Whether values of the type are oids of catalog objects that text names. */
    static boolean isReference(SqlType type) {
        return switch (type.name()) {
            case "regclass", "regtype", "regproc", "regprocedure", "regnamespace", "regrole" ->
                    true;
            default -> false;
        };
    }

    Long parse(SqlType type, String text, EvalContext context) {
        String s = text.strip();
        if (s.equals("-")) {
            return 0L;
        }
        if (!s.isEmpty() && s.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Long.parseLong(s);
        }
        Long found = find(type, s, context);
        if (found != null) {
            return found;
        }
        throw switch (type.name()) {
            case "regclass" ->
                    new SqlException(
                            SqlState.UNDEFINED_TABLE,
                            "relation \"" + String.join(".", split(s)) + "\" does not exist");
            case "regproc", "regprocedure" ->
                    new SqlException(
                            SqlState.UNDEFINED_FUNCTION, "function \"" + s + "\" does not exist");
            case "regnamespace" ->
                    new SqlException(
                            SqlState.INVALID_SCHEMA_NAME, "schema \"" + s + "\" does not exist");
            case "regrole" ->
                    new SqlException(
                            SqlState.UNDEFINED_OBJECT, "role \"" + s + "\" does not exist");
            default ->
                    new SqlException(
                            SqlState.UNDEFINED_OBJECT, "type \"" + s + "\" does not exist");
        };
    }

    /** The oid of this name, null if there is no such object. */
    @Nullable Long find(SqlType type, String name, EvalContext context) {
        Catalog catalog = context.catalog();
        return switch (type.name()) {
            case "regclass" -> {
                List<String> parts = split(name);
                if (parts.size() > 3) {
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "improper relation name (too many dotted names): "
                                    + String.join(".", parts));
                }
                Integer id = findRelation(parts, context);
                yield id == null ? null : (Long) (long) id;
            }
            case "regtype" -> {
                if (name.isEmpty()) {
                    throw new SqlException(SqlState.SYNTAX_ERROR, "invalid type name \"\"");
                }
                SqlType found = findType(name, context);
                yield found == null ? null : (Long) (long) found.oid();
            }
            case "regproc" -> findFunction(name);
            case "regprocedure" -> {
                if (name.indexOf('(') < 0) {
                    throw new SqlException(
                            SqlState.INVALID_TEXT_REPRESENTATION, "expected a left parenthesis");
                }
                yield findFunction(name);
            }
            case "regnamespace" -> {
                SchemaDef schema = catalog.findSchema(split(name).getLast());
                yield schema == null ? null : (Long) (long) schema.id();
            }
            case "regrole" -> {
                RoleDef role = catalog.findRole(split(name).getLast());
                yield role == null ? null : (Long) (long) role.id();
            }
            default -> throw new IllegalStateException(type + " names no objects");
        };
    }

    private @Nullable Integer findRelation(List<String> parts, EvalContext context) {
        String name = parts.getLast();
        if (parts.size() >= 2) {
            return relationIn(schemaOf(parts, context), name, context.catalog());
        }
        for (String schema : effectivePath(context)) {
            Integer id = relationIn(schema, name, context.catalog());
            if (id != null) {
                return id;
            }
        }
        return null;
    }

    /** pg_temp is what a session calls its own temporary schema. */
    private static String schemaOf(List<String> parts, EvalContext context) {
        String given = parts.get(parts.size() - 2);
        if (given.equals(TemporarySchemas.ALIAS)) {
            for (String schema : context.searchPath()) {
                if (TemporarySchemas.isTemporary(schema)) {
                    return schema;
                }
            }
        }
        return given;
    }

    private @Nullable Integer relationIn(String schema, String name, Catalog catalog) {
        SystemRelation system = systemRelations.find(schema, name);
        if (system != null) {
            return system.id();
        }
        SchemaDef definition = catalog.findSchema(schema);
        Relation relation = definition == null ? null : catalog.findRelation(definition.id(), name);
        if (relation == null && definition != null) {
            TypeDef type = catalog.findTypeDef(definition.id(), name);
            return type != null && type.kind() instanceof TypeDef.Composite ? type.id() : null;
        }
        return relation == null ? null : relation.id();
    }

    static List<String> effectivePath(EvalContext context) {
        List<String> path = context.searchPath();
        if (path.contains("pg_catalog")) {
            return path;
        }
        List<String> all = new ArrayList<>(path.size() + 1);
        all.addAll(path);
        boolean temporary = !path.isEmpty() && TemporarySchemas.isTemporary(path.getFirst());
        all.add(temporary ? 1 : 0, "pg_catalog");
        return all;
    }

    private @Nullable Long findFunction(String name) {
        int paren = name.indexOf('(');
        String plain = split(paren < 0 ? name : name.substring(0, paren)).getLast();
        List<ScalarFunction> found = functionsByName.getOrDefault(plain, List.of());
        List<Procedure> procedures = proceduresByName.getOrDefault(plain, List.of());
        if (paren < 0) {
            if (found.size() + procedures.size() > 1) {
                throw new SqlException(
                        SqlState.AMBIGUOUS_FUNCTION,
                        "more than one function named \"" + plain + "\"");
            }
            if (!found.isEmpty()) {
                return (long) found.getFirst().oid();
            }
            return procedures.isEmpty() ? null : (Long) (long) procedures.getFirst().oid();
        }
        String arguments = name.substring(paren + 1, name.lastIndexOf(')')).strip();
        List<SqlType> types = new ArrayList<>();
        for (String argument : arguments.isEmpty() ? new String[0] : arguments.split(",")) {
            SqlType type = findType(argument);
            if (type == null) {
                return null;
            }
            types.add(type);
        }
        for (ScalarFunction function : found) {
            if (function.arguments().equals(types)) {
                return (long) function.oid();
            }
        }
        List<Long> oids = types.stream().map(type -> (long) type.oid()).toList();
        for (Procedure procedure : procedures) {
            if (procedure.arguments().equals(oids)) {
                return (long) procedure.oid();
            }
        }
        return null;
    }

    private static @Nullable SqlType findType(String name, EvalContext context) {
        SqlType builtIn = findType(name);
        if (builtIn != null) {
            return builtIn;
        }
        String s = name.strip();
        boolean array = s.endsWith("[]");
        List<String> parts = split(array ? s.substring(0, s.length() - 2).strip() : s);
        SqlType found = null;
        List<String> schemas =
                parts.size() > 1 ? List.of(parts.get(parts.size() - 2)) : effectivePath(context);
        for (String schema : schemas) {
            SchemaDef definition = context.catalog().findSchema(schema);
            if (found == null && definition != null) {
                found = context.catalog().findType(definition.id(), parts.getLast());
            }
        }
        return found == null || !array ? found : Types.arrayOf(found);
    }

    /** Whether the bare name of a type finds this one. */
    static boolean isTypeVisible(SqlType type, EvalContext context) {
        SqlType named =
                type.definition() instanceof UserType.ArrayOf array ? array.element() : type;
        return named.definition() == null
                || named.equals(findType(quoteIdentifier(named.name()), context));
    }

    /** The name of a type, after its schema's where the bare name does not find it. */
    public static String typeName(SqlType type, EvalContext context) {
        if (type.definition() instanceof UserType.ArrayOf array) {
            return typeName(array.element(), context) + "[]";
        }
        if (isTypeVisible(type, context)) {
            return type.definition() == null ? type.sqlName() : quoteIdentifier(type.name());
        }
        int schemaId =
                switch (context.catalog().find(type.oid())) {
                    case TypeDef definition -> definition.schemaId();
                    case Relation relation -> relation.schemaId();
                    case null, default -> 0;
                };
        CatalogObject schema = context.catalog().find(schemaId);
        return (schema == null ? "" : quoteIdentifier(schema.name()) + ".")
                + quoteIdentifier(type.name());
    }

    /** A type by any SQL spelling: "int", "pg_catalog.int4", "varchar(3)", "text[]". */
    static @Nullable SqlType findType(String name) {
        String s = name.strip();
        boolean array = false;
        while (s.endsWith("]") && s.lastIndexOf('[') > 0) {
            array = true;
            s = s.substring(0, s.lastIndexOf('[')).strip();
        }
        int paren = s.indexOf('(');
        if (paren > 0 && s.indexOf(')') > paren) {
            s = (s.substring(0, paren) + s.substring(s.indexOf(')') + 1)).strip();
        }
        if (s.toLowerCase(Locale.ROOT).startsWith("pg_catalog.")) {
            s = s.substring("pg_catalog.".length());
        }
        boolean quoted = s.startsWith("\"") && s.endsWith("\"") && s.length() > 1;
        String plain =
                quoted
                        ? s.substring(1, s.length() - 1)
                        : s.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        if (!quoted && plain.equals("char")) {
            plain = "bpchar";
        }
        SqlType type = Types.findByName(plain);
        if (type != null && array) {
            return type.arrayOid() == 0 ? null : Types.arrayOf(type);
        }
        return type;
    }

    /** The name as SQL would write it here: qualified if the search path does not find it. */
    String format(SqlType type, long oid, EvalContext context) {
        if (oid == 0) {
            return "-";
        }
        int id = (int) oid;
        Catalog catalog = context.catalog();
        String number = Long.toString(oid);
        return switch (type.name()) {
            case "regclass" -> {
                List<String> name = relationName(id, catalog);
                if (name == null) {
                    yield number;
                }
                yield isRelationVisible(id, context)
                        ? quoteIdentifier(name.get(1))
                        : quoteIdentifier(name.get(0)) + "." + quoteIdentifier(name.get(1));
            }
            case "regtype" -> {
                SqlType found = catalog.findType(id);
                yield found == null ? number : typeName(found, context);
            }
            case "regproc", "regprocedure" -> {
                ScalarFunction function = functionsById.get(id);
                if (function == null) {
                    Procedure procedure = proceduresById.get(id);
                    yield procedure == null ? number : procedureName(procedure, type);
                }
                String name =
                        function.schema().equals("pg_catalog")
                                ? quoteIdentifier(function.name())
                                : function.schema() + "." + quoteIdentifier(function.name());
                yield type.equals(Types.REGPROC)
                        ? name
                        : name + "(" + String.join(",", typeNames(function.arguments())) + ")";
            }
            case "regnamespace", "regrole" -> {
                CatalogObject object = catalog.find(id);
                yield object == null ? number : quoteIdentifier(object.name());
            }
            default -> number;
        };
    }

    private static String procedureName(Procedure procedure, SqlType type) {
        String name = quoteIdentifier(procedure.name());
        if (type.equals(Types.REGPROC)) {
            return name;
        }
        List<String> arguments = new ArrayList<>();
        for (long oid : procedure.arguments()) {
            SqlType argument = Types.findByOid((int) oid);
            arguments.add(argument == null ? Long.toString(oid) : argument.sqlName());
        }
        return name + "(" + String.join(",", arguments) + ")";
    }

    static List<String> typeNames(List<SqlType> types) {
        return types.stream().map(SqlType::sqlName).toList();
    }

    @Nullable ScalarFunction function(int oid) {
        return functionsById.get(oid);
    }

    /** Schema and name of a relation, system relations included; null if there is none. */
    @Nullable List<String> relationName(int id, Catalog catalog) {
        SystemRelation system = systemById.get(id);
        if (system != null) {
            return List.of(system.schema(), system.name());
        }
        if (catalog.find(id) instanceof Relation relation) {
            CatalogObject schema = catalog.find(relation.schemaId());
            return List.of(schema == null ? "pg_toast" : schema.name(), relation.name());
        }
        if (catalog.find(id) instanceof TypeDef type
                && type.kind() instanceof TypeDef.Composite
                && catalog.find(type.schemaId()) instanceof SchemaDef schema) {
            return List.of(schema.name(), type.name());
        }
        return null;
    }

    /** Whether the bare name of a relation finds this one. */
    boolean isRelationVisible(int id, EvalContext context) {
        List<String> name = relationName(id, context.catalog());
        if (name == null) {
            return false;
        }
        Integer found = findRelation(List.of(name.get(1)), context);
        return found != null && found == id;
    }

    /** The parts of a possibly qualified name: unquoted parts in lower case. */
    public static List<String> split(String name) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < name.length() && name.charAt(i + 1) == '"') {
                    part.append('"');
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == '.' && !quoted) {
                parts.add(part(name, part));
                part.setLength(0);
            } else {
                part.append(quoted ? c : Character.toLowerCase(c));
            }
        }
        if (quoted) {
            throw invalidName();
        }
        parts.add(part(name, part));
        return parts;
    }

    /** A finished part: not empty, and blanks inside only in double quotes. */
    private static String part(String name, StringBuilder part) {
        String text = part.toString().strip();
        if (text.isEmpty() || (name.indexOf('"') < 0 && text.indexOf(' ') >= 0)) {
            throw invalidName();
        }
        return text;
    }

    private static SqlException invalidName() {
        return new SqlException(SqlState.INVALID_NAME, "invalid name syntax");
    }

    /** In double quotes unless it is a plain lower-case word that is not reserved. */
    public static String quoteIdentifier(String name) {
        boolean plain =
                !name.isEmpty()
                        && name.chars()
                                .allMatch(c ->
                                        (c >= 'a' && c <= 'z')
                                                || c == '_'
                                                || (c >= '0' && c <= '9'))
                        && !Character.isDigit(name.charAt(0))
                        && !Keywords.mustBeQuoted(name);
        return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
