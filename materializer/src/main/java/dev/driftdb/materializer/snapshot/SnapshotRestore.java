package dev.driftdb.materializer.snapshot;

import dev.driftdb.materializer.progress.Progress;
import dev.driftdb.materializer.progress.ProgressWatch;
import dev.driftdb.materializer.snapshot.store.CorruptSnapshotException;
import dev.driftdb.materializer.snapshot.store.SnapshotManifest;
import dev.driftdb.materializer.snapshot.store.SnapshotStore;
import dev.driftdb.materializer.snapshot.store.StoredFile;
import dev.driftdb.materializer.state.FileTree;
import dev.driftdb.materializer.state.RocksTableState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where there is no state: puts the newest good snapshot of the log in its place. What is wrong
 * with a snapshot is a warning, and the one before is tried; without any the log is folded from its
 * beginning.
 */
public final class SnapshotRestore {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotRestore.class);
    private static final String CURRENT = "CURRENT";

    private record Candidate(SnapshotStore store, SnapshotManifest manifest) {}

    private final List<SnapshotStore> stores;
    private final LogRange log;
    private final ProgressWatch watch;

    /**
     * @param stores looked through together
     */
    public SnapshotRestore(List<SnapshotStore> stores, LogRange log, ProgressWatch watch) {
        this.stores = List.copyOf(stores);
        this.log = log;
        this.watch = watch;
    }

    /**
     * @param directory exists, without a state; its file CURRENT comes last
     */
    public void into(Path directory) {
        Path incoming = directory.resolveSibling(directory.getFileName() + ".restoring");
        try {
            for (Candidate candidate : candidates()) {
                FileTree.delete(incoming);
                Files.createDirectories(incoming);
                if (fetched(candidate, incoming)) {
                    move(incoming, directory);
                    return;
                }
            }
            FileTree.delete(incoming);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot restore a snapshot into " + directory, e);
        }
    }

    /** The newest first; of the same offset the one with the longer history. */
    private List<Candidate> candidates() {
        List<Candidate> found = new ArrayList<>();
        for (SnapshotStore store : stores) {
            for (String id : ids(store)) {
                SnapshotManifest manifest = manifest(store, id);
                if (manifest != null && fits(store, manifest)) {
                    found.add(new Candidate(store, manifest));
                }
            }
        }
        found.sort(
                Comparator.comparingLong((Candidate one) -> -one.manifest.offset())
                        .thenComparingLong(one -> one.manifest.horizon()));
        return found;
    }

    private static List<String> ids(SnapshotStore store) {
        try {
            return store.ids();
        } catch (IOException e) {
            LOG.warn("snapshots in {} are not looked at", store.location(), e);
            return List.of();
        }
    }

    private static @Nullable SnapshotManifest manifest(SnapshotStore store, String id) {
        try {
            return store.manifest(id);
        } catch (IOException | CorruptSnapshotException e) {
            LOG.warn("a snapshot is skipped: {}", e.getMessage());
            return null;
        }
    }

    private boolean fits(SnapshotStore store, SnapshotManifest manifest) {
        String why = null;
        if (!manifest.topicId().equals(log.topicId())) {
            why = "it is of the log with topic id " + manifest.topicId();
        } else if (manifest.stateFormat() != RocksTableState.FORMAT_VERSION) {
            why = "it has format " + manifest.stateFormat();
        } else if (manifest.offset() >= log.end()) {
            why = "the log ends before it";
        } else if (manifest.offset() + 1 < log.beginning()) {
            why = "the log begins only at offset " + log.beginning();
        }
        if (why != null) {
            LOG.warn("the snapshot {} in {} is skipped: {}", manifest.id(), store.location(), why);
        }
        return why == null;
    }

    private boolean fetched(Candidate candidate, Path incoming) {
        SnapshotManifest manifest = candidate.manifest;
        AtomicLong reached = new AtomicLong();
        long begin = System.nanoTime();
        String what = "restoring the snapshot of offset " + manifest.offset();
        try (ProgressWatch.Watched _ =
                watch.watch(() ->
                        new Progress(
                                what,
                                "bytes",
                                0,
                                manifest.bytes(),
                                reached.get(),
                                System.nanoTime() - begin))) {
            for (StoredFile file : manifest.files()) {
                candidate.store.fetch(file, incoming.resolve(file.name()));
                reached.addAndGet(file.bytes());
            }
        } catch (IOException | CorruptSnapshotException e) {
            LOG.warn("a snapshot is skipped: {}", e.getMessage());
            return false;
        }
        LOG.info(
                "restored the snapshot of offset {} from {}",
                manifest.offset(),
                candidate.store.location());
        return true;
    }

    /** A crash on the way leaves a directory without CURRENT, which is no state. */
    private static void move(Path from, Path to) throws IOException {
        List<Path> files;
        try (java.util.stream.Stream<Path> all = Files.list(from)) {
            files =
                    all.sorted(
                                    Comparator.comparing((Path file) ->
                                            file.getFileName().toString().equals(CURRENT)))
                            .toList();
        }
        for (Path file : files) {
            Files.move(
                    file,
                    to.resolve(file.getFileName().toString()),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        FileTree.delete(from);
    }
}
