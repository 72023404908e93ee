package dev.driftdb.query.catalog;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.statistics.TableStatistics;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.MaterializedView;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** pg_class, pg_attribute, pg_attrdef, pg_index, pg_sequence and pg_depend. */
final class RelationRows {
    static final int PG_CLASS = 1259;
    static final int HEAP = 2;
    static final int BTREE = 403;

    /** A table has fewer columns than this, so id and number together are an oid of pg_attrdef. */
    private static final int COLUMN_NUMBER_BITS = 11;

    private static final long OID_MASK = 0xFFFF_FFFFL;
    private static final long DESCENDING = 1;
    private static final long NULLS_FIRST = 2;

    /** The columns of a sequence read as a relation. */
    private static final List<ColumnDef> SEQUENCE_COLUMNS =
            List.of(
                    ColumnDef.of(1, "last_value", Types.INT8),
                    ColumnDef.of(2, "log_cnt", Types.INT8),
                    ColumnDef.of(3, "is_called", Types.BOOL));

    private final List<DeclaredRelation> declared;
    private final TypeData types;
    private volatile @Nullable List<@Nullable Object[]> systemAttributes;

    private RelationRows(List<DeclaredRelation> declared, TypeData types) {
        this.declared = declared;
        this.types = types;
    }

    static void define(RowSources sources, List<DeclaredRelation> declared, TypeData types) {
        RelationRows rows = new RelationRows(declared, types);
        sources.pgCatalog("pg_class", rows::classes);
        sources.pgCatalog(
                "pg_attribute", (relation, catalog, _) -> rows.attributes(relation, catalog));
        sources.pgCatalog("pg_attrdef", (relation, catalog, _) -> defaults(relation, catalog));
        sources.pgCatalog("pg_index", (relation, catalog, _) -> rows.indexes(relation, catalog));
        sources.pgCatalog("pg_sequence", (relation, catalog, _) -> sequences(relation, catalog));
        sources.pgCatalog("pg_depend", (relation, catalog, _) -> dependencies(relation, catalog));
    }

    static int schemaId(String name) {
        return switch (name) {
            case "pg_catalog" -> SchemaDef.PG_CATALOG;
            case "information_schema" -> SchemaDef.INFORMATION_SCHEMA;
            case "driftdb" -> SchemaDef.DRIFTDB;
            default -> throw new IllegalStateException(name + " is no built-in schema");
        };
    }

    private static Stream<@Nullable Object[]> concat(
            Stream<@Nullable Object[]> first,
            Stream<@Nullable Object[]> second,
            Stream<@Nullable Object[]> third) {
        return Stream.concat(Stream.concat(first, second), third);
    }

    private static Stream<TypeDef> compositeTypes(Catalog catalog) {
        return catalog.objects(TypeDef.class).stream()
                .filter(type -> type.kind() instanceof TypeDef.Composite);
    }

    private static List<ColumnDef> attributes(TypeDef type) {
        return ((TypeDef.Composite) type.kind()).attributes();
    }

    private Stream<@Nullable Object[]> classes(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return concat(
                declared.stream().map(system -> systemClass(relation, system)),
                catalog.objects().stream()
                        .filter(Relation.class::isInstance)
                        .map(object -> classOf(relation, catalog, context, (Relation) object)),
                compositeTypes(catalog)
                        .map(type ->
                                relation.row(
                                        "oid", type.id(),
                                        "relname", type.name(),
                                        "relnamespace", type.schemaId(),
                                        "reltype", type.id(),
                                        "relowner", type.ownerId(),
                                        "relkind", 'c',
                                        "relnatts", attributes(type).size())));
    }

    private static @Nullable Object[] systemClass(
            DeclaredRelation relation, DeclaredRelation system) {
        return relation.row(
                "oid", system.id(),
                "relname", system.name(),
                "relnamespace", schemaId(system.schema()),
                "relam", system.kind().equals("r") ? HEAP : 0,
                "relkind", system.kind(),
                "relnatts", system.columns().size());
    }

