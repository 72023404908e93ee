package dev.driftdb.schemas.type;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Laws that hold for the values of every type, tried with random ones. */
class RandomValuesTest {
    private static final int TRIES = 300;

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static final List<SqlType> ELEMENTS =
            List.of(
                    Types.BOOL,
                    Types.INT2,
                    Types.INT4,
                    Types.INT8,
                    Types.OID,
                    Types.FLOAT4,
                    Types.FLOAT8,
                    Types.NUMERIC,
                    Types.TEXT,
                    Types.VARCHAR,
                    Types.BPCHAR,
                    Types.NAME,
                    Types.BYTEA,
                    Types.DATE,
                    Types.TIME,
                    Types.TIMETZ,
                    Types.TIMESTAMP,
                    Types.TIMESTAMPTZ,
                    Types.INTERVAL,
                    Types.UUID,
                    Types.JSONB,
                    Types.JSON,
                    Types.PG_LSN);

    private List<SqlType> types() {
        List<SqlType> types = new ArrayList<>(ELEMENTS);
        ELEMENTS.forEach(type -> types.add(Types.arrayOf(type)));
        return types;
    }

    @Test
    void text_and_binary_read_back_what_they_wrote() {
        for (SqlType type : types()) {
            for (int i = 0; i < TRIES; i++) {
                Object value = value(type);
                String text = TextFormat.format(type, value, FormatSettings.UTC);
                Object fromText = TextFormat.parse(type, text, FormatSettings.UTC);
                assertThat(fromText).as("%s %s, seed %d", type, text, seed).isEqualTo(value);
                assertThat(TextFormat.format(type, fromText, FormatSettings.UTC))
                        .as("%s, seed %d", type, seed)
                        .isEqualTo(text);
                Object fromBinary = BinaryFormat.decode(type, BinaryFormat.encode(type, value));
                assertThat(TextFormat.format(type, fromBinary, FormatSettings.UTC))
                        .as("%s, seed %d", type, seed)
                        .isEqualTo(text);
            }
        }
    }

    @Test
    void order_is_total_and_equal_values_have_equal_hashes() {
        for (SqlType type : types()) {
            if (!ValueOrder.isOrdered(type)) {
                continue;
            }
            Comparator<Object> order = ValueOrder.of(type);
            for (int i = 0; i < TRIES; i++) {
                Object a = value(type);
                Object b = random.nextInt(4) == 0 ? a : value(type);
                Object c = value(type);
                String what = type + " seed " + seed;
                assertThat(order.compare(a, a)).as(what).isZero();
                assertThat(Integer.signum(order.compare(a, b)))
                        .as(what)
                        .isEqualTo(-Integer.signum(order.compare(b, a)));
                if (order.compare(a, b) <= 0 && order.compare(b, c) <= 0) {
                    assertThat(order.compare(a, c)).as(what).isLessThanOrEqualTo(0);
                }
                if (order.compare(a, b) == 0) {
                    assertThat(ValueOrder.hash(type, a))
                            .as(what)
                            .isEqualTo(ValueOrder.hash(type, b));
                }
            }
        }
    }

    @Test
    void order_knows_the_special_cases_of_sql() {
        assertThat(ValueOrder.of(Types.FLOAT8).compare(0.0, -0.0)).isZero();
        assertThat(ValueOrder.of(Types.FLOAT8).compare(Double.NaN, Double.POSITIVE_INFINITY))
                .isPositive();
        assertThat(ValueOrder.of(Types.BPCHAR).compare("a  ", "a")).isZero();
        assertThat(ValueOrder.of(Types.TEXT).compare("\uFFFF", "\uD83D\uDE00")).isNegative();
        assertThat(
                        ValueOrder.of(Types.INTERVAL)
                                .compare(new Interval(1, 0, 0), new Interval(0, 30, 0)))
                .isZero();
        assertThat(
                        ValueOrder.of(Types.JSONB)
                                .compare(new Jsonb("{\"a\": 1.0}"), new Jsonb("{\"a\": 1.00}")))
                .isZero();
        assertThat(ValueOrder.isOrdered(Types.JSON)).isFalse();
        assertThat(ValueOrder.isOrdered(Types.arrayOf(Types.JSON))).isFalse();
    }

