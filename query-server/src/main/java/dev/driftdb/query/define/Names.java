package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Names in definition statements: found in the search path, or free to be given. */
final class Names {
    /** PostgreSQL's NAMEDATALEN - 1. */
    static final int NAME_BYTES_MAX = 63;

    private final DefinitionScope scope;

    Names(DefinitionScope scope) {
        this.scope = scope;
    }

    SchemaDef schema(String name, int position) {
        SchemaDef schema = scope.catalog().findSchema(name);
        if (schema == null) {
            throw new SqlException(
                    SqlState.INVALID_SCHEMA_NAME,
                    "schema \"" + name + "\" does not exist",
                    position);
        }
        return schema;
    }

    /** The schema in which a new object of this name is made. */
    SchemaDef creationSchema(QualifiedName name) {
        return creationSchema(name, false);
    }

    /**
     * @param temporary the object goes with its session
     */
    SchemaDef creationSchema(QualifiedName name, boolean temporary) {
        SchemaDef schema;
        String given = name.parts().size() > 1 ? name.parts().get(name.parts().size() - 2) : "";
        if (given.equals(TemporarySchemas.ALIAS) || (temporary && given.isEmpty())) {
            return scope.temporarySchema();
        }
        if (temporary) {
            SchemaDef own = scope.findTemporarySchema();
            if (own != null && own.name().equals(given)) {
                return own;
            }
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    "cannot create temporary relation in non-temporary schema",
                    name.position());
        }
        if (name.parts().size() > 1) {
            schema = schema(name.parts().get(name.parts().size() - 2), name.position());
        } else {
            schema = null;
            for (String candidate : scope.searchPath()) {
                schema = scope.catalog().findSchema(candidate);
                if (schema != null
                        && !isSystem(schema)
                        && !TemporarySchemas.isTemporary(schema.name())) {
                    break;
                }
                schema = null;
            }
            if (schema == null) {
                throw new SqlException(
                        SqlState.INVALID_SCHEMA_NAME,
                        "no schema has been selected to create in",
                        name.position());
            }
        }
        if (isSystem(schema)) {
            throw new SqlException(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "permission denied to create \"" + name + "\"",
                    name.position());
        }
        return schema;
    }

    private static boolean isSystem(SchemaDef schema) {
        return schema.id() == SchemaDef.PG_CATALOG
                || schema.id() == SchemaDef.INFORMATION_SCHEMA
                || schema.id() == SchemaDef.DRIFTDB;
    }

    @Nullable Relation find(QualifiedName name) {
        if (name.parts().size() > 1) {
            String given = name.parts().get(name.parts().size() - 2);
            SchemaDef schema =
                    given.equals(TemporarySchemas.ALIAS)
                            ? scope.findTemporarySchema()
                            : scope.catalog().findSchema(given);
            return schema == null ? null : scope.catalog().findRelation(schema.id(), name.last());
        }
        for (String candidate : scope.searchPath()) {
            SchemaDef schema = scope.catalog().findSchema(candidate);
            Relation relation =
                    schema == null ? null : scope.catalog().findRelation(schema.id(), name.last());
            if (relation != null) {
                return relation;
            }
        }
        return null;
    }

    TableDef table(QualifiedName name) {
        return switch (find(name)) {
            case TableDef table -> table;
            case null -> throw unknown(name);
            case ViewDef _, IndexDef _, SequenceDef _ ->
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "\"" + name.last() + "\" is not a table",
                            name.position());
        };
    }

    static SqlException unknown(QualifiedName name) {
        return new SqlException(
                SqlState.UNDEFINED_TABLE,
                "relation \"" + name + "\" does not exist",
                name.position());
    }

    /** The type of this name, built in or not; null if there is none. */
    @Nullable SqlType findType(QualifiedName name) {
        String last = name.last();
        if (last.endsWith("[]")) {
            List<String> parts = new ArrayList<>(name.parts());
            parts.set(parts.size() - 1, last.substring(0, last.length() - 2));
            SqlType element = findType(new QualifiedName(parts, name.position()));
            return element == null || element.arrayOid() == 0 ? null : Types.arrayOf(element);
        }
        return TypeNames.find(name.parts(), scope.catalog(), scope.searchPath());
    }

    SqlType type(QualifiedName name) {
        SqlType type = findType(name);
        if (type == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "type \"" + name + "\" does not exist");
        }
        return type;
    }

    /** As {@link #type}, where SQL's own spellings ("int") name no type. */
    SqlType typeNamed(QualifiedName name) {
        SqlType type = type(name);
        if (type.definition() == null && !type.name().equals(name.last())) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "type \"" + name + "\" does not exist");
        }
        return type;
    }

    @Nullable TypeDef findComposite(QualifiedName name) {
        SqlType type = findType(name);
        TypeDef definition = type == null ? null : definition(type);
        return definition != null && definition.kind() instanceof TypeDef.Composite
                ? definition
                : null;
    }

    @Nullable TypeDef definition(SqlType type) {
        return type.definition() != null && scope.catalog().find(type.oid()) instanceof TypeDef def
                ? def
                : null;
    }

    /** Refuses the name of a type or of the rows of a table or view. */
    void requireFreeType(SchemaDef schema, String name) {
        if (scope.catalog().findType(schema.id(), name) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_OBJECT, "type \"" + name + "\" already exists");
        }
    }

    /** What is to be a table, view or composite type has a type of its own. */
    void requireFreeRowType(SchemaDef schema, String name) {
        if (scope.catalog().findTypeDef(schema.id(), name) != null) {
            throw new SqlException(
                            SqlState.DUPLICATE_OBJECT, "type \"" + name + "\" already exists")
                    .withHint(
                            "A relation has an associated type of the same name, so you must use a"
                                    + " name that doesn't conflict with any existing type.");
        }
    }

    /** Refuses a name that a relation of the schema already has. */
    void requireFree(SchemaDef schema, String name) {
        TypeDef type = scope.catalog().findTypeDef(schema.id(), name);
        if (scope.catalog().findRelation(schema.id(), name) != null
                || (type != null && type.kind() instanceof TypeDef.Composite)) {
            throw new SqlException(
                    SqlState.DUPLICATE_TABLE, "relation \"" + name + "\" already exists");
        }
    }

    /** A free relation name such as t_a_key, t_a_key1, … cut to the length a name may have. */
    String choose(SchemaDef schema, String... parts) {
        String columns = String.join("_", List.of(parts).subList(1, parts.length - 1));
        return choose(
                parts[0],
                columns,
                parts[parts.length - 1],
                name -> scope.catalog().findRelation(schema.id(), name) == null);
    }

    /** A name for a constraint that no other constraint of its schema has. */
    String chooseConstraint(TableDef table, String columns, String label) {
        Set<String> taken = new HashSet<>();
        for (TableDef other : scope.catalog().objects(TableDef.class)) {
            if (other.schemaId() == table.schemaId() && other.id() != table.id()) {
                other.constraints().forEach(constraint -> taken.add(constraint.name()));
            }
        }
        table.constraints().forEach(constraint -> taken.add(constraint.name()));
        return choose(table.name(), columns, label, name -> !taken.contains(name));
    }

    private static String choose(
            String table, String columns, String label, Predicate<String> isFree) {
        for (int i = 0; ; i++) {
            String name = objectName(table, columns, i == 0 ? label : label + i);
            if (isFree.test(name)) {
                return name;
            }
        }
    }

    /** table_columns_label, of which the longer of the first two is cut until a name is made. */
    private static String objectName(String table, String columns, String label) {
        int overhead = label.length() + 1 + (columns.isEmpty() ? 0 : 1);
        int first = bytes(table);
        int second = bytes(columns);
        while (first + second > NAME_BYTES_MAX - overhead) {
            if (first > second) {
                first--;
            } else {
                second--;
            }
        }
        String stem = cut(table, first);
        return (columns.isEmpty() ? stem : stem + "_" + cut(columns, second)) + "_" + label;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Cuts a name to a number of bytes at a character's end. */
    static String cut(String name, int bytesMax) {
        String cut = name;
        while (cut.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }
}