    private static @Nullable Object[] classOf(
            DeclaredRelation relation, Catalog catalog, EvalContext context, Relation object) {
        return switch (object) {
            case TableDef table -> tableClass(relation, catalog, context, table);
            case IndexDef index -> {
                TableDef table = catalog.findTable(index.tableId());
                yield relation.row(
                        "oid", index.id(),
                        "relname", index.name(),
                        "relnamespace", index.schemaId(),
                        "relpersistence", persistence(catalog, index.schemaId()),
                        "relowner", table == null ? 0 : table.ownerId(),
                        "relam", BTREE,
                        "relfilenode", index.id(),
                        "relkind", 'i',
                        "relnatts", index.columns().size() + index.include().size());
            }
            case SequenceDef sequence ->
                    relation.row(
                            "oid", sequence.id(),
                            "relname", sequence.name(),
                            "relnamespace", sequence.schemaId(),
                            "relpersistence", persistence(catalog, sequence.schemaId()),
                            "relowner", sequence.ownerId(),
                            "relfilenode", sequence.id(),
                            "relkind", 'S',
                            "relnatts", SEQUENCE_COLUMNS.size());
            case ViewDef view ->
                    relation.row(
                            "oid", view.id(),
                            "relname", view.name(),
                            "relnamespace", view.schemaId(),
                            "relpersistence", persistence(catalog, view.schemaId()),
                            "reltype", view.id(),
                            "relowner", view.ownerId(),
                            "relkind", 'v',
                            "relhasrules", true,
                            "relnatts", view.columns().size(),
                            "reloptions", options(shownOptions(view)));
        };
    }

    /** t for temporary. */
    private static char persistence(Catalog catalog, int schemaId) {
        return TemporarySchemas.isTemporary(catalog, schemaId) ? 't' : 'p';
    }

    private static Map<String, String> shownOptions(ViewDef view) {
        Map<String, String> options = new TreeMap<>(view.options());
        options.remove(ViewDef.UPDATABLE_COLUMNS);
        return options;
    }

    private static @Nullable Object[] tableClass(
            DeclaredRelation relation, Catalog catalog, EvalContext context, TableDef table) {
        TableStatistics known = StatisticsRows.of(table, context);
        long checks =
                table.constraints().stream().filter(Constraint.Check.class::isInstance).count();
        return relation.row(
                "oid", table.id(),
                "relname", table.name(),
                "relnamespace", table.schemaId(),
                "relpersistence", persistence(catalog, table.schemaId()),
                "reltype", table.id(),
                "relowner", table.ownerId(),
                "relam", HEAP,
                "relfilenode", table.storageId(),
                "relpages", known == null ? 0 : StatisticsRows.pages(known.bytes()),
                "reltuples", known == null ? -1f : (float) known.rows(),
                "relhasindex", !catalog.indexesOf(table.id()).isEmpty(),
                "relkind", catalog.materializedView(table.id()) == null ? 'r' : 'm',
                "relispopulated", isPopulated(catalog, table),
                "relnatts", table.columns().size(),
                "relchecks", checks,
                "relhastriggers", RelationViews.hasForeignKeys(catalog, table),
                "relreplident", 'd',
                "reloptions", options(table.options()));
    }

    static boolean isPopulated(Catalog catalog, TableDef table) {
        MaterializedView query = catalog.materializedView(table.id());
        return query == null || query.populated();
    }

    /** As "name=value", null for none. */
    static @Nullable SqlArray options(Map<String, String> options) {
        if (options.isEmpty()) {
            return null;
        }
        return SqlArray.of(
                Types.TEXT,
                new TreeMap<>(options)
                        .entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .toList());
    }

    private Stream<@Nullable Object[]> attributes(DeclaredRelation relation, Catalog catalog) {
        return concat(
                systemAttributes(relation).stream(),
                catalog.objects().stream()
                        .filter(Relation.class::isInstance)
                        .flatMap(object -> attributesOf(relation, catalog, (Relation) object)),
                compositeTypes(catalog)
                        .flatMap(type ->
                                attributes(type).stream()
                                        .map(column ->
                                                attribute(relation, type.id(), column, false))));
    }