    private Object value(SqlType type) {
        if (type.isArray()) {
            return array(type.element());
        }
        return switch (type.name()) {
            case "bool" -> random.nextBoolean();
            case "int2" -> (long) (short) random.nextInt();
            case "int4" -> (long) random.nextInt();
            case "int8", "pg_lsn" -> random.nextLong();
            case "oid" -> random.nextInt() & 0xFFFF_FFFFL;
            case "float4" -> Float.intBitsToFloat(random.nextInt());
            case "float8" ->
                    random.nextBoolean()
                            ? Double.longBitsToDouble(random.nextLong())
                            : random.nextInt(1000) / 8.0;
            case "numeric" -> numeric();
            case "name" -> TextFormat.truncateName(text());
            case "text", "varchar", "bpchar" -> text();
            case "bytea" -> {
                byte[] bytes = new byte[random.nextInt(8)];
                random.nextBytes(bytes);
                yield Bytes.wrap(bytes);
            }
            case "date" -> between(DateTimes.DATE_MIN, DateTimes.DATE_END);
            case "time" -> between(0, DateTimes.MICROS_PER_DAY + 1);
            case "timetz" ->
                    new TimeTz(
                            between(0, DateTimes.MICROS_PER_DAY),
                            random.nextInt(16 * 3600) * (random.nextBoolean() ? 1 : -1));
            case "timestamp", "timestamptz" ->
                    random.nextInt(20) == 0
                            ? (Long) DateTimes.INFINITY
                            : (Long) between(DateTimes.TIMESTAMP_MIN, DateTimes.TIMESTAMP_END);
            case "interval" ->
                    new Interval(
                            random.nextInt(4000) - 2000,
                            random.nextInt(2000) - 1000,
                            random.nextLong() / (1L << random.nextInt(60)));
            case "uuid" -> new UUID(random.nextLong(), random.nextLong());
            case "json" -> json(2).text();
            case "jsonb" -> json(2).toJsonb();
            default -> throw new IllegalStateException("no values for " + type);
        };
    }

    private long between(long min, long end) {
        return random.nextLong(min, end);
    }

    private Numeric numeric() {
        return switch (random.nextInt(20)) {
            case 0 -> Numeric.NAN;
            case 1 -> Numeric.INFINITY;
            case 2 -> Numeric.NEGATIVE_INFINITY;
            case 3 -> Numeric.of(new BigDecimal("0.00"));
            default ->
                    Numeric.of(
                            new BigDecimal(
                                    new BigInteger(random.nextInt(100), random)
                                            .multiply(BigInteger.valueOf(random.nextInt(3) - 1)),
                                    random.nextInt(25)));
        };
    }

    private String text() {
        int length = random.nextInt(6);
        StringBuilder out = new StringBuilder();
        String alphabet = "ab Z09,{}\"\\'\n\té€NUL";
        for (int i = 0; i < length; i++) {
            if (random.nextInt(10) == 0) {
                out.appendCodePoint(0x1F600 + random.nextInt(10));
            } else {
                out.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
        }
        return out.toString();
    }

    private Json json(int depth) {
        return switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0 -> new Json.Null();
            case 1 -> new Json.Bool(random.nextBoolean());
            case 2 -> new Json.Num(new BigDecimal(BigInteger.valueOf(random.nextInt()), 2));
            case 3 -> new Json.Str(text());
            case 4 -> {
                List<Json> items = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    items.add(json(depth - 1));
                }
                yield new Json.Arr(items);
            }
            default -> {
                java.util.Map<String, Json> members = new java.util.HashMap<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    members.put(text(), json(depth - 1));
                }
                yield Json.Obj.of(members);
            }
        };
    }

    private SqlArray array(SqlType element) {
        int rows = random.nextInt(3);
        int columns = random.nextInt(3);
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < rows * Math.max(columns, 1); i++) {
            values.add(random.nextInt(5) == 0 ? null : value(element));
        }
        if (rows == 0 || columns == 0) {
            return SqlArray.of(element, values);
        }
        int lower = random.nextInt(3);
        return new SqlArray(element, List.of(rows, columns), List.of(lower, 1), values);
    }
}
