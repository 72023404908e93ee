package dev.driftdb.schemas.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.ColumnDef.Identity;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway") // NULL is a value like any other here
class AvroRowsTest {
    private static final int NUMERIC_10_2 = (10 << 16 | 2) + 4;

    private static ColumnDef column(int number, String name, SqlType type, int typmod, boolean nn) {
        return new ColumnDef(number, name, type, typmod, nn, null, null, Identity.NONE, false);
    }

    private static TableDef table(List<Integer> key, ColumnDef... columns) {
        return new TableDef(
                20000, 2200, "t", 10, 20000, List.of(columns), key, List.of(), Map.of());
    }

    private static final TableDef ALL =
            table(
                    List.of(1),
                    column(1, "id", Types.INT4, -1, true),
                    column(2, "b", Types.BOOL, -1, false),
                    column(3, "s", Types.INT2, -1, false),
                    column(4, "l", Types.INT8, -1, false),
                    column(5, "f", Types.FLOAT4, -1, false),
                    column(6, "d", Types.FLOAT8, -1, false),
                    column(7, "n", Types.NUMERIC, -1, false),
                    column(8, "money", Types.NUMERIC, NUMERIC_10_2, false),
                    column(9, "t", Types.TEXT, -1, false),
                    column(10, "bytes", Types.BYTEA, -1, false),
                    column(11, "day", Types.DATE, -1, false),
                    column(12, "time", Types.TIME, -1, false),
                    column(13, "ts", Types.TIMESTAMP, -1, false),
                    column(14, "tstz", Types.TIMESTAMPTZ, -1, true),
                    column(15, "u", Types.UUID, -1, false),
                    column(16, "j", Types.JSONB, -1, false),
                    column(17, "iv", Types.INTERVAL, -1, false),
                    column(18, "ints", Types.INT4_ARRAY, -1, false),
                    column(19, "tz", Types.TIMETZ, -1, false));

    private static Object[] parse(TableDef table, String... texts) {
        Object[] values = new Object[texts.length];
        for (int i = 0; i < texts.length; i++) {
            values[i] =
                    texts[i] == null
                            ? null
                            : TextFormat.parse(
                                    table.columns().get(i).type(), texts[i], FormatSettings.UTC);
        }
        return values;
    }

    private static Object[] ordinary() {
        return parse(
                ALL,
                "7",
                "true",
                "-3",
                "9000000000",
                "1.5",
                "2.25",
                "123456789.000000000001",
                "12.30",
                "grün",
                "\\x00ff",
                "2024-02-29",
                "24:00:00",
                "1999-12-31 23:59:59.123456",
                "2024-02-29 12:00:00+02",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                "{\"a\": 1}",
                "1 mon 2 days 03:00:00",
                "{1,NULL,3}",
                "12:00:00+02");
    }

    @Test
    void every_type_comes_back_as_it_went_out() {
        Schema schema = AvroSchemas.row("public", ALL);
        OneTable registry = new OneTable();
        int id = registry.idOf("x-value", schema);
        for (Object[] values :
                List.of(
                        ordinary(),
                        parse(
                                ALL,
                                "7",
                                null,
                                null,
                                null,
                                null,
                                null,
                                "NaN",
                                "NaN",
                                null,
                                null,
                                "infinity",
                                null,
                                "-infinity",
                                "infinity",
                                null,
                                null,
                                null,
                                "{{1,2},{3,4}}",
                                null))) {
            byte[] bytes = AvroWire.encode(id, AvroRecords.row(schema, ALL, values));
            Map<Integer, Object> back =
                    AvroRows.values(ALL, Objects.requireNonNull(AvroWire.decode(bytes, registry)));
            for (int i = 0; i < values.length; i++) {
                assertThat(back.get(i + 1)).as(ALL.columns().get(i).name()).isEqualTo(values[i]);
            }
        }
    }

    @Test
    void a_plain_avro_program_reads_the_logical_types() throws Exception {
        Schema schema = AvroSchemas.row("public", ALL);
        byte[] bytes = AvroWire.encode(1, AvroRecords.row(schema, ALL, ordinary()));
        GenericData data = new GenericData();
        data.addLogicalTypeConversion(new Conversions.DecimalConversion());
        data.addLogicalTypeConversion(new TimeConversions.DateConversion());
        data.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
        data.addLogicalTypeConversion(new TimeConversions.LocalTimestampMicrosConversion());
        Schema parsed = new Schema.Parser().parse(schema.toString());
        GenericRecord record =
                new GenericDatumReader<GenericRecord>(parsed, parsed, data)
                        .read(
                                null,
                                DecoderFactory.get()
                                        .binaryDecoder(bytes, 5, bytes.length - 5, null));
        assertThat(record.get("id")).isEqualTo(7);
        assertThat(record.get("money")).isEqualTo(new BigDecimal("12.30"));
        assertThat(record.get("n")).hasToString("123456789.000000000001");
        assertThat(record.get("day")).isEqualTo(LocalDate.of(2024, 2, 29));
        assertThat(record.get("ts")).isEqualTo(LocalDateTime.parse("1999-12-31T23:59:59.123456"));
        assertThat(record.get("tstz")).isEqualTo(Instant.parse("2024-02-29T10:00:00Z"));
        assertThat(record.get("driftdb_unrepresentable")).isEqualTo(Map.of());
    }

