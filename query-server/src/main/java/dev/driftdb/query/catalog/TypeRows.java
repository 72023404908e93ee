package dev.driftdb.query.catalog;

import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** pg_type, the operator classes of btree, and other relations whose rows never change. */
final class TypeRows {
    private TypeRows() {}

    static void define(RowSources sources, TypeData types) {
        sources.pgCatalog(
                "pg_type",
                (relation, catalog, _) ->
                        Stream.concat(
                                Types.all().stream().map(type -> type(relation, types, type)),
                                UserTypeRows.types(relation, catalog, types)));
        sources.pgCatalog("pg_am", (relation, _, _) -> accessMethods(relation));
        sources.pgCatalog("pg_collation", (relation, _, _) -> collations(relation));
        sources.pgCatalog("pg_language", (relation, _, _) -> languages(relation));
        sources.pgCatalog(
                "pg_opclass",
                (relation, _, _) ->
                        types.operatorClasses().stream()
                                .map(operatorClass ->
                                        relation.row(
                                                "oid", operatorClass.oid(),
                                                "opcname", operatorClass.name(),
                                                "opcfamily", operatorClass.family(),
                                                "opcintype", operatorClass.type())));
        sources.pgCatalog("pg_opfamily", (relation, _, _) -> families(relation, types));
        sources.pgCatalog("pg_amop", (relation, _, _) -> familyMembers(relation));
    }

    private static @Nullable Object[] type(
            DeclaredRelation relation, TypeData types, SqlType type) {
        TypeData.Details details = types.of(type);
        List<Long> functions = details.functions();
        boolean pseudo = type.isPseudo() || type.equals(Types.UNKNOWN);
        return relation.row(
                "oid", type.oid(),
                "typname", type.name(),
                "typnamespace", SchemaDef.PG_CATALOG,
                "typlen", type.length(),
                "typbyval", details.byValue(),
                "typtype", pseudo ? 'p' : 'b',
                "typcategory", type.category(),
                "typispreferred", type.preferred(),
                "typsubscript", functions.get(0),
                "typelem", type.elementOid(),
                "typarray", type.arrayOid(),
                "typinput", functions.get(1),
                "typoutput", functions.get(2),
                "typreceive", functions.get(3),
                "typsend", functions.get(4),
                "typmodin", functions.get(5),
                "typmodout", functions.get(6),
                "typanalyze", functions.get(7),
                "typalign", details.align(),
                "typstorage", details.storage(),
                "typcollation", details.collation());
    }

    private static Stream<@Nullable Object[]> accessMethods(DeclaredRelation relation) {
        return Stream.of(
                relation.row(
                        "oid", RelationRows.HEAP, "amname", "heap", "amhandler", 3, "amtype", 't'),
                relation.row(
                        "oid",
                        RelationRows.BTREE,
                        "amname",
                        "btree",
                        "amhandler",
                        330,
                        "amtype",
                        'i'));
    }

    private static Stream<@Nullable Object[]> collations(DeclaredRelation relation) {
        return Stream.of(
                relation.row("oid", 100, "collname", "default", "collprovider", 'd'),
                relation.row("oid", 950, "collname", "C", "collcollate", "C", "collctype", "C"),
                relation.row(
                        "oid", 951,
                        "collname", "POSIX",
                        "collcollate", "POSIX",
                        "collctype", "POSIX"));
    }

    private static Stream<@Nullable Object[]> languages(DeclaredRelation relation) {
        return Stream.of(
                relation.row("oid", 12, "lanname", "internal"),
                relation.row("oid", 14, "lanname", "sql", "lanpltrusted", true));
    }

    private static Stream<@Nullable Object[]> families(DeclaredRelation relation, TypeData types) {
        Map<Integer, String> families = new TreeMap<>();
        for (TypeData.OperatorClass operatorClass : types.operatorClasses()) {
            families.put(operatorClass.family(), operatorClass.familyName());
        }
        return families.entrySet().stream()
                .map(family -> relation.row("oid", family.getKey(), "opfname", family.getValue()));
    }

    private static Stream<@Nullable Object[]> familyMembers(DeclaredRelation relation) {
        return DataFile.words("amops.txt").stream()
                .map(words ->
                        relation.row(
                                "oid", Long.valueOf(words[0]),
                                "amopfamily", Long.valueOf(words[1]),
                                "amoplefttype", Long.valueOf(words[2]),
                                "amoprighttype", Long.valueOf(words[3]),
                                "amopstrategy", Long.valueOf(words[4]),
                                "amopopr", Long.valueOf(words[5])));
    }
}
