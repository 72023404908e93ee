package dev.driftdb.schemas.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.SampleValues;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.ColumnDef.Identity;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AvroRowWriterTest {
    private static final int SCALE = 2;
    private static final int NUMERIC_30_2 = (30 << 16 | SCALE) + 4;
    private static final int SCHEMA_ID = 513;

    private final AvroBuffer out = new AvroBuffer();

    @Test
    void rows_and_keys_of_every_type_are_the_bytes_of_avros_own_writer() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<SqlType> types = Types.all().stream().filter(AvroRowWriterTest::storable).toList();
        for (SqlType type : types) {
            for (int round = 0; round < 20; round++) {
                check(List.of(column(1, type, random)), random, seed);
            }
        }
        for (int round = 0; round < 300; round++) {
            int count = 1 + random.nextInt(40);
            List<ColumnDef> columns = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                columns.add(column(i, types.get(random.nextInt(types.size())), random));
            }
            check(columns, random, seed);
        }
    }

    private void check(List<ColumnDef> columns, Random random, long seed) {
        List<Integer> key = new ArrayList<>();
        for (ColumnDef column : columns) {
            if (!column.dropped() && (key.isEmpty() || random.nextInt(4) == 0)) {
                key.addFirst(column.number());
            }
        }
        TableDef table = table(columns, key);
        @Nullable Object[] values = new @Nullable Object[columns.size()];
        for (ColumnDef column : columns) {
            boolean isNull = !column.notNull() && random.nextInt(4) == 0;
            values[column.number() - 1] = isNull ? null : value(column, random);
        }
        byte[] row = RowCodec.encode(columns, values);
        @Nullable Object[] stored = RowCodec.decode(columns, row);
        Schema schema = AvroSchemas.row("public", table);
        out.begin(SCHEMA_ID);
        AvroRowWriter.row(table).write(out, row);
        assertThat(out.toByteArray())
                .as("seed %d, %s", seed, columns)
                .isEqualTo(AvroWire.encode(SCHEMA_ID, AvroRecords.row(schema, table, stored)));
        if (!key.isEmpty()) {
            Schema keySchema = AvroSchemas.key("public", table);
            out.begin(SCHEMA_ID);
            AvroRowWriter.key(table).write(out, row);
            assertThat(out.toByteArray())
                    .as("seed %d, key of %s", seed, columns)
                    .isEqualTo(
                            AvroWire.encode(SCHEMA_ID, AvroRecords.key(keySchema, table, stored)));
        }
    }

    @Test
    void a_null_where_the_schema_has_none_is_refused() {
        ColumnDef nullable = ColumnDef.of(1, "a", Types.INT4);
        byte[] row = RowCodec.encode(List.of(nullable), new @Nullable Object[] {null});
        AvroRowWriter writer =
                AvroRowWriter.row(
                        table(List.of(column(1, "a", Types.INT4, -1, true, false)), List.of()));
        out.begin(SCHEMA_ID);
        assertThatThrownBy(() -> writer.write(out, row))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("column a");
    }

    @Test
    void a_buffer_that_held_a_large_row_writes_the_next_ones_from_its_start() {
        ColumnDef text = ColumnDef.of(1, "a", Types.TEXT);
        AvroRowWriter writer = AvroRowWriter.row(table(List.of(text), List.of()));
        byte[] small = encode(writer, text, "small");
        assertThat(encode(writer, text, "x".repeat(3 << 20))).hasSizeGreaterThan(3 << 20);
        assertThat(encode(writer, text, "small")).isEqualTo(small);
    }

    private byte[] encode(AvroRowWriter writer, ColumnDef column, String value) {
        out.begin(SCHEMA_ID);
        writer.write(out, RowCodec.encode(List.of(column), new @Nullable Object[] {value}));
        return out.toByteArray();
    }

    private static boolean storable(SqlType type) {
        return switch (type.storage()) {
            case ROW, NONE -> false;
            case ARRAY -> type.isArray() && storable(type.element());
            default -> true;
        };
    }

    private static ColumnDef column(int number, SqlType type, Random random) {
        boolean scaled = numeric(type) && random.nextBoolean();
        return column(
                number,
                random.nextInt(5) == 0 ? "c " + number : "c" + number,
                type,
                scaled ? NUMERIC_30_2 : -1,
                random.nextBoolean(),
                random.nextInt(10) == 0);
    }

    private static ColumnDef column(
            int number, String name, SqlType type, int typmod, boolean notNull, boolean dropped) {
        return new ColumnDef(
                number, name, type, typmod, notNull, null, null, Identity.NONE, dropped);
    }

    private static boolean numeric(SqlType type) {
        return type.equals(Types.NUMERIC)
                || (type.isArray() && type.element().equals(Types.NUMERIC));
    }

    /** A value that the column can hold: the integers in their ranges, decimals of its scale. */
    private static Object value(ColumnDef column, Random random) {
        Object value = SampleValues.of(column.type(), random);
        if (value instanceof SqlArray array) {
            List<@Nullable Object> elements = new ArrayList<>();
            for (Object element : array.values()) {
                elements.add(
                        element == null
                                ? null
                                : fitting(array.element(), column.typmod(), element, random));
            }
            return new SqlArray(array.element(), array.lengths(), array.lowerBounds(), elements);
        }
        return fitting(column.type(), column.typmod(), value, random);
    }

    private static Object fitting(SqlType type, int typmod, Object value, Random random) {
        if (type.storage() == Storage.LONG) {
            long number = (Long) value;
            if (type.equals(Types.INT2)) {
                return (long) (short) number;
            }
            boolean infinite = number == Long.MAX_VALUE || number == Long.MIN_VALUE;
            return type.equals(Types.INT4) || (type.equals(Types.DATE) && !infinite)
                    ? (Object) (long) (int) number
                    : value;
        }
        return value instanceof Numeric numeric && numeric.isFinite() && typmod >= 0
                ? Numeric.of(
                        new BigDecimal(
                                new BigInteger(random.nextInt(90), random)
                                        .subtract(BigInteger.TWO.pow(random.nextInt(90))),
                                random.nextInt(SCALE + 1)))
                : value;
    }

    private static TableDef table(List<ColumnDef> columns, List<Integer> key) {
        return new TableDef(20000, 2200, "t", 10, 20000, columns, key, List.of(), Map.of());
    }
}
