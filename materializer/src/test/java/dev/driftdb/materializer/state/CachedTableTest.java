package dev.driftdb.materializer.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Keys of all lengths and with all sorts of common beginnings, beside a sorted map. */
final class CachedTableTest {
    /** Enough for several chunks. */
    private static final int ROW_BYTES = 4_000;

    @Test
    void finds_what_a_sorted_map_finds() {
        long seed = System.nanoTime();
        System.out.println("keys of a cached table: seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            byte[] prefix = bytes(random, random.nextInt(12), 256);
            int values = random.nextBoolean() ? 2 : 256;
            TreeMap<byte[], StoredRow> expected = new TreeMap<>(Arrays::compareUnsigned);
            for (int i = random.nextInt(200); i > 0; i--) {
                byte[] row = new byte[random.nextInt(ROW_BYTES)];
                Arrays.fill(row, (byte) i);
                expected.put(key(random, prefix, values), new StoredRow(i, row));
            }
            CachedTable.Builder builder = new CachedTable.Builder(Long.MAX_VALUE);
            expected.forEach((key, row) -> assertThat(builder.add(key, row)).isTrue());
            CachedTable table = builder.build(0);
            List<byte[]> wanted = new ArrayList<>(expected.keySet());
            for (int i = 0; i < 50; i++) {
                wanted.add(key(random, prefix, values));
                wanted.add(bytes(random, random.nextInt(12), 256));
            }
            for (byte[] key : wanted) {
                StoredRow found = table.get(key);
                StoredRow row = expected.get(key);
                assertThat(found == null).isEqualTo(row == null);
                if (found != null && row != null) {
                    assertThat(found.offset()).isEqualTo(row.offset());
                    assertThat(found.row()).isEqualTo(row.row());
                }
                byte[] end = wanted.get(random.nextInt(wanted.size()));
                if (Arrays.compareUnsigned(key, end) < 0) {
                    compareRange(table, expected, key, end);
                }
            }
        }
    }

    private static void compareRange(
            CachedTable table, TreeMap<byte[], StoredRow> expected, byte[] from, byte[] to) {
        List<Long> offsets =
                new ArrayList<>(
                        expected.subMap(from, to).values().stream()
                                .map(StoredRow::offset)
                                .toList());
        KeyRange range = new KeyRange(Bytes.wrap(from), Bytes.wrap(to));
        assertThat(offsets(table.scan(range, false))).isEqualTo(offsets);
        Collections.reverse(offsets);
        assertThat(offsets(table.scan(range, true))).isEqualTo(offsets);
    }

    private static List<Long> offsets(RowCursor rows) {
        List<Long> offsets = new ArrayList<>();
        try (rows) {
            while (rows.next()) {
                offsets.add(rows.offset());
            }
        }
        return offsets;
    }

    private static byte[] key(Random random, byte[] prefix, int values) {
        byte[] rest = bytes(random, random.nextInt(14), values);
        byte[] key = Arrays.copyOf(prefix, prefix.length + rest.length);
        System.arraycopy(rest, 0, key, prefix.length, rest.length);
        return key;
    }

    private static byte[] bytes(Random random, int length, int values) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(values);
        }
        return bytes;
    }
}
