package dev.driftdb.query.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.IndexDef.IndexColumn;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TagDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BuiltinSystemRelationsTest {
    private static final int CUSTOMERS = 16384;
    private static final int ORDERS = 16400;
    private static final int OWNER = 10;
    private static final UUID TRANSACTION = new UUID(1, 2);

    private static final SystemRelations RELATIONS = new BuiltinSystemRelations();
    private static final Catalog CATALOG = catalog();

    private static Catalog catalog() {
        TableDef customers =
                new TableDef(
                        CUSTOMERS,
                        SchemaDef.PUBLIC,
                        "customers",
                        OWNER,
                        CUSTOMERS,
                        List.of(
                                column(1, "id", "nextval('s')", false),
                                column(2, "gone", null, true),
                                new ColumnDef(
                                        3,
                                        "name",
                                        Types.VARCHAR,
                                        14,
                                        true,
                                        null,
                                        null,
                                        ColumnDef.Identity.NONE,
                                        false)),
                        List.of(1),
                        List.of(
                                new Constraint.PrimaryKey(
                                        16386, "customers_pkey", List.of(1), 16385),
                                new Constraint.Check(16387, "customers_name_check", "name <> ''")),
                        Map.of("ingest", "on"));
        TableDef orders =
                new TableDef(
                        ORDERS,
                        SchemaDef.PUBLIC,
                        "orders",
                        OWNER,
                        ORDERS,
                        List.of(
                                column(1, "number", null, false),
                                ColumnDef.of(2, "customer", Types.INT4),
                                ColumnDef.of(3, "tags", Types.TEXT_ARRAY)),
                        List.of(),
                        List.of(
                                new Constraint.ForeignKey(
                                        16401,
                                        "orders_customer_fkey",
                                        List.of(2),
                                        CUSTOMERS,
                                        List.of(1),
                                        Constraint.Action.CASCADE,
                                        Constraint.Action.NO_ACTION,
                                        true,
                                        false)),
                        Map.of("changelog", "off"));
        return Catalog.EMPTY.with(
                0,
                List.of(
                        customers,
                        orders,
                        new IndexDef(
                                16385,
                                SchemaDef.PUBLIC,
                                "customers_pkey",
                                CUSTOMERS,
                                List.of(IndexColumn.ascending(1)),
                                true,
                                true,
                                true),
                        new IndexDef(
                                16402,
                                SchemaDef.PUBLIC,
                                "orders_both",
                                ORDERS,
                                List.of(new IndexColumn(2, true, true), IndexColumn.ascending(1)),
                                false,
                                true,
                                false),
                        new ViewDef(
                                16403,
                                SchemaDef.PUBLIC,
                                "names",
                                OWNER,
                                List.of(ColumnDef.of(1, "name", Types.VARCHAR)),
                                "SELECT name FROM customers",
                                List.of("public")),
                        new SequenceDef(
                                16404,
                                SchemaDef.PUBLIC,
                                "s",
                                OWNER,
                                Types.INT4,
                                1,
                                1,
                                1,
                                Integer.MAX_VALUE,
                                1,
                                false,
                                CUSTOMERS,
                                1),
                        new TagDef(16405, "opened", OWNER, 0),
                        new TagDef(16406, "in between", OWNER, 1)),
                List.of());
    }

    private static ColumnDef column(
            int number, String name, @Nullable String defaultSql, boolean dropped) {
        return new ColumnDef(
                number,
                name,
                Types.INT4,
                -1,
                defaultSql != null,
                defaultSql,
                null,
                ColumnDef.Identity.NONE,
                dropped);
    }

    private static SystemRelation relation(String schema, String name) {
        SystemRelation found = RELATIONS.find(schema, name);
        if (found == null) {
            throw new AssertionError(schema + "." + name + " is missing");
        }
        return found;
    }

    private static List<@Nullable Object[]> rows(SystemRelation relation) {
        List<@Nullable EntryInfo> entries = new ArrayList<>();
        entries.add(
                new EntryInfo(
                        0, 946_684_800_001L, TRANSACTION, "n1", "driftdb", "psql", "", true, 6));
        entries.add(null);
        entries.add(
                new EntryInfo(
                        2, 946_684_800_002L, TRANSACTION, "n1", "driftdb", "psql", "x", false, 0));
        List<@Nullable Object[]> rows = new ArrayList<>();
        relation.rows()
                .of(CATALOG, new SessionStandIn(CATALOG, new LogOnlyView(CATALOG, entries)))
                .forEachRemaining(rows::add);
        return rows;
    }

    /** The values of some columns, as a list per row. */
    private static List<List<@Nullable Object>> select(
            String schema, String name, String... columns) {
        SystemRelation relation = relation(schema, name);
        List<String> names = relation.columns().stream().map(ColumnDef::name).toList();
        List<List<@Nullable Object>> result = new ArrayList<>();
        for (@Nullable Object[] row : rows(relation)) {
            List<@Nullable Object> values = new ArrayList<>();
            for (String column : columns) {
                values.add(row[names.indexOf(column)]);
            }
            result.add(values);
        }
        return result;
    }

    private static List<@Nullable Object> only(List<List<@Nullable Object>> rows, Object first) {
        return rows.stream().filter(row -> first.equals(row.getFirst())).findFirst().orElseThrow();
    }

    private static Class<?> valueClass(Storage storage) {
        return switch (storage) {
            case BOOLEAN -> Boolean.class;
            case LONG, ENUM -> Long.class;
            case FLOAT4 -> Float.class;
            case FLOAT8 -> Double.class;
            case NUMERIC -> Numeric.class;
            case TEXT -> String.class;
            case BYTES -> Bytes.class;
            case INTERVAL -> Interval.class;
            case TIMETZ -> TimeTz.class;
            case UUID -> UUID.class;
            case JSONB -> Jsonb.class;
            case ARRAY -> SqlArray.class;
            case ROW -> SqlRow.class;
            case NONE -> Void.class;
        };
    }

    @Test
    void every_row_has_a_value_of_its_types_class_for_each_column() {
        List<String> wrong = new ArrayList<>();
        for (SystemRelation relation : RELATIONS.all()) {
            for (@Nullable Object[] row : rows(relation)) {
                if (row.length != relation.columns().size()) {
                    wrong.add(relation.name() + " has a row of " + row.length);
                    continue;
                }
                for (ColumnDef column : relation.columns()) {
                    if (!fits(column, row[column.number() - 1])) {
                        wrong.add(
                                relation.name()
                                        + "."
                                        + column.name()
                                        + " = "
                                        + row[column.number() - 1]);
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean fits(ColumnDef column, @Nullable Object value) {
        if (value == null) {
            return !column.notNull();
        }
        if (!valueClass(column.type().storage()).isInstance(value)) {
            return false;
        }
        return !(value instanceof SqlArray array)
                || (array.element().equals(column.type().element())
                        && array.values().stream()
                                .allMatch(valueClass(array.element().storage())::isInstance));
    }

    @Test
    void ids_and_names_of_relations_are_unique() {
        Set<Integer> ids = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (SystemRelation relation : RELATIONS.all()) {
            assertThat(ids.add(relation.id())).as(relation.name()).isTrue();
            assertThat(names.add(relation.schema() + "." + relation.name())).isTrue();
            assertThat(RELATIONS.find(relation.schema(), relation.name())).isSameAs(relation);
        }
        assertThat(relation("pg_catalog", "pg_class").id()).isEqualTo(1259);
        assertThat(relation("pg_catalog", "pg_type").id()).isEqualTo(1247);
    }

    @Test
    void rows_of_catalogs_with_oids_have_unique_oids() {
        for (SystemRelation relation : RELATIONS.all()) {
            if (!relation.columns().getFirst().name().equals("oid")) {
                continue;
            }
            Set<@Nullable Object> oids = new HashSet<>();
            for (@Nullable Object[] row : rows(relation)) {
                assertThat(oids.add(row[0])).as(relation.name() + " " + row[0]).isTrue();
            }
        }
    }

    @Test
    void pg_class_shows_tables_indexes_sequences_views_and_itself() {
        List<List<@Nullable Object>> rows =
                select(
                        "pg_catalog",
                        "pg_class",
                        "relname",
                        "relkind",
                        "relnatts",
                        "relhastriggers");
        assertThat(only(rows, "customers")).containsExactly("customers", "r", 3L, true);
        assertThat(only(rows, "orders_both")).containsExactly("orders_both", "i", 2L, false);
        assertThat(only(rows, "s")).containsExactly("s", "S", 3L, false);
        assertThat(only(rows, "names")).containsExactly("names", "v", 1L, false);
        assertThat(only(rows, "pg_class")).containsExactly("pg_class", "r", 33L, false);
        assertThat(only(rows, "pg_views").get(1)).isEqualTo("v");
    }

    @Test
    void pg_attribute_keeps_the_numbers_of_dropped_columns() {
        List<List<@Nullable Object>> rows =
                select(
                        "pg_catalog",
                        "pg_attribute",
                        "attrelid",
                        "attname",
                        "attnum",
                        "atttypid",
                        "attnotnull",
                        "atthasdef",
                        "attisdropped");
        assertThat(rows.stream().filter(row -> Long.valueOf(CUSTOMERS).equals(row.getFirst())))
                .containsExactly(
                        List.of((long) CUSTOMERS, "id", 1L, 23L, true, true, false),
                        List.of(
                                (long) CUSTOMERS,
                                "........pg.dropped.2........",
                                2L,
                                0L,
                                false,
                                false,
                                true),
                        List.of((long) CUSTOMERS, "name", 3L, 1043L, true, false, false));
    }

    @Test
    void pg_index_has_vectors_that_begin_at_0_and_the_order_of_columns() {
        List<@Nullable Object> row =
                only(
                        select(
                                "pg_catalog",
                                "pg_index",
                                "indexrelid",
                                "indkey",
                                "indoption",
                                "indisprimary",
                                "indclass"),
                        16402L);
        assertThat(row)
                .containsExactly(
                        16402L,
                        new SqlArray(Types.INT2, List.of(2), List.of(0), List.of(2L, 1L)),
                        new SqlArray(Types.INT2, List.of(2), List.of(0), List.of(3L, 0L)),
                        false,
                        new SqlArray(Types.OID, List.of(2), List.of(0), List.of(1978L, 1978L)));
    }

    @Test
    void a_foreign_key_names_the_index_and_the_operators_it_is_checked_by() {
        List<@Nullable Object> row =
                only(
                        select(
                                "pg_catalog",
                                "pg_constraint",
                                "conname",
                                "contype",
                                "conindid",
                                "confrelid",
                                "confdeltype",
                                "conkey",
                                "conpfeqop"),
                        "orders_customer_fkey");
        assertThat(row)
                .containsExactly(
                        "orders_customer_fkey",
                        "f",
                        16385L,
                        (long) CUSTOMERS,
                        "c",
                        SqlArray.of(Types.INT2, List.of(2L)),
                        SqlArray.of(Types.OID, List.of(96L)));
        assertThat(
                        select(
                                "information_schema",
                                "referential_constraints",
                                "constraint_name",
                                "unique_constraint_name",
                                "delete_rule",
                                "update_rule"))
                .containsExactly(
                        List.of("orders_customer_fkey", "customers_pkey", "CASCADE", "NO ACTION"));
    }

    @Test
    void a_serial_column_owns_its_sequence() {
        assertThat(select("pg_catalog", "pg_depend", "objid", "refobjid", "refobjsubid", "deptype"))
                .containsExactly(List.of(16404L, (long) CUSTOMERS, 1L, "a"));
        assertThat(select("pg_catalog", "pg_sequences", "sequencename", "data_type", "last_value"))
                .containsExactly(List.of("s", 23L, 41L));
    }

    @Test
    void pg_indexes_shows_definitions() {
        assertThat(select("pg_catalog", "pg_indexes", "indexname", "tablename", "indexdef"))
                .contains(
                        List.of(
                                "orders_both",
                                "orders",
                                "CREATE INDEX orders_both ON public.orders USING btree"
                                        + " (customer DESC, number)"));
    }

    @Test
    void every_function_that_pg_type_names_is_in_pg_proc() {
        Set<@Nullable Object> functions = new HashSet<>();
        select("pg_catalog", "pg_proc", "oid").forEach(row -> functions.add(row.getFirst()));
        functions.add(0L);
        for (List<@Nullable Object> row :
                select(
                        "pg_catalog",
                        "pg_type",
                        "typinput",
                        "typoutput",
                        "typreceive",
                        "typsend",
                        "typmodin",
                        "typmodout",
                        "typsubscript",
                        "typanalyze")) {
            assertThat(functions).containsAll(row);
        }
        assertThat(select("pg_catalog", "pg_proc", "proname")).contains(List.of("array_in"));
    }

    @Test
    void information_schema_describes_columns() {
        List<List<@Nullable Object>> rows =
                select(
                        "information_schema",
                        "columns",
                        "table_name",
                        "column_name",
                        "ordinal_position",
                        "data_type",
                        "is_nullable",
                        "character_maximum_length",
                        "column_default");
        assertThat(rows.stream().filter(row -> "customers".equals(row.getFirst())))
                .containsExactly(
                        Arrays.asList("customers", "id", 1L, "integer", "NO", null, "nextval('s')"),
                        Arrays.asList(
                                "customers", "name", 3L, "character varying", "NO", 10L, null));
        assertThat(rows).contains(Arrays.asList("orders", "tags", 3L, "ARRAY", "YES", null, null));
    }

    @Test
    void the_log_shows_committed_and_refused_entries_in_order() {
        assertThat(
                        select(
                                "driftdb",
                                "log",
                                "_offset",
                                "_time",
                                "transaction_id",
                                "committed",
                                "change_count"))
                .containsExactly(
                        List.of(0L, 1000L, TRANSACTION, true, 6L),
                        List.of(2L, 2000L, TRANSACTION, false, 0L));
    }

    @Test
    void tags_have_the_time_of_the_last_entry_that_they_show() {
        assertThat(select("driftdb", "tags", "name", "_offset", "time", "owner"))
                .containsExactly(
                        List.of("opened", 0L, 1000L, "driftdb"),
                        List.of("in between", 1L, 1000L, "driftdb"));
    }

    @Test
    void topics_follow_the_options_of_tables() {
        assertThat(select("driftdb", "topics", "table", "kind", "topic"))
                .containsExactly(
                        List.of(
                                "customers",
                                "changelog",
                                "driftdb.shop.public.customers.changelog"),
                        List.of("customers", "events", "driftdb.shop.public.customers.events"));
    }
}
