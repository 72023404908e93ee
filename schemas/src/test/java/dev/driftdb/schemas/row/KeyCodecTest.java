package dev.driftdb.schemas.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.SampleValues;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyCodecTest {
    private static final int PAIRS = 3_000;

    @Test
    void bytes_have_the_order_of_the_values_for_every_keyable_type() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (SqlType type : Types.all()) {
            if (!KeyCodec.isKeyable(type)) {
                continue;
            }
            for (int i = 0; i < PAIRS; i++) {
                Object a = SampleValues.of(type, random);
                Object b = SampleValues.of(type, random);
                Bytes keyA = KeyCodec.key(List.of(type), List.of(a));
                Bytes keyB = KeyCodec.key(List.of(type), List.of(b));
                int expected = Integer.signum(compare(type, a, b));
                assertThat(Integer.signum(keyA.compareTo(keyB)))
                        .as("seed %d, %s: %s and %s", seed, type, a, b)
                        .isEqualTo(expected);
                if (expected != 0) {
                    assertThat(isPrefix(keyA, keyB)).as("%s prefix of %s", a, b).isFalse();
                }
                Bytes downA = new KeyCodec.Writer().add(type, a, true, true).toBytes();
                Bytes downB = new KeyCodec.Writer().add(type, b, true, true).toBytes();
                assertThat(Integer.signum(downA.compareTo(downB))).isEqualTo(-expected);
            }
        }
    }

    @Test
    void keys_and_value_order_agree() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (SqlType type : Types.all()) {
            if (!KeyCodec.isKeyable(type)) {
                continue;
            }
            assertThat(ValueOrder.isOrdered(type)).as(type.name()).isTrue();
            Comparator<Object> order = ValueOrder.of(type);
            for (int i = 0; i < PAIRS / 10; i++) {
                Object a = SampleValues.of(type, random);
                Object b = SampleValues.of(type, random);
                Bytes keyA = KeyCodec.key(List.of(type), List.of(a));
                Bytes keyB = KeyCodec.key(List.of(type), List.of(b));
                assertThat(Integer.signum(keyA.compareTo(keyB)))
                        .as("seed %d, %s: %s and %s", seed, type, a, b)
                        .isEqualTo(Integer.signum(order.compare(a, b)));
            }
        }
    }

    @Test
    void columns_of_a_key_are_compared_one_after_the_other() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<SqlType> types = List.of(Types.TEXT, Types.NUMERIC, Types.BYTEA);
        for (int i = 0; i < PAIRS; i++) {
            List<Object> a = types.stream().map(t -> SampleValues.of(t, random)).toList();
            List<Object> b = types.stream().map(t -> SampleValues.of(t, random)).toList();
            int expected = 0;
            for (int c = 0; c < 3 && expected == 0; c++) {
                expected = Integer.signum(compare(types.get(c), a.get(c), b.get(c)));
            }
            assertThat(Integer.signum(KeyCodec.key(types, a).compareTo(KeyCodec.key(types, b))))
                    .as("seed %d: %s and %s", seed, a, b)
                    .isEqualTo(expected);
        }
    }

    @Test
    void nulls_stand_where_the_index_wants_them() {
        for (boolean descending : new boolean[] {false, true}) {
            Bytes value = new KeyCodec.Writer().add(Types.INT4, 1L, descending, false).toBytes();
            Bytes first = new KeyCodec.Writer().add(Types.INT4, null, descending, true).toBytes();
            Bytes last = new KeyCodec.Writer().add(Types.INT4, null, descending, false).toBytes();
            assertThat(first).isLessThan(value);
            assertThat(value).isLessThan(last);
        }
        IndexDef index =
                new IndexDef(
                        1,
                        1,
                        "i",
                        1,
                        List.of(
                                IndexDef.IndexColumn.ascending(1),
                                new IndexDef.IndexColumn(2, true, true)),
                        false,
                        true,
                        false);
        assertThat(
                        KeyCodec.indexKey(
                                index,
                                List.of(Types.INT4, Types.BOOL),
                                Arrays.<@Nullable Object>asList(null, true)))
                .isEqualTo(Bytes.wrap(new byte[] {3, 2, (byte) 0xfe}));
    }

    @Test
    void integers_of_all_widths_share_their_keys() {
        Bytes expected = KeyCodec.key(42);
        for (SqlType type : List.of(Types.INT2, Types.INT4, Types.INT8, Types.OID, Types.DATE)) {
            assertThat(KeyCodec.key(List.of(type), List.of(42L))).isEqualTo(expected);
            assertThat(new KeyCodec.Writer().add(type, 42L).toBytes()).isEqualTo(expected);
        }
    }

    @Test
    void a_writer_is_used_again_after_reset() {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        Bytes first = writer.add(Types.INT8, 1L).toBytes();
        Bytes second = writer.reset().add(Types.INT8, 2L).toBytes();
        assertThat(first).isEqualTo(KeyCodec.key(1));
        assertThat(second).isEqualTo(KeyCodec.key(2));
    }

    @Test
    void after_a_prefix_comes_everything_that_does_not_begin_with_it() {
        assertThat(KeyCodec.after(bytes(1, 2))).isEqualTo(bytes(1, 3));
        assertThat(KeyCodec.after(bytes(1, 0xff, 0xff))).isEqualTo(bytes(2));
        assertThat(KeyCodec.after(bytes(0xff))).isEqualTo(Bytes.EMPTY);
        assertThat(KeyCodec.after(Bytes.EMPTY)).isEqualTo(Bytes.EMPTY);
    }

    @Test
    void row_ids_are_in_the_order_of_the_log() {
        assertThat(KeyCodec.rowId(1, 2)).isEqualTo(bytes(0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2));
        assertThat(KeyCodec.rowId(1, 2)).isLessThan(KeyCodec.rowId(1, 3));
        assertThat(KeyCodec.rowId(1, 3)).isLessThan(KeyCodec.rowId(256, 0));
    }

    @Test
    void json_has_no_key() {
        for (SqlType type :
                List.of(
                        Types.JSON,
                        Types.JSONB,
                        Types.PG_NODE_TREE,
                        Types.RECORD,
                        Types.VOID,
                        Types.arrayOf(Types.JSON),
                        Types.ANYARRAY)) {
            assertThat(KeyCodec.isKeyable(type)).as(type.name()).isFalse();
        }
        assertThat(KeyCodec.isKeyable(Types.INT4_ARRAY)).isTrue();
        assertThatThrownBy(() -> KeyCodec.key(List.of(Types.JSON), List.of("1")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void numbers_that_are_equal_have_equal_keys() {
        assertThat(numericKey("1.0")).isEqualTo(numericKey("1.00")).isEqualTo(numericKey("1"));
        assertThat(numericKey("1000")).isEqualTo(numericKey("1000.000"));
        assertThat(numericKey("-0.0")).isEqualTo(numericKey("0"));
    }

    private static Bytes numericKey(String text) {
        return KeyCodec.key(List.of(Types.NUMERIC), List.of(Numeric.of(new BigDecimal(text))));
    }

    private static Bytes bytes(int... values) {
        byte[] result = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (byte) values[i];
        }
        return Bytes.wrap(result);
    }

    private static boolean isPrefix(Bytes a, Bytes b) {
        return b.length() >= a.length()
                && Arrays.equals(a.array(), Arrays.copyOf(b.array(), a.length()));
    }

    /** The order as SQL says it, written down independently of the encoding. */
    @SuppressWarnings("unchecked")
    private static int compare(SqlType type, Object a, Object b) {
        return switch (type.storage()) {
            case FLOAT4 -> compareDoubles((Float) a, (Float) b);
            case FLOAT8 -> compareDoubles((Double) a, (Double) b);
            case LONG ->
                    type.equals(Types.PG_LSN)
                            ? Long.compareUnsigned((Long) a, (Long) b)
                            : Long.compare((Long) a, (Long) b);
            case TEXT -> Arrays.compareUnsigned(utf8(type, a), utf8(type, b));
            case UUID -> {
                UUID x = (UUID) a;
                UUID y = (UUID) b;
                int high =
                        Long.compareUnsigned(
                                x.getMostSignificantBits(), y.getMostSignificantBits());
                yield high != 0
                        ? high
                        : Long.compareUnsigned(
                                x.getLeastSignificantBits(), y.getLeastSignificantBits());
            }
            case ARRAY -> compareArrays((SqlArray) a, (SqlArray) b);
            default -> ((Comparable<Object>) a).compareTo(b);
        };
    }

    private static int compareDoubles(double a, double b) {
        return a == b ? 0 : Double.compare(a, b);
    }

    private static byte[] utf8(SqlType type, Object text) {
        String value = (String) text;
        return (type.equals(Types.BPCHAR) ? value.replaceAll(" +$", "") : value)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static int compareArrays(SqlArray a, SqlArray b) {
        int common = Math.min(a.values().size(), b.values().size());
        for (int i = 0; i < common; i++) {
            Object x = a.values().get(i);
            Object y = b.values().get(i);
            int result =
                    x == null || y == null
                            ? Boolean.compare(x == null, y == null)
                            : compare(a.element(), x, y);
            if (result != 0) {
                return result;
            }
        }
        Comparator<SqlArray> rest =
                Comparator.<SqlArray>comparingInt(array -> array.values().size())
                        .thenComparingInt(SqlArray::dimensions);
        int result = rest.compare(a, b);
        for (int i = 0; i < a.dimensions() && result == 0; i++) {
            result = Integer.compare(a.lengths().get(i), b.lengths().get(i));
        }
        for (int i = 0; i < a.dimensions() && result == 0; i++) {
            result = Integer.compare(a.lowerBounds().get(i), b.lowerBounds().get(i));
        }
        return result;
    }
}
