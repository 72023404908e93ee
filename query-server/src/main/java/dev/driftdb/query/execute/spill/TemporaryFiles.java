package dev.driftdb.query.execute.spill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** The directory of one server's temporary files. Safe for any thread. */
public final class TemporaryFiles {
    private static final String PREFIX = "spill-";

    private final Path directory;
    private final AtomicLong number = new AtomicLong();

    /** Removes what a process before this one has left. */
    public TemporaryFiles(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
            try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, PREFIX + "*")) {
                for (Path file : left) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + directory, e);
        }
    }

    Path next() {
        return directory.resolve(PREFIX + number.incrementAndGet());
    }
}
