package dev.driftdb.materializer.snapshot;

import dev.driftdb.materializer.snapshot.store.Sha256;
import dev.driftdb.materializer.snapshot.store.SnapshotManifest;
import dev.driftdb.materializer.snapshot.store.SnapshotStore;
import dev.driftdb.materializer.snapshot.store.StoredFile;
import dev.driftdb.materializer.state.FileTree;
import dev.driftdb.materializer.state.RocksTableState;
import dev.driftdb.materializer.state.StateCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts a state's files into a store: those that the store does not have. One at a time. */
final class SnapshotTaker {
    private static final long TRY_AGAIN_MS = 100;
    private static final String TABLE_END = ".sst";

    /** A table file never changes, and its name never comes again while the state is open. */
    private record TableFile(String name, long bytes) {}

    private final SnapshotStore store;
    private final Path scratch;
    private final Clock clock;
    private final Map<TableFile, String> hashes = new HashMap<>();

    /**
     * @param scratch a directory that is the taker's own, on the disk of the state
     */
    SnapshotTaker(SnapshotStore store, Path scratch, Clock clock) {
        this.store = store;
        this.scratch = scratch;
        this.clock = clock;
    }

    /**
     * @return null if the state is empty
     */
    @Nullable SnapshotManifest take(RocksTableState state, Runnable checkStop) throws IOException {
        try {
            StateCheckpoint checkpoint = checkpoint(state, checkStop);
            if (checkpoint == null) {
                return null;
            }
            List<StoredFile> files = new ArrayList<>();
            for (Path file : files(checkpoint.directory())) {
                checkStop.run();
                files.add(store(file));
            }
            SnapshotManifest manifest =
                    new SnapshotManifest(
                            checkpoint.topicId(),
                            RocksTableState.FORMAT_VERSION,
                            checkpoint.offset(),
                            checkpoint.time(),
                            Instant.now(clock).truncatedTo(ChronoUnit.MILLIS),
                            checkpoint.horizon(),
                            files);
            store.publish(manifest);
            hashes.keySet()
                    .removeIf(known ->
                            files.stream().noneMatch(file -> file.name().equals(known.name())));
            return manifest;
        } finally {
            FileTree.delete(scratch);
        }
    }

    private @Nullable StateCheckpoint checkpoint(RocksTableState state, Runnable checkStop)
            throws IOException {
        while (state.appliedOffset() >= 0) {
            checkStop.run();
            FileTree.delete(scratch);
            Files.createDirectories(scratch);
            StateCheckpoint found = state.checkpoint(scratch.resolve("checkpoint"));
            if (found != null) {
                return found;
            }
            // A large entry is being applied.
            try {
                Thread.sleep(TRY_AGAIN_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for a large entry", e);
            }
        }
        return null;
    }

    /** What RocksDB needs to open it; the rest are its messages. */
    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(SnapshotTaker::isNeeded).sorted().toList();
        }
    }

    private static boolean isNeeded(Path file) {
        String name = file.getFileName().toString();
        return name.equals("CURRENT")
                || name.startsWith("MANIFEST-")
                || name.startsWith("OPTIONS-")
                || name.endsWith(TABLE_END);
    }

    private StoredFile store(Path file) throws IOException {
        String name = file.getFileName().toString();
        long bytes = Files.size(file);
        TableFile table = name.endsWith(TABLE_END) ? new TableFile(name, bytes) : null;
        String hash = table == null ? null : hashes.get(table);
        if (hash == null) {
            hash = Sha256.of(file);
        }
        if (!store.holds(hash, bytes)) {
            if (table != null) {
                StateCheckpoint.verify(file);
            }
            store.put(hash, file);
        }
        if (table != null) {
            hashes.put(table, hash);
        }
        return new StoredFile(name, bytes, hash);
    }
}
