package dev.driftdb.materializer.snapshot.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Snapshots in a directory, which may be on a disk that several servers share: {@code
 * manifests/ID}, {@code files/HH/SHA256} with the hash's first two digits. All is written in {@code
 * incoming} first, synced and moved to its place.
 *
 * <p>Files are copied, not linked: a checkpoint's files are links to those that RocksDB reads, and
 * a block that goes bad there must not go bad here.
 */
public final class DirectorySnapshotStore implements SnapshotStore {
    private final Path root;
    private final Path manifests;
    private final Path files;
    private final IncomingFiles incoming;

    /**
     * Makes the directory if it is not there, and removes what a crash left half written.
     *
     * @param root of the store; everything in it belongs to the store
     * @throws IOException if it is no directory or cannot be written
     */
    public DirectorySnapshotStore(Path root) throws IOException {
        this.root = root.toAbsolutePath().normalize();
        manifests = this.root.resolve("manifests");
        files = this.root.resolve("files");
        incoming = new IncomingFiles(this.root.resolve("incoming"));
        DurableFiles.makeDirectory(this.root);
        DurableFiles.makeDirectory(manifests);
        DurableFiles.makeDirectory(files);
        DurableFiles.makeDirectory(incoming.directory());
        incoming.clear();
    }

    @Override
    public boolean holds(String sha256, long bytes) throws IOException {
        Path place = place(sha256);
        try {
            return Files.size(place) == bytes;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public void put(String sha256, Path file) throws IOException {
        if (holds(sha256, Files.size(file))) {
            return;
        }
        Path place = place(sha256);
        Path directory = files.resolve(sha256.substring(0, 2));
        Files.createDirectories(directory);
        incoming.write(place, to -> copy(file, to, sha256));
        DurableFiles.syncParent(directory); // another thread may have made it just now
    }

    private static void copy(Path file, FileChannel to, String sha256) throws IOException {
        try (InputStream from = Files.newInputStream(file)) {
            CheckedCopy copy = CheckedCopy.copy(from, to, Long.MAX_VALUE);
            if (!copy.sha256().equals(sha256)) {
                throw new IOException(
                        file + " should have the sha256 " + sha256 + " and has " + copy.sha256());
            }
        }
    }

    @Override
    public void fetch(StoredFile file, Path target) throws IOException, CorruptSnapshotException {
        try (InputStream from = open(file)) {
            CheckedCopy.fetch(from, file, target, location());
            DurableFiles.syncParent(target.toAbsolutePath());
        }
    }

    private InputStream open(StoredFile file) throws IOException, CorruptSnapshotException {
        try {
            return Files.newInputStream(place(file.sha256()));
        } catch (NoSuchFileException e) {
            throw CheckedCopy.missing(file, location(), e);
        }
    }

    @Override
    public void publish(SnapshotManifest manifest) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(manifest.encode());
        incoming.write(
                manifests.resolve(manifest.id()),
                to -> {
                    while (bytes.hasRemaining()) {
                        to.write(bytes);
                    }
                });
    }

    @Override
    public List<String> ids() throws IOException {
        return entries(manifests).stream()
                .map(path -> SnapshotId.parse(name(path)))
                .flatMap(Optional::stream)
                .sorted(Comparator.reverseOrder())
                .map(SnapshotId::toString)
                .toList();
    }

    @Override
    public SnapshotManifest manifest(String id) throws IOException, CorruptSnapshotException {
        try (InputStream in = Files.newInputStream(manifests.resolve(SnapshotId.checked(id)))) {
            return ManifestText.read(in, id, location());
        }
    }

    @Override
    public void delete(String id) throws IOException {
        Path manifest = manifests.resolve(SnapshotId.checked(id));
        if (Files.deleteIfExists(manifest)) {
            DurableFiles.syncParent(manifest);
        }
    }

    @Override
    public int sweep(Set<String> keep) throws IOException {
        int deleted = 0;
        for (Path directory : entries(files)) {
            if (Files.isDirectory(directory)) {
                deleted += sweep(directory, keep);
            }
        }
        return deleted;
    }

    private static int sweep(Path directory, Set<String> keep) throws IOException {
        int deleted = 0;
        for (Path file : entries(directory)) {
            String sha256 = name(file);
            if (Sha256.isOne(sha256) && !keep.contains(sha256) && Files.deleteIfExists(file)) {
                deleted++;
            }
        }
        return deleted;
    }

    private static List<Path> entries(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return entries;
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private Path place(String sha256) {
        Sha256.check(sha256);
        return files.resolve(sha256.substring(0, 2)).resolve(sha256);
    }

    /** The directory's absolute path. */
    @Override
    public String location() {
        return root.toString();
    }

    /** Nothing is kept open. */
    @Override
    public void close() {}
}
