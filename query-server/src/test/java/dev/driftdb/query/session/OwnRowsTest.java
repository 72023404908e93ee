package dev.driftdb.query.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OwnRowsTest {
    private static final int KEYS = 2_000;

    private final OwnRows rows = new OwnRows();
    private final TreeMap<Bytes, OwnRow> model = new TreeMap<>();

    /** In the order of adding. */
    private final List<OwnRow> added = new ArrayList<>();

    @Test
    void rows_are_found_whatever_the_order_they_come_in() {
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            for (int step = 0; step < 40; step++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> addAscending(random.nextInt(KEYS), random.nextInt(600));
                    case 2 -> {
                        for (int i = 0; i < 50; i++) {
                            add(random.nextInt(KEYS));
                        }
                    }
                    case 3 -> {
                        for (int i = KEYS; i > 0; i -= 1 + random.nextInt(100)) {
                            add(i);
                        }
                    }
                    default -> takeBack(random.nextInt(added.size() + 1));
                }
                check(random);
            }
            takeBack(added.size());
            assertThat(rows.isEmpty()).isTrue();
        }
    }

    private void addAscending(int from, int count) {
        for (int i = from; i < from + count; i++) {
            add(i);
        }
    }

    private void add(int number) {
        Bytes key = KeyCodec.key(number);
        if (!model.containsKey(key)) {
            OwnRow row = new OwnRow(key, null);
            rows.add(row);
            model.put(key, row);
            added.add(row);
        }
    }

    private void takeBack(int count) {
        for (int i = 0; i < count; i++) {
            OwnRow row = added.removeLast();
            rows.remove(row);
            model.remove(row.key);
        }
    }

    private void check(Random random) {
        for (int i = 0; i < 100; i++) {
            Bytes key = KeyCodec.key(random.nextInt(KEYS + 10));
            assertThat(rows.find(key)).isSameAs(model.get(key));
        }
        for (Bytes key : model.keySet()) {
            assertThat(rows.find(key)).isSameAs(model.get(key));
        }
        assertThat(list(rows.in(KeyRange.ALL, false))).isEqualTo(List.copyOf(model.values()));
        assertThat(list(rows.in(KeyRange.ALL, true)))
                .isEqualTo(List.copyOf(model.descendingMap().values()));
        Bytes from = KeyCodec.key(random.nextInt(KEYS));
        Bytes to = KeyCodec.key(random.nextInt(KEYS));
        List<OwnRow> expected =
                from.compareTo(to) >= 0
                        ? List.of()
                        : List.copyOf(model.subMap(from, true, to, false).values());
        assertThat(list(rows.in(new KeyRange(from, to), false))).isEqualTo(expected);
        assertThat(list(rows.in(new KeyRange(from, to), true))).isEqualTo(expected.reversed());
    }

    private static List<OwnRow> list(Iterator<OwnRow> iterator) {
        List<OwnRow> list = new ArrayList<>();
        iterator.forEachRemaining(list::add);
        return list;
    }

    @Test
    void an_iterator_meets_each_row_of_its_time_once_while_others_come() {
        addAscending(100, 100);
        List<OwnRow> before = List.copyOf(model.values());
        for (boolean reverse : new boolean[] {false, true}) {
            Iterator<OwnRow> iterator = rows.in(KeyRange.ALL, reverse);
            List<OwnRow> met = new ArrayList<>();
            for (int i = 0; iterator.hasNext(); i++) {
                met.add(iterator.next());
                add(reverse ? 5_000 + i : i % 90); // before the run: it gives way
                add(1_000 + i + (reverse ? 2_000 : 0));
            }
            assertThat(met).doesNotHaveDuplicates().containsAll(before);
        }
    }
}