    /** A few thousand rows that never change: made once. */
    private List<@Nullable Object[]> systemAttributes(DeclaredRelation relation) {
        List<@Nullable Object[]> made = systemAttributes;
        if (made == null) {
            made = new ArrayList<>();
            for (DeclaredRelation system : declared) {
                for (ColumnDef column : system.columns()) {
                    made.add(attribute(relation, system.id(), column, column.notNull()));
                }
            }
            systemAttributes = made;
        }
        return made;
    }

    private Stream<@Nullable Object[]> attributesOf(
            DeclaredRelation relation, Catalog catalog, Relation object) {
        return switch (object) {
            case TableDef table ->
                    table.columns().stream()
                            .map(column ->
                                    attribute(
                                            relation,
                                            table.id(),
                                            column,
                                            isNotNull(table, column)));
            case IndexDef index -> {
                TableDef table = catalog.findTable(index.tableId());
                yield table == null
                        ? Stream.empty()
                        : IntStream.range(0, index.columns().size())
                                .mapToObj(i -> indexAttribute(relation, table, index, i));
            }
            case SequenceDef sequence ->
                    SEQUENCE_COLUMNS.stream()
                            .map(column -> attribute(relation, sequence.id(), column, true));
            case ViewDef view ->
                    view.columns().stream()
                            .map(column -> attribute(relation, view.id(), column, false));
        };
    }

    static boolean isNotNull(TableDef table, ColumnDef column) {
        return column.notNull() || table.keyColumns().contains(column.number());
    }

    /** A stored default; the values of an identity column are part of its identity. */
    static boolean hasDefault(ColumnDef column) {
        return !column.dropped() && column.defaultSql() != null && !column.isIdentity();
    }

    private @Nullable Object[] attribute(
            DeclaredRelation relation, int relationId, ColumnDef column, boolean notNull) {
        SqlType type = column.type();
        TypeData.Details details = types.of(type.base());
        boolean dropped = column.dropped();
        return relation.row(
                "attrelid",
                relationId,
                "attname",
                dropped ? "........pg.dropped." + column.number() + "........" : column.name(),
                "atttypid",
                dropped ? 0 : type.oid(),
                "attlen",
                type.length(),
                "attnum",
                column.number(),
                "atttypmod",
                column.typmod(),
                "attndims",
                isArray(type) ? 1 : 0,
                "attbyval",
                details.byValue(),
                "attalign",
                details.align(),
                "attstorage",
                details.storage(),
                "attnotnull",
                notNull && !dropped,
                "atthasdef",
                hasDefault(column),
                "atthasmissing",
                column.missingValue() != null && !dropped,
                "attidentity",
                switch (column.identity()) {
                    case NONE -> "";
                    case ALWAYS -> "a";
                    case BY_DEFAULT -> "d";
                    case STORED -> "";
                },
                "attgenerated",
                column.isGenerated() && !dropped ? "s" : "",
                "attisdropped",
                dropped,
                "attcollation",
                details.collation());
    }

    /** Of the array types proper: int2vector and oidvector count as scalars. */
    static boolean isArray(SqlType type) {
        return type.isArray() && type.name().startsWith("_");
    }

    private @Nullable Object[] indexAttribute(
            DeclaredRelation relation, TableDef table, IndexDef index, int position) {
        IndexDef.IndexColumn indexed = index.columns().get(position);
        SqlType type = indexed.type(table);
        IndexDef.IndexExpression expression = indexed.expression();
        TypeData.Details details = types.of(type);
        return relation.row(
                "attrelid", index.id(),
                "attname", indexed.name(table),
                "atttypid", type.oid(),
                "attlen", type.length(),
                "attnum", position + 1,
                "atttypmod",
                        expression == null
                                ? table.column(indexed.number()).typmod()
                                : expression.typmod(),
                "attbyval", details.byValue(),
                "attalign", details.align(),
                "attstorage", details.storage(),
                "attcollation", details.collation());
    }

