package dev.driftdb.materializer.snapshot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store of snapshots does. A subclass says how to look behind its back. */
abstract class SnapshotStoreContract {
    /** More than a buffer of any of the stores. */
    private static final byte[] BYTES = new byte[1_000_003];

    static {
        new Random(1).nextBytes(BYTES);
    }

    @TempDir Path local;

    private SnapshotStore store;

    /** Opens the test's own store; again the same one. */
    abstract SnapshotStore open() throws IOException;

    /** Keys of all that is in the store, as {@code files/HH/SHA256} and {@code manifests/ID}. */
    abstract List<String> keys() throws IOException;

    abstract byte[] read(String key) throws IOException;

    abstract void write(String key, byte[] bytes) throws IOException;

    @BeforeEach
    void openStore() throws IOException {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void what_is_put_is_held_and_fetched() throws Exception {
        StoredFile file = put("000001.sst", BYTES);
        StoredFile empty = put("LOCK", new byte[0]);

        for (StoredFile each : List.of(file, empty)) {
            assertThat(store.holds(each.sha256(), each.bytes())).isTrue();
            Path target = local.resolve("fetched-" + each.name());
            store.fetch(each, target);
            assertThat(Sha256.of(target)).isEqualTo(each.sha256());
        }
        assertThat(keys()).containsExactlyInAnyOrder(key(file), key(empty));
    }

    @Test
    void a_file_is_held_with_its_own_size_only() throws Exception {
        StoredFile file = put("000001.sst", BYTES);
        assertThat(store.holds(file.sha256(), file.bytes() - 1)).isFalse();
        assertThat(store.holds("00".repeat(32), file.bytes())).isFalse();
    }

    @Test
    void a_stored_file_is_not_stored_again() throws Exception {
        StoredFile file = put("000001.sst", BYTES);
        byte[] marked = changed(BYTES, 5);
        write(key(file), marked);

        put("another-name.sst", BYTES);

        assertThat(keys()).containsExactly(key(file));
        assertThat(read(key(file))).isEqualTo(marked);
    }

    @Test
    void a_stored_file_that_lost_its_end_is_stored_again() throws Exception {
        StoredFile file = put("000001.sst", BYTES);
        write(key(file), Arrays.copyOf(BYTES, 100));

        put("000001.sst", BYTES);

        assertThat(read(key(file))).isEqualTo(BYTES);
    }

    @Test
    void a_file_with_another_hash_is_not_put() throws Exception {
        Path file = Files.write(local.resolve("a.sst"), BYTES);
        assertThatThrownBy(() -> store.put("00".repeat(32), file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("should have the sha256 0000");
        assertThat(keys()).isEmpty();
    }

    @Test
    void a_damaged_file_is_not_fetched_and_leaves_nothing() throws Exception {
        StoredFile file = put("000001.sst", BYTES);
        write(key(file), changed(BYTES, BYTES.length - 1));
        fails(file, "has another sha256");
        write(key(file), Arrays.copyOf(BYTES, BYTES.length - 1));
        fails(file, "fewer than 1000003 bytes");
        write(key(file), Arrays.copyOf(BYTES, BYTES.length + 1));
        fails(file, "more than 1000003 bytes");
    }

    @Test
    void a_missing_file_is_not_fetched_and_leaves_nothing() throws Exception {
        fails(new StoredFile("000001.sst", 5, "00".repeat(32)), "is not there");
    }

    private void fails(StoredFile file, String message) {
        Path target = local.resolve("fetched");
        assertThatThrownBy(() -> store.fetch(file, target))
                .isInstanceOf(CorruptSnapshotException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(store.location())
                .hasMessageContaining(file.name());
        assertThat(target).doesNotExist();
    }

    @Test
    void a_fetch_does_not_touch_a_file_that_is_there() throws Exception {
        StoredFile file = put("000001.sst", BYTES);
        Path target = Files.write(local.resolve("mine"), new byte[] {1});
        assertThatThrownBy(() -> store.fetch(file, target))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(target).hasBinaryContent(new byte[] {1});
    }

    @Test
    void a_snapshot_is_there_once_its_manifest_is() throws Exception {
        StoredFile file = put("000001.sst", BYTES);
        assertThat(store.ids()).isEmpty();

        SnapshotManifest manifest = manifest(7, 1000, file);
        store.publish(manifest);
        store.publish(manifest);

        assertThat(store.ids()).containsExactly(manifest.id());
        assertThat(store.manifest(manifest.id())).isEqualTo(manifest);
        try (SnapshotStore again = open()) {
            assertThat(again.ids()).containsExactly(manifest.id());
            assertThat(again.manifest(manifest.id())).isEqualTo(manifest);
        }
    }

    @Test
    void ids_come_the_newest_first() throws Exception {
        for (long[] each : new long[][] {{9, 5000}, {10, 1000}, {10, 900}, {10, 10_000}}) {
            store.publish(manifest(each[0], each[1]));
        }
        write("manifests/README", "no snapshot".getBytes(UTF_8));

        assertThat(store.ids())
                .containsExactly(
                        "00000000000000000010-10000",
                        "00000000000000000010-1000",
                        "00000000000000000010-900",
                        "00000000000000000009-5000");
    }

    @Test
    void a_deleted_snapshot_is_gone_and_its_files_are_not() throws Exception {
        StoredFile file = put("000001.sst", BYTES);
        SnapshotManifest manifest = manifest(7, 1000, file);
        store.publish(manifest);

        store.delete(manifest.id());
        store.delete(manifest.id());

        assertThat(store.ids()).isEmpty();
        assertThatThrownBy(() -> store.manifest(manifest.id()))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(manifest.id());
        assertThat(store.holds(file.sha256(), file.bytes())).isTrue();
    }

    @Test
    void a_sweep_deletes_files_that_nobody_keeps_and_no_manifest() throws Exception {
        StoredFile kept = put("1.sst", new byte[] {1});
        StoredFile swept = put("2.sst", new byte[] {2});
        StoredFile sweptToo = put("3.sst", new byte[] {3});
        store.publish(manifest(7, 1000, kept));

        assertThat(store.sweep(Set.of(kept.sha256(), "00".repeat(32)))).isEqualTo(2);
        assertThat(store.sweep(Set.of(kept.sha256()))).isZero();

        assertThat(store.holds(kept.sha256(), 1)).isTrue();
        assertThat(store.holds(swept.sha256(), 1)).isFalse();
        assertThat(store.holds(sweptToo.sha256(), 1)).isFalse();
        assertThat(store.ids()).hasSize(1);
    }

    @Test
    void a_damaged_manifest_is_not_read() throws Exception {
        SnapshotManifest manifest = manifest(7, 1000);
        write("manifests/" + manifest.id(), changed(manifest.encode(), 30));
        assertThatThrownBy(() -> store.manifest(manifest.id()))
                .isInstanceOf(CorruptSnapshotException.class)
                .hasMessageContaining(store.location())
                .hasMessageContaining(manifest.id());
    }

    @Test
    void a_manifest_under_another_id_is_not_read() throws Exception {
        String id = manifest(8, 1000).id();
        write("manifests/" + id, manifest(7, 1000).encode());
        assertThatThrownBy(() -> store.manifest(id)).isInstanceOf(CorruptSnapshotException.class);
    }

    @Test
    void an_id_or_hash_is_no_path() {
        assertThatThrownBy(() -> store.manifest("../files"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.delete("../files"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.holds("../manifests", 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_location_opens_the_same_store() throws Exception {
        SnapshotManifest manifest = manifest(7, 1000);
        store.publish(manifest);
        try (SnapshotStore same = SnapshotStores.open(store.location())) {
            assertThat(same.location()).isEqualTo(store.location());
            assertThat(same.ids()).containsExactly(manifest.id());
        }
    }

    private StoredFile put(String name, byte[] bytes) throws IOException {
        Path file = Files.write(local.resolve(name), bytes);
        StoredFile stored = new StoredFile(name, bytes.length, Sha256.of(file));
        store.put(stored.sha256(), file);
        return stored;
    }

    static SnapshotManifest manifest(long offset, long takenMillis, StoredFile... files) {
        return new SnapshotManifest(
                "topic",
                1,
                offset,
                Instant.EPOCH,
                Instant.ofEpochMilli(takenMillis),
                0,
                List.of(files));
    }

    static String key(StoredFile file) {
        return "files/" + file.sha256().substring(0, 2) + "/" + file.sha256();
    }

    private static byte[] changed(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }
}
