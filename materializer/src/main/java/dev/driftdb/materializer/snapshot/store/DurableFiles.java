package dev.driftdb.materializer.snapshot.store;

import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Changes to directories that a power failure does not take back. */
final class DurableFiles {
    private DurableFiles() {}

    /** Makes a directory and those above it, as far as they are not there. */
    static void makeDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Path above = directory.getParent();
            if (above != null) {
                makeDirectory(above);
            }
            Files.createDirectories(directory);
            syncParent(directory);
        }
    }

    /** Gives a file its place in one step, in place of what is there. */
    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncParent(to);
    }

    static void syncParent(Path entry) throws IOException {
        Path directory = entry.getParent();
        if (directory != null) {
            try (FileChannel channel = FileChannel.open(directory, READ)) {
                channel.force(true);
            }
        }
    }
}
