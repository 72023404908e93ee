package dev.driftdb.materializer.snapshot.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens the store that a setting names. */
public final class SnapshotStores {
    private SnapshotStores() {}

    /**
     * @param location path of a directory, which is made if it is not there
     * @throws IllegalArgumentException that names the location if it is none of these
     * @throws IOException if the directory cannot be used
     */
    public static SnapshotStore open(String location) throws IOException {
        if (location.isBlank() || location.contains("://")) {
            throw bad(location, "it is not the path of a directory", null);
        }
        Path path;
        try {
            path = Path.of(location);
        } catch (InvalidPathException e) {
            throw bad(location, e.getReason(), e);
        }
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw bad(location, "it is a file", null);
        }
        return new DirectorySnapshotStore(path);
    }

    private static IllegalArgumentException bad(
            String location, String why, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "no place for snapshots: \"" + location + "\": " + why, cause);
    }
}
