package dev.driftdb.schemas.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The pages under docs/formats say what the code does: their test vectors are read from there. */
class FormatPagesTest {
    private static final Path PAGES = Path.of("..", "docs", "formats");
    private static final List<ColumnDef> COLUMNS =
            List.of(
                    ColumnDef.of(1, "a", Types.INT4),
                    ColumnDef.of(2, "b", Types.TEXT),
                    ColumnDef.of(3, "c", Types.BOOL));

    @Test
    void keys_are_as_the_page_says() throws IOException {
        List<List<String>> vectors = tableUnder("keys.md", "| Type | Value | Key in hex |");
        assertThat(vectors).hasSizeGreaterThan(20);
        for (List<String> vector : vectors) {
            String name = vector.get(0).replace(" desc", "");
            SqlType type = Objects.requireNonNull(Types.findByName(name), name);
            KeyCodec.Writer writer = new KeyCodec.Writer();
            Object value = value(type, vector.get(1));
            writer.add(type, value, vector.get(0).endsWith(" desc"), false);
            assertThat(writer.toBytes().hex()).as("%s", vector).isEqualTo(hex(vector.get(2)));
        }
    }

    @Test
    void values_are_as_the_page_says() throws IOException {
        List<List<String>> vectors = tableUnder("rows.md", "| Type | Value | Value in hex |");
        assertThat(vectors).hasSizeGreaterThan(20);
        for (List<String> vector : vectors) {
            SqlType type = Objects.requireNonNull(Types.findByName(vector.get(0)));
            Object value = Objects.requireNonNull(value(type, vector.get(1)));
            Bytes bytes = RowCodec.encodeValue(type, value);
            assertThat(bytes.hex()).as("%s", vector).isEqualTo(hex(vector.get(2)));
            assertThat(RowCodec.decodeValue(type, bytes.array(), 0, bytes.length()))
                    .isEqualTo(value);
        }
    }

    @Test
    void rows_are_as_the_page_says() throws IOException {
        List<List<String>> vectors = tableUnder("rows.md", "| Row | In hex |");
        assertThat(vectors).hasSizeGreaterThan(2);
        for (List<String> vector : vectors) {
            @Nullable Object[] values = new @Nullable Object[COLUMNS.size()];
            String[] texts = vector.get(0).split(", ", -1);
            for (int i = 0; i < values.length; i++) {
                values[i] = value(COLUMNS.get(i).type(), texts[i]);
            }
            byte[] row = RowCodec.encode(COLUMNS, values);
            assertThat(HexFormat.of().formatHex(row))
                    .as("%s", vector)
                    .isEqualTo(hex(vector.get(1)));
            assertThat(RowCodec.decode(COLUMNS, row)).isEqualTo(values);
        }
    }

    private static String hex(String cell) {
        return cell.replace(" ", "");
    }

    private static List<List<String>> tableUnder(String page, String header) throws IOException {
        return Files.readAllLines(PAGES.resolve(page)).stream()
                .dropWhile(line -> !line.equals(header))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> line.substring(1, line.length() - 1).split(" \\| ", -1))
                .map(cells -> Arrays.stream(cells).map(c -> c.strip().replace("`", "")).toList())
                .toList();
    }

    private static @Nullable Object value(SqlType type, String text) {
        if (text.equals("NULL")) {
            return null;
        }
        return switch (type.storage()) {
            case BOOLEAN -> Boolean.valueOf(text);
            case LONG, ENUM -> Long.valueOf(text);
            case FLOAT4 -> Float.valueOf(text);
            case FLOAT8 -> Double.valueOf(text);
            case NUMERIC ->
                    switch (text) {
                        case "NaN" -> Numeric.NAN;
                        case "Infinity" -> Numeric.INFINITY;
                        case "-Infinity" -> Numeric.NEGATIVE_INFINITY;
                        default -> Numeric.of(new BigDecimal(text));
                    };
            case TEXT -> unquoted(text);
            case JSONB -> new Jsonb(unquoted(text));
            case BYTES -> Bytes.wrap(HexFormat.of().parseHex(text.substring(2)));
            case INTERVAL -> {
                // months, days, microseconds
                String[] parts = text.split(" ", -1);
                yield new Interval(
                        Integer.parseInt(parts[0]),
                        Integer.parseInt(parts[2]),
                        Long.parseLong(parts[4]));
            }
            case TIMETZ -> {
                String[] parts = text.split(" ", -1);
                yield new TimeTz(Long.parseLong(parts[0]), Integer.parseInt(parts[2]));
            }
            case UUID -> UUID.fromString(text);
            case ARRAY -> {
                String inner = text.substring(1, text.length() - 1);
                yield inner.isEmpty()
                        ? SqlArray.of(type.element(), List.of())
                        : SqlArray.of(
                                type.element(),
                                Arrays.stream(inner.split(",", -1))
                                        .map(part -> value(type.element(), part))
                                        .toList());
            }
            case ROW, NONE -> throw new IllegalArgumentException(type.name());
        };
    }

    private static String unquoted(String text) {
        return text.substring(1, text.length() - 1).replace("\\0", "\0");
    }
}
