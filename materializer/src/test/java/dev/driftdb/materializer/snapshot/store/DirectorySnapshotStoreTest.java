package dev.driftdb.materializer.snapshot.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DirectorySnapshotStoreTest extends SnapshotStoreContract {
    @TempDir Path place;

    private Path root() {
        return place.resolve("backups/snapshots");
    }

    @Override
    SnapshotStore open() throws IOException {
        return new DirectorySnapshotStore(root());
    }

    @Override
    List<String> keys() throws IOException {
        try (Stream<Path> all = Files.walk(root())) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root().relativize(file).toString())
                    .toList();
        }
    }

    @Override
    byte[] read(String key) throws IOException {
        return Files.readAllBytes(root().resolve(key));
    }

    @Override
    void write(String key, byte[] bytes) throws IOException {
        Files.write(root().resolve(key), bytes);
    }

    @Test
    void what_a_crash_left_half_written_is_gone_at_the_next_start() throws IOException {
        write("incoming/5b1c7f6e-0000-0000-0000-000000000000", new byte[100]);
        open().close();
        assertThat(keys()).isEmpty();
    }

    @Test
    void what_is_being_written_stays_when_another_opens_the_store() throws IOException {
        IncomingFiles incoming = new IncomingFiles(root().resolve("incoming"));
        incoming.write(root().resolve("files/whole"), file -> open().close());
        assertThat(keys()).containsExactly("files/whole");
    }

    @Test
    void a_write_that_fails_leaves_nothing() {
        IncomingFiles incoming = new IncomingFiles(root().resolve("incoming"));
        assertThatThrownBy(() ->
                        incoming.write(
                                root().resolve("files/whole"),
                                file -> {
                                    throw new IOException("disk full");
                                }))
                .hasMessage("disk full");
        assertThat(root().resolve("incoming")).isEmptyDirectory();
    }

    /** A link would share the block that goes bad. */
    @Test
    void a_stored_file_survives_damage_of_the_one_it_was_copied_from() throws Exception {
        Path file = Files.write(local.resolve("1.sst"), new byte[] {1, 2, 3});
        StoredFile stored = new StoredFile("1.sst", 3, Sha256.of(file));
        try (SnapshotStore store = open()) {
            store.put(stored.sha256(), file);
            Files.write(file, new byte[] {1, 2, 4});
            store.fetch(stored, local.resolve("fetched"));
        }
        assertThat(local.resolve("fetched")).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "http://host/bucket", "file:///var/lib", "a\0b"})
    void a_location_that_is_none_is_named(String location) {
        assertThatThrownBy(() -> SnapshotStores.open(location))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + location + "\"");
    }

    @Test
    void a_file_is_no_location() throws IOException {
        Path file = Files.write(local.resolve("file"), new byte[0]);
        assertThatThrownBy(() -> SnapshotStores.open(file.toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString());
    }
}
