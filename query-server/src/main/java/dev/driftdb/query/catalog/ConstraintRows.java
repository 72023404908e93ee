package dev.driftdb.query.catalog;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** pg_constraint. */
final class ConstraintRows {
    private ConstraintRows() {}

    static void define(RowSources sources, TypeData types) {
        sources.pgCatalog(
                "pg_constraint",
                (relation, catalog, _) ->
                        Stream.concat(
                                catalog.objects(TableDef.class).stream()
                                        .flatMap(table ->
                                                table.constraints().stream()
                                                        .map(constraint ->
                                                                row(
                                                                        relation,
                                                                        catalog,
                                                                        types,
                                                                        table,
                                                                        constraint))),
                                ofDomains(relation, catalog)));
    }

    /** The conditions of domains. */
    private static Stream<@Nullable Object[]> ofDomains(
            DeclaredRelation relation, Catalog catalog) {
        return catalog.objects(TypeDef.class).stream()
                .filter(type -> type.kind() instanceof TypeDef.Domain)
                .flatMap(type ->
                        ((TypeDef.Domain) type.kind())
                                .checks().stream()
                                        .map(check ->
                                                relation.row(
                                                        "oid", check.id(),
                                                        "conname", check.name(),
                                                        "connamespace", type.schemaId(),
                                                        "contype", 'c',
                                                        "convalidated", check.validated(),
                                                        "contypid", type.id(),
                                                        "conbin", check.sql())));
    }

    private static @Nullable Object[] row(
            DeclaredRelation relation,
            Catalog catalog,
            TypeData types,
            TableDef table,
            Constraint constraint) {
        return switch (constraint) {
            case Constraint.PrimaryKey key ->
                    ofIndex(relation, table, key, 'p', key.columns(), key.indexId());
            case Constraint.Unique unique ->
                    ofIndex(relation, table, unique, 'u', unique.columns(), unique.indexId());
            case Constraint.Check check ->
                    // Which columns the condition names is known only once it is bound: no conkey.
                    relation.row(
                            "oid", check.id(),
                            "conname", check.name(),
                            "connamespace", table.schemaId(),
                            "contype", 'c',
                            "convalidated", check.validated(),
                            "connoinherit", check.noInherit(),
                            "conrelid", table.id(),
                            "conbin", check.sql());
            case Constraint.ForeignKey key -> foreignKey(relation, catalog, types, table, key);
        };
    }

    private static @Nullable Object[] ofIndex(
            DeclaredRelation relation,
            TableDef table,
            Constraint constraint,
            char kind,
            List<Integer> columns,
            int indexId) {
        return relation.row(
                "oid", constraint.id(),
                "conname", constraint.name(),
                "connamespace", table.schemaId(),
                "contype", kind,
                "condeferrable", constraint.deferrable(),
                "condeferred", constraint.initiallyDeferred(),
                "conrelid", table.id(),
                "conindid", indexId,
                "connoinherit", true,
                "conkey", numbers(columns));
    }

    private static @Nullable Object[] foreignKey(
            DeclaredRelation relation,
            Catalog catalog,
            TypeData types,
            TableDef table,
            Constraint.ForeignKey key) {
        SqlArray operators =
                SqlArray.of(
                        Types.OID,
                        key.columns().stream()
                                .map(number -> types.equality(table.column(number).type()))
                                .toList());
        return relation.row(
                "oid", key.id(),
                "conname", key.name(),
                "connamespace", table.schemaId(),
                "contype", 'f',
                "condeferrable", key.deferrable(),
                "condeferred", key.initiallyDeferred(),
                "conrelid", table.id(),
                "conindid", parentIndex(catalog, key),
                "confrelid", key.parentTableId(),
                "confupdtype", action(key.onUpdate()),
                "confdeltype", action(key.onDelete()),
                "confmatchtype", key.matchFull() ? 'f' : 's',
                "convalidated", key.validated(),
                "confdelsetcols",
                        key.deleteColumns().isEmpty() ? null : numbers(key.deleteColumns()),
                "connoinherit", true,
                "conkey", numbers(key.columns()),
                "confkey", numbers(key.parentColumns()),
                "conpfeqop", operators,
                "conppeqop", operators,
                "conffeqop", operators);
    }

    /** The PRIMARY KEY or UNIQUE constraint that a foreign key refers to; null for a mere index. */
    static @Nullable Constraint parentConstraint(Catalog catalog, Constraint.ForeignKey key) {
        TableDef parent = catalog.findTable(key.parentTableId());
        IndexDef index = catalog.parentIndex(key);
        if (parent == null || index == null) {
            return null;
        }
        for (Constraint constraint : parent.constraints()) {
            if ((constraint instanceof Constraint.PrimaryKey primary
                            && primary.indexId() == index.id())
                    || (constraint instanceof Constraint.Unique unique
                            && unique.indexId() == index.id())) {
                return constraint;
            }
        }
        return null;
    }

    private static int parentIndex(Catalog catalog, Constraint.ForeignKey key) {
        IndexDef index = catalog.parentIndex(key);
        return index == null ? 0 : index.id();
    }

    private static SqlArray numbers(List<Integer> columns) {
        return SqlArray.of(Types.INT2, TypeData.longs(columns));
    }

    private static char action(Constraint.Action action) {
        return switch (action) {
            case NO_ACTION -> 'a';
            case RESTRICT -> 'r';
            case CASCADE -> 'c';
            case SET_NULL -> 'n';
            case SET_DEFAULT -> 'd';
        };
    }
}
