package dev.driftdb.materializer.replica;

import static dev.driftdb.materializer.testing.Tables.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.driftdb.materializer.progress.ProgressWatch;
import dev.driftdb.materializer.snapshot.LogRange;
import dev.driftdb.materializer.snapshot.Snapshot;
import dev.driftdb.materializer.snapshot.SnapshotPolicy;
import dev.driftdb.materializer.snapshot.Snapshots;
import dev.driftdb.materializer.snapshot.store.DirectorySnapshotStore;
import dev.driftdb.materializer.snapshot.store.SnapshotManifest;
import dev.driftdb.materializer.snapshot.store.StoredFile;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.RocksTableState;
import dev.driftdb.materializer.state.StateHash;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of a state that goes on. */
@Timeout(60)
class SnapshotTest {
    private static final String TOPIC = "topic";
    private static final int ROWS = 200;
    private static final int PART_BYTES = 2_000;
    private static final SnapshotPolicy TWO = new SnapshotPolicy(1, Duration.ofDays(1), 2, 0);

    @TempDir Path directory;
    private RocksTableState state;
    private LogProcessor processor;
    private Snapshots snapshots;
    private final List<String> hashes = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        state =
                new RocksTableState(
                        directory.resolve("state"),
                        ReplicaSettings.small(),
                        PART_BYTES,
                        noState -> {});
        state.setTopicId(TOPIC);
        processor = new LogProcessor(state, new Waiters(state.appliedOffset()), LogSync.BY_BROKER);
        snapshots = snapshots();
        append(createTable());
    }

    @AfterEach
    void close() {
        snapshots.close();
        state.close();
    }

    private Snapshots snapshots() throws IOException {
        return new Snapshots(
                new DirectorySnapshotStore(directory.resolve("store")),
                List.of(),
                TWO,
                directory.resolve("scratch"),
                Clock.systemUTC());
    }

    private void append(LogRecord record) {
        long offset = state.appliedOffset() + 1;
        processor.process(offset, offset, LogCodec.encode(record));
        processor.endBatch();
        try (ReadView view = state.latest()) {
            hashes.add(StateHash.of(view));
        }
    }

    /** Large enough for many parts. */
    private void appendLarge(long round) {
        List<Change> changes = new ArrayList<>();
        for (long id = 0; id < ROWS; id++) {
            changes.add(put(id, round * ROWS + id, round));
        }
        append(entry(changes.toArray(Change[]::new)));
    }

    private Snapshot take() throws IOException {
        return Objects.requireNonNull(snapshots.take(state, () -> {}));
    }

    private Set<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(directory.resolve("store").resolve("files"))) {
            return all.filter(Files::isRegularFile).collect(Collectors.toSet());
        }
    }

    private void assertRestored(long offset) throws IOException {
        Path restored = directory.resolve("restored");
        LogRange log = new LogRange(TOPIC, 0, Long.MAX_VALUE);
        try (Snapshots others = snapshots();
                RocksTableState again =
                        new RocksTableState(
                                restored,
                                ReplicaSettings.small(),
                                others.restore(log, new ProgressWatch())::into)) {
            assertThat(again.appliedOffset()).isEqualTo(offset);
            for (int at = 0; at <= offset; at++) {
                try (ReadView view = again.asOf(at, () -> {})) {
                    assertThat(StateHash.of(view)).as("at " + at).isEqualTo(hashes.get(at));
                }
            }
        }
    }

    @Test
    void a_restored_state_has_the_whole_history() throws IOException {
        appendLarge(1);
        appendLarge(2);
        long offset = take().offset();
        appendLarge(3);
        assertThat(offset).isEqualTo(2);
        assertRestored(offset);
    }

    @Test
    void an_empty_state_has_no_snapshot() throws IOException {
        try (RocksTableState empty =
                new RocksTableState(directory.resolve("empty"), ReplicaSettings.small())) {
            assertThat(snapshots.take(empty, () -> {})).isNull();
        }
        assertThat(snapshots.all()).isEmpty();
    }

    @Test
    void table_files_that_are_stored_are_not_stored_again() throws IOException {
        appendLarge(1);
        take();
        append(entry(put(ROWS, 1_000_000L, 1L)));
        take();
        List<SnapshotManifest> both = snapshots.of(TOPIC);
        List<StoredFile> tables =
                both.getFirst().files().stream()
                        .filter(file -> file.name().endsWith(".sst"))
                        .toList();
        assertThat(tables).isNotEmpty();
        assertThat(both.getLast().files()).containsAnyElementsOf(tables);
        assertThat(files()).hasSize(distinctFiles());
    }

    private int distinctFiles() {
        return (int)
                snapshots.of(TOPIC).stream()
                        .flatMap(manifest -> manifest.files().stream())
                        .map(StoredFile::sha256)
                        .distinct()
                        .count();
    }

    @Test
    void old_snapshots_go_with_the_files_that_only_they_had() throws IOException {
        for (int round = 0; round < 5; round++) {
            appendLarge(round);
            take();
        }
        assertThat(snapshots.all())
                .extracting(Snapshot::offset, Snapshot::verified)
                .containsExactly(tuple(4L, true), tuple(5L, true));
        assertThat(files()).hasSize(distinctFiles());
        assertRestored(5);
    }

    @Test
    void what_is_half_applied_is_never_in_a_snapshot() throws Exception {
        AtomicBoolean end = new AtomicBoolean();
        Thread applying =
                Thread.ofPlatform()
                        .start(() -> {
                            for (long round = 1; !end.get(); round++) {
                                appendLarge(round);
                            }
                        });
        try {
            for (int i = 0; i < 10; i++) {
                take();
            }
        } finally {
            end.set(true);
            applying.join();
        }
        assertRestored(snapshots.all().getLast().offset());
    }

    @Test
    void snapshots_with_a_forgotten_row_are_replaced_by_one_without_it() throws IOException {
        long secret = 0x33215EC2E7091B2DL;
        append(entry(put(900, secret, 1L)));
        appendLarge(1);
        take();
        assertThat(hasFileWith(secret)).isTrue();
        append(entry(new Change.Forget(STORAGE, key(900))));
        long forgotten = state.appliedOffset();
        await().until(() -> snapshots.hasForgotten(state));
        snapshots.forget(state, () -> {});
        assertThat(snapshots.all())
                .isNotEmpty()
                .allMatch(snapshot -> snapshot.offset() >= forgotten && snapshot.verified());
        assertThat(snapshots.hasForgotten(state)).isFalse();
        assertThat(hasFileWith(secret)).isFalse();
    }

    /** As a key of the unique index, without what it may share with the key before. */
    private boolean hasFileWith(long secret) throws IOException {
        byte[] key = indexKey(T_U, secret).array();
        String wanted = new String(key, 2, key.length - 2, StandardCharsets.ISO_8859_1);
        for (Path file : files()) {
            if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(wanted)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void the_damage_of_a_file_is_seen_in_the_list() throws IOException {
        appendLarge(1);
        take();
        Files.delete(files().iterator().next());
        assertThat(snapshots.all()).extracting(Snapshot::verified).containsExactly(false);
    }
}