    @Test
    void the_schema_says_sql_types_nullability_and_names() {
        TableDef odd =
                table(
                        List.of(3, 1),
                        column(1, "a b", Types.INT4, -1, true),
                        column(2, "a_b", Types.TEXT, -1, false),
                        column(3, "1st", Types.INT8, -1, true));
        assertThat(AvroSchemas.row("my schema", odd).toString())
                .isEqualTo(
                        "{\"type\":\"record\",\"name\":\"Value\",\"namespace\":\"driftdb.my_schema.t\",\"fields\":["
                                + "{\"name\":\"a_b_2\",\"type\":\"int\",\"driftdbType\":\"integer\",\"driftdbName\":\"a b\"},"
                                + "{\"name\":\"a_b\",\"type\":[\"null\",\"string\"],\"default\":null,\"driftdbType\":\"text\"},"
                                + "{\"name\":\"_1st\",\"type\":\"long\",\"driftdbType\":\"bigint\",\"driftdbName\":\"1st\"}]}");
        GenericRecord key =
                AvroRecords.key(AvroSchemas.key("public", odd), odd, new Object[] {1L, "x", 99L});
        assertThat(key.toString()).isEqualTo("{\"_1st\": 99, \"a_b\": 1}");
    }

    @Test
    void a_table_without_a_key_has_its_row_id_as_key() {
        TableDef heap = table(List.of(), column(1, "a", Types.INT4, -1, false));
        GenericRecord key =
                AvroRecords.rowIdKey(AvroSchemas.key("public", heap), KeyCodec.rowId(42, 7));
        assertThat(key.toString()).isEqualTo("{\"row_offset\": 42, \"row_ordinal\": 7}");
    }

    @Test
    void other_avro_types_are_taken_where_nothing_is_lost() {
        Schema schema =
                SchemaBuilder.record("Other")
                        .fields()
                        .requiredLong("id")
                        .requiredString("tstz")
                        .requiredInt("n")
                        .endRecord();
        GenericRecord record =
                new GenericRecordBuilder(schema)
                        .set("id", 5L)
                        .set("tstz", "2000-01-01 00:00:01Z")
                        .set("n", 3)
                        .build();
        Map<Integer, Object> values = AvroRows.values(ALL, record);
        assertThat(values).hasSize(3);
        assertThat(values.get(1)).isEqualTo(5L);
        assertThat(values.get(14)).isEqualTo(1_000_000L);
        assertThat(values.get(7)).isEqualTo(Numeric.of(3));
    }

    @Test
    void what_does_not_fit_is_refused_with_its_sqlstate() {
        refused(
                SchemaBuilder.record("R").fields().requiredLong("id").endRecord(),
                1L << 40,
                SqlState.NUMERIC_VALUE_OUT_OF_RANGE);
        refused(
                SchemaBuilder.record("R").fields().requiredInt("nope").endRecord(),
                1,
                SqlState.UNDEFINED_COLUMN);
        refused(
                SchemaBuilder.record("R").fields().requiredDouble("n").endRecord(),
                0.1,
                SqlState.DATATYPE_MISMATCH);
        refused(
                SchemaBuilder.record("R").fields().requiredLong("tstz").endRecord(),
                1L,
                SqlState.DATATYPE_MISMATCH);
        refused(
                SchemaBuilder.record("R").fields().requiredString("id").endRecord(),
                "x",
                SqlState.INVALID_TEXT_REPRESENTATION);
    }

    private static void refused(Schema schema, Object value, SqlState state) {
        GenericRecord record = new GenericData.Record(schema);
        record.put(0, value);
        assertThatThrownBy(() -> AvroRows.values(ALL, record))
                .isInstanceOfSatisfying(
                        SqlException.class, e -> assertThat(e.state()).isEqualTo(state));
    }

    @Test
    void single_object_encoding_is_read_too() throws Exception {
        Schema schema = AvroSchemas.row("public", ALL);
        OneTable registry = new OneTable();
        registry.idOf("x-value", schema);
        GenericRecord record = AvroRecords.row(schema, ALL, ordinary());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new BinaryMessageEncoder<GenericRecord>(GenericData.get(), schema).encode(record, out);
        assertThat(AvroWire.decode(out.toByteArray(), registry)).isEqualTo(record);
    }

    @Test
    void broken_bytes_are_22P03_at_every_length() {
        Schema schema = AvroSchemas.row("public", ALL);
        OneTable registry = new OneTable();
        byte[] bytes =
                AvroWire.encode(
                        registry.idOf("x-value", schema), AvroRecords.row(schema, ALL, ordinary()));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> AvroWire.decode(cut, registry))
                    .isInstanceOfSatisfying(
                            SqlException.class,
                            e ->
                                    assertThat(e.state())
                                            .isEqualTo(SqlState.INVALID_BINARY_REPRESENTATION));
        }
        assertThat(AvroWire.decode(null, registry)).isNull();
    }

    /** A registry in memory. */
    private static final class OneTable implements SchemaRegistry {
        private final List<Schema> schemas = new ArrayList<>();

        @Override
        public void refresh() {}

        @Override
        public int idOf(String subject, Schema schema) {
            schemas.add(schema);
            return schemas.size();
        }

        @Override
        public Schema find(int id) {
            return id >= 1 && id <= schemas.size() ? schemas.get(id - 1) : null;
        }

        @Override
        public Schema findByFingerprint(long fingerprint) {
            return schemas.stream()
                    .filter(s -> SchemaNormalization.parsingFingerprint64(s) == fingerprint)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public Map<Integer, Schema> all() {
            return new HashMap<>();
        }

        @Override
        public Map<String, List<Version>> subjects() {
            return Map.of();
        }
    }
}
