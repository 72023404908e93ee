package dev.driftdb.materializer.state;

import static dev.driftdb.materializer.testing.Tables.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.type.Bytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScanCacheTest {
    /** Enough for several chunks. */
    private static final int ROWS = 9000;

    /** Only every third id is there: ranges begin and end between rows, too. */
    private static final int STEP = 3;

    @TempDir Path directory;
    private LocalReplica replica;
    private final NavigableMap<Long, String> expected = new TreeMap<>();

    @BeforeEach
    void open() {
        replica = new LocalReplica(directory, ReplicaSettings.small(), () -> 1000);
        replica.append(List.of(createTable()));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    private void putAll(long g) {
        List<Change> changes = new ArrayList<>();
        for (long i = 0; i < ROWS; i++) {
            changes.add(put(i * STEP, null, g));
        }
        replica.append(List.of(entry(changes.toArray(Change[]::new))));
        for (long i = 0; i < ROWS; i++) {
            expected.put(i * STEP, i * STEP + ",null," + g);
        }
    }

    private void fill() {
        for (int i = 0; i < 3; i++) {
            try (ReadView view = replica.latest()) {
                assertThat(Tables.rows(view, STORAGE)).hasSize(expected.size());
            }
        }
    }

    private static List<String> rows(ReadView view, KeyRange range, boolean reverse) {
        List<String> rows = new ArrayList<>();
        try (RowCursor cursor = view.scan(STORAGE, range, reverse)) {
            while (cursor.next()) {
                String text = text(cursor.row());
                assertThat(text(Arrays.copyOfRange(cursor.buffer(), cursor.from(), cursor.to())))
                        .isEqualTo(text);
                long id = Long.parseLong(text.substring(0, text.indexOf(',')));
                assertThat(cursor.key()).isEqualTo(key(id).array());
                rows.add(text);
            }
            assertThat(cursor.next()).isFalse();
        }
        return rows;
    }

    private void compare(ReadView view, Random random) {
        for (int i = 0; i < 200; i++) {
            long from = random.nextLong(ROWS * STEP + 10L) - 5;
            long to = from + random.nextInt(random.nextBoolean() ? 12 : ROWS * STEP);
            Bytes first = random.nextInt(10) == 0 ? Bytes.EMPTY : key(from);
            Bytes end = random.nextInt(10) == 0 ? Bytes.EMPTY : key(to);
            NavigableMap<Long, String> part =
                    expected.subMap(
                            first.length() == 0 ? Long.MIN_VALUE : from,
                            true,
                            end.length() == 0
                                    ? Long.MAX_VALUE
                                    : Math.max(to, first.length() == 0 ? to : from),
                            false);
            List<String> wanted = new ArrayList<>(part.values());
            assertThat(rows(view, new KeyRange(first, end), false)).isEqualTo(wanted);
            Collections.reverse(wanted);
            assertThat(rows(view, new KeyRange(first, end), true)).isEqualTo(wanted);
            StoredRow row = view.get(STORAGE, key(from));
            assertThat(row == null ? null : text(row.row())).isEqualTo(expected.get(from));
        }
    }

    @Test
    void ranges_and_keys_are_found_as_without_it() {
        putAll(1);
        fill();
        Random random = new Random(7);
        try (ReadView view = replica.latest()) {
            compare(view, random);
        }
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 50; i++) {
                long id = random.nextInt(ROWS * STEP);
                if (random.nextBoolean() && expected.remove(id) != null) {
                    replica.append(List.of(entry(delete(id))));
                } else {
                    replica.append(List.of(entry(put(id, null, (long) round))));
                    expected.put(id, id + ",null," + round);
                }
            }
            try (ReadView view = replica.latest()) {
                compare(view, random);
            }
            fill();
            try (ReadView view = replica.latest()) {
                compare(view, random);
            }
        }
    }

    @Test
    void a_view_from_before_a_change_never_sees_what_was_kept_after_it() {
        putAll(1);
        fill();
        try (ReadView before = replica.latest()) {
            replica.append(List.of(entry(delete(0), put(1, null, 9L))));
            for (int i = 0; i < 4; i++) {
                try (ReadView after = replica.latest()) {
                    assertThat(Tables.rows(after, STORAGE)).hasSize(ROWS);
                    assertThat(after.get(STORAGE, key(1))).isNotNull();
                    assertThat(after.get(STORAGE, key(0))).isNull();
                }
                assertThat(before.get(STORAGE, key(0))).isNotNull();
                assertThat(before.get(STORAGE, key(1))).isNull();
                assertThat(rows(before, KeyRange.ALL, false)).startsWith("0,null,1", "3,null,1");
            }
        }
    }

    @Test
    void rows_read_by_a_view_from_before_a_change_are_not_kept() {
        putAll(1);
        try (ReadView before = replica.latest()) {
            assertThat(Tables.rows(before, STORAGE)).hasSize(ROWS);
            try (RowCursor scan = before.scan(STORAGE, KeyRange.ALL, false)) {
                assertThat(scan.next()).isTrue();
                replica.append(List.of(entry(delete(0))));
                int rows = 1;
                while (scan.next()) {
                    rows++;
                }
                assertThat(rows).isEqualTo(ROWS);
            }
            for (int i = 0; i < 3; i++) {
                assertThat(Tables.rows(before, STORAGE)).hasSize(ROWS);
                try (ReadView after = replica.latest()) {
                    assertThat(Tables.rows(after, STORAGE)).hasSize(ROWS - 1);
                }
            }
        }
    }

    @Test
    void a_scan_that_is_left_early_is_not_kept() {
        putAll(1);
        for (int i = 0; i < 5; i++) {
            try (ReadView view = replica.latest();
                    RowCursor scan = view.scan(STORAGE, KeyRange.ALL, false)) {
                assertThat(scan.next()).isTrue();
            }
        }
        try (ReadView view = replica.latest()) {
            assertThat(rows(view, KeyRange.ALL, false)).hasSize(ROWS);
        }
    }

    @Test
    void readers_beside_a_writer_see_whole_entries_only() {
        putAll(0);
        AtomicBoolean stop = new AtomicBoolean();
        List<CompletableFuture<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            readers.add(
                    CompletableFuture.supplyAsync(() -> {
                        long views = 0;
                        do {
                            try (ReadView view = replica.latest()) {
                                String state = "," + (view.offset() - 1) + "@" + view.offset();
                                assertThat(Tables.rows(view, STORAGE))
                                        .hasSize(ROWS)
                                        .allMatch(row -> row.endsWith(state));
                                assertThat(view.get(STORAGE, key(STEP))).isNotNull();
                            }
                            views++;
                        } while (!stop.get());
                        return views;
                    }));
        }
        for (long g = 1; g <= 6; g++) {
            putAll(g);
            fill();
        }
        stop.set(true);
        readers.forEach(reader -> assertThat(reader.join()).isPositive());
    }
}