    private static Stream<@Nullable Object[]> defaults(DeclaredRelation relation, Catalog catalog) {
        return catalog.objects(TableDef.class).stream()
                .flatMap(table ->
                        table.columns().stream()
                                .filter(RelationRows::hasDefault)
                                .map(column ->
                                        relation.row(
                                                "oid",
                                                ((long) table.id() << COLUMN_NUMBER_BITS
                                                                | column.number())
                                                        & OID_MASK,
                                                "adrelid",
                                                table.id(),
                                                "adnum",
                                                column.number(),
                                                "adbin",
                                                column.defaultSql())));
    }

    private Stream<@Nullable Object[]> indexes(DeclaredRelation relation, Catalog catalog) {
        return catalog.objects(IndexDef.class).stream()
                .map(index -> indexRow(relation, catalog, index))
                .filter(Objects::nonNull);
    }

    private @Nullable Object @Nullable [] indexRow(
            DeclaredRelation relation, Catalog catalog, IndexDef index) {
        TableDef table = catalog.findTable(index.tableId());
        if (table == null) {
            return null;
        }
        List<Long> keys = new ArrayList<>();
        List<Long> options = new ArrayList<>();
        List<Long> collations = new ArrayList<>();
        List<Long> classes = new ArrayList<>();
        for (IndexDef.IndexColumn column : index.columns()) {
            SqlType type = column.type(table);
            keys.add((long) column.number());
            options.add(
                    (column.descending() ? DESCENDING : 0)
                            | (column.nullsFirst() ? NULLS_FIRST : 0));
            collations.add(types.of(type).collation());
            classes.add(types.operatorClass(type));
        }
        int keyCount = keys.size();
        List<String> expressions = new ArrayList<>();
        index.columns().stream()
                .map(IndexDef.IndexColumn::expression)
                .filter(Objects::nonNull)
                .forEach(e -> expressions.add(e.sql()));
        index.include().forEach(number -> keys.add((long) number));
        return relation.row(
                "indexrelid", index.id(),
                "indrelid", index.tableId(),
                "indnatts", keys.size(),
                "indnkeyatts", keyCount,
                "indexprs", expressions.isEmpty() ? null : String.join(", ", expressions),
                "indpred", index.predicate(),
                "indisunique", index.unique() || index.primary(),
                "indnullsnotdistinct", index.unique() && !index.nullsDistinct(),
                "indisprimary", index.primary(),
                "indkey", TypeData.vector(Types.INT2, keys),
                "indcollation", TypeData.vector(Types.OID, collations),
                "indclass", TypeData.vector(Types.OID, classes),
                "indoption", TypeData.vector(Types.INT2, options));
    }

    private static Stream<@Nullable Object[]> sequences(
            DeclaredRelation relation, Catalog catalog) {
        return catalog.objects(SequenceDef.class).stream()
                .map(sequence ->
                        relation.row(
                                "seqrelid", sequence.id(),
                                "seqtypid", sequence.type().oid(),
                                "seqstart", sequence.start(),
                                "seqincrement", sequence.increment(),
                                "seqmax", sequence.max(),
                                "seqmin", sequence.min(),
                                "seqcache", sequence.cache(),
                                "seqcycle", sequence.cycle()));
    }

    /** Which columns own sequences: internally (i) if an identity, else automatically (a). */
    private static Stream<@Nullable Object[]> dependencies(
            DeclaredRelation relation, Catalog catalog) {
        return catalog.objects(SequenceDef.class).stream()
                .filter(sequence -> sequence.ownerTableId() != 0)
                .map(sequence -> {
                    TableDef table = catalog.findTable(sequence.ownerTableId());
                    boolean identity =
                            table != null && table.column(sequence.ownerColumn()).isIdentity();
                    return relation.row(
                            "classid",
                            PG_CLASS,
                            "objid",
                            sequence.id(),
                            "refclassid",
                            PG_CLASS,
                            "refobjid",
                            sequence.ownerTableId(),
                            "refobjsubid",
                            sequence.ownerColumn(),
                            "deptype",
                            identity ? 'i' : 'a');
                });
    }
}
