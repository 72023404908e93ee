package dev.driftdb.schemas;

import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Random values of each type, many of them at the edges and many equal to each other. */
public final class SampleValues {
    private static final long[] LONGS = {
        0,
        1,
        -1,
        127,
        128,
        -128,
        -129,
        255,
        256,
        32767,
        32768,
        -32769,
        1L << 40,
        -(1L << 40),
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 1
    };
    private static final double[] DOUBLES = {
        0.0,
        -0.0,
        1,
        -1,
        1.5,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        -Double.MIN_VALUE,
        Double.MAX_VALUE,
        -Double.MAX_VALUE
    };
    private static final String[] NUMERICS = {
        "0",
        "0.00",
        "1",
        "1.0",
        "1.00",
        "10",
        "100",
        "99",
        "100.01",
        "-1",
        "-1.0",
        "-10",
        "-99",
        "-99.9",
        "0.1",
        "0.01",
        "0.001",
        "-0.001",
        "12",
        "1.2",
        "123",
        "12.3",
        "123456789012345678901234567890.123456789",
        "-123456789012345678901234567890.123456789"
    };
    private static final String[] TEXTS = {
        "",
        "a",
        "ab",
        "b",
        "a ",
        "a  ",
        "a\0",
        "a\0b",
        "a\u0001",
        "ä",
        "äb",
        "\ud83d\ude00",
        "\uffff",
        "\u007f",
        "\u0080",
        " ",
        "Z",
        "aa",
        "zz"
    };

    private SampleValues() {}

    public static Object of(SqlType type, Random random) {
        return switch (type.storage()) {
            case BOOLEAN -> random.nextBoolean();
            case LONG, ENUM -> randomLong(random);
            case FLOAT4 -> (float) randomDouble(random);
            case FLOAT8 -> randomDouble(random);
            case NUMERIC -> randomNumeric(random);
            case TEXT -> randomText(random);
            case BYTES -> {
                byte[] bytes = new byte[random.nextInt(4)];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) (random.nextInt(4) - 2);
                }
                yield Bytes.wrap(bytes);
            }
            case INTERVAL ->
                    new Interval(
                            random.nextInt(5) - 2,
                            30 * (random.nextInt(5) - 2) + random.nextInt(2),
                            86_400_000_000L * (random.nextInt(5) - 2) + random.nextInt(3) - 1);
            case TIMETZ ->
                    new TimeTz(3_600_000_000L * random.nextInt(5), 3600 * (random.nextInt(5) - 2));
            case UUID -> new UUID(randomLong(random), randomLong(random));
            case JSONB -> new Jsonb("\"" + random.nextInt() + "\"");
            case ARRAY -> randomArray(type.element(), random);
            case ROW, NONE -> throw new IllegalArgumentException(type.name());
        };
    }

    private static long randomLong(Random random) {
        return random.nextBoolean()
                ? LONGS[random.nextInt(LONGS.length)]
                : random.nextLong() >> random.nextInt(64);
    }

    private static double randomDouble(Random random) {
        return random.nextBoolean()
                ? DOUBLES[random.nextInt(DOUBLES.length)]
                : random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
    }

    private static Numeric randomNumeric(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> Numeric.NAN;
            case 1 -> Numeric.INFINITY;
            case 2 -> Numeric.NEGATIVE_INFINITY;
            case 3, 4, 5, 6 ->
                    Numeric.of(new BigDecimal(NUMERICS[random.nextInt(NUMERICS.length)]));
            default ->
                    Numeric.of(
                            new BigDecimal(
                                    new BigInteger(random.nextInt(120), random)
                                            .subtract(BigInteger.TWO.pow(random.nextInt(100))),
                                    random.nextInt(30)));
        };
    }

    private static String randomText(Random random) {
        String text = TEXTS[random.nextInt(TEXTS.length)];
        return random.nextBoolean() ? text : text + TEXTS[random.nextInt(TEXTS.length)];
    }

    private static SqlArray randomArray(SqlType element, Random random) {
        int rows = random.nextInt(3);
        int columns = random.nextInt(3);
        List<@Nullable Object> values = new ArrayList<>();
        if (rows > 0 && columns > 0 && random.nextBoolean()) {
            for (int i = 0; i < rows * columns; i++) {
                values.add(randomElement(element, random));
            }
            return new SqlArray(
                    element, List.of(rows, columns), List.of(1, random.nextInt(3) - 1), values);
        }
        for (int i = 0; i < rows; i++) {
            values.add(randomElement(element, random));
        }
        return SqlArray.of(element, values);
    }

    private static @Nullable Object randomElement(SqlType element, Random random) {
        if (random.nextInt(4) == 0) {
            return null;
        }
        return element.equals(Types.INT8) || element.equals(Types.INT4)
                ? (Object) (long) random.nextInt(3)
                : of(element, random);
    }
}
