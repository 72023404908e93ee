package dev.driftdb.schemas.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.AvroSchemas;
import dev.driftdb.schemas.Golden;
import dev.driftdb.schemas.log.LogCodec.CorruptRecordException;
import dev.driftdb.schemas.log.LogCodec.UnknownFormatException;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Types;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class CatalogCodecTest {
    private static final List<ColumnDef> COLUMNS =
            List.of(
                    new ColumnDef(
                            1,
                            "id",
                            Types.INT8,
                            -1,
                            true,
                            null,
                            null,
                            ColumnDef.Identity.BY_DEFAULT,
                            false),
                    new ColumnDef(
                            2,
                            "namé",
                            Types.VARCHAR,
                            24,
                            false,
                            "'x'::character varying",
                            RowCodec.encodeValue(Types.VARCHAR, "x"),
                            ColumnDef.Identity.NONE,
                            false),
                    new ColumnDef(
                            3,
                            "gone",
                            Types.INT4_ARRAY,
                            -1,
                            false,
                            null,
                            null,
                            ColumnDef.Identity.ALWAYS,
                            true));

    /** By the name of the golden file without its ending. */
    private static final Map<String, CatalogObject> OBJECTS =
            Map.of(
                    "catalog-v1-schema",
                    new SchemaDef(16384, "app", 10),
                    "catalog-v1-table",
                    new TableDef(
                            16385,
                            16384,
                            "orders",
                            10,
                            16390,
                            COLUMNS,
                            List.of(1),
                            List.of(
                                    new Constraint.PrimaryKey(
                                            16386, "orders_pkey", List.of(1), 16387),
                                    new Constraint.Unique(
                                            16388, "orders_name_key", List.of(2, 1), 16389),
                                    new Constraint.Check(16391, "orders_check", "id > 0"),
                                    new Constraint.ForeignKey(
                                            16392,
                                            "orders_fkey",
                                            List.of(1),
                                            16000,
                                            List.of(4),
                                            Constraint.Action.CASCADE,
                                            Constraint.Action.SET_DEFAULT,
                                            true,
                                            false)),
                            Map.of("retention", "7d", "a", "b", "z", "")),
                    "catalog-v1-index",
                    new IndexDef(
                            16389,
                            16384,
                            "orders_name_key",
                            16385,
                            List.of(
                                    IndexDef.IndexColumn.ascending(2),
                                    new IndexDef.IndexColumn(1, true, true)),
                            true,
                            false,
                            false),
                    "catalog-v1-sequence",
                    new SequenceDef(
                            16393,
                            16384,
                            "orders_id_seq",
                            10,
                            Types.INT8,
                            1,
                            -2,
                            Long.MIN_VALUE,
                            Long.MAX_VALUE,
                            32,
                            true,
                            16385,
                            1),
                    "catalog-v1-view",
                    new ViewDef(
                            16394,
                            16384,
                            "v",
                            10,
                            COLUMNS.subList(0, 2),
                            "SELECT id, namé FROM orders",
                            List.of("app", "public")),
                    "catalog-v1-role",
                    new RoleDef(16395, "anna", false, true, true, false));

    /** What version 1 has no fields for. */
    private static final TableDef TABLE_2 =
            new TableDef(
                    16385,
                    16384,
                    "orders",
                    10,
                    16390,
                    List.of(
                            ColumnDef.of(1, "id", Types.INT8),
                            ColumnDef.of(2, "twice", Types.INT8)
                                    .withDefault("id * 2")
                                    .withIdentity(ColumnDef.Identity.STORED)),
                    List.of(),
                    List.of(
                            new Constraint.Unique(16388, "u", List.of(2, 1), 16389, true, true),
                            new Constraint.Check(16391, "c", "id > 0", false, true),
                            new Constraint.ForeignKey(
                                    16392,
                                    "f",
                                    List.of(1, 2),
                                    16000,
                                    List.of(4, 5),
                                    Constraint.Action.SET_NULL,
                                    Constraint.Action.NO_ACTION,
                                    true,
                                    false,
                                    true,
                                    List.of(2),
                                    false)),
                    Map.of());

    @Test
    void what_version_1_cannot_say_is_written_as_version_2() throws IOException {
        byte[] ours = CatalogCodec.encode(TABLE_2);
        byte[] golden = Golden.read("catalog-v2-table.bin", ours);
        assertThat(ours).isEqualTo(golden).startsWith((byte) 2);
        assertThat(CatalogCodec.decode(golden)).isEqualTo(TABLE_2);
        Schema schema = AvroSchemas.load("/avro/catalog-v2.avsc");
        GenericRecord generic = (GenericRecord) AvroSchemas.read(schema, ours);
        assertThat(AvroSchemas.write(schema, (byte) 2, generic)).isEqualTo(ours);
        GenericRecord key = (GenericRecord) ((List<?>) generic.get("constraints")).get(2);
        assertThat(key.get("matchFull")).isEqualTo(true);
        assertThat(key.get("validated")).isEqualTo(false);
    }

    /** The golden files are never edited: logs with such bytes exist. */
    @Test
    void golden_objects_decode_to_their_values_and_encode_to_the_same_bytes() throws IOException {
        for (Map.Entry<String, CatalogObject> entry : OBJECTS.entrySet()) {
            byte[] golden =
                    Golden.read(entry.getKey() + ".bin", CatalogCodec.encode(entry.getValue()));
            assertThat(CatalogCodec.decode(golden)).as(entry.getKey()).isEqualTo(entry.getValue());
            assertThat(CatalogCodec.encode(entry.getValue())).as(entry.getKey()).isEqualTo(golden);
        }
    }

    @Test
    void any_avro_program_reads_and_writes_the_same_bytes() throws IOException {
        Schema schema = AvroSchemas.load("/avro/catalog-v1.avsc");
        for (CatalogObject object : OBJECTS.values()) {
            byte[] ours = CatalogCodec.encode(object);
            GenericRecord generic = (GenericRecord) AvroSchemas.read(schema, ours);
            assertThat(generic.get("id")).isEqualTo(object.id());
            assertThat(generic.get("name")).hasToString(object.name());
            assertThat(generic.getSchema().getName() + "Def")
                    .isEqualTo(object.getClass().getSimpleName());
            assertThat(AvroSchemas.write(schema, (byte) 1, generic)).isEqualTo(ours);
        }
        GenericRecord table =
                (GenericRecord)
                        AvroSchemas.read(schema, CatalogCodec.encode(object("catalog-v1-table")));
        GenericRecord column = (GenericRecord) ((List<?>) table.get("columns")).get(1);
        assertThat(column.get("typeOid")).isEqualTo(1043);
        assertThat(column.get("defaultSql")).hasToString("'x'::character varying");
        assertThat(column.get("identity")).hasToString("NONE");
        GenericRecord key = (GenericRecord) ((List<?>) table.get("constraints")).get(3);
        assertThat(key.get("onDelete")).hasToString("CASCADE");
        assertThat(key.get("onUpdate")).hasToString("SET_DEFAULT");
        assertThat(key.get("parentTableId")).isEqualTo(16000);
        GenericRecord sequence =
                (GenericRecord)
                        AvroSchemas.read(
                                schema, CatalogCodec.encode(object("catalog-v1-sequence")));
        assertThat(sequence.get("start")).isEqualTo(1L);
        assertThat(sequence.get("increment")).isEqualTo(-2L);
        assertThat(sequence.get("min")).isEqualTo(Long.MIN_VALUE);
    }

    /** What only version 4 can say, by the name of the golden file. */
    private static final Map<String, CatalogObject> NEWER =
            Map.of(
                    "catalog-v4-index",
                    new IndexDef(
                            16400,
                            16384,
                            "orders_lower_idx",
                            16385,
                            List.of(
                                    new IndexDef.IndexColumn(
                                            0,
                                            true,
                                            true,
                                            new IndexDef.IndexExpression(
                                                    "lower(namé)", Types.TEXT, -1, "lower")),
                                    IndexDef.IndexColumn.ascending(1)),
                            true,
                            true,
                            false,
                            List.of(2),
                            "id > 0"),
                    "catalog-v4-view",
                    new ViewDef(
                            16401,
                            16384,
                            "v",
                            10,
                            COLUMNS.subList(0, 1),
                            "SELECT id FROM orders",
                            List.of("app"),
                            List.of(
                                    new RelationReference(
                                            16,
                                            16385,
                                            List.of(
                                                    new RelationReference.Named(1, "id", true),
                                                    new RelationReference.Named(
                                                            2, "namé", false)))),
                            Map.of("check_option", "local")),
                    "catalog-v4-materialized",
                    new MaterializedView(
                            16402, 16403, "SELECT 1", List.of("app"), List.of(), true));

    @Test
    void what_only_version_four_can_say_has_bytes_of_version_four() throws IOException {
        Schema schema = AvroSchemas.load("/avro/catalog-v4.avsc");
        for (Map.Entry<String, CatalogObject> entry : NEWER.entrySet()) {
            byte[] ours = CatalogCodec.encode(entry.getValue());
            byte[] golden = Golden.read(entry.getKey() + ".bin", ours);
            assertThat(ours).as(entry.getKey()).isEqualTo(golden);
            assertThat(ours[0]).isEqualTo((byte) 4);
            assertThat(CatalogCodec.decode(golden)).isEqualTo(entry.getValue());
            assertThat(AvroSchemas.write(schema, ours[0], AvroSchemas.read(schema, ours)))
                    .isEqualTo(ours);
        }
    }

    @Test
    void tags_have_bytes_of_version_five() throws IOException {
        TagDef tag = new TagDef(16404, "before métrique", 10, 4_711_000_000_000L);
        byte[] ours = CatalogCodec.encode(tag);
        byte[] golden = Golden.read("catalog-v5-tag.bin", ours);
        assertThat(ours).isEqualTo(golden).startsWith((byte) 5);
        assertThat(CatalogCodec.decode(golden)).isEqualTo(tag);
        Schema schema = AvroSchemas.load("/avro/catalog-v5.avsc");
        GenericRecord generic = (GenericRecord) AvroSchemas.read(schema, ours);
        assertThat(generic.get("name")).hasToString(tag.name());
        assertThat(generic.get("offset")).isEqualTo(tag.offset());
        assertThat(AvroSchemas.write(schema, (byte) 5, generic)).isEqualTo(ours);
        for (int length = 0; length < ours.length; length++) {
            byte[] cut = Arrays.copyOf(ours, length);
            assertThatThrownBy(() -> CatalogCodec.decode(cut))
                    .isInstanceOf(CorruptRecordException.class);
        }
    }

    @Test
    void cut_bytes_are_corrupt_and_newer_ones_unknown() {
        for (CatalogObject object : OBJECTS.values()) {
            byte[] bytes = CatalogCodec.encode(object);
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThatThrownBy(() -> CatalogCodec.decode(cut))
                        .isInstanceOf(CorruptRecordException.class);
            }
            bytes[0] = CatalogCodec.FORMAT_VERSION + 1;
            assertThatThrownBy(() -> CatalogCodec.decode(bytes))
                    .isInstanceOf(UnknownFormatException.class);
        }
    }

    private static CatalogObject object(String name) {
        return Objects.requireNonNull(OBJECTS.get(name), name);
    }
}
