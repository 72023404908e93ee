package dev.driftdb.materializer.state;

import static dev.driftdb.materializer.testing.Tables.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.type.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadViewTest {
    private static final int ROWS = 50;

    @TempDir Path directory;
    private final AtomicLong clock = new AtomicLong(1000);
    private LocalReplica replica;

    @BeforeEach
    void open() {
        ReplicaSettings small = ReplicaSettings.small();
        replica =
                new LocalReplica(
                        directory,
                        new ReplicaSettings(
                                small.memtableBytes(),
                                small.blockCacheBytes(),
                                small.rowCacheBytes(),
                                small.scanCacheBytes(),
                                Duration.ofMillis(20)),
                        clock::get);
        replica.append(List.of(createTable()));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    /** Every row gets the same g in one entry. */
    private void writeAll(long g) {
        List<Change> changes = new ArrayList<>();
        for (long id = 0; id < ROWS; id++) {
            changes.add(put(id, null, g));
        }
        replica.append(List.of(entry(changes.toArray(Change[]::new))));
    }

    @Test
    void a_view_stays_as_it_is_while_entries_are_applied() {
        writeAll(1);
        try (ReadView latest = replica.latest();
                ReadView past = replica.asOf(0);
                RowCursor scan = latest.scan(STORAGE, KeyRange.ALL, false)) {
            assertThat(scan.next()).isTrue();
            writeAll(2);
            replica.append(List.of(entry(delete(5))));
            int rows = 1;
            while (scan.next()) {
                assertThat(scan.offset()).isEqualTo(1);
                rows++;
            }
            assertThat(rows).isEqualTo(ROWS);
            assertThat(latest.get(STORAGE, key(5))).isNotNull();
            assertThat(rowAt(latest, 6).offset()).isEqualTo(1);
            assertThat(latest.hasIndexes()).isTrue();
            assertThat(byIndex(latest, GROUP, false)).hasSize(ROWS);
            assertThat(Tables.rows(past, STORAGE)).isEmpty();
            assertThat(past.hasIndexes()).isFalse();
            assertThatThrownBy(() -> past.scanIndex(GROUP, KeyRange.ALL, false))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void readers_beside_the_writer_see_whole_entries_only() {
        writeAll(0);
        AtomicBoolean stop = new AtomicBoolean();
        List<CompletableFuture<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            readers.add(CompletableFuture.supplyAsync(() -> readUntil(stop)));
        }
        for (long g = 1; g <= 200; g++) {
            writeAll(g);
        }
        stop.set(true);
        readers.forEach(reader -> assertThat(reader.join()).isPositive());
    }

    private long readUntil(AtomicBoolean stop) {
        long views = 0;
        do {
            try (ReadView view = replica.latest()) {
                String expected = "," + (view.offset() - 1) + "@" + view.offset();
                assertThat(Tables.rows(view, STORAGE))
                        .hasSize(ROWS)
                        .allMatch(row -> row.endsWith(expected));
                for (long id = 0; id < ROWS; id++) {
                    assertThat(rowAt(view, id).offset()).isEqualTo(view.offset());
                }
                assertThat(byIndex(view, GROUP, false)).hasSize(ROWS);
            }
            views++;
        } while (!stop.get());
        return views;
    }

    @Test
    void a_reader_keeps_the_closed_state_open_and_no_new_one_comes_in() {
        writeAll(1);
        ReadView view = replica.latest();
        RowCursor scan = view.scan(STORAGE, KeyRange.ALL, true);
        replica.close();
        assertThatThrownBy(() -> replica.latest())
                .isInstanceOf(SqlException.class)
                .hasMessageContaining("closed");
        assertThat(view.get(STORAGE, key(7))).isNotNull();
        assertThat(scan.next()).isTrue();
        view.close();
        assertThat(scan.next()).isTrue();
        scan.close();
        assertThat(scan.next()).isFalse();
        assertThatThrownBy(scan::row).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> view.get(STORAGE, key(7)))
                .isInstanceOf(IllegalStateException.class);
        open2();
    }

    /** The last reader has given the files back, so they open again. */
    private void open2() {
        replica = new LocalReplica(directory, ReplicaSettings.small(), clock::get);
        assertThat(replica.appliedOffset()).isEqualTo(1);
    }

    @Test
    void times_become_offsets_and_never_go_back() {
        long[] times = {1000, 3000, 2500, 3000, 7000};
        for (int i = 1; i < times.length; i++) {
            clock.set(times[i]);
            writeAll(i);
        }
        try (ReadView view = replica.latest()) {
            assertThat(view.offsetAt(999)).isEqualTo(-1);
            assertThat(view.offsetAt(1000)).isZero();
            assertThat(view.offsetAt(2999)).isZero();
            assertThat(view.offsetAt(3000)).isEqualTo(3);
            assertThat(view.offsetAt(6999)).isEqualTo(3);
            assertThat(view.offsetAt(Long.MAX_VALUE)).isEqualTo(4);
            EntryInfo info = entryAt(view, 2);
            assertThat(info.timestampMs()).isEqualTo(3000);
            assertThat(info.user()).isEqualTo("drift");
            assertThat(info.changeCount()).isEqualTo(ROWS);
            assertThat(info.committed()).isTrue();
            assertThat(view.entry(5)).isNull();
        }
        try (ReadView past = replica.asOf(1)) {
            assertThat(past.offsetAt(9000)).isEqualTo(1);
            assertThat(past.entry(2)).isNull();
        }
    }

    @Test
    void offsets_that_are_not_applied_are_refused() {
        assertThatThrownBy(() -> replica.asOf(1))
                .isInstanceOf(SqlException.class)
                .hasMessageContaining("offset 1");
        assertThatThrownBy(() -> replica.asOf(-2)).isInstanceOf(SqlException.class);
    }

    @Test
    void a_row_longer_than_the_read_buffer_is_read_whole() {
        byte[] row = row(1, 1L, 1L).array();
        byte[] padded = Arrays.copyOf(row, 5000);
        replica.append(
                List.of(entry(new Change.Put(2, Change.Kind.INSERT, key(1), Bytes.wrap(padded)))));
        try (ReadView view = replica.latest();
                RowCursor scan = view.scan(2, KeyRange.ALL, false)) {
            assertThat(scan.next()).isTrue();
            assertThat(scan.row()).isEqualTo(padded);
        }
    }
}
