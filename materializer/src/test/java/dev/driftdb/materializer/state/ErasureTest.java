package dev.driftdb.materializer.state;

import static dev.driftdb.materializer.testing.Tables.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.Precondition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Change.Forget takes away is nowhere: in no view, in no cache, in no file. */
class ErasureTest {
    private static final long SECRET = 0x33215EC2E7091B2DL;
    private static final long LATER_SECRET = 0x11F2E3D4C5B6A798L;
    private static final long OTHER_SECRET = 0x6C5D4E3F2A1B0C9DL;

    @TempDir Path directory;
    private LocalReplica replica;

    @BeforeEach
    void open() {
        replica = new LocalReplica(directory, ReplicaSettings.small(), () -> 1000);
    }

    @AfterEach
    void close() {
        replica.close();
    }

    private void reopen() {
        replica.close();
        open();
    }

    /** Row 1 has had two secrets, row 3 one and is deleted; rows 2 and 4 stay. */
    private long writeSecrets() {
        replica.append(List.of(createTable()));
        replica.append(
                List.of(
                        entry(
                                put(1, SECRET, 1L),
                                put(2, 22L, 1L),
                                put(3, OTHER_SECRET, 1L),
                                put(4, 44L, 1L))));
        replica.append(List.of(entry(put(1, LATER_SECRET, 2L))));
        return replica.append(List.of(entry(delete(3))));
    }

    private long forget(long... ids) {
        List<Change> changes = new ArrayList<>();
        for (long id : ids) {
            changes.add(new Change.Forget(STORAGE, key(id)));
        }
        return replica.append(List.of(entry(changes.toArray(Change[]::new))));
    }

    private void awaitErased(long offset) {
        await().atMost(Duration.ofSeconds(20)).until(() -> replica.isErased(offset));
    }

    /** The secrets that some file has, as rows or as entries of the unique index. */
    private List<Long> secretsInFiles() throws IOException {
        List<Long> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = latin1(Files.readAllBytes(file));
                for (long secret : List.of(SECRET, OTHER_SECRET, LATER_SECRET)) {
                    if (text.contains(latin1(indexKey(T_U, secret).array()))
                            || text.contains(latin1(secretOfRow(secret)))) {
                        found.add(secret);
                    }
                }
            }
        }
        return found;
    }

    /** What rows with different secrets do not share. */
    private static byte[] secretOfRow(long secret) {
        byte[] row = row(1, secret, 1L).array();
        byte[] other = row(1, ~secret, 1L).array();
        int from = 0;
        while (row[from] == other[from]) {
            from++;
        }
        int to = row.length;
        while (row[to - 1] == other[to - 1]) {
            to--;
        }
        return Arrays.copyOfRange(row, from, to);
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void no_point_shows_a_forgotten_row_and_the_others_stay_as_they_were() {
        long before = writeSecrets();
        try (ReadView past = replica.asOf(1)) {
            assertThat(Tables.rows(past, STORAGE)).hasSize(4);
            // A second time from the cache of scans.
            assertThat(Tables.rows(past, STORAGE)).hasSize(4);
        }
        List<String> kept;
        try (ReadView view = replica.asOf(before)) {
            kept = Tables.rows(view, STORAGE).subList(1, 3);
        }
        long offset = forget(1, 3);
        for (int restart = 0; restart < 2; restart++) {
            for (long point = 1; point <= offset; point++) {
                try (ReadView view = replica.asOf(point)) {
                    assertThat(Tables.rows(view, STORAGE)).as("offset " + point).isEqualTo(kept);
                    assertThat(view.get(STORAGE, key(1))).isNull();
                    assertThat(view.get(STORAGE, key(3))).isNull();
                }
            }
            try (ReadView view = replica.latest();
                    VersionCursor versions = view.versions(STORAGE, KeyRange.ALL, 0, offset)) {
                int count = 0;
                while (versions.next()) {
                    count++;
                }
                assertThat(count).isEqualTo(kept.size());
                assertThat(byIndex(view, UNIQUE, false)).hasSize(kept.size());
            }
            reopen();
        }
    }

    @Test
    void no_file_has_the_bytes_of_a_forgotten_row() throws IOException {
        writeSecrets();
        replica.close();
        assertThat(secretsInFiles()).contains(SECRET, OTHER_SECRET, LATER_SECRET);
        open();
        awaitErased(forget(1, 3));
        assertThat(secretsInFiles()).isEmpty();
        reopen();
        assertThat(secretsInFiles()).isEmpty();
    }

    @Test
    void a_reader_of_before_delays_the_erasure_of_the_files_and_a_restart_goes_on_with_it()
            throws IOException {
        writeSecrets();
        reopen();
        long offset;
        try (ReadView reader = replica.latest()) {
            offset = forget(1, 3);
            assertThat(Tables.rows(reader, STORAGE)).hasSize(3);
            assertThat(replica.isErased(offset)).isFalse();
        }
        reopen();
        awaitErased(offset);
        assertThat(replica.isErased(offset)).isTrue();
        reopen();
        assertThat(replica.isErased(offset)).isTrue();
        assertThat(secretsInFiles()).isEmpty();
    }

    @Test
    void a_reader_of_before_puts_nothing_that_was_forgotten_into_the_caches() {
        writeSecrets();
        try (ReadView reader = replica.asOf(2)) {
            long offset = forget(1);
            assertThat(Tables.rows(reader, STORAGE)).hasSize(4);
            assertThat(Tables.rows(reader, STORAGE)).hasSize(4);
            assertThat(rowAt(reader, 1).offset()).isEqualTo(2);
            try (ReadView view = replica.asOf(2)) {
                assertThat(Tables.rows(view, STORAGE)).hasSize(3);
                assertThat(view.get(STORAGE, key(1))).isNull();
            }
            assertThat(offset).isEqualTo(4);
        }
    }

    @Test
    void what_was_forgotten_counts_as_changed_for_transactions_begun_before() {
        long before = writeSecrets();
        forget(3);
        replica.append(
                List.of(
                        entry(
                                List.of(
                                        new Precondition.RangeUnchanged(
                                                STORAGE, key(3), key(4), before)),
                                put(9, 9L, 9L))));
        try (ReadView view = replica.latest()) {
            assertThat(view.get(STORAGE, key(9))).isNull();
        }
    }
}
