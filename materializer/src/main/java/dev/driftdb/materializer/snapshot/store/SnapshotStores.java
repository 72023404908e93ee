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
     * @param location path of a directory, which is made if it is not there; or {@code
     *     s3://BUCKET/PREFIX?endpoint=URL&region=NAME}, of which only the bucket is needed: the
     *     endpoint is for servers that are not Amazon's, and credentials come from the environment
     *     ({@link S3SnapshotStore})
     * @throws IllegalArgumentException that names the location if it is none of these
     * @throws IOException if the directory cannot be used
     */
    public static SnapshotStore open(String location) throws IOException {
        if (location.startsWith(S3Location.SCHEME)) {
            try {
                return new S3SnapshotStore(S3Location.parse(location), null);
            } catch (IllegalArgumentException e) {
                throw bad(location, e.getMessage(), e);
            }
        }
        if (location.isBlank() || location.contains("://")) {
            throw bad(location, "it is neither the path of a directory nor s3://BUCKET", null);
        }
        return openDirectory(location);
    }

    private static SnapshotStore openDirectory(String location) throws IOException {
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
            String location, @Nullable String why, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "no place for snapshots: \"" + location + "\": " + why, cause);
    }
}
