package dev.driftdb.schemas.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.SampleValues;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowCodecTest {
    @Test
    void random_rows_of_every_type_come_back() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<SqlType> types = Types.all().stream().filter(RowCodecTest::isStorable).toList();
        for (int round = 0; round < 300; round++) {
            int count = random.nextInt(200);
            List<ColumnDef> columns = new ArrayList<>();
            @Nullable Object[] values = new @Nullable Object[count];
            for (int i = 0; i < count; i++) {
                SqlType type = types.get(random.nextInt(types.size()));
                columns.add(ColumnDef.of(i + 1, "c" + i, type));
                values[i] = random.nextInt(5) == 0 ? null : SampleValues.of(type, random);
            }
            byte[] row = RowCodec.encode(columns, values);
            assertThat(RowCodec.decode(columns, row)).as("seed %d", seed).isEqualTo(values);
            for (int i = 0; i < count; i++) {
                assertThat(RowCodec.decodeColumn(columns.get(i), row)).isEqualTo(values[i]);
            }
        }
    }

    @Test
    void an_interval_keeps_its_three_parts() {
        Object value = new Interval(1, -30, 5);
        Bytes bytes = RowCodec.encodeValue(Types.INTERVAL, value);
        assertThat(
                        RowCodec.decodeValue(Types.INTERVAL, bytes.array(), 0, bytes.length())
                                .toString())
                .isEqualTo(value.toString());
    }

    @Test
    void a_numeric_keeps_its_scale() {
        Object value = Numeric.of(new BigDecimal("1.500"));
        Bytes bytes = RowCodec.encodeValue(Types.NUMERIC, value);
        assertThat(RowCodec.decodeValue(Types.NUMERIC, bytes.array(), 0, bytes.length()))
                .hasToString("1.500");
    }

    @Test
    void a_row_written_before_a_column_answers_its_missing_value() {
        ColumnDef first = ColumnDef.of(1, "a", Types.INT4);
        byte[] row = RowCodec.encode(List.of(first), new @Nullable Object[] {7L});
        ColumnDef added =
                new ColumnDef(
                        2,
                        "b",
                        Types.TEXT,
                        -1,
                        true,
                        "'x'",
                        RowCodec.encodeValue(Types.TEXT, "x"),
                        ColumnDef.Identity.NONE,
                        false);
        ColumnDef plain = ColumnDef.of(3, "c", Types.TEXT);
        assertThat(RowCodec.decode(List.of(first, added, plain), row))
                .containsExactly(7L, "x", null);
        RowReader reader = new RowReader();
        reader.reset(row);
        assertThat(reader.isNull(added)).isFalse();
        assertThat(reader.isNull(plain)).isTrue();
    }

    @Test
    void a_dropped_column_is_null_even_where_a_row_has_it() {
        ColumnDef column = ColumnDef.of(1, "a", Types.INT4);
        ColumnDef dropped =
                new ColumnDef(
                        1, "a", Types.INT4, -1, false, null, null, ColumnDef.Identity.NONE, true);
        byte[] row = RowCodec.encode(List.of(column), new @Nullable Object[] {7L});
        assertThat(RowCodec.decodeColumn(dropped, row)).isNull();
        assertThat(RowCodec.encode(List.of(dropped), new @Nullable Object[] {7L}))
                .isEqualTo(RowCodec.encode(List.of(column), new @Nullable Object[] {null}));
    }

    @Test
    void values_over_64_kib_get_wide_offsets() {
        List<ColumnDef> columns =
                List.of(
                        ColumnDef.of(1, "a", Types.TEXT),
                        ColumnDef.of(2, "b", Types.TEXT),
                        ColumnDef.of(3, "c", Types.INT8));
        for (int length : new int[] {65_534, 65_535, 65_536, 200_000}) {
            @Nullable Object[] values = {"x".repeat(length - 1), "y", 0L};
            byte[] row = RowCodec.encode(columns, values);
            assertThat(row[0])
                    .isEqualTo(length <= 65_535 ? RowCodec.FORMAT_NARROW : RowCodec.FORMAT_WIDE);
            assertThat(RowCodec.decode(columns, row)).isEqualTo(values);
        }
    }

    @Test
    void an_unknown_format_is_refused() {
        ColumnDef column = ColumnDef.of(1, "a", Types.INT4);
        assertThatThrownBy(() -> RowCodec.decodeColumn(column, new byte[] {2, 0}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("format 2");
        assertThatThrownBy(() -> RowCodec.encodeValue(Types.VOID, "x"))
                .isInstanceOf(IllegalStateException.class);
    }

    private static boolean isStorable(SqlType type) {
        return type.storage() != Storage.NONE
                && type.storage() != Storage.ROW
                && (!type.isArray() || isStorable(type.element()));
    }
}
